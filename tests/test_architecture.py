"""The import rules of docs/architecture.md, read from the source without running it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The last are programs that run in a sidecar: data of a preset, never imported.
PURE_EXCEPTIONS = {
    "sidecars.cluster", "sidecars.demo", "sidecars.attach.run", "sidecars.presets.catalogue._shared",
}  # fmt: skip
LONGEST = 400  # 300 is the aim
# asyncio is allowed: to wait for another task is no I/O.
IMPURE = {
    "aiohttp", "datetime", "django", "http", "io", "kubernetes", "logging", "multiprocessing",
    "os", "pathlib", "random", "secrets", "shutil", "signal", "socket", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib.request", "uvicorn", "websockets", "yarl",
}  # fmt: skip
# Names of impure modules that do nothing by themselves: values and arithmetic.
HARMLESS = {
    "datetime": {"UTC", "date", "datetime", "timedelta", "timezone"},
    "pathlib": {"PurePosixPath"},
    "sys": {"intern"},
}
HTTP_CLIENTS = {"aiohttp", "http.client", "httpx", "kubernetes", "requests", "urllib.request", "urllib3"}
CLOCKS = re.compile(r"\b(?:datetime\.now|datetime\.utcnow|time\.time|time\.monotonic)\b")


def modules(package: str) -> list[str]:
    paths = sorted((ROOT / package).rglob("*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]


def source(module: str) -> str:
    return (ROOT / (module.replace(".", "/") + ".py")).read_text()


def imports(module: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Each imported module with the names taken from it; also imports inside functions."""
    for node in ast.walk(ast.parse(source(module))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, frozenset()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            name = ".".join([*above, node.module] if node.module else above)
            yield name, frozenset(alias.name for alias in node.names)


def is_in(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def offences(chosen: list[str], forbidden: set[str]) -> dict[str, set[str]]:
    """By module: what it imports and may not."""
    found = {}
    for module in chosen:
        whole = {name for name, _names in imports(module)}
        taken = {f"{name}.{one}" for name, names in imports(module) for one in names}
        if wrong := {name for name in whole | taken if is_in(name, forbidden)}:
            found[module] = wrong
    return found


SUBJECT, WEB, DEMO = modules("sidecars"), modules("dashboard"), modules("sidecars/demo")


def test_the_subject_knows_nothing_of_the_web() -> None:
    assert offences(SUBJECT, {"django", "channels", "dashboard"}) == {}


def test_the_web_reaches_a_cluster_only_through_the_subject() -> None:
    assert offences(WEB, HTTP_CLIENTS) == {}


def test_only_the_door_speaks_to_a_cluster() -> None:
    assert offences([m for m in SUBJECT if not is_in(m, {"sidecars.cluster"})], HTTP_CLIENTS) == {}


def test_the_demo_server_shares_nothing_with_its_client() -> None:
    others = {name for name in SUBJECT if not is_in(name, {"sidecars.demo"})} | {"dashboard"}

    assert offences(DEMO, others - {"sidecars.__init__"}) == {}


def test_nothing_but_a_process_of_its_own_runs_the_demo_server() -> None:
    assert offences([m for m in SUBJECT + WEB if m not in DEMO], {"sidecars.demo"}) == {}


def test_the_subject_is_pure() -> None:
    pure = [m for m in SUBJECT if not is_in(m, PURE_EXCEPTIONS)]
    found = {
        (module, name, names)
        for module in pure
        for name, names in imports(module)
        if is_in(name, IMPURE) and not (names and names <= HARMLESS.get(name, set()))
    }

    assert found == set()
    assert [m for m in pure if CLOCKS.search(source(m))] == []


def test_a_module_can_be_read_in_one_sitting() -> None:
    lengths = {module: len(source(module).splitlines()) for module in SUBJECT + WEB}

    assert {module: n for module, n in lengths.items() if n > LONGEST} == {}


def test_a_name_says_something() -> None:
    empty = {"utils", "util", "helpers", "services", "service", "manager", "handler", "common", "misc"}

    assert [m for m in SUBJECT + WEB if empty & set(m.split("."))] == []
