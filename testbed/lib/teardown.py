"""Down: everything that this copy made, and nothing else.

What runs is found by recorded pid and by control group; mounts, loop devices and sockets by their path below the
state directory; the network by the alias on its link.
"""

import json
import shutil
from pathlib import Path

from . import cgroups, footprint, network, process
from .console import TestbedError, say
from .instance import Instance
from .process import Process
from .run import run


def down(instance: Instance) -> None:
    if not instance.state.exists():
        say(f"testbed {instance.name!r} is not up")
        return
    with instance.locked():
        if instance.exists:
            _stop_components(instance)
            _kill_the_rest(instance)
            _unmount(instance)
            _detach_loop_devices(instance)
            _remove_shim_sockets(instance)
            footprint.remove_log_links(instance)
            cgroups.remove(instance)
            network.remove(instance)
            if not network.others_up(instance):
                footprint.undo()
        shutil.rmtree(instance.state)
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
    for point in reversed(_mount_points(instance)):
        run("umount", point)


def _mount_points(instance: Instance) -> list[str]:
    """In the order of mounting; a path is written with octal escapes for blanks."""
    points = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    plain = [point.encode().decode("unicode_escape") for point in points]
    return [point for point in plain if Path(point).is_relative_to(instance.state)]


def _detach_loop_devices(instance: Instance) -> None:
    listing = json.loads(run("losetup", "--json", "--list", "--output", "NAME,BACK-FILE") or '{"loopdevices": []}')
    for device in listing["loopdevices"]:
        if Path(device["back-file"] or "/").is_relative_to(instance.state):
            run("losetup", "--detach", device["name"])


def _remove_shim_sockets(instance: Instance) -> None:
    """Shims keep their sockets in a folder that all of the machine's containerds share."""
    for address in (instance.state / "containerd" / "run").glob("io.containerd.runtime.v2.task/*/*/address"):
        Path(address.read_text().removeprefix("unix://")).unlink(missing_ok=True)
