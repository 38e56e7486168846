"""Configuration files of one copy, written from the templates of the repository."""

from pathlib import Path
from string import Template

from . import cgroups
from .images import PAUSE_IMAGE
from .instance import DNS_SERVICE_IP, POD_CIDR, SOURCE, Instance


def write(instance: Instance) -> None:
    instance.config.mkdir(parents=True, exist_ok=True)
    for name in ("audit-policy.yaml", "containerd.toml", "kubelet.yaml", "Corefile"):
        _render(instance, SOURCE / "config" / name, instance.config / name)
    _render(instance, SOURCE / "config" / "cni.conflist", instance.config / "cni" / "10-testbed.conflist")
    for manifest in (SOURCE / "manifests").glob("*.yaml"):
        _render(instance, manifest, manifests(instance) / manifest.name)
    # Pods ask the cluster's DNS alone: the machine's own resolver is not reachable from the namespace.
    (instance.config / "resolv.conf").write_text("")


def manifests(instance: Instance) -> Path:
    return instance.config / "manifests"


def _render(instance: Instance, template: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(Template(template.read_text()).substitute(
        state=instance.state,
        config=instance.config,
        pki=instance.pki,
        kubelet_root=instance.kubelet_root,
        pod_logs=instance.pod_logs,
        containerd_socket=instance.containerd_socket,
        cgroup_root=cgroups.kubelet_root(instance),
        host_ip=instance.host_ip,
        node_ip=instance.node_ip,
        pod_cidr=POD_CIDR,
        dns_service_ip=DNS_SERVICE_IP,
        pause_image=PAUSE_IMAGE,
    ))
