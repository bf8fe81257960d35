"""What is heavy is loaded by the commands and calls that need it, and by no others."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("flint", "hypothesis", "matplotlib", "sympy")
LIST = "from proofs_check.cli import main; main(['list'])"
FLOAT = "import numerics; assert numerics.evaluate('forward', [[0], ['2.5']]).met"
BALLS = f"{FLOAT}; numerics.evaluate('forward', [[0], ['2.5']], backend='ball')"


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("import numerics, proofs_check", set()),
        (LIST, {"flint"}),
        (FLOAT, set()),
        (BALLS, {"flint"}),
    ],
    ids=["import", "list", "float64", "balls"],
)
def test_only_what_is_needed_is_loaded(code: str, needed: set[str]) -> None:
    shown = f"{code}; import sys; print('loaded', *(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, text=True, timeout=300, check=True
    )
    found = set(done.stdout.splitlines()[-1].split()[1:])
    assert found <= needed, found - needed
