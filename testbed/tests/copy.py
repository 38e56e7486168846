"""A copy of the testbed as the tests drive it: through its command line and kubectl, like everybody."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

TESTBED = Path(__file__).resolve().parent.parent / "testbed"
PROBE_IMAGE = "testbed.dvflow.io/probe:1"


class Copy:
    def __init__(self, name: str, state_root: Path):
        self.name = name
        self.state = state_root / name
        self._environment = {**os.environ, "DVFLOW_TESTBED_STATE": str(state_root)}

    def run(self, *arguments: str) -> str:
        done = self.attempt(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"testbed {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout.strip()

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([TESTBED, "--name", self.name, *arguments], env=self._environment, text=True,
                              capture_output=True, check=False)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(["kubectl", *arguments], env={**os.environ, **self.exports}, input=stdin, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout.strip()

    def apply(self, *objects: dict) -> None:
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def wait_for(self, pod: str, condition: str) -> None:
        try:
            self.kubectl("wait", f"--for={condition}", f"pod/{pod}", "--timeout=120s")
        except AssertionError as late:
            late.add_note(self.kubectl("describe", "pod", pod))
            raise

    def run_pod(self, name: str, *arguments: str) -> str:
        """Runs a probe to its end and returns what it said."""
        self.apply(pod(name, *arguments))
        self.wait_for(name, "jsonpath={.status.phase}=Succeeded")
        return self.kubectl("logs", name)

    def pids(self) -> dict[str, str]:
        return {entry.name: self.run("pid", entry.name) for entry in (self.state / "pids").iterdir()}

    @cached_property
    def exports(self) -> dict[str, str]:
        """The environment that `eval "$(testbed env)"` makes."""
        script = f'{self.run("env")}\nenv -0'
        printed = subprocess.run(["sh", "-c", script], text=True, capture_output=True, check=True).stdout
        return dict(entry.split("=", 1) for entry in printed.split("\0") if entry)


def pod(name: str, *arguments: str, **spec: object) -> dict:
    container = {"name": "main", "image": PROBE_IMAGE, "args": list(arguments), **spec.pop("container", {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"restartPolicy": "Never", "containers": [container], **spec},
    }


def claim(name: str, storage_class: str, mode: str, size: str = "32Mi") -> dict:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "storageClassName": storage_class,
            "volumeMode": mode,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
        },
    }


def node_port(app: str, port: int) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": app},
        "spec": {"type": "NodePort", "selector": {"app": app},
                 "ports": [{"port": 80, "targetPort": 8080, "nodePort": port}]},
    }


def eventually(check: Callable[[], object], what: str, seconds: float = 30) -> object:
    deadline = time.monotonic() + seconds
    while not (found := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)
    return found
