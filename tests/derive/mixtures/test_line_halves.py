"""The loss on a line when the components on both sides of the truth are moved apart."""

from __future__ import annotations

import pytest
import sympy

from derive.mixtures import line_halves
from derive.mixtures.line_halves import SIGNS, crossing, log_odds, pull


def test_every_step_verifies() -> None:
    assert line_halves.line_halves().verify()


def test_a_pair_on_one_side_and_a_pair_across_are_both_met() -> None:
    assert {len(set(signs)) for signs in SIGNS} == {1, 2}


@pytest.mark.parametrize(
    ("name", "changed", "failures"),
    [
        ("log_odds", lambda i, k: -log_odds(i, k), 2),
        ("log_odds", lambda i, k: log_odds(i, k) + 1, 2),
        ("pull", lambda signs: pull(signs).subs(sympy.Symbol("v0"), 0), 2),
        ("crossing", lambda signs: crossing(signs) / 2, 2),
    ],
)
def test_a_changed_formula_does_not_verify(
    monkeypatch: pytest.MonkeyPatch, name: str, changed: object, failures: int
) -> None:
    monkeypatch.setattr(line_halves, name, changed)
    assert len(line_halves.line_halves().verify().failed) == failures
