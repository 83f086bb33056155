"""A one-node Kubernetes from real parts, for tests and for trials by hand.

`python3 -m tests.cluster up` starts it, `down` stops it; needs nothing but the
standard library, as it runs before any environment exists. See __main__.py.
"""
