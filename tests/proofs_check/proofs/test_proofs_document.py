"""The proof that docs/proofs.md writes runs, and prints what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "proofs.md").read_text(encoding="utf-8")
((SOURCE, PRINTED),) = re.findall(
    r"```python\n(.*?)```.*?```text\n(.*?)```", DOCUMENT, flags=re.DOTALL
)


def test_the_proof_prints_what_stands_below_it(capsys):
    exec(compile(SOURCE, "docs/proofs.md", "exec"), {})
    assert capsys.readouterr().out == PRINTED


@pytest.mark.parametrize(
    ("right", "wrong", "step"),
    [
        ("at_most(eta, 2)", "at_most(eta, 3)", "at k + 1"),
        ("eta * (2 - eta)", "eta * (3 - eta)", "one step"),
        ('(1, ("at k",))', '(2, ("at k",))', "at k + 1"),
    ],
)
def test_a_wrong_constant_in_it_fails_at_its_step(right, wrong, step):
    assert right in SOURCE
    names: dict[str, object] = {}
    exec(compile(SOURCE.replace(right, wrong), "docs/proofs.md", "exec"), names)
    found = names["found"]
    assert found.failed[0].step.name == step
    assert str(found.verdict) == "INCONCLUSIVE"
