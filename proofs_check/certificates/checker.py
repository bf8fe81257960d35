"""Check a trajectory certificate, trusting only its means, weights, teacher, time and step sizes.

Independent of what wrote it: only the kernels (`numerics.kernels.load_program`) and their
evaluation in balls (`numerics.evaluation.scalar_backend.expectations`) are shared. The trajectory
is recomputed in interval mean-value form at a precision chosen here, every claimed enclosure must
contain the recomputed one, and the theorem's hypotheses are decided in exact rational arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import flint
from flint import arb, fmpq

from numerics.evaluation.scalar_backend import NotInDoublesError, expectations
from numerics.kernels import load_program
from numerics.numbers.balls import BALL
from numerics.quadrature.inputs import Inputs
from proofs_check.certificates import loss_barrier, small_steps
from proofs_check.certificates.distinct_far import applies
from proofs_check.certificates.file_format import (
    DISTINCT_FAR,
    ESCAPES,
    LOSS_BARRIER,
    SMALL_STEPS,
    THEOREMS,
    Certificate,
)
from proofs_check.certificates.region import escape_region_proved

#: Working digits tried.
PRECISIONS = (20, 40, 80, 160, 320, 640, 1280)
#: Tried before, where integrals have two or three dimensions and every digit costs nodes.
PRECISIONS_ABOVE = (9, 12, 14)
#: At most so many of them are left to sums in doubles, which are 20 times as fast.
_DIGITS_OF_DOUBLES = 12
#: With fewer nodes a Hessian in balls is as quick.
_MANY_NODES = 4096
_HESSIAN_DIGITS = 6
_HESSIAN_DIGITS_ABOVE = 1
#: Radius times the fifth power of the means' size up to which doubles have that digit.
_WIDEST = 3e-6
_MOST_DIMENSIONS = 3
_HOPELESS = Fraction(1, 100)

Answer = Literal["yes", "no", "unclear"]
Vector = tuple[Fraction, ...]

#: Lemma E: one component within the first radius of the truth, the other beyond the second.
LEMMA_E_RADII = (Fraction(3, 20), Fraction(31, 10))


class RejectedError(Exception):
    """The certificate is not proved; the message says why."""


class _UnclearError(Exception):
    """More digits may decide."""


@dataclass(frozen=True)
class Accepted:
    """What was confirmed, and at how many working digits."""

    theorem: str
    step: int
    digits: int


def check(certificate: Certificate, at_least: int = 0) -> Accepted:
    """Recompute a certificate.

    Parameters
    ----------
    certificate : Certificate
    at_least : int
        Fewest working digits; of `PRECISIONS` the first that is not below it is tried first.

    Raises
    ------
    RejectedError
        If a claim is refuted, or could not be confirmed at any of `PRECISIONS`.
    """
    _check_claim(certificate)
    if certificate.region is not None:
        _check_region(certificate)
    reason = ""
    for digits in precisions(certificate):
        if digits < min(at_least, PRECISIONS[-1]):  # the last is always tried
            continue
        with working_precision(digits):
            try:
                Trajectory(certificate, digits).check()
            except _UnclearError as unclear:
                reason = str(unclear)
                continue
        return Accepted(certificate.theorem, certificate.step, digits)
    raise RejectedError(f"not confirmed with {PRECISIONS[-1]} digits: {reason}")


def precisions(certificate: Certificate) -> tuple[int, ...]:
    """Working digits to be tried, in order."""
    above = _product_rule(certificate.means, certificate.teacher_mean)
    return (*PRECISIONS_ABOVE, *PRECISIONS) if above else PRECISIONS


def _product_rule(means: Sequence[Vector], origin: Vector) -> bool:
    """Whether integrals have two or three dimensions: more than two distinct means off a line."""
    distinct = set(means)
    centred = [tuple(a - b for a, b in zip(row, origin, strict=True)) for row in distinct]
    return len(distinct) > 2 and len(_orthogonal(centred)) > 1


@contextmanager
def working_precision(digits: int) -> Iterator[None]:
    """Set python-flint's precision; restored on exit."""
    before = flint.ctx.prec
    flint.ctx.prec = 10 * digits // 3 + 24
    try:
        yield
    finally:
        flint.ctx.prec = before


