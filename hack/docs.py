#!/usr/bin/env python3
"""docs.py [--check] : docs/reference.md from crds/promptsales.yaml.

Every field of the resource with its type, range and description, in the order of the CRD. With --check nothing is
written: it fails when the page is not what the CRD says, and says what to run.
"""
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
CRD = ROOT / "crds/promptsales.yaml"
PAGE = ROOT / "docs/reference.md"

INTRO = """\
<!-- Generated from crds/promptsales.yaml by hack/docs.py: edit there, run it, commit both. -->
# PromptSales: every field

`{api}`, kind `{kind}`, short name `{short}`. The same text is in `kubectl explain promptsales.spec`.

Only `spec.tier` is required. What a tier gives can be overridden field by field; what is effective is in
`status.effective`. Samples: [manifests/samples](../manifests/samples).

The whole resource is described here, so that yours need not change when the operator learns more of it. What the
installed version does not act on yet is never ignored: condition `Ready` is then False with reason `NotImplemented` and
names the field.
"""


def type_of(schema):
    """'text', 'list of text', 'MVP, Growth or Scale' …: what a person may write."""
    if "enum" in schema:
        values = [f"`{value}`" for value in schema["enum"]]
        return ", ".join(values[:-1]) + (" or " if len(values) > 1 else "") + values[-1]
    if schema.get("x-kubernetes-int-or-string"):
        return "quantity"
    if schema["type"] == "array":
        return "list of " + ("objects" if schema["items"]["type"] == "object" else type_of(schema["items"]))
    if "additionalProperties" in schema:
        return "map of " + type_of(schema["additionalProperties"])
    names = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object"}
    name = "time" if schema.get("format") == "date-time" else names[schema["type"]]
    return name + range_of(schema)


def range_of(schema):
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low} to {high}"
    if low is not None:
        return f", at least {low}"
    if schema.get("maxLength"):
        return f", at most {schema['maxLength']} characters"
    return ""


def rows(schema, path):
    """(path, type, required, description) of every field below, depth first."""
    if schema.get("type") == "array":
        yield from rows(schema["items"], path + "[]")
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        at = f"{path}.{name}"
        yield at, type_of(field), name in required, field["description"]
        yield from rows(field, at)


def rules(schema, path):
    """(path, sentence) of every rule with a fixed message."""
    for rule in schema.get("x-kubernetes-validations", []):
        if "message" in rule:
            yield path + rule.get("fieldPath", ""), rule["message"]
    if schema.get("type") == "array":
        yield from rules(schema["items"], path + "[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from rules(schema["additionalProperties"], path + ".*")
    for name, field in schema.get("properties", {}).items():
        yield from rules(field, f"{path}.{name}" if path else name)


def table(schema, path):
    lines = ["| Field | Type | Meaning |", "| --- | --- | --- |"]
    for at, kind, required, text in rows(schema, path):
        text = " ".join(text.split()).replace("|", "\\|")
        lines.append(f"| `{at}` | {kind}{', **required**' if required else ''} | {text} |")
    return lines


def page(definition):
    spec = definition["spec"]
    version = spec["versions"][0]
    root = version["schema"]["openAPIV3Schema"]
    fields = root["properties"]
    intro = INTRO.format(api=f"{spec['group']}/{version['name']}", kind=spec["names"]["kind"],
                         short=spec["names"]["shortNames"][0])
    lines = [intro, "## spec", "", fields["spec"]["description"], "", *table(fields["spec"], "spec"), ""]
    lines += ["## status", "", fields["status"]["description"], "", *table(fields["status"], "status"), ""]
    lines += ["## What is refused", "",
              "Beyond types and ranges, by the API server itself; each refusal names the field.", "",
              "| Field | The server says |", "| --- | --- |"]
    lines += [f"| `{path or 'the resource'}` | {text} |" for path, text in rules(root, "")]
    return "\n".join(lines) + "\n"


def main():
    text = page(yaml.safe_load(CRD.read_text()))
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != text:
            sys.exit("docs/reference.md is not what crds/promptsales.yaml says: run hack/docs.py and commit the page")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
