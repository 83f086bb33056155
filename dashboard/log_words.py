"""What a notice in a log says, in the viewer's language."""

from django.utils.translation import gettext as _

from sidecars.loglines import LogLine


def words_of(notice: LogLine) -> str:
    detail = notice.text
    match notice.code, detail:
        case "end", "deleted":
            return _("The pod was deleted: its log ends here.")
        case "end", "previous":
            return _("The previous instance ends here.")
        case "end", "no-previous":
            return _("There is no previous instance: the container has not been restarted.")
        case "end", _other:
            return _("The container has finished: its log ends here.")
        case "restart", _other:
            return _("The container was restarted.")
        case "waiting", _other:
            return _("The container has not started: %(reason)s") % {"reason": detail or "?"}
        case "truncated", _other:
            return _("The line is longer. Bytes left out: %(count)s.") % {"count": detail}
        case "gap", "previous":
            return _("A gap: the previous instance's log is gone.")
        case "gap", "lost":
            return _("A gap: the node has removed this instance's log.")
        case "gap", "restarts":
            return _("A gap: the container was restarted more than once in between.")
        case "gap", _other:
            return _("A possible gap: the log was rotated in between.")
        case "reconnect", "stalled":
            return _("Nothing came for a while: the log is read again from where it stopped.")
        case "reconnect", _other:
            return _("The connection to the cluster is lost: it is tried again from where the log stopped.")
        case "back", _other:
            return _("Connected to the cluster again.")
        case "join", _other:
            return _("%(name)s joined.") % {"name": detail}
        case "leave", "":
            return _("A container whose log was shown has left in the meantime.")
        case "leave", _other:
            return _("%(name)s left.") % {"name": detail}
        case "skipped", _other:
            return _("Lines left out to catch up: %(count)s.") % {"count": detail}
        case "cap", _other:
            shown, _slash, all_of_them = detail.partition("/")
            return _(
                "Too many for one view: %(shown)s of %(all)s containers are shown, the newest pods first."
            ) % {
                "shown": shown,
                "all": all_of_them,
            }
        case "clocks", _other:
            return _("The containers run on several nodes, whose clocks may differ, and so may the order.")
        case "refused", _other:
            return _("Its log cannot be read: %(reason)s") % {"reason": detail}
    return notice.code


__all__ = ["words_of"]
