"""Long-running processes: started into the copy's namespace and control groups, known by pid and start time."""

import os
import select
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import cgroups
from .instance import Instance

_JOIN_AND_EXEC = 'for group in $1; do echo $$ > "$group/cgroup.procs" || exit 97; done; shift; exec "$@"'


@dataclass(frozen=True)
class Process:
    pid: int
    start_time: str

    @staticmethod
    def find(pid: int) -> "Process | None":
        started = _start_time(pid)
        return Process(pid, started) if started else None

    @property
    def alive(self) -> bool:
        return _start_time(self.pid) == self.start_time

    @property
    def resident_bytes(self) -> int:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def kill(self, seconds: float = 30) -> bool:
        """Whether it is dead in the end. The pidfd makes sure that no later process of the same pid is hit."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if not self.alive:
                return True
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            return bool(select.select([handle], [], [], seconds)[0])
        except ProcessLookupError:
            return True
        finally:
            os.close(handle)


def _start_time(pid: int) -> str | None:
    """Boot-relative start time, None for a process that is gone or merely waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def _pid_file(instance: Instance, name: str) -> Path:
    return instance.state / "pids" / name


def log_file(instance: Instance, name: str) -> Path:
    return instance.state / "logs" / f"{name}.log"


def recorded(instance: Instance) -> list[str]:
    folder = instance.state / "pids"
    return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []


def running(instance: Instance, name: str) -> Process | None:
    file = _pid_file(instance, name)
    if not file.exists():
        return None
    pid, start_time = file.read_text().split()
    process = Process(int(pid), start_time)
    return process if process.alive else None


def launch(instance: Instance, name: str, argv: list[str], environment: Mapping[str, str]) -> Process:
    log = log_file(instance, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    groups = " ".join(str(group) for group in cgroups.system_groups(instance))
    command = ["nsenter", f"--net={instance.netns}", "--", "/bin/sh", "-c", _JOIN_AND_EXEC, name, groups, *argv]
    with open(log, "ab") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=instance.state,
                                 env=dict(environment), start_new_session=True)
    process = Process.find(child.pid) or Process(child.pid, "0")
    file = _pid_file(instance, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.parent.with_name("pid.new")
    fresh.write_text(f"{process.pid} {process.start_time}\n")
    fresh.replace(file)
    return process


def forget(instance: Instance, name: str) -> None:
    _pid_file(instance, name).unlink(missing_ok=True)


def log_tail(instance: Instance, name: str, lines: int = 15) -> str:
    text = log_file(instance, name).read_text(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
