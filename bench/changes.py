#!/usr/bin/env python3
"""Counts the requests that fail while a PromptSales on the cluster of $KUBECONFIG is changed under load, and prints a line a change; then
the time from the edit of a Secret to the first pod that has its new content.

usage: changes.py CLUSTER_EXEC...

Exit status 1 if a request failed. CLUSTER_EXEC is the command by which a program runs where the cluster's Services can be reached.
The tiers are made small (a configuration of the operator), so that both fit on one node of two cores; the steps are the same.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from measure import Report, kubectl, poll

SYSTEM, NAMESPACE, NAME = "promptsales-system", "promptsales-changes", "shop"
RATE = 200
TIERS = """tiers:
  MVP:
    backend: {autoscaling: {minReplicas: 2, maxReplicas: 2}, resources: {requests: {cpu: 50m, memory: 128Mi}}}
    database: {resources: {requests: {cpu: 100m, memory: 512Mi}}, storage: 1Gi}
    cache: {resources: {requests: {cpu: 50m, memory: 128Mi}}}
    machines: {cpu: "2", memory: 4Gi, storage: 50Gi}
  Growth:
    backend: {autoscaling: {minReplicas: 3, maxReplicas: 3}, resources: {requests: {cpu: 60m, memory: 192Mi}}}
    database: {resources: {requests: {cpu: 150m, memory: 768Mi}}, storage: 1Gi}
    cache: {resources: {requests: {cpu: 60m, memory: 192Mi}}}
    spread: {topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}
"""


class Load:
    """load.py, running beside; what it reported is kept."""

    def __init__(self, cluster_exec, address, bundle):
        here = os.path.dirname(os.path.abspath(__file__))
        self.seconds = []
        self.process = subprocess.Popen(
            [*cluster_exec, "python3", f"{here}/load.py", address, f"{NAME}-backend.{NAMESPACE}.svc", bundle, str(RATE)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.seconds.append(json.loads(line))

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


class Bundle(threading.Thread):
    """The CA bundle as a file that follows its ConfigMap, as it does in a client's pod."""

    def __init__(self):
        super().__init__(daemon=True)
        self.path = tempfile.mkstemp(suffix=".crt")[1]
        self.fetch()

    def fetch(self):
        pem = kubectl("-n", NAMESPACE, "get", "configmap", f"{NAME}-ca-bundle", "-o", r"jsonpath={.data.ca\.crt}")
        with open(self.path + ".new", "w") as file:
            file.write(pem)
        os.replace(self.path + ".new", self.path)

    def run(self):
        while True:
            time.sleep(5)
            self.fetch()


def resource():
    return json.loads(kubectl("-n", NAMESPACE, "get", "promptsales", NAME, "-o", "json"))


def serves(tier=None):
    now = resource()
    status = now.get("status", {})
    ready = any(each["type"] == "Ready" and each["status"] == "True" and each.get("observedGeneration") == now["metadata"]["generation"]
                for each in status.get("conditions", []))
    return ready and "transition" not in status and (tier is None or status["effective"]["tier"] == tier)


def patch(spec):
    kubectl("-n", NAMESPACE, "patch", "promptsales", NAME, "--type=merge", "-p", json.dumps({"spec": spec}))


def annotate(name):
    kubectl("-n", NAMESPACE, "annotate", "promptsales", NAME, f"promptsales.io/{name}={time.time():.0f}", "--overwrite")


def move(tier):
    patch({"tier": tier})
    poll(f"tier {tier}", lambda: serves(tier), 300, 0.5)


def renew():
    def secret():
        return kubectl("-n", NAMESPACE, "get", "secret", f"{NAME}-tls", "-o", r"jsonpath={.data.tls\.crt}")
    before = secret()
    annotate("force-renew")
    poll("a renewed certificate", lambda: secret() != before, 60, 0.5)
    time.sleep(90)  # the kubelet brings a Secret's new content into pods within about a minute


def rotate():
    def login():
        secret = json.loads(kubectl("-n", NAMESPACE, "get", "secret", f"{NAME}-database", "-o", "json"))
        return secret["data"]["username"], "promptsales.io/retiring-login" in secret["metadata"].get("annotations", {})
    former = login()
    annotate("rotate-database-password")
    poll("another login of the database, and the former one retired", lambda: login()[0] != former[0] and not login()[1] and serves(), 300, 0.5)


def rotate_shared(service):
    """Of a service that takes both passwords for a while, as its Secret says."""
    def secret():
        return json.loads(kubectl("-n", NAMESPACE, "get", "secret", f"{NAME}-{service}", "-o", "json"))["data"]
    former = secret()["password"]
    annotate(f"rotate-{service}-password")
    poll(f"another password of the {service} alone",
         lambda: secret()["password"] != former and "other-password" not in secret() and serves(), 300, 0.5)


