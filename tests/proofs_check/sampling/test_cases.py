"""Families and parameters of cases, and options that cannot be used."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from proofs_check.checks import GeneratedCheck
from proofs_check.claim import Context
from proofs_check.sampling import Cases
from proofs_check.sampling.drawing import parameter
from proofs_check.statements import Mixture, Relation
from proofs_check.verdict import Verdict

PAIRS = Cases(family=lambda t: [[t], [-t]], parameters={"t": ("1/10", "5")})
WEIGHTS = Cases(components=(2, 3), weight=("1/10", "3/5"))
STEPS = Cases(components=(1, 2), parameters={"step": ("1/100", "1/2"), "shift": ("-1", "2")})


@given(PAIRS.strategy())
def test_members_of_a_family_carry_their_parameters(mixture: Mixture) -> None:
    ((name, value),) = mixture.parameters
    assert name == "t"
    assert Fraction(1, 10) <= value <= 5
    assert mixture.means == ((value,), (-value,))
    assert Mixture.from_data(mixture.to_data()) == mixture


@given(WEIGHTS.strategy())
def test_weights_lie_in_their_range(mixture: Mixture) -> None:
    assert sum(mixture.weights) == 1
    assert all(Fraction(1, 10) <= weight <= Fraction(3, 5) for weight in mixture.weights)


@given(STEPS.strategy())
def test_parameters_stand_beside_drawn_mixtures(mixture: Mixture) -> None:
    drawn = dict(mixture.parameters)
    assert Fraction(1, 100) <= drawn["step"] <= Fraction(1, 2)
    assert -1 <= drawn["shift"] <= 2


@given(st.fractions(-3, 3, max_denominator=50), st.fractions(Fraction(1, 50), 3), st.data())
def test_ends_of_narrow_ranges_are_kept(
    low: Fraction, width: Fraction, data: st.DataObject
) -> None:
    assert low <= data.draw(parameter(low, low + width)) <= low + width


def test_a_relation_about_a_family_is_refuted_at_its_parameters() -> None:
    relation = Relation(
        "K <= t^2/4", lambda at: at.loss("kl"), "<=", lambda at: at.parameters["t"] ** 2 / 4
    )
    result = GeneratedCheck("g", relation, PAIRS).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None
    assert str(result.witness.mixture).startswith("t = ")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"components": (0, 2)}, "components"),
        ({"components": (3, 2)}, "components"),
        ({"components": 3}, "components"),
        ({"components": (1, 2.0)}, "components"),
        ({"dimensions": (1, True)}, "dimensions"),
        ({"teacher": (0, 1)}, "teacher"),
        ({"separation": ("0", "1")}, "separation"),
        ({"separation": ("2", "1")}, "separation"),
        ({"separation": (0.5, 1)}, "separation"),
        ({"weight": "equal"}, "weight"),
        ({"weight": ("1/2", "1/4")}, "weight"),
        ({"weight": ("1/2", "1"), "components": (3, 3)}, "add up to 1"),
        ({"on_line": "yes"}, "on_line"),
        ({"parameters": {"t": ("2", "1")}}, "parameters"),
        ({"family": lambda t: [[t]]}, "ranges of its parameters"),
        ({"family": lambda t: [[t]], "parameters": {"t": (0, 1), "s": (0, 1)}}, "function of t, s"),
        ({"family": [[1]], "parameters": {"t": (0, 1)}}, "a function of the parameters"),
        (
            {"family": lambda t: [[t]], "parameters": {"t": (0, 1)}, "components": (2, 2)},
            "nothing beside a family",
        ),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        Cases(**options)


def test_a_family_that_makes_no_mixture_is_named_with_its_parameters() -> None:
    cases = Cases(family=lambda t: {"means": [[t]], "weights": [t]}, parameters={"t": ("2", "3")})
    relation = Relation("0 < 1", lambda at: 0, "<", lambda at: 1)
    with pytest.raises(InputError, match="at t = "):
        GeneratedCheck("g", relation, cases).run(Context())
