"""Moments of the responsibilities against the kernels they stand for, in exact rationals."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from flint import arb

from numerics.evaluation import scalar_backend
from numerics.evaluation.scalar_backend import expectations
from numerics.kernels import load_program
from numerics.kernels.straight_line import compile_kernel
from numerics.numbers.balls import BALL, ball
from numerics.numbers.decimal_balls import meets
from numerics.quadrature import line as sweep
from numerics.quadrature import moments
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.moments import MOST_FORMED, MOST_MONOMIALS, PackedPolynomial, moment_rule
from tests.numerics.evaluation.test_ball_backend import on_line

CASES = [(o, q) for o in ("forward", "reverse", "kl") for q in ("loss", "gradient", "hessian")]


class Rationals:
    """As much arithmetic as combining moments takes."""

    log = None

    def constant(self, value: int | Fraction) -> Fraction:
        return Fraction(value)

    def symmetric(self, bound: Fraction) -> Fraction:
        assert bound == 0  # only coefficients that vanish are left out
        return bound


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("n", "d"), [(2, 1), (3, 1), (3, 2), (4, 2)])
def test_combined_moments_are_the_kernel(case: tuple[str, str], n: int, d: int) -> None:
    generator = random.Random(f"{case} {n} {d}")
    means = [[Fraction(generator.randint(-9, 9), 5) for _ in range(d)] for _ in range(n)]
    inputs = Inputs(means, means, [Fraction(1, n)] * n)
    arithmetic: Any = Rationals()
    programs = [load_program(*case)]
    kernel = compile_kernel(programs, n, d)
    costly = replace(kernel, operations=10**6)
    rule = moment_rule(costly, n, d, programs[0].base == "student", 10**9)
    assert rule is not None
    nodes = []
    for _ in range(3):
        shares = [generator.randint(1, 9) for _ in range(n)]
        psi = [Fraction(share, sum(shares)) for share in shares]
        nodes.append((Fraction(generator.randint(1, 9)), psi, Fraction(generator.randint(-9, 9))))
    shared = sweep.constants(arithmetic, inputs)
    direct = kernel.explicit(nodes, [Fraction(0)] * len(kernel.entries), shared)
    moments = rule.kernel.explicit(nodes, [Fraction(0)] * len(rule.monomials), shared)
    assert rule.combine(arithmetic, kernel, inputs, moments) == direct


@pytest.mark.parametrize("case", [("forward", "gradient"), ("reverse", "hessian"), ("kl", "loss")])
@pytest.mark.parametrize("digits", [15, 100])
def test_enclosures_with_and_without(
    monkeypatch: pytest.MonkeyPatch, case: tuple[str, str], digits: int
) -> None:
    """Three means on a line, two of them 1e-12 apart: the same numbers, and as many digits."""
    means = [Fraction(-1), Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**12)]
    inputs = on_line(means, [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)])
    program = load_program(*case)
    fast = expectations(BALL, [program], inputs, digits=digits).values[0]
    monkeypatch.setattr(scalar_backend, "moment_rule", lambda *_: None)
    plain = expectations(BALL, [program], inputs, digits=digits + 5).values[0]
    for one, other in zip(fast.flat, plain.flat, strict=True):
        assert meets(one, digits)
        assert one.overlaps(other)
        assert arb(one.mid()) - arb(other.mid()) < 2 * ball(10) ** -digits


@pytest.mark.parametrize(
    ("quantity", "n", "d"),
    [("gradient", 20, 1), ("gradient", 40, 1), ("gradient", 100, 1), ("hessian", 20, 1)],
)
def test_an_expansion_is_given_up_before_it_grows(
    monkeypatch: pytest.MonkeyPatch, quantity: str, n: int, d: int
) -> None:
    """Work counted in terms formed: what one product of limited factors may need, and no more."""
    formed = []
    build = PackedPolynomial.__init__

    def counting(self: PackedPolynomial, terms: dict[int, Any]) -> None:
        formed.append(len(terms))
        build(self, terms)

    monkeypatch.setattr(PackedPolynomial, "__init__", counting)
    moments._needed.cache_clear()
    kernel = replace(compile_kernel([load_program("forward", quantity)], n, d), operations=10**6)
    assert moment_rule(kernel, n, d, False, 10**9) is None
    assert max(formed) <= 2 * MOST_FORMED
    assert sum(formed) < 100 * MOST_FORMED


@pytest.mark.parametrize("quantity", ["gradient", "hessian"])
@pytest.mark.parametrize("n", [4, 6, 8, 9])
def test_the_limit_is_that_of_the_whole_expansion(
    monkeypatch: pytest.MonkeyPatch, quantity: str, n: int
) -> None:
    """A rule is refused where, and only where, an unlimited expansion has too many monomials."""
    kernel = replace(compile_kernel([load_program("forward", quantity)], n, 1), operations=10**6)
    moments._needed.cache_clear()
    limited = moments._needed(kernel, n, 0, 1)
    monkeypatch.setattr(moments, "MOST_MONOMIALS", 10**6)
    monkeypatch.setattr(moments, "MOST_FORMED", 10**6)
    moments._needed.cache_clear()
    whole = moments._needed(kernel, n, 0, 1)
    moments._needed.cache_clear()
    assert whole is not None
    assert limited == (whole if len(whole) <= MOST_MONOMIALS else None)
