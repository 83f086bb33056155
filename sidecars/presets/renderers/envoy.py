"""An Envoy bootstrap as JSON: the parts that proxy and gateway have in common, and the proxy.

JSON cannot be broken out of; the one language left in it is `%` in header values, which is doubled.
Source: Envoy's v3 API reference, envoyproxy.io.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sidecars.presets.tree import Given

TYPES = "type.googleapis.com/envoy."
ADMIN_PORT = 9901  # on 127.0.0.1; no preset may take it
CONNECTIONS_MOST = 10_000
ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
RETRIED = "connect-failure,refused-stream,unavailable,reset-before-request"
LOG_FIELDS = {
    "time": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "ms": "%DURATION%",
    "upstream": "%UPSTREAM_HOST%",
    "id": "%REQ(X-REQUEST-ID)%",
}
Json = dict[str, Any]


def typed(name: str, **fields: Any) -> Json:
    return {"@type": TYPES + name, **fields}


def header_values(pairs: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Of entries with `name` and `value`: each replaces one that is there."""
    return [
        {
            "header": {"key": pair["name"], "value": _literal(pair["value"])},
            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
        }
        for pair in pairs
    ]


def _literal(value: str) -> str:
    doubled = value.replace("%", "%%")
    return Given(doubled, value.field, value.punctuation) if isinstance(value, Given) else doubled


def socket(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}


def cluster(name: str, host: str, port: int) -> Json:
    """A name is asked of DNS again and again: the pods behind a Service change."""
    how: Json = {"type": "STATIC"}
    if not ADDRESS.fullmatch(host):
        how = {"type": "STRICT_DNS", "dns_lookup_family": "V4_PREFERRED", "respect_dns_ttl": True}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": socket(host, port)}}]}]
    assignment = {"cluster_name": name, "endpoints": endpoints}
    return {"name": name, **how, "connect_timeout": "1s", "load_assignment": assignment}


def router() -> Json:
    return {
        "name": "envoy.filters.http.router",
        "typed_config": typed("extensions.filters.http.router.v3.Router"),
    }


def http_manager(
    name: str,
    host: Json,
    filters: Sequence[Json] = (),
    *,
    logs: bool = True,
    trusted_hops: int = 0,
    upgrade_filters: Sequence[Json] = (),
    **more: Any,
) -> Json:
    """A filter chain. `upgrade_filters`: what a WebSocket goes through, if not `filters`."""
    upgrade: Json = {"upgrade_type": "websocket"}
    upgrade |= {"filters": list(upgrade_filters)} if upgrade_filters else {}
    manager = typed(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=name,
        use_remote_address=True,
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action="REJECT_REQUEST",
        server_header_transformation="PASS_THROUGH",
        upgrade_configs=[upgrade],
        common_http_protocol_options={
            "idle_timeout": "3600s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        access_log=[_access_log()] if logs else [],
        route_config={"name": name, "virtual_hosts": [host]},
        http_filters=[*filters, router()],
        **more,
    )
    # A proxy in front ends TLS: its X-Forwarded-Proto and -For are kept.
    manager |= {"xff_num_trusted_hops": trusted_hops} if trusted_hops else {}
    return {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}


def _access_log() -> Json:
    return {
        "name": "stdout",
        "typed_config": typed(
            "extensions.access_loggers.stream.v3.StdoutAccessLog", log_format={"json_format": LOG_FIELDS}
        ),
    }


def listener(name: str, port: int, chain: Json) -> Json:
    return {
        "name": name,
        "address": socket("0.0.0.0", port),  # noqa: S104  the kubelet and Services call the pod's address
        "per_connection_buffer_limit_bytes": 65536,
        "filter_chains": [chain],
    }


def bootstrap(listeners: Sequence[Json], clusters: Sequence[Json], health_port: int) -> Json:
    """The admin page stays on 127.0.0.1; the kubelet and Prometheus reach two paths of it."""
    routes = [
        {"match": {"path": path}, "route": {"cluster": "admin"}} for path in ("/ready", "/stats/prometheus")
    ]
    host = {"name": "health", "domains": ["*"], "routes": routes}
    limit = typed(
        "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=CONNECTIONS_MOST,
    )
    monitor = {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": limit}
    return {
        "admin": {"address": socket("127.0.0.1", ADMIN_PORT)},
        "static_resources": {
            "listeners": [
                *listeners,
                listener("health", health_port, http_manager("health", host, logs=False)),
            ],
            "clusters": [*clusters, cluster("admin", "127.0.0.1", ADMIN_PORT)],
        },
        "overload_manager": {"resource_monitors": [monitor]},
    }


def render_proxy(values: Mapping[str, Any]) -> Json:
    route: Json = {"cluster": "app", "timeout": f"{values['timeout']}s"}
    if values["retries"]:
        route["retry_policy"] = {
            "retry_on": RETRIED,
            "num_retries": values["retries"],
            "retry_back_off": {"base_interval": "0.1s"},
        }
    host = {
        "name": "app",
        "domains": ["*"],
        "routes": [{"match": {"prefix": "/"}, "route": route}],
        "response_headers_to_add": header_values(values["set_headers"]),
        "response_headers_to_remove": list(values["remove_headers"]),
    }
    filters = [_body_limit(values["max_body_kb"])] if values["max_body_kb"] else []
    # The body limit would hold an upgrade for ever, so a WebSocket goes around it.
    chain = http_manager("in", host, filters, trusted_hops=values["trusted_hops"], upgrade_filters=[router()])
    app = cluster("app", "127.0.0.1", values["upstream_port"])
    return bootstrap([listener("in", values["listen"], chain)], [app], values["health_port"])


def _body_limit(kilobytes: int) -> Json:
    limit = typed("extensions.filters.http.buffer.v3.Buffer", max_request_bytes=kilobytes * 1024)
    return {"name": "envoy.filters.http.buffer", "typed_config": limit}
