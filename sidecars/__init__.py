"""What is inside a Kubernetes pod, and how it is changed safely.

pod          containers that share one network address and may share volumes
container    main, sidecar, native sidecar, init or ephemeral: its role
volume       a folder that containers of the pod mount, read-write or read-only
edge         a call from one container to another over localhost, with its evidence
workload     the owner whose template makes the pods: Deployment, StatefulSet, …
preset       a sidecar as data: parameters, container template, configuration, checks
attachment   one preset on one workload: one server-side-apply field manager
operation    one change of a cluster, carried out step by step: attach, undo
reflector    the reader that lists and then watches a resource into rows in a store
"""
