"""Lower bounds of the product of the growth factors, by Euler's expansion.

With ``p = (1 - 2 h)^2``, ``X = p^N`` and ``s = (1 - h) z`` the product ``exp(Lambda_N(s))`` of the
``1 + 4 h s p^i``, ``i < N``, is at least the sum over ``m <= M`` of ``z^m e_m(X)/[m]!``, where
``e_m(X) = (1 - X)(p - X)...(p^(m-1) - X)`` and ``[m]! = (1 + p)(1 + p + p^2)...``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from proofs_check.proofs.cluster_growth import P_, S, decay, growth
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.cluster_words import H
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.exponentials import LogarithmOf
from proofs_check.proofs.tactics.language import (
    START,
    at_most,
    below,
    equal,
    exponential,
    following,
    logarithm,
    nonnegative,
    positive,
    real,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Axiom, Induction

F = Fraction
#: ``z = s/(1 - h)``, ``q = 1 - 2 h``, ``X = q^(2 N)``, and the product.
Z, Q = real("z"), 1 - 2 * H
POWER, PRODUCT = decay(P_, H), exponential(growth(P_, H, S))
#: Terms of the expansion that are kept, and what ``X`` is at most where they are used.
TERMS, REST = 3, F(1, 1000)


@dataclass(frozen=True)
class StepRange:
    """A range of step sizes ``h n``, and lower bounds by powers of s that hold there.

    Attributes
    ----------
    largest : Fraction
        ``h`` is at most this.
    product, grown : tuple of Fraction
        Of the product, and of ``(1 + 4 h s)`` times the product.
    beyond : Fraction
        ``h`` is larger than this, if it is not 0.
    """

    largest: Fraction
    product: tuple[Fraction, ...]
    grown: tuple[Fraction, ...]
    beyond: Fraction | int = 0

    @property
    def premises(self) -> tuple[str, ...]:
        """The hypotheses that say so."""
        return ("h >= 0", "largest h", *(("least h",) if self.beyond else ()))

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """The range, beside ``0 <= h``."""
        # at h = 1/2 there is no logarithm of q
        relation = at_most if self.largest < F(1, 2) else below
        most = Hypothesis("largest h", relation(H, self.largest), f"up to {self.largest} n")
        least = Hypothesis("least h", below(self.beyond, H), f"eta > {self.beyond} n")
        return (most, *((least,) if self.beyond else ()))


#: Steps up to n/4, and from there to n/2, where the first factors are larger.
SMALL_STEPS = StepRange(
    F(1, 4),
    (F(1), F(998, 1000), F(7, 20), F(21, 1000)),
    (F(1), F(998, 1000), F(249, 500), F(33, 200)),
)
LARGE_STEPS = StepRange(
    F(1, 2),
    (F(1), F(133, 100), F(0), F(0)),
    (F(1), F(233, 100), F(42, 25), F(0)),
    beyond=F(1, 4),
)


def falling(m: int, x: Term) -> Term:
    """``(1 - x)(p - x)...(p^(m - 1) - x)``."""
    return Term("multiply", tuple(Q ** (2 * i) - x for i in range(m)))


def _q_integer(m: int) -> tuple[int, ...]:
    """Coefficients of ``[m] = 1 + p + ... + p^(m - 1)``."""
    return (1,) * m


def _times(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    found = [0] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            found[i + j] += a * b
    return tuple(found)


def _q_factorial(m: int, above: int = 0) -> tuple[int, ...]:
    """Coefficients of ``[m]!/[above]!`` by powers of p."""
    found: tuple[int, ...] = (1,)
    for i in range(above + 1, m + 1):
        found = _times(found, _q_integer(i))
    return found


def _in_p(coefficients: tuple[int, ...]) -> Term:
    return Term("add", tuple(c * Q ** (2 * k) for k, c in enumerate(coefficients)))


def _rows(
    coefficients: tuple[int, ...], names: tuple[str, ...], power: int, factor: int = 1
) -> tuple[Row, ...]:
    """A polynomial in p with nonnegative coefficients, times ``z^power``, times premises."""
    odd = ("z >= 0",) * (power % 2)
    return tuple(
        (factor * c, (*names, *odd), (Q**k, Z ** (power // 2))) for k, c in enumerate(coefficients)
    )


def product_hypotheses() -> tuple[Hypothesis, ...]:
    """``0 <= z``, ``s = (1 - h) z``, N is large enough; claims of the inductions."""
    return (
        Hypothesis("z >= 0", nonnegative(Z), "g |c|^2", temporary=True),
        Hypothesis("s and z", equal((1 - H) * Z, S), "z = g s", temporary=True),
        Hypothesis(
            "rest", at_most(POWER, REST), "so many factors that few are left", temporary=True
        ),
        *(
            Hypothesis(f"e_{m} so far", _sign(m), "so far", temporary=True)
            for m in range(1, TERMS + 1)
        ),
        Hypothesis("expansion so far", _expansion(), "so far", temporary=True),
        Hypothesis("first order so far", _first_order(), "so far", temporary=True),
    )


def _sign(m: int) -> Term:
    return nonnegative(falling(m, POWER))


def _expansion() -> Term:
    """The expansion times ``[M]!``."""
    parts = tuple(
        _in_p(_q_factorial(TERMS, m)) * Z**m * falling(m, POWER) for m in range(TERMS + 1)
    )
    return at_most(Term("add", parts), _in_p(_q_factorial(TERMS)) * PRODUCT)


def _first_order() -> Term:
    """``1 + z (1 - X) <= exp(Lambda_N(s))``: what all factors give together."""
    return at_most(1 + Z * (1 - POWER), PRODUCT)


def product_steps(steps: StepRange = SMALL_STEPS) -> tuple[Step, ...]:
    """The polynomials of a range bound the product from below."""
    return (
        shown(
            "s >= 0 by z",
            "s = (1 - h) z",
            nonnegative(S),
            (1, ("1 - h > 0", "z >= 0")),
            using=("s and z",),
        ),
        *(step for m in range(1, TERMS + 1) for step in _sign_steps(m)),
        *_expansion_steps(),
        *(step for m in range(1, TERMS + 1) for step in _coefficient_steps(m, steps)),
        *_least_steps(steps),
        *_first_order_steps(),
    )


def _sign_steps(m: int) -> tuple[Step, ...]:
    """``0 <= e_m(q^(2 N))``: by induction, from ``e_m(p X) = e_m(X) + (1 - p^m) X e_(m-1)(X)``."""
    claim = _sign(m)
    earlier = (f"e_{m - 1} >= 0",) if m > 1 else ()
    ahead = nonnegative(falling(m, Q**2 * POWER))
    return (
        shown(f"e_{m} at 0", "1 - 1 = 0", replaced(claim, {P_: START}), using=("q^0",)),
        shown(
            f"e_{m} at p X",
            "one factor more",
            ahead,
            (1, (f"e_{m} so far",)),
            *((4, ("h >= 0", "1 - h > 0", "power p >= 0", *earlier), (Q**k,)) for k in range(m)),
        ),
        shown(
            f"e_{m} at N + 1",
            "q^(2 (N + 1)) = p X",
            replaced(claim, {P_: following(P_)}),
            (1, (f"e_{m} at p X",)),
            using=("q^(p + 1)",),
        ),
        Step(
            f"e_{m} >= 0",
            "by induction",
            claim,
            Induction(P_, f"e_{m} at 0", f"e_{m} at N + 1"),
            (f"e_{m} at 0", f"e_{m} at N + 1"),
        ),
    )


def _expansion_steps() -> tuple[Step, ...]:
    claim = _expansion()
    after = exponential(growth(following(P_), H, S))
    factor = 1 + 4 * H * S * POWER
    parts = tuple(
        _in_p(_q_factorial(TERMS, m)) * Z**m * falling(m, Q**2 * POWER) for m in range(TERMS + 1)
    )
    whole = _in_p(_q_factorial(TERMS))
    ahead = at_most(Term("add", parts), whole * (1 + 4 * H * S * POWER) * PRODUCT)
    return (
        shown(
            "product of none",
            "exp(0) = 1",
            replaced(claim, {P_: START}),
            using=("q^0", "exp(0) = 1"),
        ),
        shown(
            "factor p > 0",
            "at least one",
            positive(factor),
            (4, ("h >= 0", "s >= 0 by z", "power p >= 0")),
            (1, ()),
        ),
        Step(
            "logarithm of factor p",
            "the logarithm",
            equal(exponential(logarithm(factor)), factor),
            LogarithmOf(),
            ("factor p > 0",),
        ),
        Step(
            "one factor more in the exponent",
            "exp(s + t) = exp(s) exp(t)",
            equal(
                exponential(growth(P_, H, S) + logarithm(factor)),
                PRODUCT * exponential(logarithm(factor)),
            ),
            Axiom("exponential of a sum", (growth(P_, H, S), logarithm(factor))),
        ),
        shown(
            "product after",
            "one factor more",
            equal(after, PRODUCT * factor),
            using=("one factor more in the exponent", "logarithm of factor p"),
        ),
        shown(
            "expansion at p X",
            "one factor more",
            ahead,
            (1, ("expansion so far", "factor p > 0")),
            *_rows((1,), ("h >= 0", "1 - h > 0", "power p >= 0", f"e_{TERMS} >= 0"), TERMS + 1, 4),
            using=("s and z",),
        ),
        shown(
            "expansion at N + 1",
            "q^(2 (N + 1)) = p X",
            replaced(claim, {P_: following(P_)}),
            (1, ("expansion at p X",)),
            using=("q^(p + 1)", "product after"),
        ),
        Step(
            "expansion",
            "by induction",
            claim,
            Induction(P_, "product of none", "expansion at N + 1"),
            ("product of none", "expansion at N + 1"),
        ),
    )


def _coefficient_steps(m: int, steps: StepRange) -> tuple[Step, ...]:
    """What is left of the coefficients of ``s^m`` where X is small."""
    scale = _in_p(_q_factorial(m)) * (1 - H) ** m
    more = Term("add", tuple(4 * H * (1 - H) * Q ** (2 * k) for k in range(m)))
    ends = steps.premises[-2:]
    signs = {**dict.fromkeys(ends, 5), "power p >= 0": 2, "rest": 2}

    def least(name: str, coefficient: Term, of: Fraction, *signs_alone: Row) -> Step:
        if not of:
            return shown(f"{name} {m}", "a product", nonnegative(coefficient), *signs_alone)
        return Step(
            f"{name} {m}",
            "a polynomial in h and X",
            at_most(of * scale, coefficient),
            PolynomialCertificate(signs, {H: 2 * m**2 + 2, POWER: m}, {H: (0,)}),
            tuple(signs),
        )

    own = falling(m, POWER)
    sign, before = (1, (f"e_{m} >= 0",)), (f"e_{m - 1} >= 0",) if m > 1 else ()
    rows = ((4, ("h >= 0", "1 - h > 0", *before), (Q**k,)) for k in range(m))
    return (
        least("coefficient of the product", own, steps.product[m], sign),
        least(
            "coefficient with a factor",
            own + more * falling(m - 1, POWER),
            steps.grown[m],
            sign,
            *rows,
        ),
    )


def _first_order_steps() -> tuple[Step, ...]:
    claim, factor = _first_order(), 1 + 4 * H * S * POWER
    return (
        shown(
            "first order of none",
            "no factor",
            replaced(claim, {P_: START}),
            using=("q^0", "exp(0) = 1"),
        ),
        shown(
            "1 - X >= 0",
            "e_1",
            nonnegative(1 - POWER),
            (1, ("e_1 >= 0",)),
        ),
        shown(
            "first order at p X",
            "one factor more",
            at_most(1 + Z * (1 - Q**2 * POWER), PRODUCT * factor),
            (1, ("first order so far", "factor p > 0")),
            (4, ("h >= 0", "s >= 0 by z", "power p >= 0", "z >= 0", "1 - X >= 0")),
            using=("s and z",),
        ),
        shown(
            "first order at N + 1",
            "q^(2 (N + 1)) = p X",
            replaced(claim, {P_: following(P_)}),
            (1, ("first order at p X",)),
            using=("q^(p + 1)", "product after"),
        ),
        Step(
            "first order",
            "by induction",
            claim,
            Induction(P_, "first order of none", "first order at N + 1"),
            ("first order of none", "first order at N + 1"),
        ),
    )


def polynomial(coefficients: tuple[Fraction, ...], s: Term) -> Term:
    """``sum of c_m s^m``."""
    return Term("add", tuple(c * s**m for m, c in enumerate(coefficients)))


def _least_steps(steps: StepRange) -> tuple[Step, ...]:
    whole, s = _in_p(_q_factorial(TERMS)), (1 - H) * Z
    coefficients = _q_factorial(TERMS)

    def rows(name: str) -> tuple[Row, ...]:
        return tuple(
            row
            for m in range(1, TERMS + 1)
            for row in _rows(_q_factorial(TERMS, m), (f"{name} {m}",), m)
        )

    product_least, grown_least = (polynomial(c, s) for c in (steps.product, steps.grown))
    grown = (1 + 4 * H * s) * PRODUCT
    in_s = [
        shown(
            f"{name} from below, in s",
            "s = (1 - h) z",
            at_most(polynomial(c, S), (1 if name == "product" else 1 + 4 * H * S) * PRODUCT),
            (1, (f"{name} from below",)),
            using=("s and z",),
        )
        for name, c in (("product", steps.product), ("grown", steps.grown))
    ]
    return (
        shown(
            "[M]! > 0",
            "a sum",
            positive(whole),
            *((c, (), (Q**k,)) for k, c in enumerate(coefficients) if k),
            (1, ()),
        ),
        shown(
            "product times [M]!",
            "term by term",
            at_most(whole * product_least, whole * PRODUCT),
            (1, ("expansion",)),
            *rows("coefficient of the product"),
        ),
        Step(
            "product from below",
            "divided",
            at_most(product_least, PRODUCT),
            Cancel("[M]! > 0", "product times [M]!"),
            ("[M]! > 0", "product times [M]!"),
        ),
        shown(
            "1 + 4 h s > 0",
            "at least one",
            positive(1 + 4 * H * s),
            (4, ("h >= 0", "1 - h > 0", "z >= 0")),
            (1, ()),
        ),
        shown(
            "grown times [M]!",
            "term by term",
            at_most(whole * grown_least, whole * grown),
            (1, ("expansion", "1 + 4 h s > 0")),
            *rows("coefficient with a factor"),
            *_rows((1,), ("h >= 0", "1 - h > 0", f"e_{TERMS} >= 0"), TERMS + 1, 4),
        ),
        Step(
            "grown from below",
            "divided",
            at_most(grown_least, grown),
            Cancel("[M]! > 0", "grown times [M]!"),
            ("[M]! > 0", "grown times [M]!"),
        ),
        *in_s,
    )
