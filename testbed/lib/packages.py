"""Debian packages that the node needs; only those whose program is missing are installed."""

import os
import shutil
from pathlib import Path

from .console import TestbedError, say
from .run import run

_PROGRAM_OF = {
    "containerd": "containerd",
    "runc": "runc",
    "containernetworking-plugins": "/usr/lib/cni/ptp",
    "iptables": "iptables",
    "iproute2": "ip",
    "util-linux": "nsenter",
    "mount": "losetup",
    "openssl": "openssl",
    "e2fsprogs": "mkfs.ext4",
    "xfsprogs": "mkfs.xfs",
}
_SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def ensure() -> None:
    missing = [package for package, program in _PROGRAM_OF.items() if not shutil.which(program, path=_SEARCH)]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise TestbedError(f"needed and not installed: {', '.join(missing)} (Debian names); install them, then retry")
    say(f"installing Debian packages: {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        run("apt-get", "update", "-q", env=environment)
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing, env=environment)
