"""Theorem F, first part: what holds at one point with ``|V|^2 <= P``."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy

from derive.algebra.index import ONE, Polynomial, atom, dot
from derive.algebra.vocabulary import covariance, mean
from proofs_check.proofs.classical import CauchySchwarz
from proofs_check.proofs.descent import COMPONENTS_AND_COORDINATES, DescentWords
from proofs_check.proofs.lemma_s import variance_and_norm
from proofs_check.proofs.proof import Step
from proofs_check.proofs.quantities import Expression, Glossary, at_most, equal, nonnegative
from proofs_check.proofs.reasoning import Cases, ForVector
from proofs_check.proofs.rules import Average, Combination, Derived, Square, Squares
from proofs_check.proofs.score_words import (
    AB,
    PSI,
    ScoreWords,
    distinct,
    lagrange,
    mean_square_step,
    pair_squares,
    projection,
    score_words,
)

FIRST_CASE = ("P <= 1", "kappa for P <= 1")
SECOND_CASE = ("P >= 1", "w for P >= 1", "kappa for P >= 1")
_VECTOR = "number:w_a"


@dataclass(frozen=True)
class RegionWords:
    """Symbols of the region; `gap` is ``|X|^2``, ``X = C - m m^T``, `dissipation` is ``S``."""

    one: ScoreWords
    edge: Expression
    bound: Expression
    kappa: Expression
    inverse: Expression
    larger: Expression
    gap: Expression
    loss: Expression
    dissipation: Expression
    descent: Expression
    dissipations: Expression
    losses: Expression
    least: Expression


def excess(first: str, second: str) -> Polynomial:
    """``X_ab = C_ab - m_a m_b``."""
    return covariance(first, second) - mean(first) * mean(second)


def _gap_polynomial() -> Polynomial:
    return (excess("a7", "a8") * excess("a7", "a8")).sum_over("a7", "a8")


def region_words(words: Glossary, edge: Expression) -> RegionWords:
    """Introduce the symbols; `edge` is the largest ``P``."""
    score = score_words(words)
    square = dot(mean(), mean())
    loss = words.expectation("L", "teacher", square, "the forward loss E_q|m|^2", "L")
    s = words.expectation(
        "S", "teacher", square + _gap_polynomial(), "E_q[|m|^2 + |X|^2], X = C - m m^T", "S"
    )
    return RegionWords(
        score,
        edge,
        words.parameter("P", "|V|^2 is at most this along the run", "P"),
        words.parameter("kappa", "1/(1 + P) if P <= 1, else 1 - P^2/(3P - 1)", r"\kappa"),
        words.parameter("w", "1/(3P - 1), for P >= 1", "w"),
        words.parameter("M", "max(1, P/2)", "M"),
        words.pointwise("|X|^2", _gap_polynomial(), "the sum of the squares of X_ab", "|X|^2"),
        loss,
        s,
        words.expectation(
            "T", "teacher", square - square * square + _gap_polynomial(),
            "E_q[|m|^2 - |m|^4 + |X|^2]", "T",
        ),
        words.series("sum S", s, "the sum of S over the first N steps", r"\textstyle\sum_kS_k"),
        words.series("sum L", loss, "the sum of L over the first N steps", r"\textstyle\sum_kL_k"),
        words.least("min L", loss, ("k",), "the least L of the first N steps", r"\min_kL_k"),
    )  # fmt: skip


def coercivity_steps(words: Glossary, one: DescentWords, region: RegionWords) -> tuple[Step, ...]:
    """``V.grad L >= 2 kappa S``, in both cases of ``kappa``."""
    score, p, kappa = region.one, region.bound, region.kappa
    mu, along = score.mu, score.along
    coercive = at_most(kappa * (mu + region.gap), mu - mu**2 + region.gap)
    return (
        Step("I4", "the trace of I4: the radial derivative",
             equal(one.radial, 2 * region.descent), Derived()),
        mean_square_step(score),
        Step("m.Cm >= 0", "a variance", nonnegative(along),
             Squares((Square(projection_from_mean(), ("j0",), 1, (PSI,)),))),
        Step("|C|^2 >= 0", "a sum of squares", nonnegative(score.size),
             Squares((Square(covariance(*AB), AB),))),
        Step("|X|^2 >= 0", "a sum of squares", nonnegative(region.gap),
             Squares((Square(excess(*AB), AB),))),
        Step("|X|^2 expanded", "its square",
             equal(region.gap, score.size - 2 * along + mu**2), Derived()),
        variance_and_norm(score, one.square),
        Step(
            "variance and P", "with |V|^2 <= P",
            nonnegative(p * mu - mu**2 - 2 * along),
            Combination(((1, ("variance and |V|^2",)), (1, ("norm at k", "|m|^2 >= 0")))),
            ("variance and |V|^2", "norm at k", "|m|^2 >= 0"),
        ),
        Step("P >= 0", "P is above a square", nonnegative(p),
             Combination(((1, ("start",)), (1, ("first square",)))), ("start", "first square")),
        Step("M >= 0", "M is at least 1", nonnegative(region.larger),
             Combination(((1, ("M >= 1",)), (1, ()))), ("M >= 1",)),
        Step(
            "kappa >= 0", "kappa is at least 2 M eta", nonnegative(kappa),
            Combination(((1, ("largest step",)), (2, ("M >= 0", "step size")))),
            ("largest step", "M >= 0", "step size"),
        ),
        *_first_case(region, coercive),
        *_second_case(words, region, coercive),
        Step("1 <= 1 + P", "so kappa is defined for P <= 1", at_most(1, 1 + p),
             Combination(((1, ("P >= 0",)),)), ("P >= 0",)),
        Step("1 <= 3P - 1", "so w is defined for P >= 1", at_most(1, 3 * p - 1),
             Combination(((3, ("P >= 1",)), (1, ()))), ("P >= 1",)),
        Step(
            "coercivity", "in both cases", coercive,
            Cases("coercivity for P <= 1", "coercivity for P >= 1", FIRST_CASE, SECOND_CASE,
                  (kappa, region.inverse)),
            ("coercivity for P <= 1", "coercivity for P >= 1", "1 <= 1 + P", "1 <= 3P - 1"),
        ),
        Step("mean coercivity", "averaged under the teacher",
             at_most(kappa * region.dissipation, region.descent), Average(base="teacher"),
             ("coercivity",)),
        Step("radial bound", "with I4", at_most(2 * kappa * region.dissipation, one.radial),
             Combination(((2, ("mean coercivity",)),)), ("mean coercivity", "I4")),
    )  # fmt: skip


def _first_case(region: RegionWords, coercive: object) -> tuple[Step, ...]:
    score, p = region.one, region.bound
    mu = score.mu
    return (
        Step(
            "bracket for P <= 1",
            "P(|m|^2 + |X|^2) - (1 + P)|m|^4 = P|C|^2 + 2(1 - P) m.Cm + (P|m|^2 - |m|^4 - 2 m.Cm)",
            nonnegative(p * (mu + region.gap) - (1 + p) * mu**2),
            Combination(
                (
                    (1, ("P >= 0", "|C|^2 >= 0")),
                    (2, ("P <= 1", "m.Cm >= 0")),
                    (1, ("variance and P",)),
                )
            ),
            ("P >= 0", "|C|^2 >= 0", "P <= 1", "m.Cm >= 0", "variance and P", "|X|^2 expanded"),
        ),
        Step(
            "coercivity for P <= 1",
            "kappa times the bracket, kappa (1 + P) = 1",
            coercive,  # type: ignore[arg-type]
            Combination(((1, ("kappa >= 0", "bracket for P <= 1")),)),
            ("kappa >= 0", "bracket for P <= 1", "kappa for P <= 1"),
        ),
    )


def _second_case(words: Glossary, region: RegionWords, coercive: object) -> tuple[Step, ...]:
    score, p, w, edge = region.one, region.bound, region.inverse, region.edge
    mu = score.mu
    product = words.pointwise(
        "m_a m_b", mean("a0") * mean("a1"), "the product of two entries", "m_am_b", AB
    )
    base = p * score.covariance + (1 - p) * product
    total = words.total("U", base**2, AB, "|P X + m m^T|^2", "U")
    along, size = score.along, score.size
    expanded = p**2 * size + 2 * p * (1 - p) * along + (1 - p) ** 2 * mu**2
    return (
        Step("U >= 0", "a sum of squares", nonnegative(total), Squares((Square(base, AB),))),
        Step("U expanded", "its square", equal(total, expanded), Derived()),
        Step(
            "bracket for P >= 1",
            "P^2 (|m|^2 + |X|^2) - (3P - 1)|m|^4 = |P X + m m^T|^2 + P (P|m|^2 - |m|^4 - 2 m.Cm)",
            nonnegative(p**2 * (mu + region.gap) - (3 * p - 1) * mu**2),
            Combination(((1, ("U >= 0",)), (1, ("P >= 0", "variance and P")))),
            ("U >= 0", "P >= 0", "variance and P", "U expanded", "|X|^2 expanded"),
        ),
        Step("w^2 >= 0", "a square", nonnegative(w**2), Combination((), ((1, w),))),
        Step(
            "w >= 0",
            "w = w^2 (3 (P - 1) + 2)",
            nonnegative(w),
            Combination(((3, ("w^2 >= 0", "P >= 1")), (2, ("w^2 >= 0",)))),
            ("w^2 >= 0", "P >= 1", "w for P >= 1"),
        ),
        Step(
            "coercivity for P >= 1",
            "w times the bracket, w (3P - 1) = 1",
            coercive,  # type: ignore[arg-type]
            Combination(((1, ("w >= 0", "bracket for P >= 1")),)),
            ("w >= 0", "bracket for P >= 1", "w for P >= 1", "kappa for P >= 1"),
        ),
        Step(
            "kappa inside",
            "3P - 1 - P^2 = (phi^2 - P)((P - 1) + 1/phi): kappa >= 0 up to P = phi^2",
            nonnegative(3 * p - 1 - p**2),
            Combination(
                (
                    (1, ("edge", "P >= 1")),
                    (edge - 2, ("edge",)),
                    (sympy.expand(3 * edge - 1 - edge**2), ()),
                )
            ),
            ("edge", "P >= 1"),
        ),
    )


def projection_from_mean(vector: Polynomial | None = None) -> Polynomial:
    """``u_j . m``, or ``u_j . w`` for another vector with the free label ``a9``."""
    return dot(atom("u", "j0", "a9"), mean() if vector is None else vector)


def gradient_bound_steps(
    words: Glossary,
    one: DescentWords,
    region: RegionWords,
    constant: Expression,
    covariance_pull: bool,
) -> tuple[Step, ...]:
    """``|grad L|^2 <= 4 max(1, P/2) S``."""
    both = COMPONENTS_AND_COORDINATES
    move = mean("a0") - times_covariance(mean("a9"))
    if covariance_pull:
        move = move + (excess("a0", "a9") * atom("u", "j0", "a9")).sum_over("a9")
    f = words.expectation("f_ja", "teacher", PSI * move, "E_q[psi_j A_ja]", "f_{ja}", both)
    s = words.expectation("s_ja", "teacher", PSI * move * move, "E_q[psi_j A_ja^2]", "s_{ja}", both)
    c = words.expectation("c_j", "teacher", PSI, "E_q[psi_j]", "c_j", ("j0",))
    bound = words.expectation("B", "teacher", _energy(), "E_q[|m - Cm|^2 + tr X C X]", "B")
    grad = one.gradient_square
    return (
        Step("gradient", "the gradient is 2 E_q[psi_j A_j], A_j = m - C m + X (v_j - m)",
             equal(one.gradient, 2 * f), Derived()),
        Step("mean of the square", "the square of a mean under the weight psi_j",
             at_most(f**2, c * s),
             CauchySchwarz(f, s, c, move, ONE, PSI, "teacher", cites="Jensen")),
        Step("responsibilities", "1 - psi_j is the sum of the other responsibilities",
             at_most(c, 1),
             Squares((Square(ONE, ("j1",), 1, (atom("psi", "j1"), distinct("j0", "j1"))),),
                     "teacher")),
        Step("second moments", "s_ja is the mean of a square", nonnegative(s),
             Squares((Square(move, (), 1, (PSI,)),), "teacher")),
        Step("entry", "each entry of the gradient", at_most(one.gradient**2, 4 * s),
             Combination(((4, ("mean of the square",)),
                          (4, ("responsibilities", "second moments")))),
             ("gradient", "mean of the square", "responsibilities", "second moments")),
        Step("summed", "summed over components and coordinates, with sum_j psi_j (v_j - m) = 0",
             at_most(grad, 4 * bound), Average(both), ("entry",)),
        *_energy_steps(words, one, region),
        Step("mean energy", "averaged under the teacher",
             at_most(bound, region.larger * region.dissipation), Average(base="teacher"),
             ("energy",)),
        Step("S >= 0", "the mean of a sum of squares", nonnegative(region.dissipation),
             Squares((Square(mean("a0"), ("a0",)), Square(excess(*AB), AB)), "teacher")),
        Step("gradient bound", "together",
             at_most(grad, constant * region.larger * region.dissipation),
             Combination(((1, ("summed",)), (4, ("mean energy",)),
                          *(((constant - 4, ("M >= 0", "S >= 0")),) if constant != 4 else ()))),
             ("summed", "mean energy", "M >= 0", "S >= 0")),
        Step("L <= S", "S - L is the mean of a sum of squares",
             at_most(region.loss, region.dissipation),
             Squares((Square(excess(*AB), AB),), "teacher")),
    )  # fmt: skip


def times_covariance(vector: Polynomial) -> Polynomial:
    """``(C w)_a0`` for a vector with the free label ``a9``."""
    return (covariance("a0", "a9") * vector).sum_over("a9")


def _energy() -> Polynomial:
    """``|m - Cm|^2 + tr X C X``."""
    rest = mean("a0") - times_covariance(mean("a9"))
    return (rest * rest).sum_over("a0") + _pull()


def _pull() -> Polynomial:
    product = excess("a5", "a7") * covariance("a7", "a8") * excess("a8", "a5")
    return product.sum_over("a5", "a7", "a8")


def _energy_steps(words: Glossary, one: DescentWords, region: RegionWords) -> tuple[Step, ...]:
    """``|m - Cm|^2 + tr X C X <= M (|m|^2 + |X|^2)`` from two facts about every vector w."""
    score, p = region.one, region.bound
    vector = atom(_VECTOR, "a9")
    w = words.parameter("w_a", "any vector", "w_a", ("a0",))
    length = words.pointwise("|w|^2", dot(vector, vector), "its square", "|w|^2")
    quadratic = dot(vector.rename({"a9": "a0"}), times_covariance(vector), "a0")
    variance = words.pointwise("w.Cw", quadratic, "the variance of v_j.w", r"w\cdot Cw")
    along_mean = words.pointwise("m.w", dot(mean(), vector), "the mean of v_j.w", r"m\cdot w")
    image = times_covariance(mean("a9"))
    double = dot(image.rename({"a0": "a9"}), image.rename({"a0": "a9"}))
    second = words.pointwise("|Cm|^2", double, "the square of Cm", "|Cm|^2")
    cubic = dot(image, times_covariance(image.rename({"a0": "a9"})), "a0")
    third = words.pointwise("Cm.CCm", cubic, "the cubic form", r"Cm\cdot C\,Cm")
    pull = words.pointwise("tr XCX", _pull(), "the trace of X C X", r"\mathrm{tr}\,XCX")
    energy = words.pointwise("A", _energy(), "|m - Cm|^2 + tr X C X", "A")
    mu, along = score.mu, score.along
    columns = excess("a0", "a5")
    return (
        Step("variance of a projection", "a variance", nonnegative(variance),
             Squares((Square(projection_from_mean(vector), ("j0",), 1, (PSI,)),))),
        Step(
            "projections on w",
            "as above, for any vector: 2 w.Cw + (m.w)^2 <= |V|^2 |w|^2",
            nonnegative(one.square * length - along_mean**2 - 2 * variance),
            Squares((*pair_squares(projection(_VECTOR)),
                     lagrange(atom("v", "j0", "a0"), atom(_VECTOR, "a0"), "j0"))),
        ),
        Step("|w|^2 >= 0", "a sum of squares", nonnegative(length),
             Squares((Square(atom(_VECTOR, "a0"), ("a0",)),))),
        Step(
            "C and P", "so 2 w.Cw <= P |w|^2", nonnegative(p * length - 2 * variance),
            Combination(((1, ("projections on w",)), (1, ("norm at k", "|w|^2 >= 0"))),
                        ((1, along_mean),)),
            ("projections on w", "norm at k", "|w|^2 >= 0"),
        ),
        Step("P <= 4", "inside the region", at_most(p, 4),
             Combination(((1, ("edge",)), (4 - region.edge, ()))), ("edge",)),
        Step("C <= 2", "so w.Cw <= 2 |w|^2", nonnegative(4 * length - 2 * variance),
             Combination(((1, ("C and P",)), (1, ("P <= 4", "|w|^2 >= 0")))),
             ("C and P", "P <= 4", "|w|^2 >= 0")),
        Step("w = Cm", "for w = C m", nonnegative(4 * second - 2 * third),
             ForVector(w, image), ("C <= 2",)),
        Step("w = 2m - Cm", "for w = 2m - C m", nonnegative(4 * along - 4 * second + third),
             ForVector(w, 2 * mean("a0") - image), ("variance of a projection",)),
        Step("w = X e", "for the columns of X, added up",
             nonnegative(p * region.gap - 2 * pull), ForVector(w, columns, ("a5",)), ("C and P",)),
        Step("energy expanded", "its square", equal(energy, mu - 2 * along + second + pull),
             Derived()),
        Step(
            "energy",
            "M(|m|^2 + |X|^2) - |m - Cm|^2 - tr XCX = (M - 1)|m|^2 + (M - P/2)|X|^2 + (2 m.Cm - "
            "|Cm|^2) + (P|X|^2 - 2 tr XCX)/2",
            at_most(energy, region.larger * (mu + region.gap)),
            Combination((
                (1, ("M >= 1", "|m|^2 >= 0")),
                (1, ("M >= P/2", "|X|^2 >= 0")),
                (Fraction(1, 2), ("w = 2m - Cm",)),
                (Fraction(1, 4), ("w = Cm",)),
                (Fraction(1, 2), ("w = X e",)),
            )),
            ("M >= 1", "|m|^2 >= 0", "M >= P/2", "|X|^2 >= 0", "w = 2m - Cm", "w = Cm", "w = X e",
             "energy expanded"),
        ),
    )  # fmt: skip
