"""The parts of a cluster: how each is started, and how one sees that it does its work."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from . import health, pki
from .instance import CSI_DRIVER, POD_CIDR, SERVICE_CIDR, Instance


class Stage(Enum):
    """When a component may start: most end when they find no API server for some seconds, as on a busy machine."""

    FOUNDATION = 1
    CLUSTER = 2
    AFTER_MANIFESTS = 3


@dataclass(frozen=True)
class Component:
    """`check` says what is still missing and is empty when the component works. `users` end some seconds after they
    lose this one; in a pod the kubelet would start them again."""

    name: str
    argv: list[str]
    check: Callable[[], str]
    users: tuple[str, ...] = ()
    stage: Stage = Stage.CLUSTER


def of(instance: Instance, full: bool) -> list[Component]:
    """In the order of starting; those of one stage need not wait for each other."""
    parts = [
        _etcd(instance),
        _apiserver(instance),
        _containerd(instance),
        _controller_manager(instance),
        _scheduler(instance),
        _kubelet(instance),
        _proxy(instance),
        _coredns(instance),
        _local_provisioner(instance),
        _csi_driver(instance),
        _csi_provisioner(instance),
    ]
    if full:
        parts += [_csi_resizer(instance), _csi_snapshotter(instance), _snapshot_controller(instance)]
    return parts


def _etcd(instance: Instance) -> Component:
    client = "http://127.0.0.1:2379"
    return Component("etcd", [
        f"{instance.programs}/etcd",
        f"--data-dir={instance.state}/etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        f"--listen-metrics-urls=http://{instance.node_ip}:2381",
        "--log-level=warn",
    ], lambda: health.http(f"http://{instance.node_ip}:2381/health"), stage=Stage.FOUNDATION)


def _apiserver(instance: Instance) -> Component:
    keys = instance.pki
    return Component("kube-apiserver", [
        f"{instance.programs}/kube-apiserver",
        "--etcd-servers=http://127.0.0.1:2379",
        f"--advertise-address={instance.node_ip}",
        "--secure-port=6443",
        f"--service-cluster-ip-range={SERVICE_CIDR}",
        f"--tls-cert-file={keys}/apiserver.crt",
        f"--tls-private-key-file={keys}/apiserver.key",
        f"--client-ca-file={keys}/ca.crt",
        f"--token-auth-file={pki.token_file(instance)}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={keys}/service-account.pub",
        f"--service-account-signing-key-file={keys}/service-account.key",
        f"--kubelet-client-certificate={keys}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={keys}/apiserver-kubelet-client.key",
        "--kubelet-preferred-address-types=InternalIP",
        "--enable-aggregator-routing=true",
        f"--requestheader-client-ca-file={keys}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={keys}/front-proxy-client.crt",
        f"--proxy-client-key-file={keys}/front-proxy-client.key",
        f"--audit-policy-file={instance.config}/audit-policy.yaml",
        f"--audit-log-path={instance.state}/audit.log",
        "--audit-log-maxsize=10240",
        "--profiling=false",
    ], lambda: health.https(f"{instance.api_url}/readyz"), stage=Stage.FOUNDATION)


def _containerd(instance: Instance) -> Component:
    return Component("containerd", ["containerd", f"--config={instance.config}/containerd.toml", "--log-level=info"],
                     lambda: health.command("ctr", "--address", str(instance.containerd_socket), "version"),
                     stage=Stage.FOUNDATION)


def _controller_manager(instance: Instance) -> Component:
    return Component("kube-controller-manager", [
        f"{instance.programs}/kube-controller-manager",
        f"--kubeconfig={pki.kubeconfig_of(instance, 'kube-controller-manager')}",
        f"--bind-address={instance.node_ip}",
        f"--root-ca-file={instance.pki}/ca.crt",
        f"--cluster-signing-cert-file={instance.pki}/ca.crt",
        f"--cluster-signing-key-file={instance.pki}/ca.key",
        f"--service-account-private-key-file={instance.pki}/service-account.key",
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        "--kube-api-qps=100",
        "--kube-api-burst=200",
    ], lambda: health.https(f"https://{instance.node_ip}:10257/healthz"))


def _scheduler(instance: Instance) -> Component:
    return Component("kube-scheduler", [
        f"{instance.programs}/kube-scheduler",
        f"--kubeconfig={pki.kubeconfig_of(instance, 'kube-scheduler')}",
        f"--bind-address={instance.node_ip}",
        "--leader-elect=false",
    ], lambda: health.https(f"https://{instance.node_ip}:10259/readyz"))


def _kubelet(instance: Instance) -> Component:
    return Component("kubelet", [
        f"{instance.programs}/kubelet",
        f"--config={instance.config}/kubelet.yaml",
        f"--kubeconfig={pki.kubeconfig_of(instance, 'kubelet')}",
        f"--root-dir={instance.kubelet_root}",
        f"--cert-dir={instance.kubelet_root}/pki",
        f"--hostname-override={instance.node}",
        f"--node-ip={instance.node_ip}",
    ], lambda: health.http(f"http://{instance.node_ip}:10248/healthz"))


def _proxy(instance: Instance) -> Component:
    return Component("kube-proxy", [
        f"{instance.programs}/kube-proxy",
        f"--kubeconfig={pki.kubeconfig_of(instance, 'kube-proxy')}",
        f"--hostname-override={instance.node}",
        "--proxy-mode=iptables",
        f"--cluster-cidr={POD_CIDR}",
        "--iptables-localhost-nodeports=false",
        "--iptables-min-sync-period=100ms",
        # Connection tracking's limits belong to the machine, not to this namespace.
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s",
        "--oom-score-adj=0",
        f"--healthz-bind-address={instance.node_ip}:10256",
        f"--metrics-bind-address={instance.node_ip}:10249",
    ], lambda: health.http(f"http://{instance.node_ip}:10256/livez"))


def _coredns(instance: Instance) -> Component:
    def check() -> str:
        return health.dns(instance.node_ip, "kubernetes.default.svc.cluster.local")

    return Component("coredns", [f"{instance.programs}/coredns", f"-conf={instance.config}/Corefile"], check)


def _local_provisioner(instance: Instance) -> Component:
    return Component("local-provisioner", [
        f"{instance.programs}/local-provisioner",
        f"--kubeconfig={pki.kubeconfig_of(instance, 'local-provisioner')}",
        f"--node={instance.node}",
        f"--root={instance.state}/local",
        f"--health={instance.node_ip}:9800",
    ], lambda: health.http(f"http://{instance.node_ip}:9800/healthz"))


def _csi_driver(instance: Instance) -> Component:
    return Component("csi", [
        f"{instance.programs}/dvflow-csi",
        f"--name={CSI_DRIVER}",
        f"--endpoint=unix://{instance.csi_socket}",
        f"--registration-dir={instance.kubelet_root}/plugins_registry",
        f"--node-id={instance.node}",
        f"--state-dir={instance.state}/csi",
        f"--kubelet-root={instance.kubelet_root}",
    ], lambda: health.unix_socket(instance.csi_socket), users=("csi-provisioner", "csi-resizer", "csi-snapshotter"))


def _sidecar(instance: Instance, name: str, port: int, *flags: str,
             stage: Stage = Stage.CLUSTER) -> Component:
    return Component(name, [
        f"{instance.programs}/{name}",
        f"--kubeconfig={pki.kubeconfig_of(instance, 'csi-sidecars')}",
        "--leader-election=false",
        f"--http-endpoint={instance.node_ip}:{port}",
        "--kube-api-qps=50",
        "--kube-api-burst=100",
        *flags,
    ], lambda: health.http(f"http://{instance.node_ip}:{port}/metrics"), stage=stage)


def _csi_provisioner(instance: Instance) -> Component:
    return _sidecar(instance, "csi-provisioner", 9810,
                    f"--csi-address={instance.csi_socket}",
                    "--feature-gates=Topology=true",
                    "--immediate-topology=false",
                    "--extra-create-metadata",
                    "--retry-interval-start=500ms",
                    "--retry-interval-max=10s")


def _csi_resizer(instance: Instance) -> Component:
    return _sidecar(instance, "csi-resizer", 9811,
                    f"--csi-address={instance.csi_socket}",
                    "--retry-interval-start=500ms",
                    "--retry-interval-max=10s")


def _csi_snapshotter(instance: Instance) -> Component:
    return _sidecar(instance, "csi-snapshotter", 9812,
                    f"--csi-address={instance.csi_socket}",
                    "--extra-create-metadata",
                    "--retry-interval-start=500ms",
                    "--retry-interval-max=10s",
                    stage=Stage.AFTER_MANIFESTS)


def _snapshot_controller(instance: Instance) -> Component:
    return _sidecar(instance, "snapshot-controller", 9813,
                    "--retry-interval-start=500ms",
                    "--retry-interval-max=10s",
                    stage=Stage.AFTER_MANIFESTS)
