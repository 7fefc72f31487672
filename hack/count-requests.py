#!/usr/bin/env python3
"""count-requests.py AUDIT_LOG FROM_BYTE [RESOURCE] : what the operator asked of the API server since FROM_BYTE of its audit log.

Prints requests by verb and resource, and three sums: reads, writes, and upkeep (leader election and Events, which any operator has).
With RESOURCE, the name of a PromptSales, also how much of its way to Ready was the operator's own: from its creation to the
operator's last write of a child's first version, and from the last change of a workload's status to the write of Ready.
Only finished requests count; a watch counts when it is opened.
"""
import collections
import datetime
import json
import sys

OPERATOR = "system:serviceaccount:promptsales-system:promptsales-operator"
WRITES = {"create", "update", "patch", "delete", "deletecollection"}
UPKEEP = {"leases", "events"}


def entries(path, start):
    with open(path, "rb") as log:
        log.seek(start)
        for line in log:
            if line.endswith(b"\n"):
                yield json.loads(line)


def moment(entry, which):
    return datetime.datetime.fromisoformat(entry[which].replace("Z", "+00:00"))


def resource_of(entry):
    ref = entry.get("objectRef", {})
    name = ref.get("resource", entry.get("requestURI", "?").split("?")[0])
    return name + ("/" + ref["subresource"] if "subresource" in ref else "")


def is_operators(entry):
    return entry["user"]["username"] == OPERATOR


def first_of_each(log):
    """A watch has two entries, one when it is opened and one when it ends: the first counts."""
    seen = set()
    for entry in log:
        if entry["auditID"] not in seen:
            seen.add(entry["auditID"])
            yield entry


def own_share(log, name):
    made = [moment(e, "stageTimestamp") for e in log if e["verb"] in ("create", "patch") and not is_operators(e)
            and resource_of(e) == "promptsales" and e.get("objectRef", {}).get("name", name) == name]
    writes = [e for e in log if is_operators(e) and e["verb"] in WRITES and resource_of(e).split("/")[0] not in UPKEEP]
    status = [e for e in writes if resource_of(e) == "promptsales/status"]
    children = [e for e in writes if resource_of(e).split("/")[0] != "promptsales"]
    if not (made and status and children):
        return None
    ready = moment(status[-1], "stageTimestamp")
    workloads = [moment(e, "stageTimestamp") for e in log if resource_of(e) in ("deployments/status", "statefulsets/status")
                 and moment(e, "stageTimestamp") <= ready]
    to_children = (moment(children[-1], "stageTimestamp") - made[0]).total_seconds()
    to_ready = (ready - workloads[-1]).total_seconds() if workloads else 0.0
    return to_children, to_ready, (ready - made[0]).total_seconds()


def main():
    log = list(first_of_each(entries(sys.argv[1], int(sys.argv[2]))))
    by = collections.Counter((e["verb"], resource_of(e)) for e in log if is_operators(e))
    refused = collections.Counter((e["verb"], resource_of(e)) for e in log
                                  if is_operators(e) and e.get("responseStatus", {}).get("code") == 403)
    for (verb, resource), n in sorted(by.items()):
        print(f"    {n:4d}  {verb:7s} {resource}" + ("   REFUSED (403)" if (verb, resource) in refused else ""))
    upkeep = sum(n for (_, r), n in by.items() if r.split("/")[0] in UPKEEP)
    writes = sum(n for (v, r), n in by.items() if v in WRITES and r.split("/")[0] not in UPKEEP)
    reads = sum(by.values()) - upkeep - writes
    print(f"    reads {reads}, writes {writes}, upkeep {upkeep} (leader election, Events)")
    share = own_share(log, sys.argv[3]) if len(sys.argv) > 3 else None
    if share:
        print(f"    create to Ready {share[2]:.2f} s; the operator's own share: {share[0]:.3f} s until the last child was written,"
              f" {share[1]:.3f} s from the last workload's change to Ready")


main()
