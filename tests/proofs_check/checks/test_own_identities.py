"""Identities of one's own: proved, refuted when changed, and not to be had for nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.algebra.index import atom, dot
from derive.algebra.vocabulary import mean
from derive.steps.identity import Identity, NamedTerm
from numerics.errors import InputError
from proofs_check.checks import IdentityCheck
from proofs_check.claim import Context
from proofs_check.verdict import Verdict


def stein(factor: int, name: str = "stein") -> Identity:
    """``E_T[m . x] = factor E_T[tr C + m . m_T]``."""
    trace = atom("moment", "a8", "a8").sum_over("a8")
    ours = dot(mean(), atom("m_teacher", "a9"))
    return Identity(
        name,
        "Stein",
        f"E[m . x] = {factor} E[tr C + m . m_T]",
        "here",
        "teacher",
        dot(mean(), atom("x", "a9")),
        (NamedTerm("both", Fraction(factor), trace + ours),),
        (),
        teacher="mixture",
    )


def test_it_is_proved_and_shown() -> None:
    result = IdentityCheck(stein(1)).run(Context())
    assert result.verdict is Verdict.PROVED
    assert "any mixture teacher" in result.scope
    assert "m[a]*x[a]" in result.notes[0]


@pytest.mark.parametrize("check", [
    IdentityCheck(stein(2)), IdentityCheck(stein(1), ("both", Fraction(21, 20)))
])  # fmt: skip
def test_a_changed_one_is_refuted_under_a_mixture_teacher(check: IdentityCheck) -> None:
    result = check.run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None
    assert len(result.witness.mixture.teacher_means) == 2


def test_one_expression_on_both_sides_says_nothing() -> None:
    same = stein(1)
    trivial = Identity(
        "same", "", "", "", "teacher", same.left, (NamedTerm("it", Fraction(1), same.left),), ()
    )
    result = IdentityCheck(trivial).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cannot fail" in result.notes[0]


class Willing(Identity):
    def holds(self) -> bool:
        return True


def test_a_class_that_decides_for_itself_is_refused() -> None:
    false = stein(2)
    willing = Willing(
        false.name, "", "", "", "teacher", false.left, false.terms, (), teacher="mixture"
    )
    with pytest.raises(InputError, match="Willing"):
        IdentityCheck(willing).run(Context())
