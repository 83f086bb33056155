"""Every address. What changes a cluster stands in `changing`, which read-only mode leaves out.

`…/main/` keeps a viewer's own choice in our database: nothing of the cluster changes by it.
"""

from django.conf import settings
from django.urls import include, path, register_converter

from dashboard.converters import IdConverter, LabelConverter, NameConverter, VersionConverter
from dashboard.views import (
    activity,
    attach,
    changes,
    errors,
    health,
    home,
    log_download,
    login,
    logs,
    observe,
    pod,
    pods,
    preferences,
    presets,
    standalone,
    workload,
)

register_converter(LabelConverter, "label")
register_converter(NameConverter, "name")
register_converter(IdConverter, "id")
register_converter(VersionConverter, "version")

reading = [
    path("pods/", pods.pod_list, name="pods"),
    path("pods/<label:namespace>/<name:pod>/", pod.pod_detail, name="pod"),
    path("pods/<label:namespace>/<name:pod>/diagram.svg", pod.pod_diagram, name="pod-diagram"),
    path("pods/<label:namespace>/<name:pod>/main/", pod.pod_main, name="pod-main"),
    path(
        "workloads/<label:resource>/<label:namespace>/<name:name>/", workload.workload_detail, name="workload"
    ),
    path(
        "workloads/<label:resource>/<label:namespace>/<name:name>/diagram.svg",
        workload.workload_diagram,
        name="workload-diagram",
    ),
    path(
        "workloads/<label:resource>/<label:namespace>/<name:name>/main/",
        workload.workload_main,
        name="workload-main",
    ),
    path("logs/", logs.log_page, name="logs"),
    path("logs/download/", log_download.log_download, name="logs-download"),
    path("attach/", attach.choose, name="attach"),
    path("changes/<id:change>/", changes.show, name="change"),
    path("activity/", activity.listing, name="activity"),
]
changing = [
    path("attach/new/", attach.create, name="attach-new"),
    path("attach/<id:attachment>/settings/", attach.configure, name="attach-settings"),
    path("attach/<id:attachment>/review/", attach.review, name="attach-review"),
    path("attach/alone/new/", standalone.create, name="attach-alone-new"),
    path("attach/alone/<id:attachment>/settings/", standalone.configure, name="attach-alone-settings"),
    path("attach/alone/<id:attachment>/review/", standalone.review, name="attach-alone-review"),
    path("changes/<id:change>/undo/", changes.undo, name="change-undo"),
    path("changes/<id:change>/remove/", standalone.remove, name="change-remove"),
    path("changes/<id:change>/settings/", changes.change_settings, name="change-settings"),
    path("changes/<id:change>/stop/", changes.stop, name="change-stop"),
    path("pods/<label:namespace>/<name:pod>/observe/", observe.observe, name="observe"),
    path(
        "pods/<label:namespace>/<name:pod>/observe/<label:container>/", observe.helper, name="observe-helper"
    ),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("help/", home.help_page, name="help"),
    path("presets/", presets.listing, name="presets"),
    path("presets/<label:preset>/", presets.detail, name="preset-latest"),
    path("presets/<label:preset>/<version:version>/", presets.detail, name="preset"),
    path("presets/<label:preset>/<version:version>/preset.yaml", presets.export, name="preset-export"),
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("preferences/", preferences.save, name="preferences"),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("c/<label:ctx>/", include(reading if settings.SIDECAR_READ_ONLY else reading + changing)),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
