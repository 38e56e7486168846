"""What the chart promises, checked on what it renders."""

import functools
import os
import pathlib
import subprocess
import sys
import unittest

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CHART = HERE / "dvflow"
RIGHTS = HERE / "golden" / "rights.txt"
KUBERNETES = "1.34.0"
RBAC_KINDS = {"Role", "ClusterRole"}


def helm(*arguments):
    return subprocess.run([os.environ["HELM"], *arguments], capture_output=True, text=True, check=False)


def template(**values):
    settings = [part for name, value in values.items() for part in ("--set", f"{name.replace('__', '.')}={value}")]
    return helm("template", "dvflow", str(CHART), "--namespace", "cdi", "--kube-version", KUBERNETES, *settings)


@functools.cache
def render(**values):
    done = template(**values)
    if done.returncode:
        raise AssertionError(f"helm template with {values}: {done.stderr}")
    return [document for document in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if document]


def of_kind(documents, *kinds):
    return [document for document in documents if document["kind"] in kinds]


def named(documents, kind, name):
    return next(d for d in of_kind(documents, kind) if d["metadata"]["name"] == name)


def pods(documents):
    for document in of_kind(documents, "Deployment", "StatefulSet"):
        yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def environment(documents, deployment):
    container = named(documents, "Deployment", deployment)["spec"]["template"]["spec"]["containers"][0]
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container["env"]}


def rights(documents):
    """One line a right: role, group/resource, names if limited, verbs."""
    lines = []
    for role in of_kind(documents, *RBAC_KINDS):
        for rule in role["rules"]:
            names = f" named {','.join(rule['resourceNames'])}" if "resourceNames" in rule else ""
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    lines.append(f"{role['kind']} {role['metadata']['name']}: "
                                 f"{(group + '/') if group else ''}{resource}{names}: {' '.join(sorted(rule['verbs']))}")
    return sorted(lines)


EXTERNAL = {"temporal__mode": "external", "temporal__external__address": "temporal.example.com:7233"}


