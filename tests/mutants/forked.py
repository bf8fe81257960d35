"""Run tests against a changed module in a fork that is given the module when it imports it.

The parent imports what the modules rest on, once; the change is compiled in the child. So a planted
error costs about a second, where a copy of the packages and a new interpreter cost five.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import importlib.abc
import importlib.util
import io
import os
import resource
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import Phase, settings

from tests.mutants.harness import ROOT, Mutant, run

#: Without rewritten assertions: pytest would load the packages itself, and unchanged, where they
#: are installed with a plugin.
OPTIONS = (
    "-x",
    "-q",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:unraisableexception",
)
#: How a child ends whose tests passed because they ran on something else.
NOT_IMPORTED = 99
#: Imported before the forks.
LIBRARIES = (
    "numpy",
    "scipy.special",
    "scipy.optimize",
    "sympy",
    "flint",
    "mpmath",
    "hypothesis",
    "jsonschema",
)
#: The same, by package, unless an error is planted in that package or in one that it rests on.
PACKAGES = {
    "derive": ("derive.catalogue", "derive.losses.objectives", "derive.losses.gradients"),
    "numerics": (
        "numerics.fates.criteria",
        "numerics.fates.escape_region",
        "numerics.quadrature.inputs",
        "numerics.stationary.slice_points",
    ),
}


class _Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module from a changed tree."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self.module, self.path, self.tree = module, path, tree
        self.imported = False

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self.module:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        self.imported = True
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def module_of(path: Path) -> str:
    """The dotted name of a file of the packages."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def survives(
    path: Path, tree: ast.Module, tests: Sequence[str], seconds: int, few: Sequence[object]
) -> bool:
    """Whether the tests pass with a changed module, in a process of its own."""
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == NOT_IMPORTED:
            raise RuntimeError(f"{path}: the tests {tests} did not import the changed module")
        return code == 0
    planted = _Planted(module_of(path), path, tree)
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30,) * 2)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        sys.meta_path.insert(0, planted)
        code = pytest.main([*OPTIONS, *tests], plugins=few)
    except BaseException:
        code = 1
    os._exit(int(code) if code or planted.imported else NOT_IMPORTED)


def warm(targets: Iterable[str]) -> None:
    """Import what the children would, and verify the rules that every gradient rests on."""
    changed = {name.partition("/")[0] for name in targets}
    for name in LIBRARIES:
        importlib.import_module(name)
    for package, modules in PACKAGES.items():
        if package in changed:
            break
        for name in modules:
            importlib.import_module(name)
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*OPTIONS, "--collect-only", "tests/mutants/__init__.py"])  # loads plugins
    # the first failure is enough: nobody reads a smaller one
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("planted", settings.get_profile("ci"), phases=phases)
    settings.load_profile("planted")
    if "derive" not in changed:
        importlib.import_module("derive.catalogue").derivation("density-rules").verify()
    gc.freeze()  # nothing for the children's collector to look at


def survivors(mutants: Iterable[Mutant], seconds: int = 60) -> list[str]:
    """Names of the planted errors that their tests do not notice."""
    mutants = list(mutants)
    warm(mutant.file for mutant in mutants)
    found = []
    for mutant in mutants:
        path = Path(mutant.file)
        source = path.read_text(encoding="utf-8")
        assert source.count(mutant.old) == 1, f"{mutant.name}: {source.count(mutant.old)} places"
        tree = ast.parse(source.replace(mutant.old, mutant.new))
        if survives(path, tree, mutant.tests, seconds, []):
            found.append(mutant.name)
    return found


def surviving(module: str, list_of_mutants: str, part: int = 0, parts: int = 1) -> list[str]:
    """The same for one of some parts of a list in a module of tests, in a process of its own."""
    arguments = (module, list_of_mutants, str(part), str(parts))
    # each child has a limit of CPU time of its own
    done = run(ROOT, "-m", "tests.mutants.forked", *arguments, timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def part_of(mutants: Sequence[Mutant], part: int, parts: int) -> list[Mutant]:
    """Errors in one package together: more can be imported before the forks.

    Without those that are seen on the disk only.
    """
    ordered = sorted((m for m in mutants if not m.on_disk), key=lambda m: m.file)
    ends = [len(ordered) * place // parts for place in (part, part + 1)]
    return ordered[ends[0] : ends[1]]


if __name__ == "__main__":
    planted = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])
    for name in survivors(part_of(planted, int(sys.argv[3]), int(sys.argv[4]))):
        print(name)
