"""One copy, looked at as its users do: pods, names, volumes, kills, and what is left of it in the end."""

import http.server
import os
import shutil
import tempfile
import threading
import unittest
import urllib.request
from pathlib import Path

from .copy import Copy, claim, eventually, node_port, pod
from .traces import Traces



class ClusterTest(unittest.TestCase):
    copy: Copy
    root: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.root = Path(tempfile.mkdtemp(prefix="dvt-"))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        cls.copy = Copy("one", cls.root)
        cls.addClassCleanup(cls.copy.run, "down")
        cls.copy.run("up")

    def test_runs_a_pod_to_its_end_and_shows_its_log(self) -> None:
        self.assertEqual("done", self.copy.run_pod("say", "say", "done"))

    def test_resolves_services_and_the_host_but_nothing_outside(self) -> None:
        self.assertEqual("10.96.0.1", self.copy.run_pod("name", "lookup", "kubernetes.default"))
        self.assertEqual(self.copy.exports["DVFLOW_HOST_IP"],
                         self.copy.run_pod("host", "lookup", "host.testbed.dvflow.io"))
        self.copy.apply(pod("outside", "lookup", "example.com"))
        self.copy.wait_for("outside", "jsonpath={.status.phase}=Failed")
        self.assertIn("no such host", self.copy.kubectl("logs", "outside"))

    def test_pods_reach_servers_on_the_host(self) -> None:
        server = http.server.ThreadingHTTPServer((self.copy.exports["DVFLOW_HOST_IP"], 0), _Hello)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        self.assertEqual("hello from the host", self.copy.run_pod("fetch", "get", _url(server.server_address)))

    def test_services_are_reached_from_pods_and_from_the_host(self) -> None:
        self.copy.apply(pod("web", "serve", ":8080", "hello"), node_port("web", 30081))
        self.copy.wait_for("web", "condition=Ready")
        self.assertEqual("hello", self.copy.run_pod("client", "get", "http://web"))
        self.assertEqual("hello", _fetch(f"http://{self.copy.exports['DVFLOW_NODE_IP']}:30081"))
        self.assertEqual("hi", self.copy.kubectl("exec", "web", "--", "/probe", "say", "hi"))

    def test_mounts_every_class_for_a_user_who_is_not_root(self) -> None:
        claims = [claim(f"{name}-{mode}".lower(), name, mode) for name, mode in (
            ("local-immediate", "Filesystem"), ("local-wffc", "Filesystem"), ("csi-immediate", "Filesystem"),
            ("csi-immediate", "Block"), ("csi-wffc", "Filesystem"), ("csi-wffc", "Block"))]
        self.copy.apply(*claims, _user_of(claims))
        self.copy.wait_for("volumes", "condition=Ready")
        for wanted in claims:
            self.copy.kubectl("exec", "volumes", "--", "/probe", "write", f"/volumes/{wanted['metadata']['name']}")

    def test_a_killed_component_comes_back_and_pods_live_on(self) -> None:
        self.copy.apply(pod("lasting", "serve", ":8080", "here"), node_port("lasting", 30082))
        self.copy.wait_for("lasting", "condition=Ready")
        for name, pid in self.copy.pids().items():
            with self.subTest(component=name):
                self.copy.run("kill", name)
                self.assertNotEqual(0, self.copy.attempt("pid", name).returncode)
                self.assertEqual("here", _fetch(f"http://{self.copy.exports['DVFLOW_NODE_IP']}:30082"))
                self.copy.run("start", name)
                self.assertNotEqual(pid, self.copy.run("pid", name))
        self.assertEqual("after", self.copy.run_pod("after", "say", "after"))
        self.assertEqual("0", self.copy.kubectl("get", "pod", "lasting", "-o",
                                                "jsonpath={.status.containerStatuses[0].restartCount}"))

    def test_a_second_up_starts_only_what_is_dead(self) -> None:
        before = self.copy.pids()
        self.copy.run("kill", "kube-scheduler")
        self.copy.run("up")
        after = self.copy.pids()
        self.assertEqual({"kube-scheduler"}, {name for name in before if before[name] != after[name]})

    def test_an_image_that_is_there_is_not_loaded_again(self) -> None:
        archive = str(self.copy.state / "images" / "probe.tar")
        again = self.copy.attempt("load", archive)
        self.assertEqual("testbed.dvflow.io/probe:1\n", again.stdout)
        self.assertNotIn("loading", again.stderr)

    def test_the_audit_log_tells_who_asked_for_what(self) -> None:
        self.copy.kubectl("create", "configmap", "audited")
        log = self.copy.state / "audit.log"
        eventually(lambda: any('"name":"audited"' in line and '"verb":"create"' in line and "kubernetes-admin" in line
                               for line in log.read_text().splitlines()), "the request in the audit log")


