"""Lemma V: what components far from the truth do to the gradient of one that is near it."""

from __future__ import annotations

from fractions import Fraction

import sympy

from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.far_words import AXIS, HALF, TWICE_PHI
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.near_point import (
    B2,
    D2,
    MOST_WHOLE,
    WHOLE,
    function_steps,
    length_steps,
    odds_steps,
    point_steps,
)
from proofs_check.proofs.near_words import (
    APART,
    B_K,
    DECAY,
    DENSITY,
    EPS,
    LEAST_FAR,
    NUMBERS,
    OTHERS,
    PRODUCT,
    R_K,
    ROOM,
    SHARE,
    TRIPLE,
    G,
    Numbers,
    P,
    S,
    Y,
    drift,
    near_hypotheses,
    polynomial,
    pull,
    pull_square,
    rows_of,
    share_at,
)
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
    Asked,
    Linear,
    RootOf,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import ExponentialPositive
from proofs_check.proofs.tactics.language import (
    I_,
    A,
    K,
    V,
    X,
    at_most,
    entry,
    equal,
    mean_q,
    nonnegative,
    positive,
    root,
    total,
)
from proofs_check.proofs.tactics.script import Script, Step
from proofs_check.proofs.tactics.steps import TEACHER, Axiom, Combination, Derived
from proofs_check.proofs.tactics.vacuity import Proposal

MEAN_S = mean_q(APART * S)
MEAN_PS, MEAN_PSG = mean_q(APART * P * S), mean_q(APART * P * S * G)
MEAN_PSO, MEAN_PSOG = mean_q(APART * P * S * OTHERS), mean_q(APART * P * S * OTHERS * G)


def integral_steps(c: Numbers, triple: tuple[Fraction, ...]) -> tuple[Step, ...]:
    """``b_k`` times the means of the three functions, and of two of them times ``|D.x|``."""
    half = HALF * ROOM

    def asked(
        name: str,
        goal: Term,
        function: Term,
        of: str,
        coefficients: tuple[Fraction, ...],
        most: Fraction,
        *towards: object,
    ) -> Step:
        given = ((V, I_, K, X), function, coefficients, EPS, AXIS, most, *towards)
        return Step(
            name,
            "an integral over the odds",
            goal,
            Asked("odds integral", given, "ball cover", (f"{of} at every x",)),
            (f"{of} at every x", "uniform", "eps >= 0", "eps <= 1/2", "near", "far"),
        )

    def towards(beside: Fraction) -> tuple[Term, Term, Fraction]:
        return pull(V, I_, A), A, beside

    scale = APART * DENSITY
    return (
        asked("mean of the share", at_most(B_K * MEAN_S, c.share * scale), APART * S * number(1),
              "share", SHARE, c.share),
        asked("mean of the product", at_most(B_K * MEAN_PS, c.product * scale), APART * S * P,
              "product", PRODUCT, c.product),
        asked("mean of the triple", at_most(B_K * MEAN_PSO, c.triple * scale),
              APART * S * (P * OTHERS), "triple", triple, c.triple),
        asked("product and |D.x|",
              at_most(B_K * MEAN_PSG, Y * scale * (c.product * half + c.beside_product)),
              APART * S * P, "product", PRODUCT, c.product, towards(c.beside_product)),
        asked("triple and |D.x|",
              at_most(B_K * MEAN_PSOG, Y * scale * (c.triple * half + c.beside_triple)),
              APART * S * (P * OTHERS), "triple", triple, c.triple, towards(c.beside_triple)),
    )  # fmt: skip


