"""Configuration that a tree cannot say, made by pure functions: marked values -> tree of a writer.

For presets of the package only; an administrator's preset is data.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sidecars.presets.renderers.envoy import render_proxy
from sidecars.presets.renderers.gateway import render_gateway

RENDERERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "envoy-proxy": render_proxy,
    "api-gateway": render_gateway,
}
