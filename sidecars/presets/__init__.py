"""A preset is a sidecar as data: parameters, container template, configuration, checks."""
