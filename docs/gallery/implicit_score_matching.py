"""Hyvarinen 2005: implicit score matching needs no score of the data."""

from fractions import Fraction

from derive.algebra.index import atom, dot
from derive.algebra.vocabulary import covariance, mean
from derive.losses.objectives import Objective, score_error
from derive.steps.identity import Identity, NamedTerm
from proofs_check.checks import IdentityCheck
from proofs_check.claim import Claim, Control

SCORE = dot(mean(), mean()) - 2 * dot(mean(), atom("x", "a9"))  # |s|^2 - |x|^2 for s = m - x
DIVERGENCE = covariance("a8", "a8").sum_over("a8")  # div s + d
IMPLICIT = Objective(
    "implicit", "teacher", SCORE + 2 * DIVERGENCE, "E_T[|s|^2 + 2 div s] + const", "Hyvarinen 2005"
)


def same_up_to_a_constant(divergence: int) -> Identity:
    """The implicit loss is the Fisher divergence up to what does not depend on the student."""
    ours = atom("m_teacher", "a9")
    return Identity(
        f"implicit score matching, {divergence} div s",
        "implicit score matching",
        f"E_T[|s|^2 + {divergence} div s] = L - E_T|s_T|^2",
        "Hyvarinen, JMLR 6 (2005), Theorem 1",
        "teacher",
        SCORE + divergence * DIVERGENCE,
        (
            NamedTerm("Fisher divergence", Fraction(1), dot(score_error(), score_error())),
            NamedTerm("constant of the teacher", Fraction(-1), dot(ours, ours)),
        ),
        (),
        teacher="mixture",
    )


CLAIMS = (
    Claim(
        "ISM",
        "Implicit score matching",
        r"$E_T[|s|^2+2\operatorname{div}s]=E_T|s-s_T|^2-E_T|s_T|^2$ for every student "
        "and teacher mixture; $|x|^2$ and $d$, the same on both sides, are left out",
        r"E_T[|s|^2 + 2\,\mathrm{div}\,s] = E_T|s - s_T|^2 - E_T|s_T|^2",
        "Hyvarinen, Estimation of non-normalized statistical models by score matching, JMLR 2005",
        ("unit covariances",),
        (IdentityCheck(same_up_to_a_constant(2)),),
        (
            Control(
                "div s once",
                "the factor of the divergence: 1 instead of 2",
                IdentityCheck(same_up_to_a_constant(1)),
            ),
            Control(
                "the loss raised",
                "the Fisher divergence 5% larger",
                IdentityCheck(same_up_to_a_constant(2), ("Fisher divergence", Fraction(21, 20))),
            ),
        ),
    ),
)
OBJECTIVES = (IMPLICIT,)