@unittest.skipUnless(os.environ.get("DVFLOW_TESTBED_FULL") == "1", "DVFLOW_TESTBED_FULL=1 also tests `up --full`")
class FullTest(unittest.TestCase):
    def test_snapshots_restores_clones_and_expands(self) -> None:
        root = Path(tempfile.mkdtemp(prefix="dvt-"))
        self.addCleanup(shutil.rmtree, root)
        copy = Copy("full", root)
        self.addCleanup(copy.run, "down")
        copy.run("up", "--full")
        source = claim("source", "csi-xfs", "Filesystem", size="320Mi")
        snapshot = {
            "apiVersion": "snapshot.storage.k8s.io/v1",
            "kind": "VolumeSnapshot",
            "metadata": {"name": "moment"},
            "spec": {"source": {"persistentVolumeClaimName": "source"}},
        }
        restored, cloned = (claim(name, "csi-xfs", "Filesystem", size="320Mi") for name in ("restored", "cloned"))
        restored["spec"]["dataSource"] = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot",
                                          "name": "moment"}
        cloned["spec"]["dataSource"] = {"kind": "PersistentVolumeClaim", "name": "source"}
        copy.apply(source, snapshot, restored, cloned, _user_of([source, restored, cloned]))
        copy.wait_for("volumes", "condition=Ready")

        copy.kubectl("patch", "pvc", "source", "-p", '{"spec":{"resources":{"requests":{"storage":"400Mi"}}}}')
        copy.kubectl("wait", "--for=jsonpath={.status.capacity.storage}=400Mi", "pvc/source", "--timeout=60s")


class LeftoversTest(unittest.TestCase):
    def test_down_leaves_nothing_and_touches_no_other_copy(self) -> None:
        root = Path(tempfile.mkdtemp(prefix="dvt-"))
        self.addCleanup(shutil.rmtree, root)
        doomed, other = Copy("doomed", root), Copy("other", root)
        for copy in (doomed, other):
            self.addCleanup(copy.run, "down")
            copy.run("up")
            claims = [claim("disk", "csi-immediate", "Block"), claim("files", "local-immediate", "Filesystem")]
            copy.apply(*claims, _user_of(claims), node_port("volumes", 30083))
            copy.wait_for("volumes", "condition=Ready")
        traces, kept = Traces.of(doomed.state), Traces.of(other.state)
        self.assertNotIn(0, traces.count().values(), "each kind is there while the copy is up")

        doomed.run("down")

        self.assertEqual({0}, set(traces.count().values()), traces.count())
        self.assertNotIn(0, kept.count().values())
        self.assertEqual("hello", _fetch(f"http://{other.exports['DVFLOW_NODE_IP']}:30083"))
        other.run("down")
        self.assertEqual({0}, set(kept.count().values()), kept.count())
        self.assertEqual([], list(root.iterdir()))


class _Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from the host")

    def log_message(self, *_: object) -> None:
        """The test's own output stays readable."""


def _user_of(claims: list[dict]) -> dict:
    """A pod of UID 107 that holds every claim at /volumes/NAME."""
    names = {mode: [each["metadata"]["name"] for each in claims if each["spec"]["volumeMode"] == mode]
             for mode in ("Filesystem", "Block")}
    return pod(
        "volumes", "serve", ":8080", "hello",
        securityContext={"runAsUser": 107, "runAsGroup": 107, "fsGroup": 107},
        container={
            "volumeMounts": [{"name": name, "mountPath": f"/volumes/{name}"} for name in names["Filesystem"]],
            "volumeDevices": [{"name": name, "devicePath": f"/volumes/{name}"} for name in names["Block"]],
        },
        volumes=[{"name": each["metadata"]["name"],
                  "persistentVolumeClaim": {"claimName": each["metadata"]["name"]}} for each in claims])


def _url(address: tuple[str, int]) -> str:
    return f"http://{address[0]}:{address[1]}"


def _fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode().strip()
