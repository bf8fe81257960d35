"""Oracle of Lemma E: two groups of coincident components, one near the truth, one far away.

With ``w = v_2 - v_1``, ``a = |w|``, ``eps = 1/a``, ``alpha = v_1.w/a``, ``G = 2 a^2 phi(y)``,
``y = a/2 + alpha - l/a`` and the gradients ``grad_1``, ``grad_2`` of the forward loss in the places
of the groups (sums over their members), what is bounded are ``F = w.grad_2/a`` and
``Q = w.(grad_1 + grad_2 - 2 v_1)/a``: by `derive.two_components.escape_integrals`, G times
integrals of one variable, which `numerics.fates.escape_region` encloses for all ``a`` and ``alpha``
by a cover of balls.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Final, NamedTuple

from numerics.fates.escape_region import (
    NEAR,
    Cover,
    CoverError,
    decide_boxes,
    prove_escape_region,
    tile,
)
from numerics.numbers.balls import ball, precision
from proofs_check.proofs.kernel.oracles.gradients import kernel_objective
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    REAL,
    STATE,
    Objective,
    ProofError,
    Term,
    closed,
    number,
)
from proofs_check.proofs.kernel.theorem import checked

#: Bound by the terms below; arguments have no dummies, so that none can be captured.
_A: Final = Term("dummy", (), (0, COORDINATE))
_B: Final = Term("dummy", (), (1, COORDINATE))
_X: Final = Term("dummy", (), (2, POINT))


def _times(*factors: Term) -> Term:
    return Term("multiply", factors)


def _total(body: Term, index: Term) -> Term:
    return Term("sum", (closed(body, index),), index.sort)


class Pair(NamedTuple):
    """Two groups of coincident components.

    Attributes
    ----------
    state : Term
    near, far : Term
        Components whose means are the places ``v_1`` and ``v_2`` of the groups.
    member : Term
        A variable component, of which the next two are functions.
    near_members, far_members : Term
        One for members of the group and zero for others.
    coordinate : Term
        Any one.
    log_odds : Term
        ``l``, the logarithm of the quotient of the groups' weights.
    """

    state: Term
    near: Term
    far: Term
    member: Term
    near_members: Term
    far_members: Term
    coordinate: Term
    log_odds: Term

    def checked(self) -> Pair:
        """Return it.

        Raises
        ------
        ProofError
            If a part has another sort, or depends on the index where it may not.
        """
        sorts = (STATE, COMPONENT, COMPONENT, COMPONENT, REAL, REAL, COORDINATE, REAL)
        for term, sort in zip(self, sorts, strict=True):
            checked(term, sort)
        others = (self.state, self.near, self.far, self.coordinate, self.log_odds)
        if self.member.op != "free" or any(self.member in term.free for term in others):
            raise ProofError("the index of the groups is no variable of its own")
        return self

    @property
    def loss(self) -> Objective:
        """The forward loss."""
        return _forward()

    def place(self, which: str, coordinate: Term) -> Term:
        """A coordinate of ``v_1``, ``v_2``, or of ``w``."""
        near, far = (Term("v", (self.state, j, coordinate)) for j in (self.near, self.far))
        return {"near": near, "far": far, "apart": far - near}[which]

    def gradient(self, which: str, coordinate: Term) -> Term:
        """A coordinate of ``grad_1`` or ``grad_2``."""
        members = self.near_members if which == "near" else self.far_members
        slope = Term("gradient", (self.state, self.member, coordinate), self.loss)
        return _total(_times(members, slope), self.member)

    def dot(self, first: str, second: str) -> Term:
        """A scalar product of places."""
        return _total(_times(self.place(first, _A), self.place(second, _A)), _A)

    @property
    def distance(self) -> Term:
        """``a``."""
        return Term("root", (self.dot("apart", "apart"),))

    @property
    def eps(self) -> Term:
        """``1/a``."""
        return Term("inverse", (self.distance,))

    @property
    def alpha(self) -> Term:
        """``v_1.w/a``."""
        return _times(self.eps, self.dot("near", "apart"))

    @property
    def middle(self) -> Term:
        """``y``, along w the point where both groups are equally likely."""
        return number(Fraction(1, 2)) * self.distance + self.alpha - _times(self.log_odds, self.eps)

    @property
    def twice_phi(self) -> Term:
        """``2 phi(0) = sqrt(2/pi) = E_q|x_b|``."""
        entry = Term("x", (_X, self.coordinate))
        return Term("mean_teacher", (closed(Term("root", (_times(entry, entry),)), _X),))

    @property
    def size(self) -> Term:
        """``G = 2 a^2 phi(y)``."""
        exponent = _times(number(Fraction(-1, 2)), self.middle, self.middle)
        decay = Term("exponential", (exponent,))
        return _times(self.distance, self.distance, self.twice_phi, decay)

    @property
    def outward(self) -> Term:
        """``F = w.grad_2/a``."""
        along = _total(_times(self.place("apart", _B), self.gradient("far", _B)), _B)
        return _times(self.eps, along)

    @property
    def pull(self) -> Term:
        """``Q = w.(grad_1 + grad_2 - 2 v_1)/a``."""
        whole = self.gradient("near", _B) + self.gradient("far", _B) - 2 * self.place("near", _B)
        return _times(self.eps, _total(_times(self.place("apart", _B), whole), _B))

    def groups(self) -> tuple[Term, ...]:
        """Formulas: every component belongs to one of the groups and coincides with it."""
        g, h = self.near_members, self.far_members
        places = _times(g, self.place("near", _A)) + _times(h, self.place("far", _A))
        mean = Term("v", (self.state, self.member, _A))
        along = Term("forall", (closed(Term("equal", (mean, places)), _A),), COORDINATE)
        each = (
            Term("equal", (g + h, number(1))),
            Term("equal", (_times(g, g), g)),
            along,
        )
        return tuple(Term("forall", (closed(e, self.member),), COMPONENT) for e in each)

    def region(self, near_weight: Fraction, far: Fraction) -> tuple[Term, ...]:
        """Formulas: the weights, ``|v_1| <= NEAR``, ``|v_2| >= far``."""
        weight = _total(_times(self.near_members, Term("pi", (self.member,))), self.member)
        odds = _times(Term("exponential", (self.log_odds,)), number(near_weight))
        return (
            Term("equal", (weight, number(near_weight))),
            Term("equal", (odds, number(1 - near_weight))),
            Term("at_most", (self.dot("near", "near"), number(NEAR**2))),
            Term("at_most", (number(far**2), self.dot("far", "far"))),
        )

    def bound(self, which: str, value: Fraction) -> Term:
        """What the cover shows: ``drift`` and ``pull`` of the near group, ``outward`` of the other.

        With ``r = eps^2 (NEAR^2 - alpha^2)``: ``(1 + alpha eps) F + r max(Q, 0) <= -value G`` and
        ``(Q - F)^2 + r Q^2 <= value^2``, or ``<= value^2 G^2``.
        """
        f, q, alpha, eps, size = self.outward, self.pull, self.alpha, self.eps, self.size
        room = _times(eps, eps, number(NEAR**2) - _times(alpha, alpha))
        if which == "outward":
            positive = Term("case", (q, number(0), number(0), q))
            push = _times(1 + _times(alpha, eps), f) + _times(room, positive)
            return Term("at_most", (push, _times(number(-value), size)))
        tug = _times(q - f, q - f) + _times(room, q, q)
        scale = _times(size, size) if which == "pull" else number(1)
        return Term("at_most", (tug, _times(number(value**2), scale)))


@cache
def _forward() -> Objective:
    from derive.losses.objectives import FORWARD

    return kernel_objective(FORWARD)


def _exact(value: object, name: str) -> Fraction:
    if type(value) is int or type(value) is Fraction:
        return Fraction(value)
    raise ProofError(f"{name} is no exact number")


def _verified(*names: str) -> None:
    """Replay derivations of ``derive``."""
    from derive.catalogue import derivation

    for name in names:
        verification = derivation(name).verify()
        if not verification:
            raise ProofError(f"derive: {name}: {'; '.join(verification.failed)}")


@cache
def _reduction_is_derived() -> None:
    """Check that ``F`` and ``Q`` are what the cover's integrals are.

    Along u and p: ``grad_2 = (G f, eps G q)``, ``grad_1 - 2 v_1 = (G (q - f), -eps G q)``.
    """
    import sympy

    from derive.two_components.escape_integrals import EPS, reduced_vectors

    _verified("escape-integrals", "coincident-groups")
    g, f, q = sympy.symbols("G f q")
    table = reduced_vectors(g, f, q)
    expected = {"grad_2": (g * f, EPS * g * q), "drift": (g * (q - f), -EPS * g * q)}
    for name, parts in expected.items():
        if any(sympy.expand(x - y) != 0 for x, y in zip(table[name], parts, strict=True)):
            raise ProofError(f"derive: {name} is another vector than the one that is bounded")


def _cover(near_weight: Fraction, far: Fraction, boxes: tuple[str, ...] | None) -> Cover:
    if not 0 < near_weight < 1:
        raise ProofError("the weights of the groups are not positive")
    if not far > NEAR:
        raise ProofError("the far group is not beyond the near one")
    if boxes is not None and (type(boxes) is not tuple or any(type(b) is not str for b in boxes)):
        raise ProofError("the boxes are no paths")
    try:
        if boxes is None:
            boxes = prove_escape_region(near_weight, 1 - near_weight, far).boxes
        if not tile(boxes):
            raise ProofError("the boxes do not cover the rectangle")
        return _decided(boxes, near_weight, far)
    except CoverError as error:
        raise ProofError(str(error)) from error


@cache
def _decided(boxes: tuple[str, ...], near_weight: Fraction, far: Fraction) -> Cover:
    return decide_boxes(boxes, near_weight, 1 - near_weight, far)


def escape_region(
    pair: Pair,
    which: str,
    value: Fraction,
    near_weight: Fraction,
    far: Fraction,
    boxes: tuple[str, ...] | None = None,
) -> tuple[Term, str, tuple[Term, ...]]:
    """Conclusion, tag and hypotheses of one of the bounds of a cover.

    Raises
    ------
    ProofError
        If a box is not decided, the boxes leave a gap, or the bound is not what they give.
    """
    if type(pair) is not Pair or type(which) is not str:
        raise ProofError("no groups are given")
    pair.checked()
    value, near_weight, far = (
        _exact(x, name)
        for x, name in ((value, "the bound"), (near_weight, "the weight"), (far, "the radius"))
    )
    _reduction_is_derived()
    cover = _cover(near_weight, far, boxes)
    margins = {
        "drift": value - cover.largest_drift,
        "outward": cover.least_outward - value,
        "pull": value - cover.largest_pull,
    }
    if which not in margins:
        raise ProofError(f"the cover bounds no {which!r}")
    if margins[which] < 0:
        raise ProofError(f"the bound is missed by {float(-margins[which]):.2g}")
    tag = (
        f"cover: {len(cover.boxes)} boxes, |v_1| <= {NEAR}, |v_2| >= {far}, weight {near_weight} "
        "(reduction: derive escape-integrals, coincident-groups)"
    )
    return (
        pair.bound(which, value),
        tag,
        (*pair.groups(), *pair.region(near_weight, far)),
    )


def escape_gradient(pair: Pair, which: str, coordinate: Term) -> tuple[Term, str, tuple[Term, ...]]:
    """A coordinate of ``grad_2``, or of ``grad_1 + grad_2``, by ``F`` and ``Q``; if ``w != 0``.

    ``grad_2 = eps F w + eps Q (v_1 - eps alpha w)``, ``grad_1 + grad_2 = 2 v_1 + eps Q w``.

    Raises
    ------
    ProofError
        If the derivation does not hold.
    """
    if type(pair) is not Pair or checked(coordinate).sort is not COORDINATE:
        raise ProofError("no groups are given")
    pair.checked()
    _reduction_is_derived()
    eps, f, q = pair.eps, pair.outward, pair.pull
    near, apart = pair.place("near", coordinate), pair.place("apart", coordinate)
    far = pair.gradient("far", coordinate)
    across = near - _times(eps, pair.alpha, apart)
    equations = {
        "far": (far, _times(eps, f, apart) + _times(eps, q, across)),
        "both": (pair.gradient("near", coordinate) + far, 2 * near + _times(eps, q, apart)),
    }
    if which not in equations:
        raise ProofError(f"no gradient {which!r}")
    distinct = Term("below", (number(0), pair.dot("apart", "apart")))
    tag = "derive: escape-integrals, coincident-groups"
    return Term("equal", equations[which]), tag, (*pair.groups(), distinct)


def exponential(at: Fraction, bound: Fraction) -> tuple[Term, str]:
    """``bound <= exp(at)`` or ``exp(at) <= bound``, whichever holds; both are rational numbers.

    Raises
    ------
    ProofError
        If balls do not decide it.
    """
    at, bound = _exact(at, "the exponent"), _exact(bound, "the bound")
    if abs(at) > 1000:
        raise ProofError("the exponent is beyond 1000")
    with precision(256):
        value, other = ball(at).exp(), ball(bound)
        below, above = bool(other <= value), bool(value <= other)
    if not below and not above:
        raise ProofError(f"exp({at}) is not told from {bound}")
    sides = (number(bound), Term("exponential", (number(at),)))
    relation = "<=" if below else ">="
    return Term("at_most", sides if below else sides[::-1]), f"cover: {bound} {relation} exp({at})"
