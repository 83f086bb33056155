"""Programs of well-known images."""

from __future__ import annotations

from collections.abc import Callable

from .box import Box, Program

SIDECARS: dict[str, Callable[[Box], Program]] = {}
