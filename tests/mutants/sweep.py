"""Plant every small change of some modules, one at a time, and run tests against each.

``python -m tests.mutants.sweep [MODULE.py ...] [--tests TEST ...] [--sample N]``

Without modules: those of `PLAN`, each with its tests, which are collected and run once as the
module is. Each change inside of a function then replaces the function's code in a fork of that
process (`tests.mutants.in_place`); other changes run in a fork that compiles the changed module
when the tests import it. Each stops at the first failure. The tests that noticed earlier changes
come first, then one case of each test, then all others, the shortest first. What no test notices is
printed, unless ``equivalent.txt`` beside this gives the reason why nothing could.

It can be stopped and started again: what was noticed is remembered in ``tests/mutants/*.part``, and
counts are kept in ``tests/mutants/swept.json``, which ``--report`` shows without planting anything.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.mutants.forked import survives, warm
from tests.mutants.harness import ROOT
from tests.mutants.in_place import noticed_in_place
from tests.mutants.operators import Change, changed, changes

HERE = Path(__file__).parent
EQUIVALENT = HERE / "equivalent.txt"
RECORD = HERE / "swept.json"

_PROOFS = "tests/proofs_check/proofs"
_CERTIFICATES = "tests/proofs_check/certificates"
_RULES = (
    f"{_PROOFS}/test_theorems_cannot_be_made.py",
    f"{_PROOFS}/test_hostile.py",
    f"{_PROOFS}/test_holes.py",
)
#: What the word PROVED rests on, and the tests that are meant for it.
PLAN: Mapping[str, tuple[str, ...]] = {
    **{
        f"proofs_check/proofs/kernel/{name}.py": _RULES
        for name in ("axioms", "calculus", "theorem", "normal", "rules", "terms")
    },
    "proofs_check/certificates/checker.py": tuple(
        f"{_CERTIFICATES}/test_{name}.py" for name in ("trajectory", "hypotheses")
    ),
    **{
        f"proofs_check/certificates/{name}.py": (f"{_CERTIFICATES}/test_{name}.py",)
        for name in ("region", "file_format", "distinct_far", "loss_barrier", "small_steps")
    },
    **{f"proofs_check/proofs/kernel/oracles/{name}.py": (
        f"{_PROOFS}/test_escape_oracles.py", f"{_PROOFS}/test_slice_oracles.py", *_RULES,
    ) for name in ("table", "gradients", "escape_region", "slice_equation")},
}  # fmt: skip
#: CPU seconds after which one test is stopped: the change made it run on.
TEST_SECONDS = 10


@dataclass
class Counts:
    """What became of the changes of a module.

    Attributes
    ----------
    source : str
        Digest of the code that was changed, without comments and layout.
    changes, noticed, equivalent : int
        All; those that a test noticed; those that may survive, with a reason.
    survive : list of str
        Those that no test noticed; what is missing was not planted yet.
    """

    source: str
    changes: int
    noticed: int = 0
    equivalent: int = 0
    survive: list[str] | None = None

    @property
    def left(self) -> int:
        """Changes that were not planted."""
        return self.changes - self.noticed - self.equivalent - len(self.survive or ())


class _Ordered:
    """Runs first what noticed most in its time, then the shortest; tells which one notices."""

    def __init__(
        self, noticed_by: Counter[str], times: Mapping[str, float], slow: Sequence[str], told: int
    ) -> None:
        self.noticed_by, self.times, self.slow, self.told = noticed_by, times, slow, told

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        first: dict[str, int] = {}
        for place, item in enumerate(items):
            first.setdefault(item.nodeid.partition("[")[0], place)

        def rank(place: int) -> tuple[float, bool, float, int]:
            name = items[place].nodeid
            seconds = self.times.get(name, 0.0)
            useful = self.noticed_by[name] / (seconds + 0.01)
            return -useful, place not in first.values(), seconds, place

        chosen = [p for p in range(len(items)) if not any(s in items[p].nodeid for s in self.slow)]
        items[:] = [items[place] for place in sorted(chosen, key=rank)]

    def pytest_runtest_logstart(self) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, TEST_SECONDS)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self.told, report.nodeid.encode())


class _Timed:
    """Tells how long each test takes."""

    def __init__(self, told: int) -> None:
        self.told = told

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            os.write(self.told, f"{report.duration:.3f} {report.nodeid}\n".encode())


def known_equivalent() -> list[re.Pattern[str]]:
    """Changes that nothing could notice; a ``*`` in the file stands for any text."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    names = [line.split(" # ")[0].strip() for line in lines if line and not line.startswith("#")]
    return [re.compile(re.escape(name).replace(r"\*", ".*"), re.DOTALL) for name in names]


