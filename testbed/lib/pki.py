"""Certificates, tokens and kubeconfigs. Made once per copy; `down` throws them away."""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from .console import TestbedError
from .instance import API_SERVICE_IP, Instance
from .run import run


@dataclass(frozen=True)
class User:
    """A client of the API server, told apart by its name in the audit log."""

    key: str
    name: str
    groups: tuple[str, ...] = ()


def users(instance: Instance) -> list[User]:
    return [
        User("admin", "kubernetes-admin", ("system:masters",)),
        User("kube-controller-manager", "system:kube-controller-manager"),
        User("kube-scheduler", "system:kube-scheduler"),
        User("kube-proxy", "system:kube-proxy"),
        User("kubelet", f"system:node:{instance.node}", ("system:nodes",)),
        User("coredns", "testbed:coredns", ("system:masters",)),
        User("local-provisioner", "testbed:local-provisioner", ("system:masters",)),
        User("csi-sidecars", "testbed:csi-sidecars", ("system:masters",)),
    ]


def kubeconfig_of(instance: Instance, key: str) -> Path:
    return instance.kubeconfig if key == "admin" else instance.config / "kubeconfig" / key


def token_file(instance: Instance) -> Path:
    return instance.pki / "tokens.csv"


def ensure(instance: Instance) -> None:
    """Complete once the token file is there, which is written last."""
    if token_file(instance).exists():
        _check_complete(instance)
        return
    folder = instance.pki
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _authority(folder, "ca")
    _authority(folder, "front-proxy-ca")
    names = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
             "kubernetes.default.svc.cluster.local")
    addresses = ("127.0.0.1", API_SERVICE_IP, instance.node_ip)
    alternatives = ",".join([*(f"DNS:{name}" for name in names), *(f"IP:{address}" for address in addresses)])
    _certificate(folder, "ca", "apiserver", "/CN=kube-apiserver", "serverAuth", alternatives)
    _certificate(folder, "ca", "apiserver-kubelet-client", "/CN=kube-apiserver-kubelet-client", "clientAuth")
    _certificate(folder, "front-proxy-ca", "front-proxy-client", "/CN=front-proxy-client", "clientAuth")
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / "service-account.key")
    run("openssl", "ec", "-in", folder / "service-account.key", "-pubout", "-out", folder / "service-account.pub")
    _tokens(instance)


def _check_complete(instance: Instance) -> None:
    """Tokens are read by the API server when it starts; a user added later would be a stranger to it."""
    strangers = [user.key for user in users(instance) if not kubeconfig_of(instance, user.key).exists()]
    if strangers:
        raise TestbedError(f"testbed {instance.name!r} was made by another version, without {', '.join(strangers)}:"
                           f" run `testbed --name {instance.name} down`, then `up`")


def _authority(folder: Path, name: str) -> None:
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
        "-subj", f"/CN=testbed-{name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
        "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt")


def _certificate(folder: Path, authority: str, name: str, subject: str, usage: str, alternatives: str = "") -> None:
    request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
        "-keyout", folder / f"{name}.key", "-out", request)
    lines = [f"extendedKeyUsage={usage}", "keyUsage=critical,digitalSignature"]
    if alternatives:
        lines.append(f"subjectAltName={alternatives}")
    extensions.write_text("\n".join(lines) + "\n")
    run("openssl", "x509", "-req", "-in", request, "-CA", folder / f"{authority}.crt", "-CAkey",
        folder / f"{authority}.key", "-CAcreateserial", "-days", "3650", "-extfile", extensions, "-out",
        folder / f"{name}.crt")
    request.unlink()
    extensions.unlink()


def _tokens(instance: Instance) -> None:
    rows = []
    for user in users(instance):
        token = secrets.token_hex(16)
        groups = ",".join(user.groups)
        rows.append(f'{token},{user.name},{user.key},"{groups}"' if groups else f"{token},{user.name},{user.key}")
        _write_kubeconfig(instance, user, token)
    token_file(instance).write_text("\n".join(rows) + "\n")


def _write_kubeconfig(instance: Instance, user: User, token: str) -> None:
    authority = base64.b64encode((instance.pki / "ca.crt").read_bytes()).decode()
    context = f"testbed-{instance.name}"
    file = kubeconfig_of(instance, user.key)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"""\
apiVersion: v1
kind: Config
clusters:
- name: {context}
  cluster:
    server: {instance.api_url}
    certificate-authority-data: {authority}
users:
- name: {user.name}
  user:
    token: {token}
contexts:
- name: {context}
  context:
    cluster: {context}
    user: {user.name}
current-context: {context}
""")
