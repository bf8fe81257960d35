"""Relations over whole boxes of parameters, decided by a cover in ball arithmetic.

A box is decided by the range of both sides' difference, in the mean value form about its centre.
Where the sides may be equal (`BoxCheck.touching`) the factor that vanishes there is divided out. A
box that is not decided is bisected; at every centre the relation is looked at, too, so that one
that fails is refuted by an exact point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log10, prod
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from numerics.validated.subdivision import subdivide
from proofs_check.checks.general import refute_at
from proofs_check.claim import Context
from proofs_check.statements.exact_text import fraction_text, signed_bound_text
from proofs_check.statements.family import Family, box_of, on_the_line, read_ends
from proofs_check.statements.relation import Relation, flatten
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.validated.interval import Interval
    from numerics.validated.slope_numbers import Affine, Frame, SlopeNumber

#: Digits of the integration over a box of width 1; more over smaller ones.
DIGITS = 6
#: A box is not bisected below this share of the whole, in every parameter.
SMALLEST = Fraction(1, 2**24)
#: Undecided boxes that a result names.
SHOWN = 3

Box = dict[str, "Interval"]


@dataclass(frozen=True)
class _Leaf:
    """What was found about a box: how it was decided, or why not."""

    box: Box
    kind: str  # "proved", "touching", "undecided" or "refuted"
    margin: Fraction | None = None

    @property
    def volume(self) -> Fraction:
        return prod((side.width for side in self.box.values()), start=Fraction(1))

    def __str__(self) -> str:
        return ", ".join(
            f"{name} in [{fraction_text(side.low)}, {fraction_text(side.high)}]"
            for name, side in self.box.items()
        )


@dataclass(frozen=True)
class BoxCheck:
    """A relation for all parameters in a box: ``PROVED``, refuted at a point, or what stays open.

    Attributes
    ----------
    name : str
        Name within the claim.
    relation : Relation
        An inequality; its sides use ``at.parameters``, ``at.means``, ``at.weights``, ``at.loss``,
        ``at.gradient``, ``at.hessian`` and ``at.expectation`` with ``+ - * /``, powers, ``abs``,
        ``min``, ``max``, ``exp``, ``log``, ``sqrt``, ``tanh``, ``erf``, ``sin``, ``cos``.
    parameters : mapping
        Exact ends of every parameter's range: ``{"t": ("1/2", "3")}``.
    family : callable
        The mixture at given parameters (`proofs_check.statements.family.Family`); by default the
        parameters are the means, in one dimension, with equal weights.
    touching : callable or tuple of callables
        Expressions of the parameters, affine with rational coefficients, at whose zeros the sides
        of ``<=`` or ``>=`` may be equal: there they must be seen to vanish exactly.
    most_boxes : int
        Boxes after which the rest counts as undecided.

    Raises
    ------
    InputError
        Naming what cannot be used: an equality (proved by an identity), a strict sign beside
        ``touching``, a range, a family that does not take the parameters.

    Examples
    --------
    >>> small = Relation("K <= t^2/2", lambda at: at.loss("kl"), "<=",
    ...                  lambda at: at.parameters["t"] ** 2 / 2)
    >>> pair = lambda t: [[t], [-t]]
    >>> BoxCheck("small", small, {"t": ("1/2", "1")}, pair).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    name: str
    relation: Relation
    parameters: Mapping[str, tuple[Any, Any]]
    family: Callable[..., Any] = on_the_line
    touching: Callable[..., Any] | tuple[Callable[..., Any], ...] = ()
    most_boxes: int = 20_000

    def __post_init__(self) -> None:
        if not isinstance(self.relation, Relation):
            raise InputError("relation", repr(self.relation), "a Relation")
        if self.relation.given is not None:
            raise InputError("relation", "a condition `given`", "the box as its only condition")
        if self.relation.comparison.is_equality:
            raise InputError("relation", "an equality", "an inequality (identities prove equality)")
        if self._touching and self.relation.comparison.is_strict:
            raise InputError("touching", "a strict relation", "<= or >= where sides may be equal")
        if isinstance(self.most_boxes, bool) or not isinstance(self.most_boxes, int):
            raise InputError("most_boxes", repr(self.most_boxes), "a positive integer")
        if self.most_boxes < 1:
            raise InputError("most_boxes", self.most_boxes, "a positive integer")
        for expression in self._touching:
            if not callable(expression):
                raise InputError("touching", repr(expression), "a function of the parameters")
        self._read()

    @property
    def _touching(self) -> tuple[Callable[..., Any], ...]:
        return self.touching if isinstance(self.touching, tuple) else (self.touching,)

    def _read(self) -> tuple[dict[str, tuple[Fraction, Fraction]], Family]:
        ends = read_ends(self.parameters)
        return ends, Family(self.family, tuple(ends))

    @property
    def _scope(self) -> str:
        ends, _ = self._read()
        return "all " + str(_Leaf(box_of(ends), "proved"))

    def run(self, context: Context) -> CheckResult:
        """Cover the box."""
        ends, family = self._read()
        whole = box_of(ends)
        cover = _Cover(self, family, whole, context, self._equalities(whole))
        leaves: list[_Leaf] = []
        found: Iterator[_Leaf] = subdivide([whole], cover.decide, breadth_first=True)
        for leaf in found:
            if leaf.kind == "refuted":
                values = {name: side.middle for name, side in leaf.box.items()}
                return refute_at(
                    self.name,
                    self.relation,
                    family.mixture(values),
                    context,
                    self._scope,
                    cover.seen,
                )
            leaves.append(leaf)
        return self._result(leaves, _Leaf(whole, "whole").volume, cover)

    def _equalities(self, whole: Box) -> list[tuple[str, Affine]]:
        """The touching sets, each as a parameter and what it equals there."""
        from numerics.validated.slope_numbers import Affine, Frame, SlopeNumber

        frame = Frame(whole)
        found = []
        for expression in self._touching:
            value = Family(expression, tuple(whole)).call(
                {name: frame.parameter(name) for name in whole}
            )
            affine = value.exactly if isinstance(value, SlopeNumber) else None
            if affine is None or affine.is_constant:
                raise InputError(
                    "touching", repr(value), "an affine expression of the parameters, not constant"
                )
            name = next(key for key in whole if affine.coefficients.get(key))
            factor = affine.coefficients[name]
            rest = affine.plus(Affine(Fraction(0), {name: factor}), Fraction(-1))
            found.append((name, rest.times(-1 / factor)))
        return found

    def _result(self, leaves: list[_Leaf], volume: Fraction, cover: _Cover) -> CheckResult:
        if sum(leaf.volume for leaf in leaves) != volume:
            raise AssertionError(f"{self.name}: the cover leaves gaps")
        undecided = [leaf for leaf in leaves if leaf.kind == "undecided"]
        if undecided:
            share = float(100 * sum(leaf.volume for leaf in undecided) / volume)
            shown = "; ".join(map(str, undecided[:SHOWN]))
            reason = (
                f"{len(undecided)} of {cover.seen} boxes ({share:.3g}% of the volume) are "
                f"undecided{cover.reason}: {shown}"
            )
            return inconclusive(self.name, reason, self._scope, decide=f"{MORE_TIME}, or a margin")
        touched = sum(leaf.kind == "touching" for leaf in leaves)
        margins = [leaf.margin for leaf in leaves if leaf.margin is not None]
        notes = [f"{len(leaves)} boxes cover the domain, {cover.seen} were looked at"]
        if touched:
            notes.append(f"on {touched} of them the factor that vanishes was divided out")
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            self._scope,
            margin=None if touched else signed_bound_text(min(margins)),
            digits=cover.digits,
            cases=len(leaves),
            notes=tuple(notes),
        )


