"""Oracles of Theorem U: two components of equal weight, one at the truth, the other at any place.

With ``a = |v_2|`` and ``s = (x.v_2 - a^2/2)/2`` the responsibility of the second component is
``p = 1/(1 + exp(-2s))``, and ``E_q[p h(s)]/E_q[p]`` is the mean of ``h`` under the law proportional
to ``sech(s) exp(-2 s^2/a^2)``: what `derive.slices.slice_law` derives about that law is stated for
means under the teacher.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Final, NamedTuple

from proofs_check.proofs.kernel.oracles.escape_region import _exact, _forward, _verified
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    STATE,
    ProofError,
    Term,
    closed,
    number,
)
from proofs_check.proofs.kernel.theorem import Record, checked

_A: Final = Term("dummy", (), (0, COORDINATE))
_X: Final = Term("dummy", (), (1, POINT))
_J: Final = Term("dummy", (), (2, COMPONENT))


def _times(*factors: Term) -> Term:
    return Term("multiply", factors)


def _total(body: Term, index: Term) -> Term:
    return Term("sum", (closed(body, index),), index.sort)


class Slice(NamedTuple):
    """A state of two components, the first at the truth.

    Attributes
    ----------
    state, first, second : Term
    """

    state: Term
    first: Term
    second: Term

    def checked(self) -> Slice:
        """Return it.

        Raises
        ------
        ProofError
            If a part has another sort or a loose variable.
        """
        for term, sort in zip(self, (STATE, COMPONENT, COMPONENT), strict=True):
            checked(term, sort)
        return self

    def hypotheses(self) -> tuple[Term, ...]:
        """Formulas: there are these two components, of equal weight, the first at the truth."""
        belongs = Term("delta", (_J, self.first), COMPONENT) + Term(
            "delta", (_J, self.second), COMPONENT
        )
        two = Term("equal", (belongs, number(1)))
        here = Term("equal", (Term("v", (self.state, self.first, _A)), number(0)))
        return (
            Term("forall", (closed(two, _J),), COMPONENT),
            Term("equal", (Term("pi", (self.first,)), number(Fraction(1, 2)))),
            Term("forall", (closed(here, _A),), COORDINATE),
        )

    @property
    def square(self) -> Term:
        """``a^2``."""
        place = Term("v", (self.state, self.second, _A))
        return _total(_times(place, place), _A)

    def responsibility(self, point: Term) -> Term:
        """``p``."""
        return Term("psi", (self.state, self.second, point))

    def variable(self, point: Term) -> Term:
        """``s = (x.v_2 - a^2/2)/2``."""
        along = _times(Term("x", (point, _A)), Term("v", (self.state, self.second, _A)))
        return number(Fraction(1, 2)) * _total(along, _A) - number(Fraction(1, 4)) * self.square

    def moment(self, name: str) -> Term:
        """``E_q[p h]`` for h: ``one``, ``r`` (sech^2 s), ``q`` (s^2), ``t``, ``z``.

        ``tanh s = 2p - 1``, ``sech^2 s = 4p(1 - p)``; t is of ``s tanh s``, z of ``s^2 sech^2 s``.
        """
        p, s = self.responsibility(_X), self.variable(_X)
        hyperbolic = _times(number(4), p, 1 - p)
        integrand = {
            "one": (),
            "r": (hyperbolic,),
            "q": (s, s),
            "t": (s, 2 * p - 1),
            "z": (s, s, hyperbolic),
        }[name]
        return Term("mean_teacher", (closed(_times(p, *integrand), _X),))

    @property
    def ratio(self) -> Term:
        """``r``, the mean of ``sech^2 s`` under the law."""
        return _times(self.moment("r"), Term("inverse", (self.moment("one"),)))

    @property
    def change(self) -> Term:
        """``a dr/da = u Cov(s^2, sech^2 s)``, ``u = 4/a^2``."""
        one = Term("inverse", (self.moment("one"),))
        covariance = _times(self.moment("z"), one) - _times(self.moment("q"), one, self.ratio)
        return _times(number(4), Term("inverse", (self.square,)), covariance)

    @property
    def slope(self) -> Term:
        """``g(a)/a = E_q[p (1 - (a^2/4) sech^2 s)]``."""
        return self.moment("one") - _times(number(Fraction(1, 4)), self.square, self.moment("r"))

    def outside(self, least: Fraction, most: Fraction) -> Term:
        """``(a^2 - least^2)(a^2 - most^2)``, not positive if a lies between."""
        return _times(*(self.square - number(end**2) for end in (least, most)))

    def never(self, least: Fraction, most: Fraction) -> Term:
        """Formula: no state has ``v_1 = 0``, ``g = 0`` and a between the ends."""
        first = Term("v", (self.state, self.first, _A))
        outside = self.outside(least, most)
        beyond = Term("case", (outside, number(0), number(0), outside))
        distance = _total(_times(first, first), _A) + _times(self.slope, self.slope) + beyond
        return Term("forall", (closed(Term("below", (number(0), distance)), self.state),), STATE)


@cache
def _law_is_derived() -> None:
    """Check the derivations, and that ``p`` makes the law: both sides up to ``exp(-a^2/8)/2``."""
    import sympy

    from derive.slices.slice_law import MOMENTS, S

    _verified("slice-0-a", "slice-law")
    p = 1 / (1 + sympy.exp(-2 * S))
    # x = y + a/2 and s = a y/2: N(x) = N(y) exp(-a y/2 - a^2/8)
    pairs = {
        "density": (sympy.exp(-S) * p, sympy.sech(S) / 2),
        "r": (4 * p * (1 - p), MOMENTS["r"]),
        "t": (S * (2 * p - 1), MOMENTS["t"]),
        "q": (S**2, MOMENTS["q"]),
        "z": (4 * S**2 * p * (1 - p), MOMENTS["z"]),
    }
    for name, (here, there) in pairs.items():
        if sympy.simplify((here - there).rewrite(sympy.exp)) != 0:
            raise ProofError(f"derive: {name} is another function")


def slice_gradient(
    place: Slice, component: Term, coordinate: Term
) -> tuple[Term, str, tuple[Term, ...]]:
    """Equation (C): both gradients are ``g(a)/a`` times ``v_2``.

    Raises
    ------
    ProofError
        If the component is neither of the two, or the derivation does not hold.
    """
    if type(place) is not Slice or checked(coordinate).sort is not COORDINATE:
        raise ProofError("no slice is given")
    if component not in (place.checked().first, place.second):
        raise ProofError("neither of the two components")
    _law_is_derived()
    gradient = Term("gradient", (place.state, component, coordinate), _forward())
    right = _times(place.slope, Term("v", (place.state, place.second, coordinate)))
    tag = "derive: slice-0-a, slice-law"
    return Term("equal", (gradient, right)), tag, place.hypotheses()


def slice_order(
    place: Slice, other: Term, which: str, *, premises: tuple[Record, ...] = ()
) -> tuple[Term, str, tuple[Term, ...]]:
    """From the sign of a derivative at every ``a > 0``, the order of two states on the slice.

    ``falls``: from ``a r' <= 0``, ``r(W) <= r(V)``; ``rises``: from ``-r <= a r'``, ``a r`` at V is
    at most ``a r`` at W; where ``0 < a(V) <= a(W)``. The state V of the premise is a variable.

    Raises
    ------
    ProofError
        If the premise is not that, or assumes more than the slice and ``0 < a``.
    """
    if type(place) is not Slice or type(which) is not str:
        raise ProofError("no slice is given")
    later = place.checked()._replace(state=other).checked()
    if place.state.op != "free":
        raise ProofError("the state of the premise is no variable")
    _law_is_derived()
    rises = Term("at_most", (_times(number(-1), place.ratio), place.change))
    falls = Term("at_most", (place.change, number(0)))
    wanted = {"rises": rises, "falls": falls}
    apart = Term("below", (number(0), place.square))
    if which not in wanted or [p.conclusion for p in premises] != [wanted[which]]:
        raise ProofError("the premise is not the sign of the derivative")
    if not premises[0].hypotheses <= {*place.hypotheses(), apart}:
        raise ProofError("the premise does not hold for every a > 0")
    sides = later.ratio, place.ratio
    if which == "rises":
        here, there = (_times(Term("root", (p.square,)), p.ratio) for p in (place, later))
        sides = here, there
    order = Term("at_most", (place.square, later.square))
    tag = "cited: mean value theorem (with differentiation under the integral, derive: slice-law)"
    return (
        Term("at_most", sides),
        tag,
        (*place.hypotheses(), *later.hypotheses(), apart, order),
    )


@cache
def _root(low: Fraction, high: Fraction, digits: int) -> tuple[Fraction, Fraction]:
    """Decimals on either side of the root."""
    from numerics.errors import InputError
    from numerics.stationary.slice_points import stationary_points

    try:
        found = stationary_points("forward", "0,a", search_range=(low, high), digits=digits)
    except InputError as error:
        raise ProofError(str(error)) from error
    if not found.complete or len(found.points) != 1 or found.points[0].truth:
        raise ProofError(f"{len(found.points)} roots, {len(found.undecided)} undecided")
    (point,) = found.points
    if not point.existence.startswith("proved"):
        raise ProofError("the root is not shown to exist")
    unit = 10**digits
    ends = point.enclosure
    return Fraction(floor(ends.low * unit), unit), Fraction(ceil(ends.high * unit), unit)


def slice_root(
    place: Slice, which: str, low: Fraction, high: Fraction, digits: int
) -> tuple[Term, str, tuple[Term, ...]]:
    """The root of ``g`` in a range, by a complete search in balls.

    ``digits``: a root ``a`` in ``[low, high]`` lies between the ends l, h of the enclosure:
    ``(a^2 - l^2)(a^2 - h^2) <= 0``. ``exists``: it is absurd that at every state W of two equal
    components ``|v_1|^2 + (g/a)^2 + max((a^2 - l^2)(a^2 - h^2), 0) > 0``.

    Raises
    ------
    ProofError
        If there is not exactly one root in the range.
    """
    if type(place) is not Slice or type(digits) is not int:
        raise ProofError("no slice is given")
    low, high = _exact(low, "the lower end"), _exact(high, "the upper end")
    if not 0 < low < high:
        raise ProofError("the range is no interval of positive numbers")
    place.checked()
    _law_is_derived()
    least, most = _root(low, high, digits)
    tag = f"roots: one stationary point on (0, a u) in [{low}, {high}], {digits} digits"
    if which == "digits":
        hypotheses = (
            *place.hypotheses(),
            Term("equal", (place.slope, number(0))),
            Term("at_most", (number(low**2), place.square)),
            Term("at_most", (place.square, number(high**2))),
        )
        return Term("at_most", (place.outside(least, most), number(0))), tag, hypotheses
    if which != "exists" or place.state.op != "free":
        raise ProofError(f"no statement {which!r} about the root")
    two, equal_weights, _ = place.hypotheses()
    assumed = (two, equal_weights, place.never(least, most))
    return Term("at_most", (number(1), number(0))), tag, assumed


def enclosure(low: Fraction, high: Fraction, digits: int) -> tuple[Fraction, Fraction]:
    """Ends of the root's enclosure, the range itself if there is not one root: a proposal."""
    try:
        return _root(low, high, digits)
    except ProofError:
        return low, high
