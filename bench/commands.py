#!/usr/bin/env python3
"""Prints how long `make demo` and `make test` took when they last succeeded on this machine, with target and fail line.

Nothing is run here: the commands note their own times (hack/lib/times.sh) in the folder that is the only argument. "From nothing" is
without a build folder and without the Kubernetes programs; a compiler cache and downloads may still have been there.
"""
import json
import pathlib
import sys

from measure import Report

# command, what was built when it began, how that reads, the bound in seconds
FIGURES = [
    ("make demo", "nothing", "from nothing", 30 * 60),
    ("make demo", "everything", "everything built", 60),
    ("make test", "nothing", "from nothing", 45 * 60),
    ("make test", "everything", "everything built", 12 * 60),
]


def main(folder):
    report = Report()
    for command, built, reads, bound in FIGURES:
        file = pathlib.Path(folder) / f"{command.replace(' ', '-')}.{built}.json"
        if not file.exists():
            print(f"{command}, {reads}: not run here yet")
            continue
        run = json.loads(file.read_text(encoding="utf-8"))
        report.line(f"{command}, {reads} ({run['on']})", run["seconds"], "s", bound, bound)
    return 1 if report.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
