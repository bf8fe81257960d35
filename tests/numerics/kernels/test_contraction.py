"""Sums over nodes as matrix products: equal to summing the kernel node by node."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from derive.algebra.program import Assignment, Factor, Program, Term
from numerics.evaluation.evaluator import Evaluator
from numerics.kernels import expand, load_program
from numerics.kernels.arrays import ArrayKernel
from numerics.kernels.contraction import SummedKernel
from numerics.kernels.expand import MOST_TERMS, expanded
from numerics.quadrature.float_grid import responsibilities


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 1), (3, 2), (2, 5), (7, 4), (12, 6)])
@pytest.mark.parametrize("quantity", ["loss", "gradient"])
@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_equal_to_the_sum_over_nodes(objective: str, quantity: str, n: int, d: int) -> None:
    generator = np.random.default_rng(n * d)
    v, points = generator.normal(size=(n, d)), generator.normal(size=(d, 300))
    weights = generator.uniform(size=300) / 300
    differences = v - v[0]
    psi, log_student = responsibilities(points, v, differences, 0, np.full(n, -np.log(n)))
    inputs = {
        "psi": psi,
        "v": v,
        "v_shifted": differences,
        "v_anchor": v[0],
        "log_student": log_student,
    }
    program = load_program(objective, quantity)
    expected = (ArrayKernel(program, n, d, 1, d, np.float64)(inputs) * weights).sum(axis=-1)
    found = SummedKernel(program, n, d, d)(inputs, weights)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-13 * max(1.0, np.abs(expected).max())


def test_large_polynomials_are_left_alone() -> None:
    program = load_program("forward", "gradient")
    polynomial = expanded(program)
    assert polynomial is not None
    assert len(polynomial.output.terms) <= MOST_TERMS
    assert expanded(load_program("forward", "hessian")) is None
    with pytest.raises(ValueError, match="terms"):
        SummedKernel(load_program("forward", "hessian"), 2, 2, 2)


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_gradient_above_rank_three_is_that_of_the_sampled_loss(objective: str) -> None:
    """Central differences of the same evaluator's loss, at the same nodes.

    The gradient is in Stein's form, so the two agree up to the sampling error only.
    """
    n, d = 6, 5
    evaluator = Evaluator(objective, ("loss", "gradient"), n=n, dimension=d)
    v = 0.5 * np.random.default_rng(3).normal(size=(n, d))
    gradient = evaluator(v)["gradient"]
    error = evaluator.error
    step = 1e-4
    for j, a in ((0, 0), (4, 2)):
        move = np.zeros((n, d))
        move[j, a] = step
        slope = (evaluator(v + move)["loss"] - evaluator(v - move)["loss"]) / (2 * step)
        assert abs(slope - gradient[j, a]) < 20 * error + 1e-3


def test_labels_are_not_permuted_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine summed labels have 362880 orders: refused before one of them is tried."""
    labels = tuple(f"j{i}" for i in range(9))
    term = Term(Fraction(1), tuple(Factor("pi", (label,)) for label in labels), labels)
    program = Program("own/loss", "teacher", (Assignment("output", (), (term,)),))
    tried = []
    original = expand._canonical
    monkeypatch.setattr(expand, "_canonical", lambda t: tried.append(t) or original(t))
    assert expanded(program) is None
    assert not tried


def test_terms_that_merge_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A power of a sum of constants merges into few terms, after many were visited."""
    ones = Assignment("u", (), tuple(Term(Fraction(1), ()) for _ in range(8)))
    power = Assignment("output", (), (Term(Fraction(1), (Factor("u"),) * 6),))
    visited = []
    original = expand._canonical
    monkeypatch.setattr(expand, "_canonical", lambda t: visited.append(t) or original(t))
    assert expanded(Program("own/loss", "teacher", (ones, power))) is None
    assert len(visited) <= expand._MOST_VISITED