def _check_claim(certificate: Certificate) -> None:
    """Theorem, objective, fates and weights must belong together."""
    theorem = certificate.theorem
    if THEOREMS[theorem] != certificate.objective:
        raise RejectedError(f"{theorem} is not about the {certificate.objective} objective")
    if theorem == LOSS_BARRIER:
        _check_barrier(certificate)
        return
    if "undecided" in certificate.fates:
        raise RejectedError(f"{theorem} decides every component's fate")
    if theorem not in (*ESCAPES, DISTINCT_FAR, SMALL_STEPS) and "escaped" in certificate.fates:
        raise RejectedError(f"{theorem} proves that all components converge")
    if theorem in (DISTINCT_FAR, SMALL_STEPS) and certificate.fates.count("converged") != 1:
        raise RejectedError(f"{theorem} proves that one component converges, and all others escape")
    if theorem in (DISTINCT_FAR, SMALL_STEPS) and len(set(certificate.weights)) > 1:
        raise RejectedError(f"{theorem} is about equal weights")
    if theorem == "Lemma E" and certificate.weights != (Fraction(1, 2), Fraction(1, 2)):
        raise RejectedError("Lemma E is about two components of equal weight")
    region = certificate.region
    if theorem == "Lemma E" and region and (region.near, region.far) != LEMMA_E_RADII:
        raise RejectedError("Lemma E is about |v| <= 3/20 and |v| >= 31/10")


def _check_barrier(certificate: Certificate) -> None:
    """Theorem L says of some components that they escape."""
    if "converged" in certificate.fates or "escaped" not in certificate.fates:
        raise RejectedError(
            f"{LOSS_BARRIER} proves that components escape, of the others it says nothing"
        )


def _check_region(certificate: Certificate) -> None:
    """The escape region's inequalities, for the weights of the two groups."""
    region = certificate.region
    assert region is not None
    shares = {"converged": Fraction(0), "escaped": Fraction(0)}
    for weight, fate in zip(certificate.weights, certificate.fates, strict=True):
        shares[fate] = shares.get(fate, Fraction(0)) + weight
    if not (shares["converged"] and shares["escaped"]):
        raise RejectedError(
            "an escape region needs a component that converges and one that escapes"
        )
    problem = escape_region_proved(region, shares["escaped"] / shares["converged"])
    if problem:
        raise RejectedError(problem)


