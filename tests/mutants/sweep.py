"""Plant every small change of some modules, one at a time, and run tests against each.

``python -m tests.mutants.sweep MODULE.py ... --tests TEST ... [--only NAME] [--sample N]``

One process imports what the modules rest on; each change runs in a fork of it, which compiles the
changed module when the tests import it, and stops at the first failure. What no test notices is
printed, unless ``tests/mutants/equivalent.txt`` gives the reason why nothing could.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants.forked import survives, warm
from tests.mutants.operators import changed, changes

EQUIVALENT = Path(__file__).with_name("equivalent.txt")


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


def known_equivalent() -> list[re.Pattern[str]]:
    """Changes that nothing could notice; a ``*`` in the file stands for any text."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    names = [line.split(" # ")[0].strip() for line in lines if line and not line.startswith("#")]
    return [re.compile(re.escape(name).replace(r"\*", ".*"), re.DOTALL) for name in names]


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
    quick: bool = False,
) -> int:
    """Number of changes that survive; each is printed."""
    warm(str(path) for path in paths)
    done, equivalent = set(), known_equivalent()
    if killed is not None and killed.exists():
        done = set(killed.read_text(encoding="utf-8").splitlines())
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    planted = [(path, c) for path in paths for c in changes(sources[path])]
    planted = [(p, c) for p, c in planted if only in c.name and c.kind not in without]
    if sample and sample < len(planted):
        planted = random.Random(0).sample(planted, sample)
    planted = [(p, c) for p, c in planted if f"{p}: {c.name}" not in done]
    planted = [
        (p, c) for p, c in planted if not any(e.fullmatch(f"{p}: {c.name}") for e in equivalent)
    ]
    survivors, start = 0, time.monotonic()
    for count, (path, change) in enumerate(planted, 1):
        tree = changed(sources[path], change)
        # few cases first: most changes are noticed at once
        stages: tuple[list[object], ...] = ([_Few(4, slow)],) if quick else ([_Few(4, slow)], [])
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
    parser.add_argument("--quick", action="store_true", help="few cases of each test only")
    parser.add_argument("--sample", type=int, default=0, help="so many, drawn at random")
    parser.add_argument("--seconds", type=int, default=120, help="CPU limit of each")
    given = parser.parse_args()
    return int(sweep(**vars(given)) > 0)


if __name__ == "__main__":
    sys.exit(main())
