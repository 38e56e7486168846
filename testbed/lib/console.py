"""What the person at the terminal sees: progress on stderr, results alone on stdout."""

import sys
import time

_start = time.monotonic()


class TestbedError(Exception):
    """Something the person can act on: what was being done, what was found, what to do next."""


def say(text: str) -> None:
    seconds = time.monotonic() - _start
    print(f"[{seconds:6.1f}s] {text}", file=sys.stderr, flush=True)


class Ticker:
    """One line that is rewritten on a terminal, and repeated now and then where there is none."""

    def __init__(self, quiet_seconds: float = 15.0):
        self._live = sys.stderr.isatty()
        self._pause = 0.2 if self._live else quiet_seconds
        self._last = time.monotonic()

    def tick(self, text: str) -> None:
        now = time.monotonic()
        if now - self._last < self._pause:
            return
        self._last = now
        if self._live:
            print(f"\r\033[K[{now - _start:6.1f}s] {text}", end="", file=sys.stderr, flush=True)
        else:
            say(text)

    def clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