class ChartTest(unittest.TestCase):

    def test_lints(self):
        done = helm("lint", "--strict", str(CHART))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_grants_what_is_recorded_and_nothing_else(self):
        self.assertEqual(rights(render()), RIGHTS.read_text().splitlines(),
                         "rights changed; if that is meant, record them with helm/test --update")

    def test_no_program_may_read_secrets_or_use_wildcards(self):
        programs = ("dvflow-worker", "dvflow-bridge", "dvflow-gateway")
        for role in of_kind(render(), *RBAC_KINDS):
            if role["metadata"]["name"] in programs:
                for rule in role["rules"]:
                    self.assertNotIn("*", rule["verbs"] + rule["resources"] + rule["apiGroups"], role["metadata"]["name"])
                    if "secrets" in rule["resources"]:
                        self.assertEqual(rule["verbs"], ["create"], role["metadata"]["name"])

    def test_every_pod_passes_pod_security_restricted(self):
        for values in ({}, EXTERNAL, {"temporal__embedded__storage__kind": "emptyDir"}):
            for name, pod in pods(render(**values)):
                self.assertTrue(pod["securityContext"]["runAsNonRoot"], name)
                self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", name)
                for volume in pod["volumes"]:
                    self.assertTrue({"emptyDir", "secret", "configMap", "persistentVolumeClaim"} & set(volume), volume)
                for container in pod["containers"]:
                    context = container["securityContext"]
                    self.assertFalse(context["allowPrivilegeEscalation"], name)
                    self.assertTrue(context["readOnlyRootFilesystem"], name)
                    self.assertEqual(context["capabilities"], {"drop": ["ALL"]}, name)

    def test_every_pod_has_probes_and_resources(self):
        for name, pod in pods(render()):
            for container in pod["containers"]:
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    self.assertIn(probe, container, name)
                self.assertIn("memory", container["resources"]["limits"], name)
                self.assertIn("cpu", container["resources"]["requests"], name)

    def test_every_image_can_come_from_another_registry(self):
        for name, pod in pods(render(images__registry="registry.example.com/mirror")):
            for container in pod["containers"]:
                self.assertTrue(container["image"].startswith("registry.example.com/mirror/dvflow/"), name)

    def test_crds_are_there_and_survive_uninstall(self):
        crds = of_kind(render(), "CustomResourceDefinition")
        self.assertLessEqual({"DataVolume", "CDI", "CDIConfig", "StorageProfile", "VolumeImportSource"},
                             {crd["spec"]["names"]["kind"] for crd in crds})
        for crd in crds:
            self.assertEqual(crd["metadata"].get("annotations", {}).get("helm.sh/resource-policy"), "keep",
                             crd["metadata"]["name"])

    def test_the_embedded_server_is_reached_by_worker_and_bridge_alone(self):
        documents = render()
        policy = named(documents, "NetworkPolicy", "dvflow-temporal")
        self.assertEqual(len(policy["spec"]["ingress"]), 1)
        peer, = policy["spec"]["ingress"][0]["from"]
        components = next(e for e in peer["podSelector"]["matchExpressions"] if e["key"].endswith("/component"))
        self.assertEqual(components["values"], ["worker", "bridge"])
        for deployment in ("dvflow-worker", "dvflow-bridge"):
            self.assertEqual(environment(documents, deployment)["TEMPORAL_ADDRESS"], "dvflow-temporal.cdi.svc:7233")

    def test_an_external_server_brings_its_settings_and_no_embedded_one(self):
        documents = render(**EXTERNAL, temporal__namespace="disks", temporal__external__apiKey__secretName="key",
                           temporal__external__tls__secretName="tls", temporal__external__tls__clientCertificate="true",
                           temporal__external__tls__ca="true", temporal__external__tls__serverName="frontend")
        self.assertFalse(of_kind(documents, "StatefulSet", "NetworkPolicy"))
        for deployment in ("dvflow-worker", "dvflow-bridge"):
            found = environment(documents, deployment)
            self.assertEqual(found["TEMPORAL_ADDRESS"], "temporal.example.com:7233")
            self.assertEqual(found["TEMPORAL_NAMESPACE"], "disks")
            self.assertEqual(found["TEMPORAL_TLS"], "true")
            self.assertEqual(found["TEMPORAL_TLS_SERVER_NAME"], "frontend")
            pod = named(documents, "Deployment", deployment)["spec"]["template"]["spec"]
            mounted = {m["name"]: m["mountPath"] for m in pod["containers"][0]["volumeMounts"]}
            secrets = {v["name"]: v["secret"]["secretName"] for v in pod["volumes"] if "secret" in v}
            self.assertEqual(secrets, {"temporal-tls": "tls", "temporal-api-key": "key"})
            for variable in ("CLIENT_CERT", "CLIENT_KEY", "SERVER_CA_CERT"):
                self.assertTrue(found[f"TEMPORAL_TLS_{variable}_PATH"].startswith(mounted["temporal-tls"] + "/"))
            self.assertEqual(found["DVFLOW_TEMPORAL_API_KEY_FILE"], mounted["temporal-api-key"] + "/api-key")

    def test_the_embedded_server_needs_no_secrets(self):
        for deployment in ("dvflow-worker", "dvflow-bridge"):
            pod = named(render(), "Deployment", deployment)["spec"]["template"]["spec"]
            self.assertEqual([v["name"] for v in pod["volumes"]], ["tmp"])

    def test_a_secret_that_is_needed_but_not_named_is_asked_for(self):
        self.assertIn("temporal.external.address", template(temporal__mode="external").stderr)
        self.assertIn("temporal.external.tls.secretName", template(**EXTERNAL, temporal__external__tls__ca="true").stderr)

    def test_values_that_mean_nothing_are_refused(self):
        for name, value in (("temporal__mode", "somewhere"), ("worker__replica", "2"), ("worker__replicas", "-1"),
                            ("temporal__embedded__storage__size", "big"), ("images__registry", "with.slash/")):
            self.assertNotEqual(template(**{name: value}).returncode, 0, f"{name}={value} was accepted")

    def test_a_disruption_budget_appears_with_the_second_replica(self):
        self.assertFalse(of_kind(render(), "PodDisruptionBudget"))
        self.assertEqual(len(of_kind(render(worker__replicas="2"), "PodDisruptionBudget")), 1)

    def test_webhooks_trust_the_certificate_that_the_gateway_serves(self):
        documents = render()
        authority = named(documents, "Secret", "dvflow-gateway-tls")["data"]["ca.crt"]
        for configuration in of_kind(documents, "ValidatingWebhookConfiguration"):
            for webhook in configuration["webhooks"]:
                self.assertEqual(webhook["clientConfig"]["caBundle"], authority)
                self.assertEqual(webhook["clientConfig"]["service"]["name"], "cdi-api")

    def test_every_value_is_described(self):
        undescribed = []

        def walk(schema, path):
            for name, part in schema.get("properties", {}).items():
                if "properties" in part:
                    walk(part, f"{path}{name}.")
                elif not part.get("description"):
                    undescribed.append(path + name)

        walk(yaml.safe_load((CHART / "values.schema.json").read_text()), "")
        self.assertEqual(undescribed, [])


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        RIGHTS.parent.mkdir(exist_ok=True)
        RIGHTS.write_text("".join(line + "\n" for line in rights(render())))
    else:
        unittest.main()
