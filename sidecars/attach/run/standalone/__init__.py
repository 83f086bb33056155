"""A Deployment of its own, asked of a cluster: dry runs, creations, deletions, checks."""

from sidecars.attach.run.standalone.previews import (
    ObjectPreview,
    StandalonePreview,
    preview_create,
    preview_remove,
)

__all__ = ["ObjectPreview", "StandalonePreview", "preview_create", "preview_remove"]