@dataclass
class _Cover:
    """Decides boxes one by one."""

    check: BoxCheck
    family: Family
    whole: Box
    context: Context
    equalities: list[tuple[str, Affine]]
    seen: int = 0
    digits: int = DIGITS
    reason: str = ""

    def decide(self, box: Box) -> list[Box] | _Leaf:
        """Decide a box, or bisect it."""
        from numerics.numbers.balls import precision
        from numerics.validated.slope_numbers import Frame

        if self.context.expired or self.seen >= self.check.most_boxes:
            self.reason = " (time ran out)" if self.context.expired else " (too many boxes)"
            return _Leaf(box, "undecided")
        self.seen += 1
        shares = {name: side.width / self.whole[name].width for name, side in box.items()}
        extra = ceil(-log10(float(min(side.width for side in box.values()))))
        digits = DIGITS + max(0, extra)
        self.digits = max(self.digits, digits)
        with precision(4 * digits + 40):
            touching = [frame for frame in self._touching(box) if frame.touches]
            for frame in touching:
                if all(gap.nonnegative() for gap in self._gaps(frame, digits)):
                    return _Leaf(box, "touching")
            if touching:  # the ranges touch, too; parts away from the equality will show a failure
                return self._parts(box, max(shares, key=lambda name: shares[name]), shares)
            frame = Frame(box)
            gaps = self._gaps(frame, digits)
            if all(map(self._holds, gaps)):
                return _Leaf(box, "proved", min(_low(gap) for gap in gaps))
            if any(self._fails(gap) for gap in gaps):
                return _Leaf(box, "refuted")
            return self._parts(box, self._widest(frame, gaps, shares), shares)

    def _touching(self, box: Box) -> list[Frame]:
        from numerics.validated.slope_numbers import Frame

        return [Frame(box, equality) for equality in self.equalities]

    def _parts(self, box: Box, name: str, shares: Mapping[str, Fraction]) -> list[Box] | _Leaf:
        return _bisected(box, name) if shares[name] > SMALLEST else _Leaf(box, "undecided")

    def _gaps(self, frame: Frame, digits: int) -> list[SlopeNumber]:
        """By how much the relation holds, entry by entry."""
        from proofs_check.points.box_point import BoxPoint

        at = BoxPoint(self.family, frame, digits)
        relation = self.check.relation
        sides = [list(flatten(side(at))) for side in (relation.left, relation.right)]
        left, right = ([_lifted(frame, entry) for entry in side] for side in sides)
        if len(left) != len(right) or not left:
            found = f"sides with {len(left)} and {len(right)} entries"
            raise InputError(f"relation {relation.text!r}", found, "sides of one shape")
        return [relation.comparison.gap(a, b) for a, b in zip(left, right, strict=True)]

    def _holds(self, gap: SlopeNumber) -> bool:
        if self.check.relation.comparison.is_strict:
            return bool(gap.range > 0)
        return bool(gap.range >= 0)

    def _fails(self, gap: SlopeNumber) -> bool:
        """Whether it fails at the box's centre."""
        return bool(gap.base < 0)

    def _widest(self, frame: Frame, gaps: list[SlopeNumber], shares: Mapping[str, Fraction]) -> str:
        """The parameter that contributes most to the width of a gap (it only chooses)."""
        scores = dict.fromkeys(shares, 0.0)
        for gap in gaps:
            for (name, deviation), slope in zip(
                zip(frame.box, frame.deviations, strict=True), gap.total_slopes, strict=True
            ):
                if slope.is_finite():
                    score = float((deviation * slope).abs_upper())
                    scores[name] = max(scores[name], score)
        finite = all(slope.is_finite() for gap in gaps for slope in gap.total_slopes)
        widest = max(shares, key=lambda name: shares[name])
        if not finite:
            return widest
        best = max(shares, key=lambda name: scores[name])
        # No side is left far behind: the enclosures of the other slopes depend on it.
        return widest if shares[widest] > 16 * shares[best] else best


def _bisected(box: Box, name: str) -> list[Box]:
    from numerics.validated.interval import Interval

    side = box[name]
    halves = Interval(side.low, side.middle), Interval(side.middle, side.high)
    return [{**box, name: half} for half in halves]


def _lifted(frame: Frame, entry: Any) -> SlopeNumber:
    from numerics.validated.slope_numbers import SlopeNumber

    return entry if isinstance(entry, SlopeNumber) else frame.constant(entry)


def _low(gap: SlopeNumber) -> Fraction:
    from numerics.numbers.balls import exact_rational

    return exact_rational(gap.range.lower())
