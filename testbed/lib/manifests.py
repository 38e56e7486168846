"""Objects that every copy has: cluster DNS, rights, storage classes, and with the full profile snapshots."""

from pathlib import Path

from . import configuration, gobuild, programs
from .instance import SOURCE, Instance
from .run import run

_CSI = SOURCE / "csi" / "manifests"


def apply(instance: Instance, full: bool) -> None:
    _apply(instance, configuration.manifests(instance), _CSI)
    if full:
        definitions = _snapshot_definitions()
        _apply(instance, *definitions)
        names = [f"crd/{plural}.{group}" for group, plural in (file.stem.split("_") for file in definitions)]
        kubectl(instance, "wait", "--for=condition=Established", "--timeout=30s", *names)
        _apply(instance, _CSI / "full")


def _snapshot_definitions() -> list[Path]:
    """They lie in the module that the snapshot programs are built against. Without those of groups, which nobody here
    uses, the controller waits half a minute for them."""
    folder = gobuild.module_folder(programs.FULL_SIDECARS, programs.SNAPSHOT_API)
    return sorted(folder.glob("config/crd/*_*.yaml"))


def _apply(instance: Instance, *sources: Path) -> None:
    files = [argument for source in sources for argument in ("-f", str(source))]
    kubectl(instance, "apply", "--server-side", "--force-conflicts", *files)


def kubectl(instance: Instance, *arguments: str) -> str:
    return run(instance.programs / "kubectl", f"--kubeconfig={instance.kubeconfig}", *arguments)
