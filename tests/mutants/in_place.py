"""Run collected tests against changes of functions of a loaded module, each in a fork.

A change inside a function replaces the function's code where it stands, so that nothing is imported
or collected again: a planted error costs little more than the tests that notice it. What was
remembered from the function, or from any that reaches it by name, is forgotten first.
"""

from __future__ import annotations

import ast
import gc
import inspect
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.fixtures import FixtureDef, Scope

from tests.mutants.forked import OPTIONS, module_of
from tests.mutants.operators import Change, changed

#: How a child ends whose change is not inside of a function.
ELSEWHERE = 98


def _function(holder: Any, name: str) -> FunctionType | None:
    """The function under decorators that keep it."""
    found = vars(holder).get(name)
    found = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    found = inspect.unwrap(found) if callable(found) else None
    return found if isinstance(found, FunctionType) else None


def _names(code: CodeType) -> set[str]:
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _holders() -> Iterator[Any]:
    """Modules of the packages and tests, and their classes."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("proofs_check", "tests", "test_")):
            yield module
            yield from (c for c in vars(module).values() if inspect.isclass(c))


@cache
def _loaded() -> list[tuple[str, Any, set[str]]]:
    """Functions of the packages and tests with the names that they use."""
    return [
        (name, value, _names(function.__code__))
        for holder in _holders()
        for name, value in list(vars(holder).items())
        if (function := _function(holder, name)) is not None
    ]


def forget(names: set[str]) -> None:
    """Clear what functions remember that have these names, or that reach them."""
    every = _loaded()
    while found := {name for name, _, used in every if used & names} - names:
        names = names | found
    for name, value, _ in every:
        if name in names and hasattr(value, "cache_clear"):
            value.cache_clear()


def patched(module: ModuleType, tree: ast.Module, where: str) -> bool:
    """Give a loaded function the code that it has in a tree; false if that has the same code."""
    fresh = ModuleType(module.__name__)
    exec(compile(tree, str(module.__file__), "exec"), fresh.__dict__)
    *outer, name = where.split(".")
    holders: list[Any] = [module, fresh]
    if outer and inspect.isclass(vars(module).get(outer[0])):
        holders = [vars(holder)[outer[0]] for holder in holders]
        name = where.split(".")[1]
    elif outer:
        name = outer[0]
    old, new = (_function(holder, name) for holder in holders)
    if old is None or new is None:
        return False
    parts = ("__code__", "__defaults__", "__kwdefaults__")
    if all(getattr(old, part) == getattr(new, part) for part in parts):
        return False
    for part in parts:
        setattr(old, part, getattr(new, part))
    forget({name, *outer[:1]})
    return True


class _Loop:
    """Instead of the tests' one run: a run as they are, then one for each change."""

    def __init__(
        self, path: Path, changes: Sequence[Change], slow: Sequence[str],
        seconds: tuple[int, int], tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.path, self.changes, self.slow, self.tell = path, changes, slow, tell
        self.test_seconds, self.seconds = seconds
        self.times: Counter[str] = Counter()
        self.failed: list[str] = []
        self.noticed_by: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.times[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    def _run(self, items: Sequence[pytest.Item]) -> Iterator[str]:
        """Names of tests that fail."""
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            yield from self.failed
            self.failed.clear()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = [i for i in session.items if not any(s in i.nodeid for s in self.slow)]
        first: dict[str, int] = {}
        for place, item in enumerate(items):
            first.setdefault(item.nodeid.partition("[")[0], place)
        finish = FixtureDef.finish

        def kept(fixture: FixtureDef[Any], request: Any) -> None:
            """What a whole module shares is made once, by the unchanged packages."""
            if fixture._scope is Scope.Function:
                finish(fixture, request)

        FixtureDef.finish = kept  # type: ignore[method-assign]
        for failed in self._run(items):
            raise RuntimeError(f"{failed} fails before anything is changed")
        source, module = self.path.read_text(encoding="utf-8"), sys.modules[module_of(self.path)]
        _loaded()  # once for all forks
        gc.freeze()
        for change in self.changes:
            tree = changed(source, change)

            def rank(place: int) -> tuple[float, bool, float, int]:
                name = items[place].nodeid
                seconds = self.times[name]
                useful = self.noticed_by[name] / (seconds + 0.01)
                return -useful, place not in first.values(), seconds, place

            ordered = [items[place] for place in sorted(range(len(items)), key=rank)]
            by = self._noticed(module, tree, change, ordered)
            self.noticed_by[by] += 1
            self.tell(f"{change.name}\t{by}\n")
        return True

    def _noticed(
        self, module: ModuleType, tree: ast.Module, change: Change, items: Sequence[pytest.Item]
    ) -> str:
        """The test that notices, "-" if none does, "?" if the change cannot be made in place."""
        read, write = os.pipe()
        child = os.fork()
        if child:
            os.close(write)
            with os.fdopen(read) as told:
                by = told.read().splitlines()
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            return "?" if code == ELSEWHERE else by[-1] if code else "-"
        code = 1
        try:
            os.write(write, b"import\n")
            resource.setrlimit(resource.RLIMIT_CPU, (self.seconds,) * 2)
            if not patched(module, tree, change.where):
                os._exit(ELSEWHERE)
            for item, following in zip(items, [*items[1:], None], strict=True):
                os.write(write, f"{item.nodeid}\n".encode())
                signal.setitimer(signal.ITIMER_VIRTUAL, self.test_seconds)
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                if self.failed:
                    os._exit(1)
            code = 0
        finally:
            os._exit(code)


def noticed_in_place(
    path: Path, tests: Sequence[str], changes: Sequence[Change], slow: Sequence[str],
    test_seconds: int, seconds: int,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Each change's name and the test that notices it: "-" if none, "?" if not inside a function.

    In a process of its own, so that the caller's does not import what is changed.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(read)
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)

            def tell(line: str) -> None:
                os.write(write, line.encode())

            loop = _Loop(path, changes, slow, (test_seconds, seconds), tell)
            code = int(pytest.main([*OPTIONS, *tests], plugins=[loop]))
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as told:
        for line in told:
            name, _, by = line.rstrip("\n").rpartition("\t")
            yield name, by
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise RuntimeError(f"{path}: the tests fail before anything is changed")
