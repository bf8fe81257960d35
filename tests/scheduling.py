"""Which tests go to one process of ``pytest -n``: those of a file, as they share what is costly.

Proofs are replayed, kernels and grids built once in a process; tests of a file that were dealt to
two processes would have it done twice.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

#: Files whose tests take long and share little: each test goes where there is room, after the rest.
APART = (
    "tests/documentation/test_blocks.py",
    "tests/faults/",
    "tests/mutants/",
    "tests/numerics/evaluation/test_evaluate.py",
    "tests/numerics/gradient_flow/test_multiprecision.py",
    "tests/proofs_check/cli/",
    "tests/proofs_check/points/test_independent_point.py",
)
#: Files whose tests stand on the same proofs: all go to one process, which replays them once.
TOGETHER = frozenset(
    {
        "tests/proofs_check/checks/test_fates.py",
        "tests/proofs_check/proofs/test_proofs_far.py",
        "tests/proofs_check/proofs/test_proofs_near.py",
    }
)


class ByFile(LoadScopeScheduling):
    """Deals whole files, those with most tests first, and then the tests of `APART`."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        file = nodeid.partition("::")[0]
        return min(TOGETHER) if file in TOGETHER else file


def by_file(config: Any, log: Any) -> ByFile | None:
    """The scheduler, unless another one was asked for with ``--dist``."""
    return ByFile(config, log) if config.getvalue("dist") == "load" else None
