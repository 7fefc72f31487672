#!/usr/bin/env python3
"""Fails when docs/conditions.md and the reasons in the source differ, and names the reason.

A reason is a string literal where an Error, a Readiness, a condition or an Event is made; the page has each in the
first column of a table. Reasons that only the process itself sees (start-up, shut-down, its own streams) are listed
here with why a person looking at a PromptSales never meets them.
"""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/conditions.md"
FOLDERS = ["controllers", "operator"]

# Where a reason is written, as (pattern, its group holds text with one or more literals).
MADE_BY = [
    r'failure\(\s*Remedy::\w+,\s*("\w+")',
    r'State::k(?:Failed|Waiting|Progressing),\s*("\w+")',
    r'\bkProgressing,\s*("\w+")',
    r'\b(?:fail|failed|progressing)\(\s*("\w+")',
    r'\bprogressing\(([^,;]*\?[^,;]*),',  # progressing(newest ? "Starting" : "RollingOut", …
    r'\.reason = ("\w+")',
    r'string reason = ([^;]*\?[^;]*);',  # const std::string reason = … ? "NotImplemented" : "InvalidSpec";
    r'string_at\(condition, \{"reason"\}, ("\w+")\)',
    r'inline constexpr std::string_view k(?:Suspended|Valid|ExpiresSoon) = ("\w+")',
    r'constexpr const char\* kCredentialsMissing = ("\w+")',
    r'inline constexpr std::string_view k(?:BindingTrial|BindingRejected|BindingUntried|PasswordRotation|PasswordRotationFailed|LoginRefused|ServiceUnreachable|ServiceUnusable|Connecting) = ("\w+")',
    r'\bwrong\(\s*("\w+")',  # of a certificate
    r'\bnews\.emplace_back\(([^;]*)\);',
    r'Remedy::kWaitForChange, ("\w+")',
    r'conditions\.set\(\s*"\w+", "(?:True|False|Unknown)", ("\w+")',
]
# Of error_of(): what the API server's answer is called when it does not say.
BY_HTTP_STATUS = ROOT / "operator/k8s/response.hpp", ROOT / "operator/k8s/response.cpp"

NEVER_IN_A_STATUS = {
    "BadConfig": "ends the start of the process, or is in its log and /readyz",
    "BadAddress": "ends the start of the process",
    "BadKubeconfig": "ends the start of the process",
    "BadOption": "ends the start of the process",
    "BadServer": "ends the start of the process",
    "CertificateInvalid": "ends the start of the process",
    "NotWatchable": "ends the start of the process",
    "NotInCluster": "ends the start of the process",
    "PortTaken": "ends the start of the process",
    "Stopped": "the process is stopping and writes no status",
    "Stopping": "the process is stopping and writes no status",
    "NotLeading": "without the lease no status is written either",
    "WatchListIncomplete": "an informer's own; it lists instead",
    "InvalidQuantity": "validation makes InvalidSpec of it",
}
# On the page, and made by others than the source.
BY_OTHERS = {"Pending": "the CRD's default status", "BadRequest": "the API server"}


def reasons_in_the_source():
    """Reason: where it was found first."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]pp")):
            text = path.read_text()
            for pattern in MADE_BY:
                for group in re.findall(pattern, text):
                    for reason in re.findall(r'"(\w+)"', group):
                        found.setdefault(reason, path.relative_to(ROOT))
    for path in BY_HTTP_STATUS:
        for reason in re.findall(r'(?:return|string_view k\w+ =) "(\w+)";', path.read_text()):
            found.setdefault(reason, path.relative_to(ROOT))
    status = (ROOT / "controllers/promptsales/status.cpp").read_text()
    for reason in re.findall(r'\{"\w+", (?:Component::\w+|std::nullopt),\s*"(\w+)"', status):
        found.setdefault(reason, "controllers/promptsales/status.cpp")
    return found


def reasons_on_the_page():
    rows = PAGE.read_text().split("## Reasons", 1)[1].splitlines()
    cells = [row.split("|")[1] for row in rows if row.startswith("| `")]
    return {reason for cell in cells for reason in re.findall(r"`(\w+)`", cell)}


class ConditionsPage(unittest.TestCase):
    def test_every_reason_is_explained(self):
        explained = set(re.findall(r"`(\w+)`", PAGE.read_text())) | set(NEVER_IN_A_STATUS)
        missing = {reason: str(path) for reason, path in reasons_in_the_source().items() if reason not in explained}
        self.assertEqual(missing, {}, "add a row to docs/conditions.md for each")

    def test_nothing_is_explained_that_does_not_happen(self):
        extra = reasons_on_the_page() - set(reasons_in_the_source()) - set(BY_OTHERS)
        self.assertEqual(extra, set(), "remove the rows from docs/conditions.md")

    def test_no_exemption_is_left_over(self):
        gone = set(NEVER_IN_A_STATUS) - set(reasons_in_the_source())
        self.assertEqual(gone, set(), "remove them from NEVER_IN_A_STATUS")

    def test_the_patterns_still_find_one_of_each_sort(self):
        found = reasons_in_the_source()
        for reason in ["NameConflict", "CrashLoop", "RollingOut", "Starting", "Creating", "Suspended", "Disabled",
                       "Available", "Scaling", "Ready", "DataRetained", "Forbidden", "ServerError"]:
            self.assertIn(reason, found)


if __name__ == "__main__":
    sys.exit(unittest.main())