def digest(source: str) -> str:
    """Of the code, whatever its comments and layout."""
    return _digest(ast.parse(source))


def _digest(*nodes: ast.AST) -> str:
    return hashlib.sha256("".join(ast.dump(node) for node in nodes).encode()).hexdigest()[:16]


def _parts(source: str) -> dict[str, str]:
    """Digests of functions and classes by name, and of what is outside of them."""
    outside, found = [], {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = _digest(node)
        else:
            outside.append(node)
    return {**found, "": _digest(*outside)}


def _record() -> dict[str, Counts]:
    if not RECORD.exists():
        return {}
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    return {name: Counts(**counts) for name, counts in found.items()}


def _write(path: Path, text: str) -> None:
    path.with_suffix(".tmp.part").write_text(text, encoding="utf-8")
    path.with_suffix(".tmp.part").replace(path)


def _remembered(path: Path) -> tuple[Path, set[str]]:
    """Where it stands which changes were noticed in which functions, and what stands there."""
    file = HERE / f"{'.'.join(path.with_suffix('').parts)}.part"
    return file, set(file.read_text(encoding="utf-8").splitlines()) if file.exists() else set()


def sweep(
    path: Path,
    tests: Sequence[str],
    *,
    only: str = "",
    without: Sequence[str] = (),
    slow: Sequence[str] = (),
    sample: int = 0,
    part: Sequence[int] = (0, 1),
    seconds: int = 120,
) -> Counts:
    """Plant the changes of one module; those that survive are printed."""
    source = path.read_text(encoding="utf-8")
    known, (file, before), parts = known_equivalent(), _remembered(path), _parts(source)
    every = changes(source)
    lines = {c.name: f"{parts[c.where.partition('.')[0]]} {c.name}" for c in every}
    noticed = {name for name, line in lines.items() if line in before}
    same = {c.name for c in every if any(e.fullmatch(f"{path}: {c.name}") for e in known)}
    counts = Counts(digest(source), len(every), survive=[])
    planted = [c for c in every if only in c.name and c.kind not in without and c.name not in same]
    # what survived comes first, then an order that makes the first ones a fair sample
    survived = (_record().get(str(path)) or counts).survive or ()
    planted.sort(key=lambda c: (c.name not in survived, hashlib.sha256(c.name.encode()).digest()))
    planted = planted[: sample or None][part[0] :: part[1]]
    # what is not planted this time survives as before
    others = lines.keys() - noticed - same - {c.name for c in planted}
    counts.survive = [name for name in survived if name in others]
    todo = [c for c in planted if c.name not in noticed]
    start = time.monotonic()
    try:
        found = _found(path, source, todo, tests, seconds, slow)
        for count, (change, by) in enumerate(found, 1):
            if by is None:
                counts.survive = [*(counts.survive or ()), change.name]
                print(f"{path}: {change.name} # line {change.line}", flush=True)
            else:
                noticed.add(change.name)
                with file.open("a", encoding="utf-8") as out:
                    out.write(f"{lines[change.name]}\n")
            if count % 20 == 0 or count == len(todo):
                pace = 60 * count / (time.monotonic() - start)
                print(f"# {path}: {count}/{len(todo)}, {pace:.0f} a minute", flush=True)
    finally:
        counts.noticed, counts.equivalent = len(noticed - same), len(same)
        record = {**_record(), str(path): counts}
        ordered = {name: asdict(record[name]) for name in sorted(record)}
        _write(RECORD, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    return counts


def _found(
    path: Path, source: str, todo: Sequence[Change], tests: Sequence[str], seconds: int,
    slow: Sequence[str],
) -> Iterator[tuple[Change, str | None]]:  # fmt: skip
    """Each change with the test that notices it; those inside of functions come first."""
    inside = [c for c in todo if c.where]
    rest = {c.name: c for c in todo if not c.where}
    by_name = {c.name: c for c in inside}
    if inside:
        for name, by in noticed_in_place(path, tests, inside, slow, TEST_SECONDS, seconds):
            if by == "?":
                rest[name] = by_name[name]
            else:
                yield by_name[name], None if by == "-" else by
    times = _durations(path, source, tests) if rest else {}
    noticed_by: Counter[str] = Counter()
    for change in rest.values():
        by = _noticed(path, source, change, tests, seconds, noticed_by, times, slow)
        if by is not None:
            noticed_by[by] += 1
        yield change, by


def _durations(path: Path, source: str, tests: Sequence[str]) -> dict[str, float]:
    """How long each test takes with the module as it is, where all pass."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        if not survives(path, ast.parse(source), tests, 600, [_Timed(told.fileno())]):
            raise RuntimeError(f"{path}: the tests fail before anything is changed")
        told.seek(0)
        lines = [line.rstrip("\n").partition(" ") for line in told]
    return {name: float(seconds) for seconds, _, name in lines}


def _noticed(
    path: Path, source: str, change: Change, tests: Sequence[str], seconds: int,
    noticed_by: Counter[str], times: Mapping[str, float], slow: Sequence[str],
) -> str | None:  # fmt: skip
    """The test that notices the change; none if it survives."""
    read, write = os.pipe()
    tree = changed(source, change)
    try:
        alive = survives(path, tree, tests, seconds, [_Ordered(noticed_by, times, slow, write)])
    finally:
        os.close(write)
    with os.fdopen(read) as told:
        return None if alive else told.read() or "import"


def report(paths: Iterable[str]) -> Iterator[str]:
    """The record as lines of a table; a module that was changed since is marked."""
    record, total = _record(), Counter[str]()
    for name in paths:
        counts = record.get(name)
        if counts is None:
            yield f"{name}: not swept"
            continue
        stale = digest((ROOT / name).read_text(encoding="utf-8")) != counts.source
        shown = {
            "changes": counts.changes,
            "noticed": counts.noticed,
            "equivalent": counts.equivalent,
            "survive": len(counts.survive or ()),
            "not planted": counts.left,
        }
        total.update(shown)
        text = ", ".join(f"{value} {word}" for word, value in shown.items())
        yield f"{name}: {text}{' (of an earlier version)' if stale else ''}"
    yield f"together: {', '.join(f'{value} {word}' for word, value in total.items())}"


def _planned(path: Path) -> list[Path]:
    """A file, or those of the plan in a folder."""
    inside = [Path(name) for name in PLAN if path in Path(name).parents]
    return inside or [path]


def main() -> int:
    """Exit code 1 if a change survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders (default: the plan)")
    parser.add_argument("--tests", nargs="+", help="default: those of the plan")
    parser.add_argument("--report", action="store_true", help="only show the record")
    parser.add_argument("--only", default="", help="changes whose description has this text")
    parser.add_argument("--without", nargs="*", default=[], help="kinds of changes left out")
    parser.add_argument("--slow", nargs="*", default=[], help="tests left out")
    parser.add_argument("--sample", type=int, default=0, help="so many, drawn at random")
    parser.add_argument(
        "--part", nargs=2, type=int, default=(0, 1), help="K N: each N-th from K on"
    )
    parser.add_argument("--seconds", type=int, default=120, help="CPU limit of each")
    given = vars(parser.parse_args())
    paths = [found for path in given.pop("paths") or [Path()] for found in _planned(path)]
    tests, only_report = given.pop("tests"), given.pop("report")
    if not only_report:
        warm(str(path) for path in paths)
        try:
            for path in paths:
                sweep(path, tests or PLAN[str(path)], **given)
        except KeyboardInterrupt:
            return 130  # what was noticed is remembered
    print(*report(str(path) for path in paths), sep="\n")
    record = _record()
    return int(any(record[str(path)].survive for path in paths if str(path) in record))


if __name__ == "__main__":
    sys.exit(main())
