"""Checks of claim F3: how far the forward loss is star-shaped (Lemma S)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.checks.descent_steps import squared_norm
from proofs_check.checks.general import refute_at
from proofs_check.claim import Context
from proofs_check.statements.exact_text import bound_text
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Ball, Point, Relation, as_ball, dot
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    import sympy

#: Names of Lemma S's three bounds.
BOUNDS = ("ball", "norm", "spread")


def quadratic_number(value: sympy.Expr) -> Ball:
    """Enclose ``p + q sqrt(r)``, exact rational p and q, at the current precision.

    Examples
    --------
    >>> import sympy
    >>> value = quadratic_number(4 - 2 * sympy.sqrt(3))
    >>> (value * value - 8 * value + 4).contains(0)
    True
    """
    import sympy  # listing claims loads this module, and must not load SymPy

    total = as_ball(0)
    for term in sympy.Add.make_args(sympy.expand(value)):
        factor, rest = term.as_coeff_Mul()
        part = as_ball(Fraction(int(factor.p), int(factor.q)))
        total += part if rest == 1 else part * as_ball(int(rest**2)).sqrt()
    return total


def lemma_s_bound(which: str, factor: Fraction = Fraction(1)) -> Relation:
    """One of Lemma S's bounds, its coefficient times a factor.

    Examples
    --------
    >>> lemma_s_bound("spread").text
    'Lemma S, spread: v.grad L >= 2 (1 - D^2/2) L'
    """
    shown = {"ball": "(4 - 2 sqrt 3) rho^2", "norm": "|V|^2/phi^2", "spread": "D^2/2"}[which]

    def left(at: Point) -> Ball:
        from proofs_check.proofs.lemma_s import BALL, NORM, SPREAD

        coefficient = {"ball": BALL, "norm": NORM, "spread": SPREAD / 2}[which]
        size = factor * squared_size(at.mixture, which)
        return 2 * (1 - quadratic_number(coefficient) * as_ball(size)) * at.loss("forward")

    times = "" if factor == 1 else f"{factor} "
    text = f"Lemma S, {which}: v.grad L >= 2 (1 - {times}{shown}) L"
    return Relation(text, left, "<=", lambda at: dot(at.means, at.gradient("forward")))


def squared_size(mixture: Mixture, which: str) -> Fraction:
    """``max |v_j|^2``, ``sum |v_j|^2`` or ``max |v_i - v_k|^2``.

    Examples
    --------
    >>> squared_size(Mixture.of([["1"], ["-2"]]), "spread")
    Fraction(9, 1)
    """
    if which == "ball":
        return max(sum((x * x for x in mean), Fraction(0)) for mean in mixture.means)
    if which == "norm":
        return squared_norm(mixture)
    return max(
        sum(((x - y) ** 2 for x, y in zip(first, second, strict=True)), Fraction(0))
        for first in mixture.means
        for second in mixture.means
    )


#: Small mixtures at which the bounds are nearly equalities (exact in the limit of size 0).
EXTREMAL = {
    "ball": Mixture.of([["1/50"], ["-1/50"]], ["22/25", "3/25"]),
    "norm": Mixture.of([["479/10000"], ["-18/1250"]], ["77/100", "23/100"]),
    "spread": Mixture.of([["7/80"], ["27/400"]], ["1/2", "1/2"]),
}


def slope_is_positive() -> Relation:
    """``v.grad L > 0``: the loss is star-shaped there."""
    return Relation(
        "v.grad L > 0",
        lambda at: as_ball(0),
        "<",
        lambda at: dot(at.means, at.gradient("forward")),
    )


@dataclass(frozen=True)
class StarShaped:
    """No mixture with ``max |v_j|`` equal to a radius has ``v.grad L <= 0``, by optimization.

    The least slope ``v.grad L/(2L)`` is searched over weights and means. A negative one is rounded
    to an exact mixture and confirmed in balls by separate code.

    Attributes
    ----------
    name : str
    radius : str
    quick, full : tuple of (int, int)
        Numbers of components and dimensions searched.
    """

    name: str
    radius: str
    quick: tuple[tuple[int, int], ...] = ((2, 1), (3, 1))
    full: tuple[tuple[int, int], ...] = ((2, 1), (3, 1), (4, 1), (2, 2), (3, 2))

    def run(self, context: Context) -> CheckResult:
        """Search each family."""
        from numerics.studies.star_shape import least_radial_slope

        families = self.full if context.budget == "full" else self.quick
        starts = 3 if context.budget == "full" else 1
        found = []
        for n, dimension in families:
            if context.expired:
                return inconclusive(
                    self.name, "time ran out", self._scope(families), decide=MORE_TIME
                )
            least = least_radial_slope(
                float(Fraction(self.radius)), n, dimension, starts=starts, seed=context.seed
            )
            if least.slope <= 0:
                mixture = Mixture(least.means, least.weights)
                scope = f"max |v_j| <= {self.radius}"
                return refute_at(self.name, slope_is_positive(), mixture, context, scope)
            found.append(least)
        worst = min(found, key=lambda least: least.slope)
        return CheckResult(
            self.name,
            Verdict.SUPPORTED,
            Method.GENERATED,
            self._scope(families),
            margin=bound_text(Fraction(worst.slope)),
            digits=10,
            cases=sum(least.evaluations for least in found),
            notes=(f"least slope at {_rounded(worst.means)}, weights {_rounded([worst.weights])}",),
        )

    def _scope(self, families: tuple[tuple[int, int], ...]) -> str:
        shown = ", ".join(f"({n}, {d})" for n, d in families)
        return f"max |v_j| = {self.radius}, all weights, (n, d) = {shown}, by optimization"


def _rounded(rows: Any) -> str:
    return "; ".join(", ".join(f"{float(x):.4f}" for x in row) for row in rows)
