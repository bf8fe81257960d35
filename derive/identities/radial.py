"""Identities I1-I4: derivatives along the means, and their matrix forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from derive.algebra.index import Polynomial, atom, dot
from derive.algebra.vocabulary import covariance, mean
from derive.losses.gradients import gradient_integrand
from derive.losses.objectives import FORWARD, KL, REVERSE, Objective
from derive.steps.identity import Identity, NamedTerm

ONE = Fraction(1)


def _along_means(objective: Objective) -> Polynomial:
    """``sum_j v_j . grad_j``."""
    gradient = gradient_integrand(objective)
    return dot(gradient.rename({"a0": "a9"}), atom("v", "j0", "a9")).sum_over("j0")


def _matrix(objective: Objective) -> Polynomial:
    """``sum_j grad_j v_j^T``, free labels a0 and a1."""
    return (gradient_integrand(objective) * atom("v", "j0", "a1")).sum_over("j0")


#: KL(student || teacher): its radial derivative is the reverse Fisher divergence.
KL_STUDENT_TEACHER = Objective(
    "kl-student-teacher",
    "student",
    atom("log_student") - atom("log_teacher"),
    "KL(student || teacher)",
    "derived here",
)


def _square() -> Polynomial:
    return dot(mean(), mean())


def _covariance_square() -> Polynomial:
    return (covariance("a8", "a9") * covariance("a8", "a9")).sum_over("a8", "a9")


def _i1() -> Identity:
    return Identity(
        "I1",
        "de Bruijn: sum v_j . grad_j K = L",
        "sum_j v_j . grad_j K = L, all n, d, weights",
        "derived here (identity I1)",
        "teacher",
        _along_means(KL),
        (NamedTerm("loss", ONE, _square()),),
        (),
        latex=r"\sum_j v_j\cdot\nabla_j K = L",
    )


def _i1_student() -> Identity:
    return replace(
        _i1(),
        name="I1-student",
        title="de Bruijn for KL(student || teacher): the same with R",
        statement="sum_j v_j . grad_j KL(p||q) = R",
        base="student",
        left=_along_means(KL_STUDENT_TEACHER),
        latex=r"\sum_j v_j\cdot\nabla_j \mathrm{KL}(p\|q) = R",
    )


def _i2() -> Identity:
    return Identity(
        "I2",
        "radial derivative of the reverse loss",
        "sum_j v_j . grad_j R = 2R + 2 E_p |C|_F^2",
        "derived here (identity I2)",
        "student",
        _along_means(REVERSE),
        (
            NamedTerm("loss", Fraction(2), _square()),
            NamedTerm("covariance", Fraction(2), _covariance_square()),
        ),
        (),
        latex=r"\sum_j v_j\cdot\nabla_j R = 2R + 2E_p|C|_F^2",
    )


def _i3() -> Identity:
    m_c_m = dot(mean("a8"), covariance("a8", "a9") * mean("a9"), "a8").sum_over("a9")
    return Identity(
        "I3",
        "radial derivative of the forward loss",
        "sum_j v_j . grad_j L = 2 E_q[ |m|^2 - 2 m.C m + |C|_F^2 ]",
        "derived here (identity I3)",
        "teacher",
        _along_means(FORWARD),
        (
            NamedTerm("loss", Fraction(2), _square()),
            NamedTerm("mixed", Fraction(-4), m_c_m),
            NamedTerm("covariance", Fraction(2), _covariance_square()),
        ),
        (),
        latex=r"\sum_j v_j\cdot\nabla_j L = 2E_q[|m|^2-2m\cdot Cm+|C|_F^2]",
    )


def _i4_kl() -> Identity:
    return Identity(
        "I4-kl",
        "matrix form, KL",
        "sum_j grad_j K v_j^T = E_q[ m m^T ]",
        "derived here (identity I4)",
        "teacher",
        _matrix(KL),
        (NamedTerm("second moment", ONE, mean("a0") * mean("a1")),),
        ("a0", "a1"),
        latex=r"\sum_j \nabla_j K\, v_j^T = E_q[mm^T]",
    )


def _i4_reverse() -> Identity:
    return Identity(
        "I4-reverse",
        "matrix form, reverse",
        "sum_j grad_j R v_j^T = 2 E_p[ m m^T + C^2 ]",
        "derived here (identity I4)",
        "student",
        _matrix(REVERSE),
        (
            NamedTerm("second moment", Fraction(2), mean("a0") * mean("a1")),
            NamedTerm(
                "covariance",
                Fraction(2),
                (covariance("a0", "a9") * covariance("a9", "a1")).sum_over("a9"),
            ),
        ),
        ("a0", "a1"),
        latex=r"\sum_j \nabla_j R\, v_j^T = 2E_p[mm^T+C^2]",
    )


def _i4_forward() -> Identity:
    def gap(first: str, second: str) -> Polynomial:
        return covariance(first, second) - mean(first) * mean(second)

    return Identity(
        "I4-forward",
        "matrix form, forward",
        "sum_j grad_j L v_j^T = 2 E_q[ X^2 + (1 - |m|^2) m m^T ], X = C - m m^T",
        "derived here (identity I4)",
        "teacher",
        _matrix(FORWARD),
        (
            NamedTerm("X squared", Fraction(2), (gap("a0", "a9") * gap("a9", "a1")).sum_over("a9")),
            NamedTerm("second moment", Fraction(2), mean("a0") * mean("a1")),
            NamedTerm("quartic", Fraction(-2), _square() * mean("a0") * mean("a1")),
        ),
        ("a0", "a1"),
        latex=r"\sum_j \nabla_j L\, v_j^T = 2E_q[X^2+(1-|m|^2)mm^T]",
    )


BUILDERS: dict[str, Callable[[], Identity]] = {
    "I1": _i1,
    "I1-student": _i1_student,
    "I2": _i2,
    "I3": _i3,
    "I4-kl": _i4_kl,
    "I4-reverse": _i4_reverse,
    "I4-forward": _i4_forward,
}
