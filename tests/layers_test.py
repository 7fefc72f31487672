#!/usr/bin/env python3
"""Fails on an include that points up a layer, and names it.

The layers and what each may include are the table below; it is the same order as the CMake targets link in
(ARCHITECTURE.md). Checked as well: the table has no cycle, and every source belongs to a layer.
"""
import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Folder (the longest match counts): the folders it may include from, besides itself.
MAY_INCLUDE = {
    "base": [],
    "operator/k8s": ["base"],
    "operator/client": ["base", "operator/k8s"],
    "operator/runtime": ["base", "operator/k8s", "operator/client"],
    "controllers": ["base", "operator/k8s", "operator/client", "operator/runtime"],
    "operator": ["base", "operator/k8s", "operator/client", "operator/runtime", "controllers"],
    "backend": ["base"],
}
# In angle brackets too: the root is an include directory.
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def layer_of(path):
    """The layer of a path relative to the root, or None."""
    fitting = [layer for layer in MAY_INCLUDE if path == layer or path.startswith(layer + "/")]
    return max(fitting, key=len, default=None)


def forbidden_edges(root=ROOT):
    """Each include that points up: "file includes other (layer → layer)"."""
    edges = []
    for top in sorted({layer.split("/")[0] for layer in MAY_INCLUDE}):
        for source in sorted((root / top).rglob("*.[ch]pp")):
            here = source.relative_to(root).as_posix()
            layer = layer_of(here)
            for included in INCLUDE.findall(source.read_text(encoding="utf-8")):
                target = layer_of(included)
                if target is not None and target != layer and target not in MAY_INCLUDE[layer]:
                    edges.append(f"{here} includes {included} ({layer} → {target})")
    return edges


class Layers(unittest.TestCase):
    def test_no_include_points_up(self):
        self.assertEqual(forbidden_edges(), [])

    def test_the_order_has_no_cycle(self):
        reached = set()

        def visit(layer, above):
            self.assertNotIn(layer, above, "the layers form a cycle")
            for below in MAY_INCLUDE[layer]:
                visit(below, above | {layer})
            reached.add(layer)

        for layer in MAY_INCLUDE:
            visit(layer, set())
        self.assertEqual(reached, set(MAY_INCLUDE))

    def test_an_include_that_points_up_is_found(self):
        self.assertEqual(layer_of("operator/k8s/object.hpp"), "operator/k8s")
        self.assertEqual(layer_of("operator/main.cpp"), "operator")
        self.assertNotIn(layer_of("controllers/caches.hpp"), MAY_INCLUDE[layer_of("operator/runtime/store.hpp")])
        for line in ('#include "controllers/caches.hpp"', "#include <controllers/caches.hpp>"):
            with self.subTest(line), tempfile.TemporaryDirectory() as folder:
                source = pathlib.Path(folder) / "operator/runtime/store.hpp"
                source.parent.mkdir(parents=True)
                source.write_text(f'#include "base/clock.hpp"\n{line}\n', encoding="utf-8")
                self.assertEqual(
                    forbidden_edges(pathlib.Path(folder)),
                    ["operator/runtime/store.hpp includes controllers/caches.hpp (operator/runtime → controllers)"],
                )

    def test_every_source_belongs_to_a_layer(self):
        for folder in ROOT.iterdir():
            if not folder.is_dir() or folder.name.startswith(".") or folder.name in ("tests", "build", "_artifacts"):
                continue
            for source in folder.rglob("*.[ch]pp"):
                self.assertIsNotNone(layer_of(source.relative_to(ROOT).as_posix()), source)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
