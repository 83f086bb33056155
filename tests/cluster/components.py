"""The programs of the node: their configuration files and the exact command of each.

All control traffic stays on this computer: 127.0.0.1, and the address of the pods' bridge,
where the kubelet listens (it refuses a loopback address for its node) and CoreDNS answers.
Ports are unusual on purpose; a real cluster may run beside this one.
"""

import subprocess
from pathlib import Path

from .binaries import COREDNS, ETCD, KUBERNETES, KWOK
from .certificates import NODE, NODE_ADDRESS, SERVER, find_kubeconfig
from .images import PAUSE
from .places import Places

BRIDGE = "sidecar-bed0"
CNI_NETWORK = "sidecar-bed"
PODS = "10.213.0.0/24"
SERVICES = "10.214.0.0/16"
DNS_ADDRESS = "10.214.0.10"
DNS_PORT = 5353
ETCD_CLIENT = "http://127.0.0.1:22379"
ETCD_PEER = "http://127.0.0.1:22380"
# What `up` must find free, and who listens there.
PORTS = {
    ("127.0.0.1", 26443): "the API server",
    ("127.0.0.1", 22379): "etcd",
    ("127.0.0.1", 22380): "etcd",
    ("127.0.0.1", 20257): "the controller manager",
    ("127.0.0.1", 20259): "the scheduler",
    ("127.0.0.1", 20248): "the kubelet",
    ("127.0.0.1", 20249): "kube-proxy",
    ("127.0.0.1", 20256): "kube-proxy",
}

# A pull of an image that is not there ends at a closed port of this computer.
NO_REGISTRY = """server = "http://127.0.0.1:1"
[host."http://127.0.0.1:1"]
  capabilities = ["pull", "resolve"]
"""


def find_snapshotter(places: Places) -> str:
    """In a container the cache may lie on an overlay, which cannot carry another: then layers are copied."""
    places.cache.mkdir(parents=True, exist_ok=True)
    kind = subprocess.run(["stat", "-f", "-c", "%T", places.cache], capture_output=True, text=True).stdout
    return "native" if "overlay" in kind else "overlayfs"


def write_containerd_config(places: Places) -> None:
    run = places.run
    registries = run / "registries" / "_default"
    registries.mkdir(parents=True, exist_ok=True)
    (registries / "hosts.toml").write_text(NO_REGISTRY)
    (run / "containerd.toml").write_text(f"""version = 2
root = "{run}/containerd"
state = "{run}/containerd-run"
[grpc]
  address = "{places.containerd_socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{run}/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  # Without CAP_SYS_RESOURCE runc may not lower oom_score_adj and dies with "can't get final child's PID".
  restrict_oom_score_adj = true
  # Below our own folder, so that whatever is left over is known to be ours.
  netns_mounts_under_state_dir = true
  sandbox_image = "{PAUSE}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{find_snapshotter(places)}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{run}/registries"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{run}/cni"
""")


def write_network_config(places: Places) -> None:
    """Pods have no way out: they know only each other and the Services."""
    (places.run / "cni").mkdir(parents=True, exist_ok=True)
    (places.run / "cni" / "10-bridge.conflist").write_text(f"""{{
  "cniVersion": "0.4.0", "name": "{CNI_NETWORK}", "plugins": [
    {{"type": "bridge", "bridge": "{BRIDGE}", "isGateway": true, "ipMasq": false, "hairpinMode": true,
     "ipam": {{"type": "host-local", "dataDir": "{places.run}/cni-addresses",
              "ranges": [[{{"subnet": "{PODS}"}}]], "routes": [{{"dst": "{SERVICES}"}}]}}}},
    {{"type": "portmap", "capabilities": {{"portMappings": true}}}}]}}
""")


def write_kubelet_config(places: Places) -> None:
    (places.run / "kubelet.yaml").write_text(f"""apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {{enabled: false}}
  webhook: {{enabled: true}}
  x509: {{clientCAFile: {places.pki}/ca.crt}}
authorization: {{mode: Webhook}}
address: {NODE_ADDRESS}
port: 20250
healthzBindAddress: 127.0.0.1
healthzPort: 20248
cgroupDriver: cgroupfs
failCgroupV1: false
containerRuntimeEndpoint: unix://{places.containerd_socket}
failSwapOn: false
tlsCertFile: {places.pki}/kubelet.crt
tlsPrivateKeyFile: {places.pki}/kubelet.key
clusterDomain: cluster.local
clusterDNS: [{DNS_ADDRESS}]
resolvConf: ""
enforceNodeAllocatable: []
evictionHard: {{}}
makeIPTablesUtilChains: false
maxPods: 240
containerLogMaxSize: 10Mi
podLogsDir: {places.run}/pod-logs
""")


