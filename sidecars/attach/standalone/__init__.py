"""A preset as a Deployment of its own: a ConfigMap, a Deployment and a Service, made and taken away.

For containers that can share neither network nor storage. Pure; what asks the cluster is in
`sidecars.attach.run.standalone`.
"""
