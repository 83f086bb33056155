"""A node agent for all nodes at once: pods live, programs run, statuses tell."""
