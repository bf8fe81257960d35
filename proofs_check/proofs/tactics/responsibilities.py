"""Tangents and a chord of the responsibilities ``w_j = n psi_j`` of equal weights."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import OPAQUE
from proofs_check.proofs.tactics.exponentials import (
    NoOdds,
    exponential_positive,
    with_argument,
)
from proofs_check.proofs.tactics.language import (
    N_,
    J,
    V,
    X,
    at_most,
    below,
    equal,
    exponential,
    log_ratio,
    nonnegative,
    psi,
)
from proofs_check.proofs.tactics.steps import (
    Premises,
    _as,
    _named,
)

_HALF = Fraction(1, 2)


def _logarithm(premises: Premises) -> tuple[Term, Theorem]:
    """``l_j`` and ``w_j p/q = exp(l_j)`` from ``n pi_j = 1`` for every j."""
    density = kernel.axiom("density", V, J, X)
    weight, exponent = density.record.conclusion.args[1].args
    uniform = kernel.specialise(_named(premises, "uniform"), J)
    ratio = exponential(log_ratio(V))
    scaled = kernel.combine(
        equal(N_ * psi(V, J) * ratio, exponent),
        (),
        ((N_, density), (exponent, uniform)),
        OPAQUE,
    )
    assert weight.op == "pi"
    return exponent.args[0], scaled


@dataclass(frozen=True)
class ResponsibilityTangent:
    """``1 + log w_j <= w_j``, or ``(1 + t) w_j - w_j log w_j <= exp(t)``; ``w_j = n psi_j``.

    Attributes
    ----------
    at : Term or None
        ``t``, for the second.
    """

    at: Term | None = None
    kind: ClassVar[str] = "pointwise inequality"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The tangent of the exponential at ``log w_j``, or at ``t``; ``p/q`` is divided out."""
        log, scaled = _logarithm(premises)
        f, w = log_ratio(V), N_ * psi(V, J)
        gap = log - f
        positive = exponential_positive(f)
        if self.at is None:
            whole = with_argument(kernel.axiom("exponential of a sum", f, gap), log)
            tangent = kernel.axiom("tangent", gap)
            shown = at_most(1 + gap, w)
            product = kernel.combine(
                nonnegative(exponential(f) * (w - 1 - gap)),
                ((1, (facts.exponential_sign(f), tangent), ()),),
                ((number(-1), scaled), (number(-1), whole)),
                OPAQUE,
            )
            found = facts.cancel(positive, product, shown)
        else:
            t = self.at
            both = kernel.axiom("exponential of a sum", f, t)
            rest = f + t - log
            whole = with_argument(kernel.axiom("exponential of a sum", log, rest), f + t)
            tangent = kernel.axiom("tangent", rest)
            shown = at_most(w * (1 + t - gap), exponential(t))
            product = kernel.combine(
                nonnegative(exponential(f) * (exponential(t) - w * (1 + t - gap))),
                ((1, (facts.exponential_sign(log), tangent), ()),),
                ((number(1), both), (number(-1), whole), (1 + rest, scaled)),
                OPAQUE,
            )
            found = facts.cancel(positive, product, shown)
        return _as(found, goal)


@dataclass(frozen=True)
class ResponsibilityChord:
    """``8 (w_j - 1)^2 <= 5 (w_j^2 - 1) log w_j``, ``w_j = n psi_j``."""

    kind: ClassVar[str] = "pointwise inequality"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """With ``x = exp(t/2)``, ``t = log w_j``: by cases, where x is more or less than one."""
        log, scaled = _logarithm(premises)
        f, w = log_ratio(V), N_ * psi(V, J)
        t = log - f
        half = _HALF * t
        x = exponential(half)
        # w = x^2, as exp(f) w = exp(log) = exp(f) exp(t)
        whole = with_argument(kernel.axiom("exponential of a sum", f, t), log)
        product = kernel.combine(
            equal(exponential(f) * (w - exponential(t)), 0),
            (),
            ((number(1), scaled), (number(1), whole)),
            OPAQUE,
        )
        same = facts.cancel(exponential_positive(f), product, equal(w, exponential(t)))
        double = with_argument(kernel.axiom("exponential of a sum", half, half), t)
        square = kernel.combine(
            equal(w, x**2), (), ((number(1), same), (number(1), double)), OPAQUE
        )
        shown = at_most(8 * (x**2 - 1) ** 2, 5 * (x**4 - 1) * t)
        found = self._by_cases(x, half, shown)
        return _as(
            kernel.combine(
                at_most(8 * (w - 1) ** 2, 5 * (w**2 - 1) * t),
                ((1, (found,), ()),),
                ((8 * (w + x**2 - 2) - 5 * t * (w + x**2), square),),
                OPAQUE,
            ),
            goal,
        )

    @staticmethod
    def _by_cases(x: Term, half: Term, shown: Term) -> Theorem:
        """``8 (x^2 - 1)^2 <= 5 (x^4 - 1) t`` from the tangents at ``t/2`` and ``-t/2``."""
        positive = exponential_positive(half)
        up = kernel.axiom("tangent", half)
        pair = with_argument(kernel.axiom("exponential of a sum", half, -half), number(0))
        unit = kernel.combine(
            equal(x * exponential(-half), 1),
            (),
            ((number(-1), pair), (number(1), NoOdds().prove(equal(exponential(number(0)), 1), {}))),
            OPAQUE,
        )
        down = kernel.combine(
            at_most(x * (1 - half), 1),
            ((1, (positive, kernel.axiom("tangent", -half)), ()),),
            ((number(1), unit),),
            OPAQUE,
        )
        more, less = kernel.assume(at_most(1, x)), kernel.assume(below(x, 1))
        rest = shown.args[1] - shown.args[0]
        # x rest = 2 (x^2 - 1) (5 (x^2 + 1) (1 - x + x t/2) + (x - 1) ((x - 2)^2 + 1))
        scaled = kernel.combine(
            nonnegative(x * rest),
            (
                (10, (more, positive, down), (x,)),
                (10, (more, positive, down), ()),
                (10, (more, down), (x,)),
                (10, (more, down), ()),
                (2, (more, more, positive), (x - 2,)),
                (2, (more, more, positive), ()),
                (2, (more, more), (x - 2,)),
                (2, (more, more), ()),
            ),
            (),
            OPAQUE,
        )
        first = facts.cancel(positive, scaled, shown)
        # rest = 2 (x + 1) (5 (1 - x) (x - 1 - t/2) (x^2 + 1) + (1 - x)^2 ((2 x - 1)^2 + x^2))
        second = kernel.combine(
            shown,
            (
                (10, (less, positive, up), (x,)),
                (10, (less, positive, up), ()),
                (10, (less, up), (x,)),
                (10, (less, up), ()),
                (2, (less, less, positive), (2 * x - 1,)),
                (2, (less, less, positive), (x,)),
                (2, (less, less), (2 * x - 1,)),
                (2, (less, less), (x,)),
            ),
            (),
            OPAQUE,
        )
        return kernel.split(number(1), x, first, second)