class Trajectory:
    """The iterates of distinct components, in orthonormal coordinates of the span of the means."""

    def __init__(self, certificate: Certificate, digits: int) -> None:
        self.certificate = certificate
        self.digits = digits
        centred = [
            tuple(a - b for a, b in zip(row, certificate.teacher_mean, strict=True))
            for row in certificate.means
        ]
        keys = list(zip(centred, certificate.weights, strict=True))
        distinct = list(dict.fromkeys(keys))
        self.group = [distinct.index(key) for key in keys]
        self.counts = [self.group.count(g) for g in range(len(distinct))]
        self.weights = [
            weight * count for (_, weight), count in zip(distinct, self.counts, strict=True)
        ]
        self.basis = _orthogonal([row for row, _ in distinct])
        if len(distinct) > 2 and len(self.basis) > _MOST_DIMENSIONS:
            raise RejectedError(
                f"means that span {len(self.basis)} dimensions: this checker integrates over "
                f"{_MOST_DIMENSIONS} (or two distinct components in any dimension)"
            )
        scale = (-_ball(certificate.time)).exp()
        self.directions = [[_ball(e) / _ball(_dot(b, b)).sqrt() for e in b] for b in self.basis]
        self.state = [
            [scale * _ball(_dot(row, b)) / _ball(_dot(b, b)).sqrt() for b in self.basis]
            for row, _ in distinct
        ]
        above = _product_rule(certificate.means, certificate.teacher_mean)
        self.product_rule = above and certificate.objective != "kl"
        self.gradient_program = load_program(certificate.objective, "gradient")
        self.hessian_program = load_program(certificate.objective, "hessian")
        self._nodes = 0

    def check(self) -> None:
        """Walk to the certified step, comparing on the way."""
        certificate = self.certificate
        claims = dict(certificate.checkpoints)
        shrink = (-2 * _ball(certificate.time)).exp()
        for step in range(certificate.step + 1):
            if step in claims:
                self._compare(step, claims[step])
            if step < certificate.step:
                self.advance(_ball(certificate.step_at(step)) * shrink)
        outcome = self._hypotheses()
        if outcome == "no":
            raise RejectedError(f"the hypotheses of {certificate.theorem} fail at step {step}")
        if outcome == "unclear":
            raise _UnclearError(f"the hypotheses of {certificate.theorem} at step {step}")

    def advance(self, step: arb) -> None:
        """``x' = c - s g(c) + (I - s H(box)) (x - c)`` with the box's midpoint ``c``."""
        size = len(self.basis)
        entries = [(g, a) for g in range(len(self.state)) for a in range(size)]
        middle = [[value.mid() for value in row] for row in self.state]
        error = [
            [x - c for x, c in zip(*rows, strict=True)]
            for rows in zip(self.state, middle, strict=True)
        ]
        gradient = self._gradient(middle)
        hessian = self._hessian()
        moved = [list(row) for row in middle]
        for g, a in entries:
            share = step / self.counts[g]
            value = middle[g][a] - share * gradient[g, a]
            for h, b in entries:
                unit = 1 if (g, a) == (h, b) else 0
                value += (unit - share * hessian[g, a, h, b]) * error[h][b]
            if not value.is_finite() or _bounds(value.rad())[1] > _HOPELESS:
                raise _UnclearError("the enclosure of the trajectory becomes too wide")
            moved[g][a] = value
        self.state = moved

    def _gradient(self, middle: Sequence[Sequence[arb]]) -> Any:
        """At a point; above one dimension in doubles, as accurate as they are, where few digits."""
        if self.product_rule and self.digits <= _DIGITS_OF_DOUBLES:
            with suppress(NotInDoublesError):
                return self._evaluate(self.gradient_program, middle, self.digits, doubles=True)
        return self._evaluate(self.gradient_program, middle, self.digits)

    def _hessian(self) -> Any:
        """Over the box; above one dimension to one digit, and only where that is quick."""
        if not self.product_rule:
            return self._evaluate(self.hessian_program, self.state, _HESSIAN_DIGITS)
        if self._nodes >= _MANY_NODES:
            with suppress(NotInDoublesError):
                digits = _HESSIAN_DIGITS_ABOVE
                return self._evaluate(self.hessian_program, self.state, digits, doubles=True)
        entries = [value for row in self.state for value in row]
        size = max(1.0, *(float(value.abs_upper()) for value in entries))
        if max(float(value.rad()) for value in entries) * size**5 > _WIDEST:
            raise _UnclearError("the enclosure of the trajectory is too wide for its Hessian")
        return self._evaluate(self.hessian_program, self.state, _HESSIAN_DIGITS_ABOVE)

    def _evaluate(
        self, program: Any, rows: Sequence[Sequence[arb]], digits: int, *, doubles: bool = False
    ) -> Any:
        """Derivatives in the coordinates of the state, integrated along the difference."""
        weights = [_ball(weight) for weight in self.weights]
        if len(rows) == 1:
            inputs = Inputs(rows, [[]], weights)
        elif len(self.basis) == 1 or len(rows) > 2:
            inputs = Inputs(rows, rows, weights)
        else:
            return self._rotated(program, rows, weights, digits)
        found = expectations(BALL, [program], inputs, digits=digits, only_doubles=doubles)
        self._nodes = found.nodes
        return found.values[0]

    def _rotated(
        self, program: Any, rows: Sequence[Sequence[arb]], weights: list[arb], digits: int
    ) -> Any:
        """Two components in a plane: axes along and across their difference."""
        along = [b - a for a, b in zip(rows[0], rows[1], strict=True)]
        length = (along[0] * along[0] + along[1] * along[1]).sqrt()
        if not length > 0:
            raise _UnclearError("the two components cannot be told apart")
        first, second = along[0] / length, along[1] / length
        frame = [[first, second], [-second, first]]
        across = rows[0][0] * frame[1][0] + rows[0][1] * frame[1][1]
        turned = [[row[0] * first + row[1] * second, across] for row in rows]
        inputs = Inputs(turned, [row[:1] for row in turned], weights)
        value = expectations(BALL, [program], inputs, digits=digits).values[0]
        for axis in range(1, value.ndim, 2):  # coordinates are the odd axes
            value = _contract(value, frame, axis)
        return value

    def _compare(self, step: int, claim: Sequence[Sequence[tuple[Fraction, Fraction]]]) -> None:
        """Every claimed ball must contain the recomputed one."""
        for i, row in enumerate(claim):
            for a, (middle, radius) in enumerate(row):
                mine = arb(0)
                for value, direction in zip(
                    self.state[self.group[i]], self.directions, strict=True
                ):
                    mine += value * direction[a]
                low, high = _bounds(mine)
                where = f"component {i}, coordinate {a}, step {step}"
                if high < middle - radius or low > middle + radius:
                    raise RejectedError(f"the enclosure of {where} does not contain the iterate")
                if not middle - radius <= low <= high <= middle + radius:
                    raise _UnclearError(f"the enclosure of {where}")

    def _hypotheses(self) -> Answer:
        """Whether the theorem applies to every point, no point, or unclear."""
        certificate = self.certificate
        norms = [_bounds(sum((value * value for value in row), start=arb(0))) for row in self.state]
        step = _bounds(_ball(certificate.largest_step) * (-2 * _ball(certificate.time)).exp())
        worst, best = (
            sum(
                (
                    c * max(pair[end], Fraction(0))
                    for c, pair in zip(self.counts, norms, strict=True)
                ),
                Fraction(0),
            )
            for end in (1, 0)
        )
        if certificate.theorem in ESCAPES:
            return self._escape(norms, step)
        if certificate.theorem in (DISTINCT_FAR, SMALL_STEPS):
            return self._distinct_far(norms, step)
        if certificate.theorem == LOSS_BARRIER:
            return self._barrier(norms, step)
        largest = max(certificate.weights)
        if _contracts(certificate.theorem, worst, step[1], largest):
            return "yes"
        possible = _contracts(certificate.theorem, best, step[0], largest)
        return "unclear" if possible else "no"

    def _escape(
        self, norms: Sequence[tuple[Fraction, Fraction]], step: tuple[Fraction, Fraction]
    ) -> Answer:
        certificate, region = self.certificate, self.certificate.region
        assert region is not None
        if len(norms) != 2:
            return "no"
        if step[0] > Fraction(1, 2):
            return "no"
        sure, possible = step[1] <= Fraction(1, 2), True
        for fate, g in zip(certificate.fates, self.group, strict=True):
            low, high = norms[g]
            if fate == "converged":
                sure, possible = sure and high <= region.near**2, possible and low <= region.near**2
            else:
                sure, possible = sure and low >= region.far**2, possible and high >= region.far**2
        return "yes" if sure else "unclear" if possible else "no"

    def _distinct_far(
        self, norms: Sequence[tuple[Fraction, Fraction]], step: tuple[Fraction, Fraction]
    ) -> Answer:
        fates = self.certificate.fates
        near = norms[self.group[fates.index("converged")]]
        far = [norms[g] for fate, g in zip(fates, self.group, strict=True) if fate == "escaped"]
        if step[0] > Fraction(1, 2):
            return "no"
        if self.certificate.theorem == SMALL_STEPS:
            kept = small_steps.applies(near, far, len(fates), len(self.basis), step)
            return "unclear" if kept is None else "yes" if kept else "no"
        answer = applies(near, far, len(fates), len(self.basis))
        if answer and step[1] <= Fraction(1, 2):
            return "yes"
        return "no" if answer is False else "unclear"

    def _barrier(
        self, norms: Sequence[tuple[Fraction, Fraction]], step: tuple[Fraction, Fraction]
    ) -> Answer:
        certificate = self.certificate
        assert certificate.loss is not None
        program = load_program(certificate.objective, "loss")
        loss = _bounds(self._evaluate(program, self.state, self.digits).item())
        middle, radius = certificate.loss
        if loss[1] < middle - radius or loss[0] > middle + radius:
            raise RejectedError("the enclosure of the loss does not contain it")
        if not middle - radius <= loss[0] <= loss[1] <= middle + radius:
            raise _UnclearError("the enclosure of the loss")
        weights = certificate.weights
        escaped = [
            (norms[g], weight)
            for fate, g, weight in zip(certificate.fates, self.group, weights, strict=True)
            if fate == "escaped"
        ]
        answer = loss_barrier.applies(escaped, weights, len(self.basis), step, loss)
        return "unclear" if answer is None else "yes" if answer else "no"