def mean_steps() -> tuple[Step, ...]:
    """``|D|^2`` is at most twice a sum of means over the others."""

    def each(square: Term) -> Term:
        return (
            Y * EPS * MEAN_S + Y * (1 + EPS**2) * B_K * MEAN_PS + square * by_square
            + EPS * B_K * MEAN_PSG
        )  # fmt: skip

    by_square = MEAN_PSOG + Y * EPS * MEAN_PSO
    least = LEAST_FAR - HALF
    scale, height = APART * DENSITY, HALF * ROOM
    axis = entry(X, AXIS)
    most_k = Y * scale * polynomial(ROOM)
    far = ("|D| >= 0", "density >= 0", "b <= |v_k| + eps")
    whole = drift(V, I_, EPS, AXIS)
    return (
        Step("averaged", "over x", at_most(mean_q(WHOLE), mean_q(MOST_WHOLE)),
             Average((TEACHER,)), ("at x",)),
        Step("as a sum", "over the others", equal(mean_q(MOST_WHOLE), total(each(B2), K)),
             Derived()),
        shown("|D|^2", "together", at_most(D2, 2 * total(each(B2), K)), (2, ("averaged",)),
              using=("D.D", "as a sum")),
        Step("psi_k > 0", "a responsibility", positive(S), Axiom("responsibility", (V, K, X))),
        shown("share >= 0", "a product", nonnegative(APART * S), (1, ("apart >= 0", "psi_k > 0"))),
        Step("E psi_k >= 0", "a mean", nonnegative(MEAN_S), Average((TEACHER,)), ("share >= 0",)),
        Step("x_b^2 >= 0", "a square", nonnegative(axis**2), Combination((), ((1, axis),))),
        Step("|x_b| >= 0", "a root", nonnegative(root(axis**2)), RootOf(axis**2), ("x_b^2 >= 0",)),
        Step("2 phi(0) >= 0", "2 phi(0) = E_q|x_b|", nonnegative(TWICE_PHI),
             Average((TEACHER,)), ("|x_b| >= 0",)),
        Step("exponential > 0", "a value", positive(DECAY), ExponentialPositive()),
        shown("density >= 0", "a product", nonnegative(DENSITY),
              (HALF, ("2 phi(0) >= 0", "exponential > 0"))),
        shown("E psi_k", "b_k >= 7/2", at_most(least * MEAN_S, NUMBERS.share * scale),
              (1, ("mean of the share",)), (1, ("|v_k| <= b + eps", "E psi_k >= 0")),
              (1, ("z", "E psi_k >= 0"))),
        shown("height >= 0", "positive",
              nonnegative(APART * (NUMBERS.triple * height + NUMBERS.beside_triple)),
              (NUMBERS.triple * HALF, ("z",)),
              (NUMBERS.triple * HALF * least + NUMBERS.beside_triple, ("apart >= 0",))),
        Step("each by b", "b_k^2", equal(each(B2), each(B_K**2)),
             Linear(((-by_square, "b squared"),)), ("b squared",)),
        shown("each by b_k", "all five means", at_most(each(B_K**2), most_k),
              (1 / least, ("|D| >= 0", "eps >= 0", "E psi_k")),
              (1, ("|D| >= 0", "mean of the product")),
              (1, ("|D| >= 0", "eps >= 0", "eps >= 0", "mean of the product")),
              (1, ("b >= 0", "triple and |D.x|")), (1, (*far, "height >= 0")),
              (1, ("|D| >= 0", "eps >= 0", "b >= 0", "mean of the triple")),
              (NUMBERS.triple, (*far, "eps >= 0", "apart >= 0")),
              (1, ("eps >= 0", "product and |D.x|"))),
        shown("each", "the same", at_most(each(B2), most_k), (1, ("each by b_k",)),
              using=("each by b",)),
        Step("all", "added", at_most(total(each(B2), K), total(most_k, K)), Average((K,)),
             ("each",)),
        Step("E", "by definition", equal(2 * total(most_k, K), Y * whole), Derived()),
        shown("|D|^2 and E", "together", at_most(D2, Y * whole), (1, ("|D|^2",)), (2, ("all",)),
              using=("E",)),
        shown("squared", "(E - |D|)^2 + 2 (|D| E - |D|^2)", at_most(Y**2, whole**2),
              (1, (), (whole - Y,)), (2, ("|D|^2 and E",)), using=("|D| squared",)),
        shown("share of k >= 0", "positive", nonnegative(APART * share_at(R_K)),
              *_polynomial_rows()),
        Step("E >= 0", "a sum", nonnegative(whole), Average((K,)), ("share of k >= 0",)),
        Step("Lemma V", "its root", at_most(Y, whole), SquareRoot("squared", "E >= 0"),
             ("squared", "E >= 0")),
    )  # fmt: skip


def _polynomial_rows() -> tuple[Row, ...]:
    """``(1 - delta)`` times the polynomial of E, as products of what is not negative."""
    rest, eps = sympy.symbols("rest eps")
    value = polynomial(rest + LEAST_FAR - HALF, eps)
    return rows_of(2 * value, {rest: "z", eps: "eps >= 0"}, "density >= 0", "apart >= 0")


def lemma_near(*, numbers: Numbers = NUMBERS, triple: tuple[Fraction, ...] = TRIPLE) -> Script:
    """Lemma V, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    numbers : Numbers
        Of the integrals.
    triple : tuple of Fraction
        The coefficients of the bound of ``psi_i psi_k (1 - psi_i)``.

    Examples
    --------
    >>> lemma_near().conclusions
    ('Lemma V',)
    """
    steps = (
        *odds_steps(),
        *function_steps(triple),
        *length_steps(),
        *integral_steps(numbers, triple),
        *point_steps(),
        *mean_steps(),
    )
    return Script(
        "V",
        "Components far from the truth hardly move the gradient of one that is near",
        "derived for this project (Lemma V)",
        near_hypotheses(),
        steps,
        ("Lemma V",),
        (
            (pull_square, "D_i is the gradient at v_i, less 2 v_i"),
            (drift, "falls like exp(-|v_k|^2/8)"),
        ),
        "all n, d, uniform weights, all far components",
        instances=(
            Proposal(
                (HALF, HALF), 1,
                ((V, ((Fraction(1, 10),), (Fraction(5),))), (I_, 0), (AXIS, 0),
                 (EPS, Fraction(2, 5))),
            ),
        ),
    )  # fmt: skip
