"""What the proofs about the forward loss share: the score error and its covariance."""

from __future__ import annotations

from dataclasses import dataclass

from derive.algebra.index import ONE, Polynomial, atom, dot
from derive.algebra.vocabulary import covariance, mean
from proofs_check.proofs.proof import Step
from proofs_check.proofs.quantities import Expression, Glossary, at_most, nonnegative
from proofs_check.proofs.rules import Square, Squares

AB = ("a0", "a1")
PSI = atom("psi", "j0")


@dataclass(frozen=True)
class ScoreWords:
    """Functions of the point x.

    Attributes
    ----------
    error, covariance : symbol
        ``m_a`` and ``C_ab``.
    mu : symbol
        ``|m|^2``.
    along : symbol
        ``m.Cm``, the variance of ``v_j.m`` under the responsibilities.
    size : symbol
        ``|C|^2``, the sum of the squared entries.
    projection : symbol
        ``v_j.m``.
    mean_square : symbol
        ``|v_j|^2`` (free of x).
    """

    error: Expression
    covariance: Expression
    mu: Expression
    along: Expression
    size: Expression
    projection: Expression
    mean_square: Expression


def projection(vector: str = "m") -> Polynomial:
    """``v_j . m`` (the vector's label is contracted)."""
    return dot(atom("v", "j0", "a9"), atom(vector, "a9"))


def score_words(words: Glossary) -> ScoreWords:
    """Introduce the score error and what is made of it."""
    m_c_m = dot(mean("a8"), (covariance("a8", "a9") * mean("a9")).sum_over("a9"), "a8")
    square = (covariance("a8", "a9") * covariance("a8", "a9")).sum_over("a8", "a9")
    length = dot(atom("v", "j0", "a9"), atom("v", "j0", "a9"))
    return ScoreWords(
        words.pointwise("m_a", mean("a0"), "the score error", "m_a", ("a0",)),
        words.pointwise(
            "C_ab", covariance(*AB), "the posterior covariance of the means", "C_{ab}", AB
        ),
        words.pointwise("|m|^2", dot(mean(), mean()), "the square of the score error", "|m|^2"),
        words.pointwise("m.Cm", m_c_m, "the posterior variance of v_j.m", r"m\cdot Cm"),
        words.pointwise("|C|^2", square, "the sum of the squares of the C_ab", "|C|^2"),
        words.pointwise("v_j.m", projection(), "the projection of v_j", r"v_j\cdot m", ("j0",)),
        words.pointwise("|v_j|^2", length, "the square of v_j", "|v_j|^2", ("j0",)),
    )


def lagrange(first: Polynomial, second: Polynomial, *outer: str) -> Square:
    """``|f|^2 |g|^2 - (f.g)^2`` as half the sum of the squares of ``f_a g_b - f_b g_a``.

    Both have the free label ``a0``; `outer` labels are summed as well.
    """
    swap = {"a0": "a1"}
    minor = first * second.rename(swap) - first.rename(swap) * second
    return Square(minor, (*AB, *outer), "1/2")


def cauchy_schwarz_step(one: ScoreWords) -> Step:
    """``(v_j.m)^2 <= |v_j|^2 |m|^2``."""
    return Step(
        "projections",
        "Lagrange's identity for v_j and m",
        at_most(one.projection**2, one.mean_square * one.mu),
        Squares((lagrange(atom("v", "j0", "a0"), mean("a0")),)),
    )


def mean_square_step(one: ScoreWords) -> Step:
    """``|m|^2 >= 0``."""
    return Step(
        "|m|^2 >= 0",
        "a square",
        nonnegative(one.mu),
        Squares((Square(mean("a0"), ("a0",)),)),
    )


def distinct(first: str, second: str) -> Polynomial:
    """``1 - delta``: one where two labels differ, else zero."""
    kind = "component" if first[0] == "j" else "coordinate"
    return ONE - atom(f"delta_{kind}", first, second)


def pair_squares(values: Polynomial, *outer: str) -> tuple[Square, ...]:
    """``sum f_j^2 + mean^2 - 2 sum psi_j f_j^2`` as weighted squares; values ``f_j0``.

    ``sum_(j<k) (psi_k f_j + psi_j f_k)^2 + sum psi_j psi_k f_i^2`` over distinct ``i, j, k``: what
    remains of ``(sum of the other psi)^2 f_i^2``. `outer` labels are summed as well.
    """
    psi = [atom("psi", f"j{k}") for k in range(3)]
    second = values.rename({"j0": "j1"})
    return (
        Square(
            psi[1] * values + psi[0] * second,
            ("j0", "j1", *outer),
            "1/2",
            (distinct("j0", "j1"),),
        ),
        Square(
            values,
            ("j0", "j1", "j2", *outer),
            1,
            (psi[1], psi[2], distinct("j0", "j1"), distinct("j0", "j2"), distinct("j1", "j2")),
        ),
    )
