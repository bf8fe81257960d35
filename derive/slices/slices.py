"""Slices: curves ``v_i = (alpha_i + beta_i a) u`` on which stationarity is one scalar equation.

A slice is accepted only by a derived identity: with ``x = y + s`` and ``N(x) = N(y) exp(-s y -
s^2/2)``, the part even in ``y`` of every gradient component's integrand must be a rational multiple
of the same function. The integrands are the lowered Stein forms at the slice's ``n``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement

from derive.algebra.exponentials import Exponential, Linear, Quotient, solve
from derive.algebra.program import Program
from derive.algebra.run_program import Table, run
from derive.losses.lowering import lower_objective
from derive.losses.objectives import OBJECTIVES, Objective

_NUMBER = r"\d+(?:\.\d+)?(?:/\d+)?"
_TERM = re.compile(rf"([+-]?)(?:({_NUMBER})\*?)?(a?)(?:/(\d+))?", re.ASCII)
_ZERO = Fraction(0)
#: Longest text of a slice and largest number of components: identities grow quickly with n.
MAX_TEXT, MAX_COMPONENTS = 400, 8


class SliceError(ValueError):
    """A slice that cannot be read or is not reduced to one equation; says why."""


@dataclass(frozen=True)
class Slice:
    """Means ``v_i = (alpha_i + beta_i a) u`` with weights.

    Attributes
    ----------
    components : tuple of (Fraction, Fraction)
        ``(alpha_i, beta_i)`` for each component.
    weights : tuple of Fraction
        Weights of the student.

    Examples
    --------
    >>> str(Slice.parse("0, a,-a/2, 1/2"))
    '0,a,-1/2*a,1/2'
    """

    components: tuple[Linear, ...]
    weights: tuple[Fraction, ...]

    @classmethod
    def parse(cls, text: str, weights: Sequence[Fraction] | None = None) -> Slice:
        """Read a text such as ``"0,a"`` or ``"1/2,-2*a,1-a"``; weights are uniform by default.

        Raises
        ------
        SliceError
            When an entry is not linear in ``a`` with rational coefficients, when ``a`` does not
            occur, or when the number of weights differs.
        """
        if len(text) > MAX_TEXT:
            raise SliceError(f"it is longer than {MAX_TEXT} characters")
        components = tuple(_linear(entry) for entry in text.split(","))
        if len(components) > MAX_COMPONENTS:
            raise SliceError(f"it has more than {MAX_COMPONENTS} components")
        if not any(beta for _, beta in components):
            raise SliceError("it has no variable: at least one entry must contain a")
        shares = tuple(weights or [Fraction(1, len(components))] * len(components))
        if len(shares) != len(components):
            raise SliceError(f"it has {len(components)} components but {len(shares)} weights")
        if min(shares) <= 0 or sum(shares) != 1:
            raise SliceError("it needs positive weights with sum 1")
        return cls(components, shares)

    def __str__(self) -> str:
        return ",".join(_text(form) for form in self.components)

    @property
    def truth(self) -> Fraction | None:
        """Value of ``a`` at which every mean is the teacher's, ``None`` when there is none."""
        moving = next(form for form in self.components if form[1])
        place = -moving[0] / moving[1]
        return place if all(form[0] + form[1] * place == 0 for form in self.components) else None


def _linear(entry: str) -> Linear:
    """Read ``constant + slope * a``."""
    compact = "".join(entry.split())
    total, position = [_ZERO, _ZERO], 0
    while position < len(compact):
        match = _TERM.match(compact, position)
        if match is None or match.end() == position or (position and not match[1]):
            break
        sign, number, variable, divisor = match.groups()
        if not number and not variable:
            break
        try:
            value = Fraction(number or 1) / int(divisor or 1)
        except ZeroDivisionError:
            break
        total[bool(variable)] += -value if sign == "-" else value
        position = match.end()
    if not compact or position < len(compact):
        raise SliceError(
            f'"{entry.strip()}" cannot be read: entries look like 0, a, -a, 1/2 or 1-2*a'
        )
    return total[0], total[1]


def _text(form: Linear) -> str:
    constant, slope = form
    if not slope:
        return str(constant)
    size = "a" if abs(slope) == 1 else f"{abs(slope)}*a"
    if not constant:
        return size if slope > 0 else f"-{size}"
    return f"{constant}{'+' if slope > 0 else '-'}{size}"


