"""`go build` of pinned modules, with progress."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .console import TestbedError, Ticker, say
from .programs import KUBERNETES, GoProgram
from .run import run

_VERSION = "k8s.io/component-base/version"
_MAJOR, _MINOR, _ = KUBERNETES.split(".")
# Without the version the kubelet and clients see 0.0.0; without cgo and symbols the build is faster and smaller.
FLAGS = (
    "-trimpath",
    "-buildvcs=false",
    "-ldflags=-s -w"
    f" -X {_VERSION}.gitVersion=v{KUBERNETES} -X {_VERSION}.gitMajor={_MAJOR} -X {_VERSION}.gitMinor={_MINOR}",
)


def _environment() -> dict[str, str]:
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}


@cache
def version() -> str:
    if not shutil.which("go"):
        raise TestbedError("Go is not installed: the Kubernetes programs are built from Go modules; install Go 1.26")
    return subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()


def build(module: Path, programs: list[GoProgram], scratch: Path) -> Iterator[tuple[GoProgram, Path]]:
    """One `go build` for all programs of a module, so that what they share is compiled once and side by side."""
    names = ", ".join(program.name for program in programs)
    packages = [program.package for program in programs]
    say(f"fetching the Go modules of {names}")
    total = len(_go(module, "list", "-deps", *packages).splitlines())
    say(f"building {names}: at most {total} packages")
    started = time.monotonic()
    target = scratch / f"module-{len(list(scratch.iterdir()))}"
    target.mkdir()
    _compile(module, ["go", "build", "-v", *FLAGS, "-o", f"{target}/", *packages], names, total)
    say(f"built {names} in {time.monotonic() - started:.0f} s")
    for program in programs:
        yield program, target / program.built_as


def module_folder(module: Path, dependency: str) -> Path:
    """Where the sources of a dependency lie; fetched if need be."""
    return Path(_go(module, "list", "-m", "-f", "{{.Dir}}", dependency).strip())


def _go(module: Path, *arguments: str) -> str:
    return run("go", *arguments, cwd=module, env=_environment())


def _compile(module: Path, command: list[str], names: str, total: int) -> None:
    ticker, said = Ticker(), []
    with subprocess.Popen(command, cwd=module, env=_environment(), text=True, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as child:
        for line in child.stderr:
            said.append(line.rstrip())
            ticker.tick(f"building: {len(said)} of at most {total} packages")
    ticker.clear()
    if child.returncode != 0:
        raise TestbedError(f"building {names} in {module} failed ({' '.join(command)}):\n" + "\n".join(said[-40:]))
