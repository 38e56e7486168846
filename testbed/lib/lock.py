"""Locks on files that may be removed by whoever holds them, so that none is left lying about."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(file: Path) -> Iterator[None]:
    """A lock whose file has been removed while we waited for it is no lock any more: then we queue at the new one."""
    while True:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if file.exists() and os.path.samestat(os.fstat(lock.fileno()), file.stat()):
                yield
                return
