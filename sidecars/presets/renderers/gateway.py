"""The API gateway: routes by path to other pods, each open, behind a key or behind a JWT.

Keys never stand in the configuration: the kubelet gives them to Envoy as variables, a filter puts them
in headers that no client can set, and a rule compares. What a client sends under these names is replaced.
Source: Envoy's v3 API reference, envoyproxy.io: header_mutation, rbac, jwt_authn, local_ratelimit, cors.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sidecars.errors import BadParameter
from sidecars.messages import gettext_noop as _
from sidecars.presets.renderers.envoy import (
    Json,
    bootstrap,
    cluster,
    header_values,
    http_manager,
    listener,
    typed,
)

SHORTEST_KEY = 16  # characters; a shorter or an empty Secret opens nothing
EXPECTED = "x-sidecar-expected-key-"
RBAC = "envoy.filters.http.rbac"
JWT = "envoy.filters.http.jwt_authn"
LIMIT = "envoy.filters.http.local_ratelimit"
MUTATION = "envoy.filters.http.header_mutation"
CORS = "envoy.filters.http.cors"
# Who has no key is asked for one. Only Envoy's own answers are mapped, never an app's 403.
DENIED: Json = {
    "filter": {
        "status_code_filter": {
            "comparison": {"op": "EQ", "value": {"default_value": 403, "runtime_key": "gateway.denied"}}
        }
    },
    "status_code": 401,
}
METHOD = re.compile(r"[A-Z]{3,8}")
NO_ROUTE = _("At least one route is needed.")
TWICE = _("Two routes have the path %(prefix)s: the second would never be reached.")
NO_KEY = _("The route %(prefix)s asks for a key: name a Secret with one below.")
NO_JWT = _("The route %(prefix)s asks for a JWT: fill in issuer and keys below.")
METHODS = _("Methods of %(prefix)s: capital letters, separated by blanks, such as GET POST.")
HALF_JWT = _("Issuer and keys belong together.")
NOT_A_SET = _("A JSON Web Key Set of public keys is needed: an object with a list named keys.")
NO_AUTH = _("Say who may call %(prefix)s: none (everybody), key or jwt.")
NO_KEY_HEADER = _("This header cannot carry a key. Choose another, such as x-api-key.")
# Each is set, read or removed on the way by HTTP itself or by the gateway.
TAKEN_HEADERS = frozenset(
    {"host", "connection", "content-length", "content-type", "expect", "keep-alive", "proxy-connection", "te"}
    | {"trailer", "transfer-encoding", "upgrade", "x-jwt-sub", "x-request-id", "x-forwarded-for"}
)
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


def render_gateway(values: Mapping[str, Any]) -> Json:
    """Raises BadParameter for what would leave a route open or unreachable."""
    routes = sorted(values["routes"], key=lambda route: -len(route["prefix"]))
    _check(routes, values)
    clusters: dict[str, Json] = {}
    shown: list[Json] = []
    for number, route in enumerate(routes):
        name = f"route-{number}"
        clusters[name] = cluster(name, route["host"], route["port"])
        shown += _routes(name, route, values)
    if any(route["auth"] != "none" for route in routes):
        shown.insert(0, _no_semicolons(values))
    shown.append(_answer({"prefix": "/"}, 404, values))
    host: Json = {
        "name": "gateway",
        "domains": ["*"],
        "routes": shown,
        "response_headers_to_add": header_values(values["set_headers"]),
        "response_headers_to_remove": list(values["remove_headers"]),
    }
    host |= _cors_policy(values) if values["cors"] else {}
    chain = http_manager(
        "gateway",
        host,
        _filters(values),
        trusted_hops=values["trusted_hops"],
        local_reply_config={"mappers": [DENIED]} if values["key"] else {},
    )
    listeners = [listener("gateway", values["listen"], chain)]
    return bootstrap(listeners, list(clusters.values()), values["health_port"])


def _check(routes: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> None:
    if not routes:
        raise BadParameter("routes", NO_ROUTE, advice="")
    header = values["key_header"].lower()
    if header in TAKEN_HEADERS or header.startswith(EXPECTED):  # compared with itself, any key would do
        raise BadParameter("key_header", NO_KEY_HEADER, advice="")
    seen = set()
    for route in routes:
        prefix, place = route["prefix"], route["prefix"].rstrip("/").lower()
        if place in seen:
            raise BadParameter("routes", TWICE, advice="", prefix=prefix)
        seen.add(place)
        if route["auth"] not in ("none", "key", "jwt"):
            raise BadParameter("routes", NO_AUTH, advice="", prefix=prefix)
        if route["auth"] == "key" and not values["key"]:
            raise BadParameter("key", NO_KEY, advice="", prefix=prefix)
        if route["auth"] == "jwt" and not values["jwt_keys"]:
            raise BadParameter("jwt_keys", NO_JWT, advice="", prefix=prefix)
        if not all(METHOD.fullmatch(method) for method in route["methods"].split()):
            raise BadParameter("routes", METHODS, advice="", prefix=prefix)
    if bool(values["jwt_keys"]) != bool(values["jwt_issuer"]):
        raise BadParameter("jwt_issuer", HALF_JWT, advice="")
    if values["jwt_keys"] and not _is_public(json.loads(values["jwt_keys"])):
        raise BadParameter("jwt_keys", NOT_A_SET, advice="")


def _is_public(found: Any) -> bool:
    """Whether it is a key set without a shared secret or a private part: it goes into a ConfigMap."""
    keys = found.get("keys") if isinstance(found, dict) else None
    return (
        isinstance(keys, list)
        and bool(keys)
        and all(
            isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and not PRIVATE.intersection(key)
            for key in keys
        )
    )


def _routes(name: str, route: Mapping[str, Any], values: Mapping[str, Any]) -> list[Json]:
    """The route; behind it, if it takes certain methods only, a 405: else the request fell to the next."""
    match = _match(route["prefix"])
    methods = route["methods"].split()
    wanted = dict(match)
    if methods:
        allowed = {"safe_regex": {"regex": "|".join(methods)}}
        wanted["headers"] = [{"name": ":method", "string_match": allowed}]
    found = [{"match": wanted, "route": _action(name, route, values), **_per_route(route, values)}]
    return [*found, _answer(match, 405, values)] if methods else found


def _match(prefix: str) -> Json:
    """Without case: beside an open / the path /Admin would get around a guarded /admin."""
    if prefix == "/":
        return {"prefix": "/"}
    return {"path_separated_prefix": prefix.rstrip("/"), "case_sensitive": False}


def _action(name: str, route: Mapping[str, Any], values: Mapping[str, Any]) -> Json:
    action: Json = {"cluster": name, "timeout": f"{values['timeout']}s"}
    if route["strip"] and route["prefix"] != "/":
        pattern = "(?i)^" + re.escape(route["prefix"].rstrip("/")) + "/?(.*)$"
        action["regex_rewrite"] = {"pattern": {"regex": pattern}, "substitution": "/\\1"}
    if not re.fullmatch(r"[0-9.]+", route["host"]):
        action["auto_host_rewrite"] = True
    return action


def _per_route(route: Mapping[str, Any], values: Mapping[str, Any]) -> Json:
    filters = _unguarded(values)
    if route["auth"] == "key":
        filters[RBAC] = typed(
            "extensions.filters.http.rbac.v3.RBACPerRoute", rbac={"rules": _key_rules(values)}
        )
    if route["auth"] == "jwt":
        filters[JWT] = typed("extensions.filters.http.jwt_authn.v3.PerRouteConfig", requirement_name="jwt")
    if route["rate"]:
        filters[LIMIT] = _bucket(route["rate"], values["rate_seconds"], "route")
    # Identity headers come from us or from nobody; the key itself goes no further.
    removed = [values["key_header"], *(f"{EXPECTED}{n}" for n in range(len(_keys(values))))]
    removed += [] if route["auth"] == "jwt" else ["x-jwt-sub"]
    return {"typed_per_filter_config": filters, "request_headers_to_remove": removed}


def _unguarded(values: Mapping[str, Any]) -> Json:
    off = typed("config.route.v3.FilterConfig", disabled=True)
    filters: Json = {RBAC: off} if values["key"] else {}
    if values["jwt_keys"]:
        filters[JWT] = typed("extensions.filters.http.jwt_authn.v3.PerRouteConfig", disabled=True)
    return filters


def _answer(match: Json, status: int, values: Mapping[str, Any]) -> Json:
    return {
        "match": match,
        "direct_response": {"status": status},
        "typed_per_filter_config": _unguarded(values),
    }


def _no_semicolons(values: Mapping[str, Any]) -> Json:
    """For some servers /admin;x=1 and /;x/admin are /admin: they would get around its guard."""
    return _answer({"safe_regex": {"regex": ".*(;|%3[Bb]).*"}}, 400, values)


def _keys(values: Mapping[str, Any]) -> list[str]:
    """The variables with keys: a second one lets clients change over."""
    return [variable for name, variable in (("key", "KEY_0"), ("second_key", "KEY_1")) if values[name]]


def _filters(values: Mapping[str, Any]) -> list[Json]:
    found = [_filter(CORS, typed("extensions.filters.http.cors.v3.Cors"))] if values["cors"] else []
    whole = typed("extensions.filters.http.local_ratelimit.v3.LocalRateLimit", stat_prefix="off")
    if values["rate"]:
        whole = _bucket(values["rate"], values["rate_seconds"], "all")
    found.append(_filter(LIMIT, whole))
    if values["key"]:
        found += [
            _filter(MUTATION, _expected_keys(values)),
            _filter(RBAC, typed("extensions.filters.http.rbac.v3.RBAC", rules=_key_rules(values))),
        ]
    if values["jwt_keys"]:
        found.append(_filter(JWT, _jwt(values)))
    return found


def _filter(name: str, config: Json) -> Json:
    return {"name": name, "typed_config": config}


def _expected_keys(values: Mapping[str, Any]) -> Json:
    """What a client sends under these names is replaced."""
    headers = [
        {
            "append": {
                "header": {"key": f"{EXPECTED}{number}", "value": f"%ENVIRONMENT({variable})%"},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            }
        }
        for number, variable in enumerate(_keys(values))
    ]
    return typed(
        "extensions.filters.http.header_mutation.v3.HeaderMutation",
        mutations={"request_mutations": headers},
    )


def _key_rules(values: Mapping[str, Any]) -> Json:
    """Who may pass: the key sent is long enough and is one of those expected."""
    sent = _header(values["key_header"])
    policies = {}
    for number in range(len(_keys(values))):
        long_enough = _call("_>=_", _call("size", sent), {"const_expr": {"int64_value": str(SHORTEST_KEY)}})
        same = _call("_==_", sent, _header(f"{EXPECTED}{number}"))
        policies[f"key-{number}"] = {
            "permissions": [{"any": True}],
            "principals": [{"header": {"name": values["key_header"], "present_match": True}}],
            "condition": _call("_&&_", long_enough, same),
        }
    return {"action": "ALLOW", "policies": policies}


def _header(name: str) -> Json:
    """CEL: request.headers[name]"""
    headers = {"select_expr": {"operand": {"ident_expr": {"name": "request"}}, "field": "headers"}}
    return _call("_[_]", headers, {"const_expr": {"string_value": name.lower()}})


def _call(function: str, *arguments: Json) -> Json:
    return {"call_expr": {"function": function, "args": list(arguments)}}


def _jwt(values: Mapping[str, Any]) -> Json:
    provider = {
        "issuer": values["jwt_issuer"],
        "local_jwks": {"inline_string": values["jwt_keys"]},
        "claim_to_headers": [{"header_name": "x-jwt-sub", "claim_name": "sub"}],
    }
    provider |= {"audiences": list(values["jwt_audiences"])} if values["jwt_audiences"] else {}
    return typed(
        "extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        providers={"jwt": provider},
        requirement_map={"jwt": {"provider_name": "jwt"}},
    )


def _bucket(tokens: int, seconds: int, name: str) -> Json:
    whole = {"default_value": {"numerator": 100}}
    return typed(
        "extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        stat_prefix=name,
        token_bucket={"max_tokens": tokens, "tokens_per_fill": tokens, "fill_interval": f"{seconds}s"},
        filter_enabled=whole,
        filter_enforced=whole,
    )


def _cors_policy(values: Mapping[str, Any]) -> Json:
    policy = typed(
        "extensions.filters.http.cors.v3.CorsPolicy",
        allow_origin_string_match=[{"exact": origin} for origin in values["cors"]],
        allow_methods="GET,HEAD,POST,PUT,PATCH,DELETE",
        allow_headers=f"content-type,authorization,{values['key_header']}",
        max_age="600",
    )
    return {"typed_per_filter_config": {CORS: policy}}
