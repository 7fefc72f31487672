"""What the benchmarks share: requests to the cluster, the API server's audit log, the operator's metrics, and the report.

A program of its own only for people who read it; imported by the others.
"""
import collections
import json
import subprocess
import sys
import time

OPERATOR = "system:serviceaccount:promptsales-system:promptsales-operator"
READS = {"get", "list", "watch"}


def kubectl(*args, text=None):
    done = subprocess.run(["kubectl", *args], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: kubectl {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def poll(what, claim, deadline=180.0, every=0.05):
    """Seconds until claim() is true."""
    start = time.monotonic()
    while not claim():
        if time.monotonic() - start > deadline:
            sys.exit(f"bench: {what} did not happen within {deadline:.0f} s")
        time.sleep(every)
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


def is_write(event):
    return event["verb"] not in READS


class Report:
    def __init__(self):
        self.failed = False

    def line(self, what, value, unit, target, fail):
        verdict = "target" if value <= target else "ok" if value <= fail else "FAIL"
        self.failed |= value > fail
        print(f"{what:<58} {value:>8.1f} {unit:<4} target {target:<6} fail above {fail:<6} {verdict}", flush=True)


def sum_of(page, name):
    """The sum of a metric's series on a page of Prometheus' text format."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.split("{")[0].split(" ")[0] == name)
