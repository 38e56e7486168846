"""One copy of the testbed: its name, its number, and every path and address that follows from them."""

import os
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import lock
from .console import TestbedError

SOURCE = Path(__file__).resolve().parent.parent
POD_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
API_SERVICE_IP = "10.96.0.1"
DNS_SERVICE_IP = "10.96.0.10"
CSI_DRIVER = "csi.testbed.dvflow.io"
# A Unix socket's path has 108 bytes; the longest one below the state directory is the CSI driver's.
LONGEST_STATE_PATH = 55


def state_root() -> Path:
    return Path(os.environ.get("DVFLOW_TESTBED_STATE", "/var/lib/dvflow-testbed")).resolve()


@dataclass(frozen=True)
class Instance:
    """The number is given out by the network (network.py) and is what every machine-wide name is made of."""

    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", self.name):
            raise TestbedError(f"--name {self.name!r}: use lower-case letters, digits and dashes, at most 32")
        if len(str(self.state)) > LONGEST_STATE_PATH:
            raise TestbedError(
                f"state directory {self.state} is too long for the sockets below it: at most {LONGEST_STATE_PATH}"
                " characters; set DVFLOW_TESTBED_STATE to a shorter path")

    @cached_property
    def state(self) -> Path:
        return state_root() / self.name

    @property
    def exists(self) -> bool:
        return self.number_file.exists()

    @property
    def number_file(self) -> Path:
        return self.state / "number"

    @cached_property
    def number(self) -> int:
        if not self.exists:
            raise TestbedError(f"testbed {self.name!r} is not up (no {self.number_file}): run `testbed up`")
        return int(self.number_file.read_text())

    @property
    def host_ip(self) -> str:
        return f"10.213.{self.number}.1"

    @property
    def node_ip(self) -> str:
        return f"10.213.{self.number}.2"

    @property
    def node(self) -> str:
        return f"testbed-{self.name}"

    @property
    def link(self) -> str:
        """Name of the host's end of the veth pair, of the network namespace and of the control groups."""
        return f"dvf{self.number}"

    @property
    def netns(self) -> Path:
        return Path("/run/netns") / self.link

    @property
    def api_url(self) -> str:
        return f"https://{self.node_ip}:6443"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def config(self) -> Path:
        return self.state / "config"

    @property
    def kubelet_root(self) -> Path:
        return self.state / "kubelet"

    @property
    def pod_logs(self) -> Path:
        return self.state / "pod-logs"

    @property
    def containerd_socket(self) -> Path:
        return self.state / "containerd.sock"

    @property
    def csi_socket(self) -> Path:
        return self.kubelet_root / "plugins" / CSI_DRIVER / "csi.sock"

    @property
    def programs(self) -> Path:
        """Link to the folder of programs that this copy runs, whatever the checkout has become since."""
        return self.state / "bin"

    @property
    def full_marker(self) -> Path:
        return self.state / "full"

    @property
    def lock_file(self) -> Path:
        """Beside the state, which `down` removes."""
        return state_root() / f".{self.name}.lock"

    def locked(self) -> AbstractContextManager[None]:
        """Two commands on one copy take turns."""
        return lock.held(self.lock_file)
