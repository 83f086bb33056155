"""What really talks inside a pod: its sockets, read on request and matched to containers.

`script` is the one command that runs in a container, `readout` its output as values,
`matching` whose socket is whose, `listening` and `calling` what follows from it, `joining` puts it
into the picture, `contradictions` says where it differs from what is declared.
"""
