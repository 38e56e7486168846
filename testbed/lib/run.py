"""Commands of the operating system, with errors that say which one failed and what it said."""

import subprocess
from pathlib import Path

from .console import TestbedError


def run(*argv: str | Path, stdin: str | None = None, env: dict[str, str] | None = None,
        cwd: Path | None = None) -> str:
    command = [str(part) for part in argv]
    try:
        done = subprocess.run(command, input=stdin, env=env, cwd=cwd, text=True, capture_output=True, check=False)
    except FileNotFoundError as missing:
        raise TestbedError(f"cannot run {command[0]}: it is not installed") from missing
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise TestbedError(f"`{' '.join(command)}` ended with {done.returncode}: {said}")
    return done.stdout


def succeeds(*argv: str | Path) -> bool:
    command = [str(part) for part in argv]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
