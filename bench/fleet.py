#!/usr/bin/env python3
"""Measures the operator with many resources on the control plane of $KUBECONFIG (no nodes) and prints each figure with its target and
fail line.

usage: fleet.py OPERATOR_BINARY STATE_DIR [COUNT]

Exit status 1 if a figure is beyond its fail line. COUNT resources of tier MVP (200 when it is not said) are made at once; this program
plays the part of the nodes, so every workload serves as soon as it is seen. Where a figure comes from: requests from the API server's
audit log in STATE_DIR/log, memory and CPU from the operator's own /metrics. The operator runs on this machine as the user it is in a
pod (STATE_DIR/kubeconfig-operator).
"""
import atexit
import base64
import datetime
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from measure import AuditLog, Report, is_write, kubectl, poll, sum_of

NAMESPACE = "promptsales-fleet"
WORKLOADS = {"apps/v1": ("deployments", "statefulsets"), "batch/v1": ("jobs",)}


class ApiServer:
    """One connection to the API server as the administrator of $KUBECONFIG. Not for more than one thread."""

    def __init__(self):
        config = json.loads(kubectl("config", "view", "--raw", "--minify", "-o", "json"))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.NamedTemporaryFile() as pair:
            pair.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
            pair.flush()
            context.load_cert_chain(pair.name)
        self.connection = http.client.HTTPSConnection(cluster["server"].removeprefix("https://"), context=context)

    def send(self, method, path, body=None, content_type="application/json"):
        self.connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": content_type})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text)


class Nodes(threading.Thread):
    """Gives every workload the status that it would have if its pods ran."""

    def __init__(self):
        super().__init__(daemon=True)
        self.api = ApiServer()

    def run(self):
        while True:
            for group, plurals in WORKLOADS.items():
                for plural in plurals:
                    path = f"/apis/{group}/namespaces/{NAMESPACE}/{plural}"
                    for workload in self.api.send("GET", path)["items"]:
                        status = self.ended(workload) if plural == "jobs" else self.serving(workload, plural)
                        if status:
                            self.api.send("PATCH", f"{path}/{workload['metadata']['name']}/status", {"status": status},
                                          "application/merge-patch+json")
            time.sleep(0.2)

    @staticmethod
    def serving(workload, plural):
        """None if it has this status already."""
        generation, replicas = workload["metadata"]["generation"], workload["spec"].get("replicas", 1)
        now = workload.get("status", {})
        if now.get("observedGeneration") == generation and now.get("availableReplicas") == replicas:
            return None
        counts = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas")
        status = {"observedGeneration": generation, **dict.fromkeys(counts, replicas)}
        return status | ({"currentRevision": "1", "updateRevision": "1"} if plural == "statefulsets" else {})

    @staticmethod
    def ended(job):
        """The server wants a Job's end whole. None if it has ended already."""
        if job.get("status", {}).get("conditions"):
            return None
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        conditions = [{"type": each, "status": "True", "reason": "CompletionsReached", "lastProbeTime": now, "lastTransitionTime": now}
                      for each in ("SuccessCriteriaMet", "Complete")]
        return {"startTime": now, "completionTime": now, "succeeded": 1, "conditions": conditions}


class Operator:
    """The operator as a process of this machine."""

    def __init__(self, binary, kubeconfig):
        self.log = tempfile.TemporaryFile()
        images = {f"RELATED_IMAGE_{name}": f"registry.example/{name.lower()}:1" for name in ("BACKEND", "POSTGRES", "VALKEY", "NATS")}
        self.process = subprocess.Popen(
            [binary, "--kubeconfig", kubeconfig, "--listen", "127.0.0.1:0", "--lease-namespace", NAMESPACE],
            env={**os.environ, **images}, stdout=self.log, stderr=self.log)
        atexit.register(self.process.kill)  # one that goes on would hold the Lease of the next run
        self.port = None
        poll("an operator that listens", self.listens, 30)

    def listens(self):
        self.log.seek(0)
        found = re.search(rb"health and metrics on port (\d+)", self.log.read())
        self.port = found and int(found[1])
        return self.port is not None

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as page:
            return sum_of(page.read().decode(), name)

    def end(self):
        self.process.terminate()
        self.process.wait(30)


