"""Plant every small change of some modules, one at a time, and run tests against each.

``python -m tests.mutants.sweep MODULE.py ... --tests TEST ... [--only NAME] [--sample N]``

One process imports what the modules rest on; each change runs in a fork of it, which compiles the
changed module when the tests import it, and stops at the first failure. What no test notices is
printed, unless ``tests/mutants/equivalent.txt`` gives the reason why nothing could.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants.operators import changed, changes

EQUIVALENT = Path(__file__).with_name("equivalent.txt")
#: Imported before the forks, unless a changed module is among them.
PACKAGES = (
    "numpy",
    "scipy.special",
    "sympy",
    "flint",
    "mpmath",
    "hypothesis",
    "jsonschema",
    "derive.catalogue",
    "derive.losses.objectives",
    "derive.losses.gradients",
)


class _Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module from a changed tree."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self.module, self.path, self.tree = module, path, tree

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self.module:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


class _Few:
    """Keeps some cases of each test function, spread over all, and none of the slow ones."""

    def __init__(self, most: int, slow: Sequence[str]) -> None:
        self.most, self.slow = most, slow

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        cases: dict[str, list[pytest.Item]] = {}
        for item in items:
            if any(name in item.nodeid for name in self.slow):
                continue
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
        kept: list[pytest.Item] = []
        for same in cases.values():
            step = max(1, len(same) // self.most)
            kept += same[::step]
        items[:] = kept


def module_of(path: Path) -> str:
    """The dotted name of a file of the packages."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def survives(
    path: Path, tree: ast.Module, tests: Sequence[str], seconds: int, few: Sequence[object]
) -> bool:
    """Whether the tests pass with a changed module, in a process of its own."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30,) * 2)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        sys.meta_path.insert(0, _Planted(module_of(path), path, tree))
        options = ["-x", "-q", "-p", "no:cacheprovider", *tests]
        code = pytest.main(options, plugins=few)
    except BaseException:
        code = 1
    os._exit(int(code))


def known_equivalent() -> dict[str, str]:
    """Reasons by ``file: change``."""
    if not EQUIVALENT.exists():
        return {}
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" # ", 1) for line in lines if line and not line.startswith("#"))
    return {change.strip(): reason.strip() for change, reason in pairs}


def sweep(
    paths: Sequence[Path],
    tests: Sequence[str],
    *,
    only: str = "",
    without: Sequence[str] = (),
    slow: Sequence[str] = (),
    sample: int = 0,
    seconds: int = 120,
    killed: Path | None = None,
) -> int:
    """Number of changes that survive; each is printed."""
    for name in PACKAGES:
        importlib.import_module(name)
    importlib.import_module("derive.catalogue").derivation("density-rules").verify()
    done = set(known_equivalent())
    if killed is not None and killed.exists():
        done |= set(killed.read_text(encoding="utf-8").splitlines())
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    planted = [(path, c) for path in paths for c in changes(sources[path])]
    planted = [(p, c) for p, c in planted if only in c.name and c.kind not in without]
    if sample and sample < len(planted):
        planted = random.Random(0).sample(planted, sample)
    planted = [(p, c) for p, c in planted if f"{p}: {c.name}" not in done]
    survivors, start = 0, time.monotonic()
    for count, (path, change) in enumerate(planted, 1):
        tree = changed(sources[path], change)
        # few cases first: most changes are noticed at once
        stages: tuple[list[object], ...] = ([_Few(4, slow)], [])
        if all(survives(path, tree, tests, seconds, few) for few in stages):
            survivors += 1
            print(f"{path}: {change.name} # line {change.line}", flush=True)
        elif killed is not None:
            with killed.open("a", encoding="utf-8") as file:
                file.write(f"{path}: {change.name}\n")
        if count % 20 == 0 or count == len(planted):
            spent = time.monotonic() - start
            print(f"# {count}/{len(planted)}, {survivors} survive, {spent:.0f} s", flush=True)
    return survivors


def main() -> int:
    """Exit code 1 if a change survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--only", default="", help="changes whose description has this text")
    parser.add_argument("--without", nargs="*", default=[], help="kinds of changes left out")
    parser.add_argument("--slow", nargs="*", default=[], help="tests that only survivors meet")
    parser.add_argument("--killed", type=Path, help="file of changes that were noticed: skipped")
    parser.add_argument("--sample", type=int, default=0, help="so many, drawn at random")
    parser.add_argument("--seconds", type=int, default=120, help="CPU limit of each")
    given = parser.parse_args()
    return int(sweep(**vars(given)) > 0)


if __name__ == "__main__":
    sys.exit(main())