def _contracts(theorem: str, total: Fraction, step: Fraction, largest_weight: Fraction) -> bool:
    """Hypotheses of Theorems F, R and K at ``|V|^2 = total`` (each worsens with both numbers)."""
    if theorem == "Theorem K":
        return step < 2
    if theorem == "Theorem R":
        return 2 * largest_weight * max(Fraction(1), total / 2) * step <= 1
    # phi^2 = (3 + sqrt 5)/2 is the larger root of x^2 - 3x + 1
    if total >= 2 and total * total - 3 * total + 1 >= 0:
        return False
    rate = 1 / (1 + total) if total <= 1 else 1 - total * total / (3 * total - 1)
    return step * 2 * max(Fraction(1), total / 2) <= rate


def _contract(value: Any, frame: Sequence[Sequence[arb]], axis: int) -> Any:
    """Coordinates in the frame's axes to those of the plane, along one array axis."""
    import numpy as np

    moved = np.moveaxis(value, axis, -1)
    result = np.empty(moved.shape, dtype=object)
    for a in range(2):
        result[..., a] = moved[..., 0] * frame[0][a] + moved[..., 1] * frame[1][a]
    return np.moveaxis(result, -1, axis)


def _orthogonal(rows: Sequence[Vector]) -> list[Vector]:
    """Orthogonal basis of the span of rational vectors (one idle direction if it is zero)."""
    basis: list[Vector] = []
    for row in rows:
        rest = row
        for b in basis:
            factor = _dot(rest, b) / _dot(b, b)
            rest = tuple(x - factor * y for x, y in zip(rest, b, strict=True))
        if any(rest):
            basis.append(rest)
    return basis or [tuple(Fraction(a == 0) for a in range(len(rows[0])))]


def _dot(left: Vector, right: Vector) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _bounds(value: arb) -> tuple[Fraction, Fraction]:
    """Exact ends of a finite ball."""
    if not value.is_finite():
        raise _UnclearError("a number is not finite")
    parts = []
    for part in (value.mid(), value.rad()):
        mantissa, exponent = part.man_exp()
        parts.append(Fraction(int(mantissa)) * Fraction(2) ** int(exponent))
    return parts[0] - parts[1], parts[0] + parts[1]
