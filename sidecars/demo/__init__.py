"""A small Kubernetes API server: plain ASGI, in a process of its own, on loopback."""
