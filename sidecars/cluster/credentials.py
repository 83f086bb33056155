"""Who the requests come from: client certificate, token, token file or exec plugin.

Nothing here is shown or logged. Private keys are written only into a folder of mode 0700
that lives as long as the call that loads them: OpenSSL takes client keys from files only.
"""

import asyncio
import base64
import hashlib
import json
import ssl
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.kube_config import KubeConfigLoader

from sidecars.cluster import connection, plugin
from sidecars.errors import BadConfiguration, Unauthorized
from sidecars.messages import gettext_noop as _

REREAD_S = 60.0
LEEWAY_S = 30.0


class Credentials:
    """The server's address and trust, and the identity's proof, kept fresh.

    `header()` gives the Authorization header's value or ""; `refresh()` after a 401 gets
    new proof at most once for all the requests that failed together.
    """

    def __init__(self, entry: connection.ContextEntry, cluster: dict[str, Any], user: dict[str, Any]) -> None:
        # Of the same reading of the file as the proof: never one cluster's token for another's address.
        self.server = str(cluster.get("server") or entry.server).rstrip("/")
        self.server_name: str | None = cluster.get("tls-server-name") or None
        self.proxy = _proxy(cluster)
        self.impersonation = _impersonation(user)
        self.generation = 0
        self._entry, self._cluster, self._user = entry, cluster, user
        self._token = ""
        self._fresh_until = 0.0
        self._certificate = _pem(user, "client-certificate")
        self._key = _pem(user, "client-key")
        self._lock = asyncio.Lock()
        self.tls = self._context()

    @property
    def identity_key(self) -> str:
        """Equal for equal server, trust and proof; a token that a plugin renews counts not."""
        parts = [self._entry.name, self.server, self._cluster, self._user]
        parts += [p.decode("latin-1") for p in (self._certificate, self._key)]
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    async def header(self) -> str:
        if time.monotonic() >= self._fresh_until:
            async with self._lock:
                if time.monotonic() >= self._fresh_until:
                    await self._obtain()
        return self._token

    async def refresh(self, seen_generation: int) -> None:
        """Single flight: whoever comes with an old generation finds the work done."""
        async with self._lock:
            if self.generation == seen_generation:
                await self._obtain()

    async def _obtain(self) -> None:
        fresh_s = float("inf")
        if "exec" in self._user:
            fresh_s = await self._run_plugin()
        elif "auth-provider" in self._user:
            self._token = await self._from_provider()
            fresh_s = REREAD_S
        elif self._user.get("token"):
            self._token = f"Bearer {self._user['token']}"
        elif self._user.get("tokenFile"):
            self._token = f"Bearer {_read_text(self._user['tokenFile'])}"
            fresh_s = REREAD_S
        elif self._user.get("username"):
            pair = f"{self._user['username']}:{self._user.get('password', '')}"
            self._token = "Basic " + base64.b64encode(pair.encode()).decode()
        self._fresh_until = time.monotonic() + fresh_s
        self.generation += 1

    async def _run_plugin(self) -> float:
        proof = await plugin.run(self._user["exec"], self._cluster, self._user.get("_folder", ""))
        self._token = f"Bearer {proof.token}" if proof.token else ""
        if proof.certificate:
            self._certificate, self._key = proof.certificate, proof.key
            self.tls = self._context()
        if proof.expires is None:
            return float("inf")
        return max(proof.expires - time.time() - LEEWAY_S, 5.0)

    async def _from_provider(self) -> str:
        """OIDC of the kubeconfig, by the library; refreshed tokens are not written back."""
        merged = connection.read_files(self._entry.paths)
        try:
            make: Any = KubeConfigLoader  # the library has no types
            loader = make(config_dict=merged, active_context=self._entry.name, config_base_path=None)
            async with asyncio.timeout(plugin.LIMIT_S):
                return str(await loader._load_oid_token())  # the loader has no public step for it
        except (ConfigException, ValueError, KeyError, OSError) as error:
            raise Unauthorized() from error

    def _context(self) -> ssl.SSLContext | None:
        if not self.server.startswith("https://"):
            return None
        authority = _pem(self._cluster, "certificate-authority")
        try:
            context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        except (ssl.SSLError, ValueError) as error:
            raise BadConfiguration(
                _("The certificate authority of %(cluster)s cannot be read."), cluster=self._entry.cluster
            ) from error
        # Python 3.13 asks more of a CA than Go does: kubectl's certificates must do here too.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self._cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self._certificate:
            self._load_client(context)
        return context

    def _load_client(self, context: ssl.SSLContext) -> None:
        with tempfile.TemporaryDirectory(prefix="sidecar-dash-") as folder:
            certificate, key = Path(folder, "client.crt"), Path(folder, "client.key")
            certificate.write_bytes(self._certificate)
            key.touch(mode=0o600)
            key.write_bytes(self._key)
            try:
                context.load_cert_chain(certificate, key)
            except (ssl.SSLError, OSError) as error:
                raise BadConfiguration(
                    _("The client certificate of %(user)s cannot be read."), user=self._entry.user
                ) from error


def load(entry: connection.ContextEntry) -> Credentials:
    """Reads the files again: a kubeconfig edited in the meantime is a new identity."""
    if not entry.kubeconfig_path:
        folder = connection.SERVICE_ACCOUNT
        return Credentials(
            entry,
            {"certificate-authority": str(folder / "ca.crt")},
            {"tokenFile": str(folder / "token")},
        )
    merged = connection.read_files(entry.paths)
    cluster, cluster_folder = connection.item(merged, "clusters", entry.cluster)
    user, user_folder = connection.item(merged, "users", entry.user)
    if not cluster.get("server"):
        raise BadConfiguration(
            _("The context %(context)s names no cluster with a server."), context=entry.name
        )
    cluster = _absolute(cluster, cluster_folder, "certificate-authority")
    user = _absolute(user, user_folder, "client-certificate", "client-key", "tokenFile")
    return Credentials(entry, cluster, user | {"_folder": user_folder})


def _absolute(item: dict[str, Any], folder: str, *keys: str) -> dict[str, Any]:
    return item | {key: str(Path(folder, str(item[key]))) for key in keys if item.get(key)}


def _pem(item: dict[str, Any], key: str) -> bytes:
    try:
        if item.get(f"{key}-data"):
            return base64.b64decode(item[f"{key}-data"])
        return Path(item[key]).read_bytes() if item.get(key) else b""
    except (OSError, ValueError) as error:
        raise BadConfiguration(_("%(key)s of the kubeconfig cannot be read."), key=key) from error


def _proxy(cluster: dict[str, Any]) -> str | None:
    url = str(cluster.get("proxy-url") or "")
    if url and not url.startswith(("http://", "https://")):
        raise BadConfiguration(_("Only an HTTP proxy can be used, not the proxy-url of the kubeconfig."))
    return url or None


def _impersonation(user: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """`as` of the kubeconfig: left out, requests would carry more rights than asked for."""
    found = [("Impersonate-User", str(user["as"]))] if user.get("as") else []
    found += [("Impersonate-Uid", str(user["as-uid"]))] if user.get("as-uid") else []
    found += [("Impersonate-Group", str(group)) for group in user.get("as-groups") or ()]
    for name, values in (user.get("as-user-extra") or {}).items():
        found += [(f"Impersonate-Extra-{quote(str(name), safe='')}", str(value)) for value in values]
    return tuple(found)


def _read_text(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise Unauthorized() from error
