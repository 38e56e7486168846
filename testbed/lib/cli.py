"""The command line."""

import argparse
import os
import sys
from pathlib import Path

from . import binaries, cluster, images, status, teardown
from .console import TestbedError
from .instance import Instance


def main() -> int:
    arguments = _parser().parse_args()
    try:
        arguments.run(Instance(arguments.name), arguments)
        return 0
    except TestbedError as error:
        print(f"testbed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="testbed", description="A real single-node Kubernetes on this machine.")
    parser.add_argument("--name", default="default", help="which copy (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="build what is missing, start what is dead, wait until the node is Ready")
    up.add_argument("--full", action="store_true", help="with snapshots and expansion (more to build)")
    up.set_defaults(run=lambda instance, given: cluster.up(instance, given.full))

    _plain(commands, "down", "stop everything and remove all that was made, but for the cache", teardown.down)
    _plain(commands, "status", "what runs, and how well", status.show)
    _plain(commands, "env", "print shell exports: eval \"$(testbed env)\"", _env)
    _plain(commands, "bin", "print the folder with the programs", lambda _: print(binaries.folder()))

    load = commands.add_parser("load", help="import image archives into the node")
    load.add_argument("archives", nargs="+", type=Path, metavar="IMAGE.tar")
    load.set_defaults(run=_load)

    for name, text, action in (
            ("kill", "SIGKILL a component and wait until it is gone", cluster.kill),
            ("start", "start a component and wait until it works", cluster.start),
            ("pid", "print a component's process id", lambda instance, part: print(cluster.pid(instance, part)))):
        command = commands.add_parser(name, help=text)
        command.add_argument("component")
        command.set_defaults(run=lambda instance, given, action=action: action(instance, given.component))

    programs = commands.add_parser("binaries", help="build or fetch programs and print their folder; needs no cluster")
    programs.add_argument("names", nargs="*", help="which ones (default: all that `up` needs)")
    programs.set_defaults(run=lambda _, given: print(binaries.ensure(given.names)))
    return parser


def _plain(commands: argparse._SubParsersAction, name: str, text: str, action) -> None:
    commands.add_parser(name, help=text).set_defaults(run=lambda instance, _: action(instance))


def _env(instance: Instance) -> None:
    exports = {
        "KUBECONFIG": instance.kubeconfig,
        "DVFLOW_NODE_IP": instance.node_ip,
        "DVFLOW_HOST_IP": instance.host_ip,
        "DVFLOW_STATE": instance.state,
        "CONTAINERD_ADDRESS": instance.containerd_socket,
    }
    for name, value in exports.items():
        print(f"export {name}='{value}'")
    print(f"export PATH='{instance.programs}':\"$PATH\"")


def _load(instance: Instance, given: argparse.Namespace) -> None:
    with instance.locked():
        for archive in given.archives:
            if not archive.is_file():
                raise TestbedError(f"no image archive {archive} (in {os.getcwd()})")
            for name in images.load(instance, archive):
                print(name)
