"""What runs of one copy, and how well."""

from . import cluster, process
from .console import TestbedError
from .instance import Instance


def show(instance: Instance) -> None:
    if not instance.exists:
        raise TestbedError(f"testbed {instance.name!r} is not up")
    print(f"testbed {instance.name}: {instance.api_url}, state in {instance.state}")
    print(f"{'COMPONENT':<26}{'PID':>8}{'MEMORY':>10}  STATE")
    sound = True
    for part in cluster.known(instance):
        found = process.running(instance, part.name)
        problem = part.check() if found else "does not run"
        sound = sound and not problem
        pid, memory = (found.pid, f"{found.resident_bytes >> 20} MiB") if found else ("-", "-")
        print(f"{part.name:<26}{pid:>8}{memory:>10}  {problem or 'works'}")
    if not sound:
        raise TestbedError(f"not all of testbed {instance.name!r} works; `testbed --name {instance.name} up` mends it")
