"""Everything on the machine that speaks of one copy: what `down` must leave none of."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Traces:
    state: Path
    link: str
    namespace: int

    @staticmethod
    def of(state: Path) -> "Traces":
        link = f"dvf{(state / 'number').read_text().strip()}"
        return Traces(state, link, (Path("/run/netns") / link).stat().st_ino)

    def count(self) -> dict[str, int]:
        """By kind; the control groups and the network go by the copy's number, all else by its state directory."""
        return {
            "processes": sum(map(self._is_process_of_ours, Path("/proc").glob("[0-9]*"))),
            "mounts": Path("/proc/self/mountinfo").read_text().count(f" {self.state}"),
            "loop devices": _output("losetup", "--list", "--noheadings", "-O", "BACK-FILE").count(f"{self.state}/"),
            "links": int((Path("/sys/class/net") / self.link).exists()),
            "namespaces": int((Path("/run/netns") / self.link).exists()),
            "control groups": len(list(Path("/sys/fs/cgroup").glob(f"*/{self.link}"))),
            "log links": sum(self._leads_to_us(link) for link in Path("/var/log/containers").glob("*")),
            "files": int(self.state.exists()),
        }

    def _is_process_of_ours(self, folder: Path) -> bool:
        try:
            if os.stat(folder / "ns" / "net").st_ino == self.namespace:
                return True
            return f"{self.state}/".encode() in (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return False

    def _leads_to_us(self, link: Path) -> bool:
        return link.is_symlink() and str(link.readlink()).startswith(f"{self.state}/")


def _output(*command: str) -> str:
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout
