"""What runs in the demo's containers: generators that yield the seconds until their next act.

A program says its log lines, listens on ports of its pod and returns its exit code.
"""
