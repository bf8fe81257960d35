"""Certificates: a certified trajectory up to the step from which a theorem decides the fates.

A certificate is plain data. What a reader has to trust in it are the initial means, the weights,
the teacher, the noise time and the step sizes, all exact; everything else is to be recomputed
(``proofs-check check-certificate``; see ``docs/certificates.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.fates.criteria import decided
from numerics.fates.escape_region import FAR, NEAR, escape_radius, prove_escape_region
from numerics.numbers.exact import rational_text

if TYPE_CHECKING:
    from numerics.descent.result import Descent
    from numerics.numbers.arithmetic import Array

FORMAT = "proofs-check trajectory certificate"
VERSION = 1
_ESCAPES = ("Lemma E", "Region E")
#: The theorem whose certificates enclose the loss.
_LOSS = "Theorem L"


def in_trail(step: int, last: bool) -> bool:
    """Whether a certificate holds the iterate of a step: of the last, of 0, and of powers of two.

    Examples
    --------
    >>> [step for step in range(12) if in_trail(step, step == 11)]
    [0, 1, 2, 4, 8, 11]
    """
    return last or step & (step - 1) == 0


def make_certificate(run: Descent) -> dict[str, Any] | None:
    """Return the certificate of a run with ``certify``; None if no theorem was reached.

    Theorem L leaves fates open: a run that it ends has taken all its steps (``stopped`` is
    ``"completed"``), and still has a certificate.

    Raises
    ------
    CoverError
        If Lemma E's inequalities could not be proved here (for equal weights: never).

    Examples
    --------
    >>> from numerics.descent.result import RunOptions
    >>> from numerics.descent.run import descend
    >>> options = RunOptions(certify=True)
    >>> run = descend("forward", [["1.5"], [1]], step_size="0.1", steps=9, backend="ball",
    ...               options=options)
    >>> certificate = make_certificate(run)
    >>> certificate["theorem"], certificate["step"], certificate["step_size"]
    ('Theorem F', 4, [{'from_step': 0, 'in_mu': '1/10'}])
    """
    problem, theorem = run.problem, decided(run.fates)
    if not (run.finished and run.trail) or theorem is None:
        return None
    fates = [fate.fate for fate in run.fates]
    schedule = problem.schedule
    with run.arithmetic.context():
        checkpoints = [
            {"step": step, "centred_means": _enclosures(means, run)} for step, means in run.trail
        ]
        loss = _enclosures(run.arithmetic.array([[run.loss]]), run)
    level = {"loss": {end: rows[0][0] for end, rows in loss.items()}} if theorem == _LOSS else {}
    return {
        "format": FORMAT,
        "version": VERSION,
        "objective": problem.objective_name,
        "means": [[rational_text(entry) for entry in row] for row in problem.means],
        "weights": [rational_text(weight) for weight in problem.weights],
        "teacher_mean": [rational_text(entry) for entry in problem.paper.teacher_mean],
        "time": rational_text(problem.paper.time),
        "step_size": [
            {"from_step": start, "in_mu": rational_text(value)}
            for start, value in zip(schedule.starts, schedule.values, strict=True)
        ],
        "step": run.steps,
        "theorem": theorem,
        "fates": fates,
        "checkpoints": checkpoints,
        "escape_region": _escape_region(fates, problem.weights) if theorem in _ESCAPES else None,
        **level,
    }


def _enclosures(means: Array, run: Descent) -> dict[str, list[list[str]]]:
    """Balls of radius at least ``10^-digits``: an exact number is hard to confirm in balls."""
    arithmetic, digits = run.arithmetic, run.problem.digits

    def radius(entry: Any) -> str:
        text = arithmetic.radius_text(entry, digits)
        return text if Fraction(text) > Fraction(1, 10**digits) else f"1e-{digits}"

    return {
        "mid": [[arithmetic.text(entry, digits) for entry in row] for row in means],
        "rad": [[radius(entry) for entry in row] for row in means],
    }


def _escape_region(fates: Sequence[str], weights: tuple[Fraction, ...]) -> dict[str, Any]:
    """The region and the cover that proves its two inequalities."""
    near, far = (
        sum((w for w, fate in zip(weights, fates, strict=True) if fate == name), Fraction(0))
        for name in ("converged", "escaped")
    )
    radius = escape_radius(near, far) or FAR
    cover = prove_escape_region(near, far, radius)
    return {"near": str(NEAR), "far": str(radius), "boxes": list(cover.boxes)}
