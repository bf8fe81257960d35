"""Lemma S: the forward loss is star-shaped near the truth, with three coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy

from derive.algebra.index import atom, dot
from derive.algebra.vocabulary import covariance, mean
from derive.losses.gradients import gradient_integrand
from derive.losses.objectives import FORWARD
from proofs_check.proofs.classical import Popoviciu
from proofs_check.proofs.descent import COMPONENTS_AND_COORDINATES, differentiation_step
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Expression, Glossary, at_most, equal, nonnegative
from proofs_check.proofs.rules import Average, Bound, Combination, Derived, Member, Square, Squares
from proofs_check.proofs.score_words import (
    AB,
    PSI,
    ScoreWords,
    cauchy_schwarz_step,
    lagrange,
    mean_square_step,
    pair_squares,
    projection,
    score_words,
)

#: The three coefficients: of ``rho^2``, of ``|V|^2`` (one over the golden ratio's square), of
#: ``D^2/2``.
BALL = 4 - 2 * sympy.sqrt(3)
NORM = (3 - sympy.sqrt(5)) / 2
SPREAD = sympy.Integer(1)


@dataclass(frozen=True)
class _Words:
    """Everything the steps speak of."""

    one: ScoreWords
    radial: Expression
    loss: Expression
    along: Expression
    size: Expression

    @property
    def mean(self) -> Expression:
        """Half the radial derivative, by I3."""
        return self.loss - 2 * self.along + self.size

    @property
    def integrand(self) -> Expression:
        """What it is the mean of."""
        return self.one.mu - 2 * self.one.along + self.one.size


def _words(words: Glossary) -> _Words:
    both = COMPONENTS_AND_COORDINATES
    one = score_words(words)
    v = words.pointwise("v_ja", atom("v", *both), "the means", "v_{ja}", both)
    g = words.expectation(
        "g_ja", "teacher", gradient_integrand(FORWARD), "the derivative of L in v_ja, by "
        "differentiation", "g_{ja}", both,
    )  # fmt: skip
    m_c_m = dot(mean("a8"), (covariance("a8", "a9") * mean("a9")).sum_over("a9"), "a8")
    square = (covariance("a8", "a9") * covariance("a8", "a9")).sum_over("a8", "a9")
    return _Words(
        one,
        words.total("v.grad L", v * g, both, "the sum of v_j.grad_j L", r"V\cdot\nabla L"),
        words.expectation("L", "teacher", dot(mean(), mean()), "the forward loss E_q|m|^2", "L"),
        words.expectation("E m.Cm", "teacher", m_c_m, "its mean", r"E[m\cdot Cm]"),
        words.expectation("E |C|^2", "teacher", square, "its mean", "E|C|^2"),
    )


def lemma_s(
    *,
    ball_coefficient: Expression = BALL,
    norm_coefficient: Expression = NORM,
    spread_coefficient: Expression = SPREAD,
    mean_in_variance: bool = True,
) -> Proof:
    """Lemma S, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    ball_coefficient : number
        ``k`` in ``v.grad L >= 2 (1 - k rho^2) L``, every ``|v_j| <= rho``.
    norm_coefficient : number
        ``h`` in ``v.grad L >= 2 (1 - h P) L``, ``P = |V|^2``.
    spread_coefficient : number
        ``c`` in ``v.grad L >= (2 - c D^2) L``, every ``|v_i - v_k| <= D``.
    mean_in_variance : bool
        Whether the bound of the variance, ``rho^2 |m|^2 - |m|^4``, has its second term.

    Examples
    --------
    >>> from proofs_check.proofs.proof import replay
    >>> replay(lemma_s()).verdict
    <Verdict.PROVED: 'PROVED'>
    >>> [o.step.name for o in replay(lemma_s(spread_coefficient=Fraction(99, 100))).failed]
    ['integrand and D', 'mean and D', 'third bound']
    """
    words = Glossary()
    all_words = _words(words)
    rho2 = words.parameter("rho^2", "every |v_j|^2 is at most this", r"\rho^2")
    p = words.parameter("P", "|V|^2 = sum_j |v_j|^2 is at most this", "P")
    d2 = words.parameter("D^2", "every |v_i - v_k|^2 is at most this", "D^2")
    k = words.parameter("k", f"the first coefficient, {ball_coefficient}", "k")
    h = words.parameter("h", f"the second coefficient, {norm_coefficient}", "h")
    one = all_words.one
    gap = atom("v", "j0", "a9") - atom("v", "j1", "a9")
    spread = words.pointwise(
        "|v_j-v_k|^2", dot(gap, gap), "the squared distance", "|v_j-v_k|^2", ("j0", "j1")
    )
    square = words.total("|V|^2", one.mean_square, ("j0",), "the sum of the |v_j|^2", "|V|^2")
    hypotheses = (
        Hypothesis("ball", at_most(one.mean_square, rho2), "every mean is in the ball"),
        Hypothesis("norm", at_most(square, p), "the norm of all means is bounded"),
        Hypothesis("spread", at_most(spread, d2), "all distances of means are bounded"),
        Hypothesis("k", equal(k, ball_coefficient), "the value of k", by_definition=True),
        Hypothesis("h", equal(h, norm_coefficient), "the value of h", by_definition=True),
    )
    steps = (
        differentiation_step(),
        Step("I3", "the radial derivative (identity I3)",
             equal(all_words.radial, 2 * all_words.mean), Derived()),
        mean_square_step(one),
        cauchy_schwarz_step(one),
        *_ball_steps(all_words, words, k, rho2, sympy.sympify(ball_coefficient), mean_in_variance),
        *_norm_steps(all_words, words, h, p, square, sympy.sympify(norm_coefficient)),
        *_spread_steps(all_words, words, spread, d2, sympy.sympify(spread_coefficient)),
    )  # fmt: skip
    return Proof(
        "S",
        "The forward loss is star-shaped near the truth",
        "v.grad L >= 2 (1 - (4 - 2 sqrt 3) rho^2) L if every |v_j| <= rho; v.grad L >= 2 (1 - "
        "P/phi^2) L if |V|^2 <= P, phi the golden ratio; v.grad L >= (2 - D^2) L if every "
        "|v_i - v_k| <= D",
        r"V\cdot\nabla L\ge 2(1-(4-2\sqrt3)\rho^2)L,\quad V\cdot\nabla L\ge 2(1-P/\phi^2)L,\quad "
        r"V\cdot\nabla L\ge(2-D^2)L",
        "derived for this project (brief, Lemma S)",
        "all n, d, weights",
        words,
        hypotheses,
        steps,
        ("first bound", "second bound", "third bound"),
        ("the first two are positive for rho < (1 + sqrt 3)/2 and |V| < phi; the true radius in "
         "the max norm is larger (claim F3)",),
    )  # fmt: skip


def _ending(
    all_words: _Words, which: str, bound: str, pointwise: Step, coefficient: Expression
) -> tuple[Step, ...]:
    """From ``integrand >= coefficient |m|^2`` to ``v.grad L >= 2 coefficient L``."""
    return (
        pointwise,
        Step(
            f"mean {which}",
            "averaged under the teacher",
            at_most(coefficient * all_words.loss, all_words.mean),
            Average(base="teacher"),
            (pointwise.name,),
        ),
        Step(
            bound,
            "with I3",
            at_most(2 * coefficient * all_words.loss, all_words.radial),
            Combination(((2, (f"mean {which}",)),)),
            (f"mean {which}", "I3"),
        ),
    )


def _gap_steps(all_words: _Words, words: Glossary, root: Expression, name: str) -> tuple[Step, ...]:
    """``|C - r m m^T|^2``: its expansion, and that it is not negative."""
    one = all_words.one
    base = one.covariance - root * _product(words)
    gap = words.total(name, base**2, AB, f"|C - r m m^T|^2 with r = {root}", name)
    expanded = one.size - 2 * root * one.along + root**2 * one.mu**2
    return (
        Step(f"{name} expanded", "its square", equal(gap, expanded), Derived()),
        Step(f"{name} >= 0", "a sum of squares", nonnegative(gap), Squares((Square(base, AB),))),
    )


def _product(words: Glossary) -> Expression:
    return words.pointwise(
        "m_a m_b", mean("a0") * mean("a1"), "the product of two entries", "m_am_b", AB
    )


def _ball_steps(
    all_words: _Words,
    words: Glossary,
    k: Expression,
    rho2: Expression,
    value: Expression,
    mean_in_variance: bool,
) -> tuple[Step, ...]:
    """First part: ``m.Cm <= rho^2 |m|^2 - |m|^4`` (Bhatia and Davis, here by its proof)."""
    one = all_words.one
    mu = one.mu
    root = 1 - k / 2
    gap_steps = _gap_steps(all_words, words, root, "Z")
    excess = sympy.expand(value - (1 - value / 2) ** 2)
    room = rho2 * mu - one.along - (mu**2 if mean_in_variance else 0)
    coefficient = 1 - k * rho2
    return (
        Step(
            "each projection",
            "v_j.m lies between -rho |m| and rho |m|",
            at_most(one.projection**2, rho2 * mu),
            Combination(((1, ("projections",)), (1, ("ball", "|m|^2 >= 0")))),
            ("projections", "ball", "|m|^2 >= 0"),
        ),
        Step(
            "variance and rho",
            "its average over the responsibilities: the variance m.Cm is at most (rho |m|)^2 less "
            "the square of the mean",
            nonnegative(room),
            Average(("j0",), weight=PSI),
            ("each projection",),
        ),
        *gap_steps,
        Step(
            "root of k",
            "(1 - k/2)^2 <= k",
            at_most(root**2, k),
            Combination(((excess, ()),)),
            ("k",),
        ),
        Step(
            "k >= 0",
            "the coefficient is not negative",
            nonnegative(k),
            Combination(((value, ()),)),
            ("k",),
        ),
        *_ending(
            all_words,
            "and rho",
            "first bound",
            Step(
                "integrand and rho",
                "|m|^2 - 2 m.Cm + |C|^2 - (1 - k rho^2)|m|^2 = |C - (1 - k/2) m m^T|^2 + k (rho^2 "
                "|m|^2 - |m|^4 - m.Cm) + (k - (1 - k/2)^2)|m|^4",
                at_most(coefficient * mu, all_words.integrand),
                Combination(
                    (
                        (1, ("Z >= 0",)),
                        (1, ("k >= 0", "variance and rho")),
                        (1, ("root of k", "|m|^2 >= 0", "|m|^2 >= 0")),
                    )
                ),
                ("Z >= 0", "k >= 0", "variance and rho", "root of k", "|m|^2 >= 0", "Z expanded"),
            ),
            coefficient,
        ),
    )


def _norm_steps(
    all_words: _Words,
    words: Glossary,
    h: Expression,
    p: Expression,
    square: Expression,
    value: Expression,
) -> tuple[Step, ...]:
    """Second part: ``2 m.Cm + |m|^4 <= P |m|^2``."""
    one = all_words.one
    mu = one.mu
    gap_steps = _gap_steps(all_words, words, 1 - h, "Y")
    excess = sympy.expand(value - (1 - value) ** 2)
    coefficient = 1 - h * p
    return (
        variance_and_norm(one, square),
        Step(
            "variance and P",
            "with |V|^2 <= P",
            nonnegative(p * mu - mu**2 - 2 * one.along),
            Combination(((1, ("variance and |V|^2",)), (1, ("norm", "|m|^2 >= 0")))),
            ("variance and |V|^2", "norm", "|m|^2 >= 0"),
        ),
        *gap_steps,
        Step(
            "root of h",
            "(1 - h)^2 <= h",
            at_most((1 - h) ** 2, h),
            Combination(((excess, ()),)),
            ("h",),
        ),
        Step(
            "h >= 0",
            "the coefficient is not negative",
            nonnegative(h),
            Combination(((value, ()),)),
            ("h",),
        ),
        *_ending(
            all_words,
            "and P",
            "second bound",
            Step(
                "integrand and P",
                "|m|^2 - 2 m.Cm + |C|^2 - (1 - h P)|m|^2 = |C - (1 - h) m m^T|^2 + h (P |m|^2 - "
                "|m|^4 - 2 m.Cm) + (h - (1 - h)^2)|m|^4",
                at_most(coefficient * mu, all_words.integrand),
                Combination(
                    (
                        (1, ("Y >= 0",)),
                        (1, ("h >= 0", "variance and P")),
                        (1, ("root of h", "|m|^2 >= 0", "|m|^2 >= 0")),
                    )
                ),
                ("Y >= 0", "h >= 0", "variance and P", "root of h", "|m|^2 >= 0", "Y expanded"),
            ),
            coefficient,
        ),
    )


def variance_and_norm(one: ScoreWords, square: Expression) -> Step:
    """``2 m.Cm + |m|^4 <= |V|^2 |m|^2``, by squares, for every n and every probability vector."""
    return Step(
        "variance and |V|^2",
        "twice the variance of v_j.m plus the square of its mean is at most the sum of all "
        "(v_j.m)^2, since no two responsibilities exceed 1/2 both; and (v_j.m)^2 <= |v_j|^2 |m|^2",
        nonnegative(square * one.mu - one.mu**2 - 2 * one.along),
        Squares((*pair_squares(projection()), lagrange(atom("v", "j0", "a0"), mean("a0"), "j0"))),
    )


def _spread_steps(
    all_words: _Words, words: Glossary, spread: Expression, d2: Expression, factor: Expression
) -> tuple[Step, ...]:
    """Third part: ``m.Cm <= D^2 |m|^2/4``."""
    one = all_words.one
    mu = one.mu
    values = projection()
    other = words.pointwise(
        "v_k.m", values.rename({"j0": "j1"}), "the projection of v_k", r"v_k\cdot m", ("j1",)
    )
    gap = atom("v", "j0", "a0") - atom("v", "j1", "a0")
    coefficient = 1 - factor * d2 / 2
    apart = (one.projection - other) ** 2
    largest = words.largest("W", apart, ("j0", "j1"), "the squared range of the v_j.m", "W")
    return (
        Step(
            "differences of projections",
            "Lagrange's identity for v_j - v_k and m",
            at_most(apart, spread * mu),
            Squares((lagrange(gap, mean("a0")),)),
        ),
        Step(
            "range of the projections",
            "all v_j.m lie in an interval of length D |m|",
            at_most(apart, d2 * mu),
            Combination(((1, ("differences of projections",)), (1, ("spread", "|m|^2 >= 0")))),
            ("differences of projections", "spread", "|m|^2 >= 0"),
        ),
        Step("member", "each is below the largest", at_most(apart, largest), Member()),
        Step(
            "variance and range",
            "the variance is at most a quarter of the squared range",
            at_most(4 * one.along, largest),
            Popoviciu(values, largest),
            ("member",),
        ),
        Step(
            "range and D",
            "the largest is bounded like each",
            at_most(largest, d2 * mu),
            Bound(),
            ("range of the projections",),
        ),
        Step(
            "variance and D",
            "so the variance is at most D^2 |m|^2/4",
            at_most(4 * one.along, d2 * mu),
            Combination(((1, ("variance and range",)), (1, ("range and D",)))),
            ("variance and range", "range and D"),
        ),
        Step(
            "|C|^2 >= 0",
            "a sum of squares",
            nonnegative(one.size),
            Squares((Square(covariance(*AB), AB),)),
        ),
        *_ending(
            all_words,
            "and D",
            "third bound",
            Step(
                "integrand and D",
                "|m|^2 - 2 m.Cm + |C|^2 - (1 - D^2/2)|m|^2 = |C|^2 + (D^2 |m|^2 - 4 m.Cm)/2",
                at_most(coefficient * mu, all_words.integrand),
                Combination(((1, ("|C|^2 >= 0",)), (Fraction(1, 2), ("variance and D",)))),
                ("|C|^2 >= 0", "variance and D"),
            ),
            coefficient,
        ),
    )
