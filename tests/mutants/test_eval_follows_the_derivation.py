"""An error planted in an integrand changes what ``eval`` prints, on every backend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.harness import Mutant, copy_of_the_packages, plant, run

COMMAND = "import sys; from proofs_check.cli import main; sys.exit(main(sys.argv[1:]))"
MEANS = '[["-0.75"], ["2.125"]]'
FORWARD = Mutant(
    "sign of the forward integrand",
    "derive/losses/objectives.py",
    '"forward",\n    "teacher",\n    dot(score_error(), score_error()),',
    '"forward",\n    "teacher",\n    -1 * dot(score_error(), score_error()),',
)
KL = Mutant(
    "sign of the KL integrand",
    "derive/losses/objectives.py",
    'atom("log_teacher") - atom("log_student")',
    'atom("log_student") - atom("log_teacher")',
)


def evaluate(root: Path, objective: str, quantity: str, backend: str) -> float:
    """One entry that ``eval`` prints."""
    options = ["--quantity", quantity, "--means", MEANS, "--backend", backend, "--json", "-"]
    done = run(root, "-c", COMMAND, "eval", "--objective", objective, *options)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    entry = document["mid" if backend == "ball" else "value"]
    while isinstance(entry, list):
        entry = entry[0]
    return float(entry)


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
@pytest.mark.parametrize(
    ("mutant", "objective", "quantity"),
    [(FORWARD, "forward", "loss"), (FORWARD, "forward", "gradient"), (KL, "kl", "hessian")],
    ids=["forward-loss", "forward-gradient", "kl-hessian"],
)
def test_a_planted_sign_reaches_eval(
    mutant: Mutant, objective: str, quantity: str, backend: str, tmp_path: Path
) -> None:
    root = copy_of_the_packages(tmp_path)
    before = evaluate(root, objective, quantity, backend)
    plant(root, mutant)
    after = evaluate(root, objective, quantity, backend)
    assert before != 0
    assert abs(after + before) <= 1e-12 * abs(before)
