"""The copy's own network: a namespace for the node, tied to the host by one veth pair.

Ports, iptables rules and addresses of two copies never meet. The number that names all of it is taken by making the
veth pair, which the kernel does for one caller only; the link's alias says whose it is.
"""

import re
from pathlib import Path

from .console import TestbedError
from .instance import Instance
from .run import run, succeeds

_NUMBERS = range(1, 251)
_PEER = "eth0"


def ensure(instance: Instance) -> None:
    if instance.exists and _is_ours(instance) and instance.netns.exists():
        return
    if instance.exists:
        raise TestbedError(
            f"network {instance.link} of testbed {instance.name!r} is gone or belongs to another copy (was the"
            f" machine restarted?): run `testbed --name {instance.name} down`, then `up`")
    instance.state.mkdir(parents=True, exist_ok=True)
    _take_number(instance)
    _connect(instance)


def _is_ours(instance: Instance) -> bool:
    alias = Path("/sys/class/net") / instance.link / "ifalias"
    return alias.exists() and alias.read_text().strip() == str(instance.state)


def _take_number(instance: Instance) -> None:
    routes = run("ip", "-4", "-o", "route", "show", "table", "all")
    for number in _NUMBERS:
        link = f"dvf{number}"
        if f"10.213.{number}." in routes or not succeeds("ip", "link", "add", link, "type", "veth", "peer", "name",
                                                         f"{link}p"):
            continue
        run("ip", "link", "set", link, "alias", instance.state)
        instance.number_file.write_text(f"{number}\n")
        return
    raise TestbedError("no free network 10.213.N.0/24 for another testbed: take some down (`testbed status`)")


def _connect(instance: Instance) -> None:
    link = instance.link
    run("ip", "netns", "add", link)
    run("ip", "link", "set", f"{link}p", "netns", link, "name", _PEER)
    run("ip", "address", "add", f"{instance.host_ip}/24", "dev", link)
    run("ip", "link", "set", link, "up")
    inside = ("ip", "-n", link)
    run(*inside, "link", "set", "lo", "up")
    run(*inside, "address", "add", f"{instance.node_ip}/24", "dev", _PEER)
    run(*inside, "link", "set", _PEER, "up")
    run(*inside, "route", "add", "default", "via", instance.host_ip)
    # /proc/sys/net shows the reader's own namespace: only the node forwards, the host does not.
    run("nsenter", f"--net={instance.netns}", "--", "/bin/sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")


def remove(instance: Instance) -> None:
    if not _is_ours(instance):
        return
    run("ip", "link", "delete", instance.link)
    if instance.netns.exists():
        run("ip", "netns", "delete", instance.link)


def others_up() -> bool:
    """Whether any copy, of whatever state root, lives on this machine."""
    return any(re.fullmatch(r"dvf\d+", entry.name) for entry in Path("/sys/class/net").iterdir())
