"""Down: everything that this copy made, and nothing else.

What runs is found by recorded pid and by control group; mounts, loop devices and sockets by their path below the
state directory; the network by the alias on its link.
"""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from . import cgroups, footprint, mounts, network, process
from .console import TestbedError, say
from .instance import Instance
from .process import Process
from .run import run


def down(instance: Instance) -> None:
    with instance.locked():
        if instance.exists:
            _stop_components(instance)
            _kill_the_rest(instance)
            _unmount(instance)
            _remove_shim_sockets(instance)
            footprint.remove_log_links(instance)
            cgroups.remove(instance)
            with footprint.locked():
                network.remove(instance)
                if not network.others_up():
                    footprint.undo()
        if instance.state.exists():
            shutil.rmtree(instance.state)
        instance.lock_file.unlink()
    say(f"testbed {instance.name!r} is down")


def _stop_components(instance: Instance) -> None:
    """No goodbyes: nothing that they could still write down is kept."""
    for name in process.recorded(instance):
        found = process.running(instance, name)
        if found and not found.kill():
            raise TestbedError(f"{name} (pid {found.pid}) does not end")
        process.forget(instance, name)


def _kill_the_rest(instance: Instance) -> None:
    while pids := cgroups.processes(instance):
        for found in filter(None, map(Process.find, pids)):
            if not found.kill():
                raise TestbedError(f"process {found.pid} of testbed {instance.name!r} does not end")


def _unmount(instance: Instance) -> None:
    """The kubelet holds each Block volume by a loop device on top of it, so these let go first.

    A device that is still mounted detaches by itself once it no longer is.
    """
    for device in _loop_devices(instance):
        run("losetup", "--detach", device)
    while points := mounts.below(instance.state):
        run("umount", points[-1])
    _await_none(lambda: _loop_devices(instance), "loop devices")


def _loop_devices(instance: Instance) -> list[str]:
    listing = json.loads(run("losetup", "--json", "--list", "--output", "NAME,BACK-FILE") or '{"loopdevices": []}')
    return [device["name"] for device in listing["loopdevices"]
            if Path(device["back-file"] or "/").is_relative_to(instance.state)]


def _await_none(remaining: Callable[[], list[str]], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while found := remaining():
        if time.monotonic() > deadline:
            raise TestbedError(f"{what} are still there after {seconds:.0f} s: {', '.join(found)}")
        time.sleep(0.05)


def _remove_shim_sockets(instance: Instance) -> None:
    """Shims keep their sockets in a folder that all of the machine's containerds share."""
    for address in (instance.state / "containerd" / "run").glob("io.containerd.runtime.v2.task/*/*/address"):
        Path(address.read_text().removeprefix("unix://")).unlink(missing_ok=True)
