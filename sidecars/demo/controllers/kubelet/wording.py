"""Sentences of the container runtime and of Go."""

from __future__ import annotations


def pull_error(image: str) -> str:
    registry, _, rest = image.partition("/")
    name, _, tag = rest.partition(":")
    why = f"dial tcp {registry}: connect: connection refused"
    if ":" not in registry:
        why = f"dial tcp: lookup {registry}: no such host"
    return (
        f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": failed to do '
        f'request: Head "http://{registry}/v2/{name}/manifests/{tag or "latest"}": '
        f"{why}"
    )


def go_duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
