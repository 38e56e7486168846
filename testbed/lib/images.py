"""Container images from files: no registry is needed, or reachable."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from .console import say
from .instance import Instance
from .run import run

PAUSE_IMAGE = "testbed.dvflow.io/pause:1"
PROBE_IMAGE = "testbed.dvflow.io/probe:1"
_NAMESPACE = "k8s.io"


def pack(program: Path, image: str, target: Path) -> Path:
    """A `docker save` archive whose one layer is one static program; equal programs give equal bytes."""
    name = program.name
    layer = _tar({name: (program.read_bytes(), 0o755)})
    config = json.dumps({
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": [f"/{name}"], "User": "65534:65534"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [image], "Layers": ["layer.tar"]}]).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_tar({
        "layer.tar": (layer, 0o644),
        config_name: (config, 0o644),
        "manifest.json": (manifest, 0o644),
    }))
    return target


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def load(instance: Instance, archive: Path) -> list[str]:
    """Imports the archive unless every image that it gave last time is still there with the same digest."""
    ledger = instance.state / "images" / f"{_digest(archive)}.json"
    present = _present(instance)
    if ledger.exists():
        loaded = json.loads(ledger.read_text())
        if all(present.get(name) == digest for name, digest in loaded.items()):
            return sorted(loaded)
    say(f"loading {archive}")
    printed = _ctr(instance, "images", "import", str(archive))
    names = [line.split()[1] for line in printed.splitlines() if line.startswith("unpacking ")]
    present = _present(instance)
    ledger.parent.mkdir(parents=True, exist_ok=True)
    ledger.write_text(json.dumps({name: present[name] for name in names}))
    return sorted(names)


def _digest(archive: Path) -> str:
    with open(archive, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _present(instance: Instance) -> dict[str, str]:
    rows = (line.split() for line in _ctr(instance, "images", "list").splitlines()[1:])
    return {row[0]: row[2] for row in rows}


def _ctr(instance: Instance, *arguments: str) -> str:
    return run("ctr", "--address", instance.containerd_socket, "--namespace", _NAMESPACE, *arguments)