def children_of(api, name):
    """How many objects of one resource there are."""
    groups = {"/api/v1": ("serviceaccounts", "configmaps", "secrets", "services"),
              "/apis/apps/v1": ("deployments", "statefulsets"), "/apis/policy/v1": ("poddisruptionbudgets",),
              "/apis/autoscaling/v2": ("horizontalpodautoscalers",), "/apis/networking.k8s.io/v1": ("networkpolicies",),
              "/apis/batch/v1": ("jobs",)}
    return sum(len(api.send("GET", f"{group}/namespaces/{NAMESPACE}/{plural}?labelSelector=promptsales.io/name={name}")["items"])
               for group, plurals in groups.items() for plural in plurals)


def ready_count(api):
    found = api.send("GET", f"/apis/promptsales.io/v1alpha1/namespaces/{NAMESPACE}/promptsales")["items"]
    return sum(1 for each in found for condition in each.get("status", {}).get("conditions", [])
               if condition["type"] == "Ready" and condition["status"] == "True")


def grant():
    """The operator's account may keep its Lease here; the rest is in manifests/rbac.yaml."""
    kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}))
    kubectl("apply", "--server-side", "-f", "crds/promptsales.yaml", "-f", "manifests/rbac.yaml")
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "lease", "namespace": NAMESPACE},
            "rules": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update", "patch", "watch", "list"]}]}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
               "metadata": {"name": "lease", "namespace": NAMESPACE},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "lease"},
               "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io",
                             "name": "system:serviceaccount:promptsales-system:promptsales-operator"}]}
    for each in (role, binding):
        kubectl("apply", "-f", "-", text=json.dumps(each))


def make(api, count):
    for number in range(count):
        api.send("POST", f"/apis/promptsales.io/v1alpha1/namespaces/{NAMESPACE}/promptsales",
                 {"apiVersion": "promptsales.io/v1alpha1", "kind": "PromptSales", "metadata": {"name": f"shop-{number}"},
                  "spec": {"tier": "MVP"}})


def main(binary, state, count):
    audit, report, api = AuditLog(f"{state}/log/audit.log"), Report(), ApiServer()
    grant()
    operator = Operator(binary, f"{state}/kubeconfig-operator")
    poll("an operator that leads", lambda: operator.metric("leader_election_master_status") == 1, 60)
    time.sleep(3)
    report.line("RSS idle, no resource", operator.metric("process_resident_memory_bytes") / 2**20, "MiB", 12, 18)

    Nodes().start()
    audit.mark()
    cpu, start = operator.metric("process_cpu_seconds_total"), time.monotonic()
    make(api, count)
    made = time.monotonic() - start
    poll(f"{count} resources that are Ready", lambda: ready_count(api) == count, 600, 0.5)
    took = time.monotonic() - start
    time.sleep(20)  # held-back statuses and Events
    cpu = operator.metric("process_cpu_seconds_total") - cpu
    counts = audit.by_verb()
    children, requests = children_of(api, "shop-0"), sum(counts.values()) - counts["create events"] - counts["patch events"]
    print(f"{count} resources created in {made:.1f} s, all Ready after {took:.1f} s ({count / took:.1f} a second, {children} children each)")
    for request, number in sorted(counts.items()):
        print(f"    {number:>6} {request}")
    report.line(f"requests of a resource minus its {children} children, Events apart", requests / count - children, "", 1, 2)
    passes = operator.metric("controller_runtime_reconcile_total")
    print(f"{passes / count:.1f} passes a resource, {operator.metric('controller_runtime_reconcile_time_seconds_sum') / passes * 1000:.1f} ms each")
    report.line("operator CPU of a resource", cpu * 1000 / count, "ms", 2, 3.7)
    report.line(f"RSS with {count} resources", operator.metric("process_resident_memory_bytes") / 2**20, "MiB", 18, 30)

    audit.mark()
    time.sleep(60)
    at_rest = audit.by_verb(is_write)
    report.line("writes in 60 s at rest, the Lease apart", sum(at_rest.values()), "", 0, 0)
    audit.mark()
    operator.end()
    operator = Operator(binary, f"{state}/kubeconfig-operator")
    poll("an operator that leads again", lambda: operator.metric("leader_election_master_status") == 1, 60)
    poll("every resource looked at", lambda: operator.metric("controller_runtime_reconcile_total") >= count, 120)
    time.sleep(20)
    at_restart = audit.by_verb(is_write)
    report.line("writes at restart, the Lease apart", sum(at_restart.values()), "", 0, 0)
    for request, number in sorted((at_rest + at_restart).items()):
        print(f"    {number:>6} {request}")
    operator.end()
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 200)
