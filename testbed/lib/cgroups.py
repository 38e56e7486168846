"""Control groups of one copy: `system` for its components, and the root that the kubelet puts pods under.

Whatever runs in them is ours, so they are also how `down` finds processes that no pid file names.
"""

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

from .instance import Instance

MOUNT = Path("/sys/fs/cgroup")
_UNIFIED = (MOUNT / "cgroup.controllers").exists()
_INHERITED = ("cpuset.cpus", "cpuset.mems")


def _hierarchies() -> list[Path]:
    if _UNIFIED:
        return [MOUNT]
    return [mount for mount in _all_hierarchies() if not (mount / "cgroup.controllers").exists()]


def _all_hierarchies() -> list[Path]:
    """With the unified one that lies beside v1 controllers on many machines: runc leaves empty groups there too."""
    if _UNIFIED:
        return [MOUNT]
    return sorted({entry.resolve() for entry in MOUNT.iterdir() if (entry / "cgroup.procs").exists()})


def kubelet_root(instance: Instance) -> str:
    return f"/{instance.link}"


def system_groups(instance: Instance) -> list[Path]:
    return [mount / instance.link / "system" for mount in _hierarchies()]


def create(instance: Instance) -> None:
    for group in system_groups(instance):
        for folder in (group.parent, group):
            folder.mkdir(exist_ok=True)
            _inherit(folder)


def _inherit(folder: Path) -> None:
    """A new v1 cpuset is empty and takes no process; a new v2 group has no controllers until the parent says so."""
    for name in _INHERITED:
        if not _UNIFIED and (folder / name).exists():
            (folder / name).write_text((folder.parent / name).read_text())
    if _UNIFIED:
        controllers = (folder.parent / "cgroup.controllers").read_text().split()
        (folder.parent / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in controllers))


def _folders_inside_out(instance: Instance) -> Iterator[Path]:
    for mount in _all_hierarchies():
        for folder, _, _ in os.walk(mount / instance.link, topdown=False):
            yield Path(folder)


def processes(instance: Instance) -> set[int]:
    return {pid for folder in _folders_inside_out(instance) for pid in _read_pids(folder / "cgroup.procs")}


def _read_pids(procs: Path) -> list[int]:
    try:
        return [int(line) for line in procs.read_text().split()]
    except OSError as gone:
        if gone.errno in (errno.ENOENT, errno.ENODEV):
            return []
        raise


def remove(instance: Instance) -> None:
    for folder in _folders_inside_out(instance):
        _remove_when_empty(folder)


def _remove_when_empty(folder: Path, seconds: float = 10) -> None:
    """The kernel keeps a group busy for a moment after its last process has ended."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return folder.rmdir()
        except FileNotFoundError:
            return None
        except OSError as busy:
            if busy.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
