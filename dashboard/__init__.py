"""The web: pages, forms, sockets, sign-in and records. It reaches a cluster only through `sidecars`."""

VERSION = "0.1.0"
