"""The objectives: one integrand and one base density each. Add an objective here, and only here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.algebra.index import Polynomial, atom, dot
from derive.algebra.mixture_rules import check_quantities
from derive.algebra.program import Base


@dataclass(frozen=True)
class Objective:
    """A loss ``E_base[integrand]``.

    Attributes
    ----------
    name : str
        Used on the command line and in reports.
    base : {"teacher", "student"}
        Density under which the expectation is taken; under ``"student"`` it moves with the means.
    integrand : Polynomial
        In the quantities of `derive.algebra.mixture_rules`, without free labels.
    title, source : str
        For reports.

    Raises
    ------
    ValueError
        If the integrand has free labels, or a quantity that does not exist.

    Examples
    --------
    >>> error = score_error()
    >>> quartic = Objective("quartic", "teacher", dot(error, error) ** 2, "E_q |m|^4", "example")
    >>> print(quartic.name, len(quartic.integrand))
    quartic 6
    """

    name: str
    base: Base
    integrand: Polynomial
    title: str
    source: str

    def __post_init__(self) -> None:
        check_quantities(self.integrand)
        if free := sorted(self.integrand.free_labels()):
            raise ValueError(f"objective {self.name}: free labels {', '.join(free)}: sum over them")


def score_error(label: str = "a9") -> Polynomial:
    """``M = m_student - m_teacher``, the difference of the two scores.

    Examples
    --------
    >>> print(score_error("a0"))
    m[a0] - m_teacher[a0]
    """
    return atom("m", label) - atom("m_teacher", label)


FORWARD = Objective(
    "forward",
    "teacher",
    dot(score_error(), score_error()),
    "forward Fisher divergence (score matching), E_T |m_S - m_T|^2",
    "arXiv:2511.22069",
)
REVERSE = Objective(
    "reverse",
    "student",
    dot(score_error(), score_error()),
    "reverse Fisher divergence, E_p |m_S - m_T|^2",
    "arXiv:2606.19876",
)
KL = Objective(
    "kl",
    "teacher",
    atom("log_teacher") - atom("log_student"),
    "KL(teacher || student), the population loss of gradient EM",
    "arXiv:2407.00490, arXiv:2506.06584",
)

OBJECTIVES: Mapping[str, Objective] = {
    objective.name: objective for objective in (FORWARD, REVERSE, KL)
}
