"""The part of attach that asks a cluster: dry runs, writes, rollout, checks. Knows no web, no records."""

from sidecars.attach.run.driving import drive
from sidecars.attach.run.previews import preview_attach, preview_undo
from sidecars.attach.run.progress import Journal, Progress
from sidecars.attach.run.upgrades import preview_upgrade

__all__ = ["Journal", "Progress", "drive", "preview_attach", "preview_undo", "preview_upgrade"]
