"""Up, start, kill: from nothing, or from whatever is left, to a cluster that works."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from . import binaries, cgroups, components, configuration, footprint, images, manifests, network, packages, pki, process
from .components import Component, Stage
from .console import TestbedError, say
from .instance import SOURCE, Instance
from .run import run

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_READY_SECONDS = 180


def up(instance: Instance, full: bool) -> None:
    if os.geteuid() != 0:
        raise TestbedError("the testbed makes network namespaces, mounts and control groups: run it as root")
    packages.ensure()
    with instance.locked():
        full = full or instance.full_marker.exists()
        built = binaries.ensure([], full)
        _prepare(instance, full)
        _use_programs(instance, built)
        _start_dead(instance, _of_stage(instance, Stage.FOUNDATION))
        _load_images(instance)
        _bring_up(instance, Stage.FOUNDATION)
        _bring_up(instance, Stage.CLUSTER)
        say("applying manifests")
        manifests.apply(instance, full)
        _bring_up(instance, Stage.AFTER_MANIFESTS)
        _await("node Ready", lambda: _node_problem(instance))
        say(f"testbed {instance.name!r} is up: eval \"$({SOURCE}/testbed --name {instance.name} env)\"")


def _prepare(instance: Instance, full: bool) -> None:
    with footprint.locked():
        footprint.prepare()
        network.ensure(instance)
    cgroups.create(instance)
    pki.ensure(instance)
    configuration.write(instance)
    footprint.share_mounts(instance)
    if full:
        instance.full_marker.touch()


def _use_programs(instance: Instance, folder: Path) -> None:
    fresh = instance.programs.with_name(".bin")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder)
    fresh.replace(instance.programs)


def _start_dead(instance: Instance, parts: list[Component]) -> None:
    for part in parts:
        if not process.running(instance, part.name):
            _launch(instance, part)


def _of_stage(instance: Instance, stage: Stage) -> list[Component]:
    return [part for part in known(instance) if part.stage is stage]


def _bring_up(instance: Instance, stage: Stage) -> None:
    parts = _of_stage(instance, stage)
    _start_dead(instance, parts)
    for part in parts:
        _await_ready(instance, part)


def _launch(instance: Instance, part: Component) -> None:
    for user in part.users:
        _end(instance, user)  # it would end by itself, but not at once
    say(f"starting {part.name}")
    process.launch(instance, part.name, part.argv, {"PATH": _PATH, "HOME": str(instance.state)})


def _load_images(instance: Instance) -> None:
    _await_ready(instance, _named(known(instance), "containerd"))
    for program, image in (("pause", images.PAUSE_IMAGE), ("probe", images.PROBE_IMAGE)):
        archive = images.pack(instance.programs / program, image, instance.state / "images" / f"{program}.tar")
        images.load(instance, archive)


def _await_ready(instance: Instance, part: Component) -> None:
    def problem() -> str:
        if not process.running(instance, part.name):
            raise TestbedError(f"{part.name} ended while it was starting; the end of"
                               f" {process.log_file(instance, part.name)}:\n{process.log_tail(instance, part.name)}")
        return part.check()

    _await(f"{part.name} to work (log: {process.log_file(instance, part.name)})", problem)


def _await(what: str, problem: Callable[[], str]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while found := problem():
        if time.monotonic() > deadline:
            raise TestbedError(f"waited {_READY_SECONDS} s for {what}: {found}")
        time.sleep(0.1)


def _node_problem(instance: Instance) -> str:
    query = "-o=jsonpath={.status.conditions[?(@.type=='Ready')].status}"
    ready = manifests.kubectl(instance, "get", "node", instance.node, "--ignore-not-found", query)
    return "" if ready == "True" else f"node {instance.node} is not Ready ({ready or 'no status yet'})"


def _named(parts: list[Component], name: str) -> Component:
    for part in parts:
        if part.name == name:
            return part
    raise TestbedError(f"no component {name!r}; there are {', '.join(part.name for part in parts)}")


def known(instance: Instance) -> list[Component]:
    return components.of(instance, instance.full_marker.exists())


def start(instance: Instance, name: str) -> None:
    with instance.locked():
        part = _named(known(instance), name)
        affected = [part, *(other for other in known(instance) if other.name in part.users)]
        _start_dead(instance, affected)
        for other in affected:
            _await_ready(instance, other)


def kill(instance: Instance, name: str) -> None:
    with instance.locked():
        _named(known(instance), name)
        if not process.running(instance, name):
            raise TestbedError(f"{name} of testbed {instance.name!r} does not run: nothing to kill")
        _end(instance, name)


def _end(instance: Instance, name: str) -> None:
    victim = process.running(instance, name)
    if victim and not victim.kill():
        raise TestbedError(f"{name} (pid {victim.pid}) did not end within 30 s of SIGKILL")


def pid(instance: Instance, name: str) -> int:
    _named(known(instance), name)
    found = process.running(instance, name)
    if not found:
        raise TestbedError(f"{name} of testbed {instance.name!r} does not run")
    return found.pid
