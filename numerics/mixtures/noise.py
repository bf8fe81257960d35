r"""Noise time and teacher mean of the papers: how their coordinates and steps map to ours.

The sources run gradient descent on means ``mu_i`` at noise time ``t``; this project works with the
centred means ``v_i = e^-t (mu_i - mu*)``, in which the teacher is ``N(0, I)``. Since
``grad_mu = e^-t grad_v``, a step ``eta`` in ``mu`` is a step ``eta e^-2t`` in ``v``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numerics.errors import InputError
from numerics.numbers.arithmetic import Arithmetic
from numerics.numbers.exact import rational_text

ExactMeans = tuple[tuple[Fraction, ...], ...]

#: What the loss is, and how other sources' factors translate into the step.
NORMALIZATION = {
    "forward": (
        "loss L = E_q|s - s*|^2 = E_q|m|^2 without a factor 1/2; step mu <- mu - eta grad_mu L; "
        "a source that writes L/2 takes the step 2 eta for the same run"
    ),
    "reverse": (
        "loss R = E_p|s - s*|^2 = E_p|m|^2 without a factor 1/2; step mu <- mu - eta grad_mu R; "
        "a source that writes R/2 takes the step 2 eta for the same run"
    ),
    "kl": (
        "loss K = KL(teacher || student) (negative log-likelihood up to a constant); "
        "step mu <- mu - eta grad_mu K (gradient EM with step eta)"
    ),
}


@dataclass(frozen=True)
class PaperCoordinates:
    """Noise time ``t >= 0`` and teacher mean ``mu*``, exact.

    Attributes
    ----------
    teacher_mean : tuple of Fraction
        ``mu*``, length ``d``.
    time : Fraction
        ``t``; 0 means no noise beyond the unit covariance.

    Examples
    --------
    >>> paper = PaperCoordinates((Fraction(1),), Fraction(0))
    >>> paper.shifted(((Fraction(7),), (Fraction(1),)))
    ((Fraction(6, 1),), (Fraction(0, 1),))
    """

    teacher_mean: tuple[Fraction, ...]
    time: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.time <= 10_000:
            raise InputError("time", self.time, "a noise time from 0 to 10000")

    def shifted(self, means: ExactMeans) -> ExactMeans:
        """Return ``mu_i - mu*``, exactly."""
        for row in means:
            if len(row) != len(self.teacher_mean):
                raise InputError(
                    "teacher_mean",
                    " ".join(map(rational_text, self.teacher_mean)),
                    f"one entry per coordinate of the means, here {len(row)}",
                )
        return tuple(
            tuple(a - b for a, b in zip(row, self.teacher_mean, strict=True)) for row in means
        )

    def scale(self, arithmetic: Arithmetic) -> Any:
        """Return ``e^-t`` (exactly 1 at ``t = 0``)."""
        return arithmetic.exp(-self.time) if self.time else arithmetic.number(Fraction(1))

    def centred_step(self, step_size: Fraction, arithmetic: Arithmetic) -> Any:
        """Return the step ``eta e^-2t`` in the centred means."""
        step = arithmetic.number(step_size)
        return step * arithmetic.exp(-2 * self.time) if self.time else step

    def inverse_scale(self, arithmetic: Arithmetic) -> Any:
        """Return ``e^t``, by which ``mu - mu* = e^t v``."""
        return arithmetic.exp(self.time) if self.time else arithmetic.number(Fraction(1))


def normalization(objective: str) -> str:
    """Return the sentence that fixes the factors of loss and step for an objective's name.

    Examples
    --------
    >>> normalization("kl").startswith("loss K = KL(teacher || student)")
    True
    """
    default = "loss as the objective defines it; step mu <- mu - eta grad_mu loss"
    return NORMALIZATION.get(objective, default)