@dataclass(frozen=True)
class RadialForm:
    """``a sum_i beta_i grad_i = E[first m^2 + mixed m^2 C + second C^2]`` on a slice.

    ``m`` is the score error along the line and ``C`` the posterior variance; ``0 <= C <= D^2/4``
    for means in an interval of length ``D`` (Popoviciu), so the left side is positive, and the
    point not stationary, while ``first + mixed D^2/4 > 0``.
    """

    first: Fraction
    mixed: Fraction
    second: Fraction

    def squared_radius(self, spread: Fraction) -> Fraction | None:
        """Largest ``R`` such that no ``a`` with ``0 < a^2 < R`` is stationary; ``None``: all.

        ``spread`` is the difference of the largest and the smallest ``beta``.

        Examples
        --------
        >>> RadialForm(Fraction(2), Fraction(-4), Fraction(2)).squared_radius(Fraction(1))
        Fraction(2, 1)
        """
        if self.first <= 0 or self.second < 0:
            return _ZERO
        if self.mixed >= 0 or spread == 0:
            return None
        return 4 * self.first / (-self.mixed * spread**2)


@dataclass(frozen=True)
class SliceReduction:
    """A slice on which ``grad_i = ratios[i] * g(a) u`` with ``g`` the representative's component.

    Attributes
    ----------
    centre : (Fraction, Fraction)
        Reflection centre ``s`` of the identity, as constant and slope in ``a``.
    representative : int
        A component whose gradient is ``g(a) u``.
    ratios : tuple of Fraction
        The multiples, one per component.
    radial : RadialForm or None
        Identity that isolates the truth, where it could be derived.
    """

    objective: str
    slice: Slice
    centre: Linear
    representative: int
    ratios: tuple[Fraction, ...]
    radial: RadialForm | None

    @property
    def statement(self) -> str:
        """The identity as text."""
        names = [f"grad_{i + 1} = {_times(ratio)}" for i, ratio in enumerate(self.ratios)]
        return ", ".join(names) + f" on v = ({self.slice}) u"


def _times(ratio: Fraction) -> str:
    if ratio == 0:
        return "0"
    return {1: "g(a) u", -1: "-g(a) u"}.get(
        int(ratio) if ratio.denominator == 1 else 0, f"{ratio} g(a) u"
    )


@dataclass(frozen=True)
class ShiftedSlice:
    """Quantities on a slice at ``x = y + centre``: responsibilities, means, density ratio."""

    slice: Slice
    centre: Linear

    @property
    def terms(self) -> list[Exponential]:
        """``pi_i exp(x v_i - v_i^2/2)`` as functions of ``y`` and ``a``."""
        result = []
        for mean, weight in zip(self.slice.components, self.slice.weights, strict=True):
            shifted = (self.centre[0] - mean[0] / 2, self.centre[1] - mean[1] / 2)
            result.append(Exponential.exp(mean, shifted) * weight)
        return result

    @property
    def density_ratio(self) -> Exponential:
        """The student's density over ``N(0, 1)``."""
        return _sum(self.terms)

    @property
    def gaussian_factor(self) -> Exponential:
        """``N(y + s)/N(y) = exp(-s y - s^2/2)``."""
        s0, s1 = self.centre
        return Exponential.exp((-s0, -s1), (s0 / 2, s1 / 2))

    def quotient(self, numerator: Exponential, power: int = 0) -> Quotient:
        """Return ``numerator / density_ratio**power``."""
        return Quotient(numerator, power, self.density_ratio)

    def responsibility(self, component: int) -> Quotient:
        """Return the responsibility of a component."""
        return self.quotient(self.terms[component], 1)

    def mean(self, component: int) -> Quotient:
        """Return a component's mean along the line."""
        return self.quotient(Exponential.linear(self.slice.components[component]))

    def evaluate(self, program: Program, dimension: int = 1) -> Table:
        """Run a program on the line ``v_i = (alpha_i + beta_i a, 0, ..., 0)``."""
        count = len(self.slice.components)
        zero = self.quotient(Exponential())
        responsibilities = [self.responsibility(i) for i in range(count)]
        means = [self.mean(i) for i in range(count)]
        inputs = {
            "psi": lambda index: responsibilities[index[0]],
            "v": lambda index: means[index[0]] if index[1] == 0 else zero,
            "pi": lambda index: self.slice.weights[index[0]],
        }
        return run(program, {"j": count, "a": dimension}, inputs, zero)

    def base_factor(self, base: str) -> Exponential:
        """Density of the expectation over ``N(y; 0, 1)``."""
        factor = self.gaussian_factor
        return factor * self.density_ratio if base == "student" else factor