def write_dns_config(places: Places) -> None:
    (places.run / "Corefile").write_text(f""".:{DNS_PORT} {{
  bind {NODE_ADDRESS}
  errors
  kubernetes cluster.local {{
    kubeconfig {places.kubeconfig}
  }}
}}
""")


def write_configs(places: Places) -> None:
    write_containerd_config(places)
    write_network_config(places)
    write_kubelet_config(places)
    write_dns_config(places)


def build_commands(places: Places) -> dict[str, list[str]]:
    """Every program by name; always the same, as the API server is also started again by it."""
    kubernetes, pki, run = KUBERNETES.folder(places), places.pki, places.run

    def kubeconfig(name: str) -> str:
        return f"--kubeconfig={find_kubeconfig(places, name)}"

    return {
        "containerd": ["/usr/bin/containerd", "--config", f"{run}/containerd.toml"],
        "etcd": _etcd(places),
        "apiserver": _apiserver(kubernetes, pki),
        "controllers": [
            f"{kubernetes}/kube-controller-manager",
            kubeconfig("controllers"),
            "--bind-address=127.0.0.1",
            "--secure-port=20257",
            f"--service-account-private-key-file={pki}/sa.key",
            f"--root-ca-file={pki}/ca.crt",
            "--use-service-account-credentials=true",
            "--leader-elect=false",
        ],
        "scheduler": [
            f"{kubernetes}/kube-scheduler",
            kubeconfig("scheduler"),
            "--bind-address=127.0.0.1",
            "--secure-port=20259",
            "--leader-elect=false",
        ],
        "kubelet": [
            f"{kubernetes}/kubelet",
            kubeconfig("kubelet"),
            f"--config={run}/kubelet.yaml",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
            f"--root-dir={run}/kubelet",
            f"--cert-dir={pki}",
        ],
        "proxy": [
            f"{kubernetes}/kube-proxy",
            kubeconfig("admin"),
            f"--hostname-override={NODE}",
            "--proxy-mode=iptables",
            f"--cluster-cidr={PODS}",
            # Never on the network; nor on loopback, as that needs net.ipv4.conf.all.route_localnet.
            f"--nodeport-addresses={NODE_ADDRESS}/32",
            "--iptables-localhost-nodeports=false",
            "--healthz-bind-address=127.0.0.1:20256",
            "--metrics-bind-address=127.0.0.1:20249",
            "--conntrack-max-per-core=0",
            "--conntrack-tcp-timeout-established=0",
            "--conntrack-tcp-timeout-close-wait=0",
        ],
        "coredns": [f"{COREDNS.folder(places)}/coredns", "-conf", f"{run}/Corefile"],
    }


def build_kwok_command(places: Places) -> list[str]:
    folder = KWOK.folder(places)
    return [
        f"{folder}/kwok",
        f"--kubeconfig={places.kubeconfig}",
        f"--config={folder}/stages.yaml",
        "--manage-all-nodes=false",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        "--node-lease-duration-seconds=40",
    ]


def _etcd(places: Places) -> list[str]:
    return [
        f"{ETCD.folder(places)}/etcd",
        f"--data-dir={places.run}/etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={ETCD_CLIENT}",
        f"--advertise-client-urls={ETCD_CLIENT}",
        f"--listen-peer-urls={ETCD_PEER}",
        f"--initial-advertise-peer-urls={ETCD_PEER}",
        f"--initial-cluster=default={ETCD_PEER}",
    ]


def _apiserver(kubernetes: Path, pki: Path) -> list[str]:
    return [
        f"{kubernetes}/kube-apiserver",
        f"--etcd-servers={ETCD_CLIENT}",
        f"--secure-port={SERVER.rsplit(':', 1)[1]}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt",
        f"--service-account-key-file={pki}/sa.pub",
        f"--service-account-signing-key-file={pki}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--kubelet-client-certificate={pki}/admin.crt",
        f"--kubelet-client-key={pki}/admin.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
    ]
