"""Volumes of the in-tree host-path provisioner, which lie in a folder that Kubernetes fixes for all copies."""

import json
import shutil
from pathlib import Path

from . import process
from .console import say
from .instance import Instance
from .run import run

_ROOT = Path("/tmp/hostpath_pv")


def of_cluster(instance: Instance) -> list[Path]:
    """The folders of this cluster's volumes; asked before the API server is stopped, for nobody else knows."""
    if not _ROOT.exists() or not any(_ROOT.iterdir()):
        return []
    if not process.running(instance, "kube-apiserver") or not process.running(instance, "etcd"):
        say(f"kube-apiserver is down: folders of host-path volumes stay in {_ROOT}")
        return []
    volumes = json.loads(run(instance.programs / "kubectl", f"--kubeconfig={instance.kubeconfig}", "get",
                             "persistentvolumes", "-o", "json"))
    paths = (Path(volume["spec"].get("hostPath", {}).get("path", "/")) for volume in volumes["items"])
    return [path for path in paths if path.parent == _ROOT]


def remove(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