def _sum(terms: Sequence[Exponential]) -> Exponential:
    total = Exponential()
    for term in terms:
        total = total + term
    return total


def centres(slice_: Slice) -> list[Linear]:
    """Candidates for the reflection centre: the teacher's mean, then all midpoints of means."""
    found: list[Linear] = [(_ZERO, _ZERO)]
    for first, second in combinations_with_replacement(slice_.components, 2):
        middle = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
        if middle not in found:
            found.append(middle)
    return found


def even_parts(objective: Objective, line: ShiftedSlice) -> list[Exponential] | None:
    """Even parts of all gradient components' integrands, over one common denominator.

    ``None`` when the reflection does not map the student's density to itself (up to a factor
    that is an exponential), so that no common denominator exists.
    """
    mirror = line.density_ratio.monomial_to(line.density_ratio.reflected())
    if mirror is None:
        return None
    table = line.evaluate(lower_objective(objective, "gradient"))
    power = max(entry.power for entry in table.values())
    factor = line.base_factor(objective.base)
    count = len(line.slice.components)
    return [table[i, 0].even_part(factor, power, mirror) for i in range(count)]


def reduce_slice(objective: Objective | str, slice_: Slice) -> SliceReduction:
    """Reduce stationarity on a slice to one scalar equation, by a derived identity.

    Parameters
    ----------
    objective : Objective or str
        The objective, or its name.
    slice_ : Slice
        The slice with its weights.

    Raises
    ------
    SliceError
        When no identity makes the gradient components proportional.

    Examples
    --------
    >>> reduce_slice("forward", Slice.parse("0,a")).statement
    'grad_1 = g(a) u, grad_2 = g(a) u on v = (0,a) u'
    >>> reduce_slice("forward", Slice.parse("0,a", [Fraction(1, 4), Fraction(3, 4)]))
    Traceback (most recent call last):
    ...
    derive.slices.slices.SliceError: the gradient components on "0,a" with weights 1/4, 3/4 are \
not proportional to one scalar by any reflection identity
    """
    if isinstance(objective, str):
        objective = OBJECTIVES[objective]
    for centre in centres(slice_):
        parts = even_parts(objective, ShiftedSlice(slice_, centre))
        if parts is None:
            continue
        representative = next((i for i, part in enumerate(parts) if part), None)
        if representative is None:
            raise SliceError(f'the gradient vanishes identically on "{slice_}"')
        ratios = [part.ratio(parts[representative]) for part in parts]
        if all(ratio is not None for ratio in ratios):
            known = tuple(ratio for ratio in ratios if ratio is not None)
            radial = radial_form(objective, slice_)
            return SliceReduction(objective.name, slice_, centre, representative, known, radial)
    shares = ", ".join(str(weight) for weight in slice_.weights)
    raise SliceError(
        f'the gradient components on "{slice_}" with weights {shares} are not proportional to one '
        "scalar by any reflection identity"
    )


def radial_form(objective: Objective, slice_: Slice) -> RadialForm | None:
    """Derive the radial identity around the truth, ``None`` without truth or identity.

    Examples
    --------
    >>> form = radial_form(OBJECTIVES["reverse"], Slice.parse("a,-a"))
    >>> form == RadialForm(Fraction(2), Fraction(0), Fraction(2))
    True
    """
    if slice_.truth is None:
        return None
    # Around the truth a = a* + b, so that the means are beta_i b.
    moved = Slice(tuple((_ZERO, beta) for _, beta in slice_.components), slice_.weights)
    line = ShiftedSlice(moved, (_ZERO, _ZERO))
    table = line.evaluate(lower_objective(objective, "gradient"))
    zero = line.quotient(Exponential())
    radial, error, second = zero, zero, zero
    for i in range(len(moved.components)):
        mean, responsibility = line.mean(i), line.responsibility(i)
        radial = radial + mean * table[i, 0]
        error = error + responsibility * mean
        second = second + responsibility * mean * mean
    square = error * error
    variance = second - square
    candidates = [square, square * variance, variance * variance]
    power = max(item.power for item in [radial, *candidates])
    found = solve([item.raised(power) for item in candidates], radial.raised(power))
    return None if found is None else RadialForm(*found)
