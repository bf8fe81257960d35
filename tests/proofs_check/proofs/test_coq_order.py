"""Orders of factors and terms in files for Coq: one kind of change at a time."""

from __future__ import annotations

import pytest

from proofs_check.proofs.coq.polynomials import in_order, towards_order
from proofs_check.proofs.kernel.terms import Term, number
from proofs_check.proofs.tactics.language import I_, A, J, V, total, v


def masked(term: Term) -> Term:
    """The term with every sum replaced by 1."""
    if term.op == "sum":
        return number(1)
    return Term(term.op, tuple(masked(a) for a in term.args), term.data)


PULL = total(v(V, J, A) * v(V, I_, A), A)
SQUARE = total(v(V, I_, A) * v(V, I_, A), A)


@pytest.mark.parametrize("name", ["", "~"])
@pytest.mark.parametrize("values", [(PULL, SQUARE), (PULL, SQUARE + PULL), (PULL * SQUARE, PULL)])
def test_sums_change_before_the_products_they_stand_in(
    name: str, values: tuple[Term, Term]
) -> None:
    term = Term("add", (number(2), Term("multiply", values)))
    names = {J: name}
    steps = towards_order(term, names)
    assert steps[0] == term
    assert steps[-1] == in_order(term, names)
    if len(steps) == 4:
        assert masked(steps[1]) == masked(term)
        assert in_order(steps[1], names) == steps[-1]


def test_products_that_turn_while_they_change_take_a_step_more() -> None:
    lengths = {
        len(towards_order(Term("multiply", (PULL, SQUARE)), {J: name})) for name in ("", "~")
    }
    assert 4 in lengths
