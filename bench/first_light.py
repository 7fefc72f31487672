#!/usr/bin/env python3
"""Measures the operator on the cluster of $KUBECONFIG and prints each figure with its target and fail line.

usage: first_light.py AUDIT_LOG

Exit status 1 if a figure is beyond its fail line. Needs the operator deployed and its images on the node (hack/bench.sh does both).
Where a figure comes from: requests from the API server's audit log (all that the operator's service account sent), memory and threads
from the operator's own /metrics, times from the resource's status and this program's clock.
"""
import collections
import json
import subprocess
import sys
import time

OPERATOR = "system:serviceaccount:promptsales-system:promptsales-operator"
SYSTEM = "promptsales-system"
NAMESPACE = "promptsales-bench"
READS = {"get", "list", "watch"}


def kubectl(*args, text=None):
    done = subprocess.run(["kubectl", *args], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: kubectl {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def poll(what, claim, deadline=180.0):
    """Seconds until claim() is true."""
    start = time.monotonic()
    while not claim():
        if time.monotonic() - start > deadline:
            sys.exit(f"bench: {what} did not happen within {deadline:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - start


class AuditLog:
    """The operator's requests since mark()."""

    def __init__(self, path):
        self.path = path
        self.offset = 0

    def mark(self):
        with open(self.path, "rb") as log:
            self.offset = log.seek(0, 2)

    def requests(self):
        with open(self.path, "rb") as log:
            log.seek(self.offset)
            lines = log.read().splitlines()
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue  # a line that is being written
            if event["user"]["username"] == OPERATOR and event["stage"] == "ResponseComplete":
                yield event

    def by_verb(self, wanted=lambda event: True):
        """Counts of "verb resource[/subresource]", leader election left out."""
        counts = collections.Counter()
        for event in self.requests():
            ref = event.get("objectRef", {})
            if ref.get("resource") == "leases" or not wanted(event):
                continue
            counts[event["verb"] + " " + "/".join(filter(None, [ref.get("resource"), ref.get("subresource")]))] += 1
        return counts


def metric(name):
    pod = kubectl("-n", SYSTEM, "get", "pods", "-l", "app.kubernetes.io/name=promptsales-operator", "-o",
                  "jsonpath={.items[0].metadata.name}")
    page = kubectl("get", "--raw", f"/api/v1/namespaces/{SYSTEM}/pods/{pod}:8080/proxy/metrics")
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.split("{")[0].split(" ")[0] == name)


def ready(name):
    out = kubectl("-n", NAMESPACE, "get", "promptsales", name, "-o",
                  'jsonpath={.status.conditions[?(@.type=="Ready")].status}')
    return out == "True"


def create(name):
    resource = {"apiVersion": "promptsales.io/v1alpha1", "kind": "PromptSales",
                "metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"tier": "MVP"}}
    kubectl("apply", "-f", "-", text=json.dumps(resource))


def is_write(event):
    return event["verb"] not in READS


class Report:
    def __init__(self):
        self.failed = False

    def line(self, what, value, unit, target, fail):
        verdict = "target" if value <= target else "ok" if value <= fail else "FAIL"
        self.failed |= value > fail
        print(f"{what:<58} {value:>8.1f} {unit:<4} target {target:<6} fail above {fail:<6} {verdict}", flush=True)


def main():
    audit, report = AuditLog(sys.argv[1]), Report()
    kubectl("apply", "-f", "-", text=json.dumps(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}))
    poll("an idle operator", lambda: metric("leader_election_master_status") == 1)
    time.sleep(5)
    report.line("operator RSS idle after sync, TLS", metric("process_resident_memory_bytes") / 2**20, "MiB", 12, 18)
    report.line("operator threads", metric("process_threads"), "", 40, 40)

    audit.mark()
    cpu = metric("process_cpu_seconds_total")
    create("first")
    took = poll("Ready", lambda: ready("first"))
    cpu = metric("process_cpu_seconds_total") - cpu
    counts = audit.by_verb(lambda event: event.get("objectRef", {}).get("namespace") == NAMESPACE)
    children = len(json.loads(kubectl(
        "-n", NAMESPACE, "get", "serviceaccounts,configmaps,secrets,services,deployments,statefulsets,poddisruptionbudgets,"
        "horizontalpodautoscalers,networkpolicies", "-l", "promptsales.io/name=first", "-o", "json"))["items"])
    requests = sum(counts.values())
    report.line("create → Ready, images present", took, "s", 15, 30)
    report.line("the operator's CPU in that time", cpu * 1000, "ms", 100, 1000)
    report.line(f"requests from create to Ready, minus {children} children", requests - children, "", 1, 2)
    for request, count in sorted(counts.items()):
        print(f"    {count:>3} {request}")

    time.sleep(15)  # lets what follows Ready (Events, autoscaler) pass
    audit.mark()
    time.sleep(60)
    at_rest = audit.by_verb(is_write)
    report.line("writes in 60 s at rest", sum(at_rest.values()), "", 0, 0)
    audit.mark()
    kubectl("-n", SYSTEM, "rollout", "restart", "deployment/promptsales-operator")
    kubectl("-n", SYSTEM, "rollout", "status", "deployment/promptsales-operator", "--timeout=120s")
    time.sleep(25)
    at_restart = audit.by_verb(is_write)
    report.line("writes at restart", sum(at_restart.values()), "", 0, 0)
    for request, count in sorted((at_rest + at_restart).items()):
        print(f"    {count:>3} {request}")
    report.line("operator RSS with one resource, after the restart", metric("process_resident_memory_bytes") / 2**20, "MiB", 12, 18)
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
