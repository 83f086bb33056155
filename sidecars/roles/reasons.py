"""The reasons of roles, as message ids."""

from sidecars.messages import gettext_noop as _

Reason = tuple[str, tuple[tuple[str, str], ...]]

ANNOTATION = "kubectl.kubernetes.io/default-container"
# Its older name, which only `kubectl logs` read; some injectors still write it.
OLD_ANNOTATION = "kubectl.kubernetes.io/default-logs-container"

NATIVE = _("An init container with restartPolicy Always: Kubernetes keeps it running beside the app.")
INIT = _("An init container: it runs to its end before the app starts.")
EPHEMERAL = _("An ephemeral container: added for debugging, it stays until the pod ends.")

ONLY = _("It is the only regular container.")
CHOSEN = _("You chose it.")
ANNOTATED = _("The annotation %(annotation)s names it.")
STEP = _("%(product)s gives this name to the container that does the work.")
NAMED = _("It has the name of the workload, %(workload)s.")
NAMED_IN_PART = _("Its name is a part of the workload's, %(workload)s.")
NAMED_AFTER = _("It is named after the workload, %(workload)s.")
LABELLED = _("The pod's labels name it: %(workload)s.")
LABELLED_IN_PART = _("Its name is a part of the pod's label %(workload)s.")
IMAGE_NAMED = _("Its image has the name of the workload, %(workload)s.")
STEM = _("Others of its image are named after it.")
LAST_OWN = _("The other containers were attached or injected.")
LAST_UNKNOWN = _("The other containers are known helpers.")
LAST_BY_NAME = _("The other containers are helpers, by their images or names.")
SERVED = _("Service %(service)s leads to it.")
CALLED = _("Helpers call it on localhost.")
LISTENS = _("It alone declares a port for others to call.")
PUBLISHES = _("It serves the files that the others write.")
USUAL_NAME = _("Its name is usual for an application.")
SEVERAL = _("It has ports of its own and shares nothing with the others: several containers are main.")
FIRST = _("It is the first container, as kubectl assumes.")

BESIDE = _("It runs beside the main container %(main)s.")
KNOWN = _("Its image is a known helper: %(product)s.")
KNOWN_NAME = _("It has the name of a known helper: %(product)s.")
HELPER_NAME = _("Its name is usual for a helper: %(word)s.")
ATTACHED = _("This dashboard attached it.")
INJECTED = _("It was injected: the workload's template does not have it.")
