#!/usr/bin/env python3
"""Measures the operator on the cluster of $KUBECONFIG and prints each figure with its target and fail line.

usage: first_light.py AUDIT_LOG

Exit status 1 if a figure is beyond its fail line. Needs the operator deployed and its images on the node (hack/bench.sh does both).
Where a figure comes from: requests from the API server's audit log (all that the operator's service account sent), memory and threads
from the operator's own /metrics, times from the audit log and from this program's clock, which looks about ten times a second.
"""
import datetime
import json
import sys
import time

from measure import AuditLog, Report, is_write, kubectl, poll, sum_of

SYSTEM = "promptsales-system"
NAMESPACE = "promptsales-bench"


def metric(name):
    pod = kubectl("-n", SYSTEM, "get", "pods", "-l", "app.kubernetes.io/name=promptsales-operator", "-o",
                  "jsonpath={.items[0].metadata.name}")
    page = kubectl("get", "--raw", f"/api/v1/namespaces/{SYSTEM}/pods/{pod}:8080/proxy/metrics")
    return sum_of(page, name)


class Progress:
    """When a new resource's workloads served for the first time, and when it was Ready, on this program's clock."""

    def __init__(self):
        self.served = self.ready = None

    def look(self):
        found = json.loads(kubectl("-n", NAMESPACE, "get", "promptsales,deployments,statefulsets,jobs", "-o", "json"))["items"]
        now = time.monotonic()
        workloads = [each for each in found if each["kind"] != "PromptSales"]
        if self.served is None and {each["kind"] for each in workloads} == {"Deployment", "Job", "StatefulSet"} and all(map(serves, workloads)):
            self.served = now
        resource = next(each for each in found if each["kind"] == "PromptSales")
        if any(each["type"] == "Ready" and each["status"] == "True" for each in resource.get("status", {}).get("conditions", [])):
            self.ready = now
        return self.ready is not None


def serves(workload):
    """Of a Job: that its controller says it has ended, which takes a second or two after its pod."""
    if workload["kind"] == "Job":
        return any(each["type"] == "Complete" and each["status"] == "True" for each in workload.get("status", {}).get("conditions", []))
    status, wanted = workload.get("status", {}), workload["spec"].get("replicas", 1)
    return status.get("observedGeneration") == workload["metadata"]["generation"] and status.get("availableReplicas") == wanted


def seconds_of(event):
    return datetime.datetime.fromisoformat(event["stageTimestamp"].replace("Z", "+00:00")).timestamp()


def first_wave(audit):
    """Seconds between the operator's first and last write of a child before anything of it runs: those without a second's pause."""
    times = sorted(seconds_of(event) for event in audit.requests()
                   if is_write(event) and event["objectRef"].get("namespace") == NAMESPACE and event["objectRef"]["resource"] != "events")
    last = times[0]
    for each in times:
        if each - last > 1:
            break
        last = each
    return last - times[0]


def create(name):
    resource = {"apiVersion": "promptsales.io/v1alpha1", "kind": "PromptSales",
                "metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"tier": "MVP"}}
    kubectl("apply", "-f", "-", text=json.dumps(resource))


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
    progress = Progress()
    took = poll("Ready", progress.look)
    cpu = metric("process_cpu_seconds_total") - cpu
    counts = audit.by_verb(lambda event: event.get("objectRef", {}).get("namespace") == NAMESPACE)
    children = len(json.loads(kubectl(
        "-n", NAMESPACE, "get", "serviceaccounts,configmaps,secrets,services,deployments,statefulsets,jobs,poddisruptionbudgets,"
        "horizontalpodautoscalers,networkpolicies", "-l", "promptsales.io/name=first", "-o", "json"))["items"])
    events = counts["create events"] + counts["patch events"]
    requests = sum(counts.values()) - events
    report.line("create → Ready, images present", took, "s", 15, 30)
    share = first_wave(audit) + progress.ready - (progress.served or progress.ready)
    report.line("the operator's share of it: writing children, noticing", share, "s", 0.5, 1)
    report.line("the operator's CPU in that time", cpu * 1000, "ms", 100, 1000)
    report.line(f"requests from create to Ready minus {children} children, {events} Events apart", requests - children, "", 1, 2)
    for request, count in sorted(counts.items()):
        print(f"    {count:>3} {request}")

    time.sleep(15)  # lets what follows Ready (Events, autoscaler) pass
    audit.mark()
    time.sleep(60)
    at_rest = audit.by_verb(is_write)
    report.line("writes in 60 s at rest, the Lease apart", sum(at_rest.values()), "", 0, 0)
    audit.mark()
    kubectl("-n", SYSTEM, "rollout", "restart", "deployment/promptsales-operator")
    kubectl("-n", SYSTEM, "rollout", "status", "deployment/promptsales-operator", "--timeout=120s")
    time.sleep(25)
    at_restart = audit.by_verb(is_write)
    report.line("writes at restart, the Lease apart", sum(at_restart.values()), "", 0, 0)
    for request, count in sorted((at_rest + at_restart).items()):
        print(f"    {count:>3} {request}")
    report.line("operator RSS with one resource, after the restart", metric("process_resident_memory_bytes") / 2**20, "MiB", 12, 18)
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