def replace_ca():
    generation = resource()["status"]["tls"]["caGeneration"]
    annotate("force-replace-ca")
    poll("a replaced CA", lambda: (lambda tls: tls["caGeneration"] > generation and tls["phase"] == "Stable")(resource()["status"]["tls"]),
         900, 1)


CHANGES = [("at rest", lambda: None), ("MVP to Growth", lambda: move("Growth")), ("Growth to MVP", lambda: move("MVP")),
           ("the database's password is rotated", rotate), ("the cache's password is rotated", lambda: rotate_shared("cache")),
           ("NATS' password is rotated", lambda: rotate_shared("messaging")),
           ("the certificate is renewed", renew), ("the CA is replaced", replace_ca)]


def install():
    kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}))
    kubectl("apply", "-f", "-", text=json.dumps(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "promptsales-operator", "namespace": SYSTEM},
         "data": {"config.yaml": TIERS}}))
    kubectl("-n", SYSTEM, "patch", "deployment", "promptsales-operator", "--patch-file", "manifests/configuration/mount-patch.yaml")
    kubectl("-n", SYSTEM, "rollout", "status", "deployment/promptsales-operator", "--timeout=120s")
    kubectl("apply", "-f", "-", text=json.dumps(
        {"apiVersion": "promptsales.io/v1alpha1", "kind": "PromptSales", "metadata": {"name": NAME, "namespace": NAMESPACE},
         "spec": {"tier": "MVP", "messaging": {"type": "Embedded", "storage": "1Gi"}}}))
    poll("Ready", serves)


def edit_secret(report):
    """Another resource works on the same database, by a Secret whose entries change."""
    def entry(key):
        return json.loads(kubectl("-n", NAMESPACE, "get", "secret", f"{NAME}-database-binding", "-o", "json"))["data"][key]
    kubectl("apply", "-f", "-", text=json.dumps(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "bought", "namespace": NAMESPACE},
         "data": {key: entry(key) for key in ("host", "username", "password", "database")}, "stringData": {"sslmode": "prefer"}}))
    patch({"networkPolicy": {"enabled": False}})
    kubectl("apply", "-f", "-", text=json.dumps(
        {"apiVersion": "promptsales.io/v1alpha1", "kind": "PromptSales", "metadata": {"name": "reader", "namespace": NAMESPACE},
         "spec": {"tier": "MVP", "database": {"type": "Secret", "secretRef": {"name": "bought"}}}}))

    def pods(component):
        found = kubectl("-n", NAMESPACE, "get", "pods", "-l", f"promptsales.io/name=reader,app.kubernetes.io/component={component}", "-o", "json")
        return {pod["metadata"]["name"]: pod["status"].get("phase") for pod in json.loads(found)["items"]}

    poll("Ready on a Secret", lambda: '"True"' in kubectl(
        "-n", NAMESPACE, "get", "promptsales", "reader", "-o", 'jsonpath="{.status.conditions[?(@.type=="Ready")].status}"'), 180, 1)
    former = set(pods("backend"))
    kubectl("-n", NAMESPACE, "patch", "secret", "bought", "--type=merge", "-p", json.dumps({"stringData": {"sslmode": "allow"}}))
    tried = poll("a trial that has passed", lambda: "Succeeded" in pods("task").values() or set(pods("backend")) - former, 60)
    created = poll("a pod with the new entries", lambda: set(pods("backend")) - former, 60)
    report.line("secret edit to trial passed", tried, "s", 10, 60)
    report.line("trial passed to first new pod created", created, "s", 5, 5)


def main(cluster_exec):
    report = Report()
    install()
    address = kubectl("-n", NAMESPACE, "get", "service", f"{NAME}-backend", "-o", "jsonpath={.spec.clusterIP}") + ":443"
    bundle = Bundle()
    bundle.start()
    load = Load(cluster_exec, address, bundle.path)
    time.sleep(10)  # connections
    try:
        for what, change in CHANGES:
            mark, start = len(load.seconds), time.monotonic()
            change()
            time.sleep(15)
            during = load.seconds[mark:]
            failures = [text for second in during for text in second["failures"]]
            sent, retried = (sum(second[key] for second in during) for key in ("sent", "retried"))
            report.line(f"failed requests: {what} ({time.monotonic() - start:.0f} s)", len(failures), "", 0, 0)
            print(f"    {sent} sent, {retried} sent again over a new connection, slowest {max(s['slowest'] for s in during):.2f} s", flush=True)
            for text in sorted(set(failures))[:5]:
                print(f"    {failures.count(text)} x {text}")
    finally:
        load.end()
    edit_secret(report)
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
