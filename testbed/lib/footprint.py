"""What the cluster's programs change outside of the copy's own state, remembered so that the last `down` undoes it.

The kubelet sets sysctls of the whole machine and has fixed folders of its own; containerd and CNI have such too.
"""

import json
from contextlib import AbstractContextManager
from pathlib import Path

from . import lock, mounts
from .instance import Instance
from .run import run

_RECORD = Path("/run/dvflow-testbed.json")
_LOCK = Path("/run/dvflow-testbed.lock")
_SET_BY_KUBELET = ("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
                   "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes")
# Everybody who follows a pod's log costs the kubelet an inotify instance; many kernels grant root 128.
_AT_LEAST = {"fs/inotify/max_user_instances": 8192, "fs/inotify/max_user_watches": 524288}
# Children first.
_FOLDERS = ("/var/lib/kubelet/device-plugins", "/var/lib/kubelet", "/var/log/containers", "/var/log/pods",
            "/var/lib/cni/results", "/var/lib/cni", "/run/containerd/s", "/run/containerd/fifo", "/run/containerd",
            "/run/netns")
_KUBELET_FILES = ("kubelet.sock", "kubelet_internal_checkpoint", "DEPRECATION")


def locked() -> AbstractContextManager[None]:
    """Copies that come and go agree on who is the first and who the last."""
    return lock.held(_LOCK)


def prepare() -> None:
    """Records how the machine was, before anything else is touched, and raises its limits."""
    if not _RECORD.exists():
        sysctls = (*_SET_BY_KUBELET, *_AT_LEAST)
        before = {
            "sysctls": {name: _sysctl(name).read_text().strip() for name in sysctls},
            "absent": [folder for folder in _FOLDERS if not Path(folder).exists()],
        }
        _RECORD.write_text(json.dumps(before, indent=2))
    for name, least in _AT_LEAST.items():
        if int(_sysctl(name).read_text()) < least:
            _sysctl(name).write_text(str(least))


def _sysctl(name: str) -> Path:
    return Path("/proc/sys") / name


def share_mounts(instance: Instance) -> None:
    """Lets pods ask for mount propagation, which needs a shared mount above the volumes, on any machine."""
    root = instance.kubelet_root
    root.mkdir(parents=True, exist_ok=True)
    if mounts.is_mounted(root):
        return
    run("mount", "--bind", root, root)
    run("mount", "--make-rshared", root)


def remove_log_links(instance: Instance) -> None:
    folder = Path("/var/log/containers")
    if not folder.exists():
        return
    for link in folder.iterdir():
        if link.is_symlink() and link.readlink().is_relative_to(instance.pod_logs):
            link.unlink()


def undo() -> None:
    """For the last copy on the machine."""
    if not _RECORD.exists():
        return
    before = json.loads(_RECORD.read_text())
    for name, value in before["sysctls"].items():
        _sysctl(name).write_text(value)
    for folder in map(Path, before["absent"]):
        _remove_folder(folder)
    _RECORD.unlink()
    _LOCK.unlink()


def _remove_folder(folder: Path) -> None:
    if not folder.exists():
        return
    if folder.name == "device-plugins":
        for name in _KUBELET_FILES:
            (folder / name).unlink(missing_ok=True)
    if any(folder.iterdir()):
        return
    if mounts.is_mounted(folder):
        run("umount", folder)
    folder.rmdir()
