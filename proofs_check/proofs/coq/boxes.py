"""The boxes behind a proof's covers as lemmas of Coq, each proved by CoqInterval.

A lemma says of a box what the oracle found there in ball arithmetic, about integrals over the whole
line. The enclosures in it are only proposals: they come from the same integrals in balls, and Coq
proves them or fails.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from itertools import pairwise

from flint import arb

from numerics.fates.escape_region import NEAR, CoverBox, Integrals, amplitude
from numerics.numbers.balls import ball, exact_rational, precision
from proofs_check.proofs.coq.covers import escape_boxes, oracles
from proofs_check.proofs.coq.formulas import escape_integrands, slice_integrand
from proofs_check.proofs.coq.language import shown_number
from proofs_check.proofs.kernel.oracles.slice_equation import enclosure
from proofs_check.proofs.kernel.terms import ProofError
from proofs_check.proofs.kernel.theorem import Record
from proofs_check.proofs.tactics.script import ScriptReplay

#: Coq integrates from -T to T; the rest is bounded.
_ESCAPE_RANGE, _SLICE_RANGE = 48, 16
_BITS = 64
#: Room of an enclosure beside its own radius, below which a box is halved for Coq.
_ROOM = {"f": Fraction(1, 5), "q": Fraction(1, 20)}
_FINEST = Fraction(1, 10**6)
#: Halvings of a box from the whole region at most.
_DEEPEST = 24
#: Intervals of a keep three times their width as distance to the root, down to this.
_NEAREST = Fraction(1, 1000)


@dataclass(frozen=True)
class BoxFile:
    """Lemmas about boxes, for Coq with CoqInterval.

    Attributes
    ----------
    name : str
    text : str
    chosen : tuple of str
        The boxes in the file.
    total : int
        Boxes that there are.
    theorem : str
        The theorem at its end: all of them together.
    """

    name: str
    text: str
    chosen: tuple[str, ...]
    total: int
    theorem: str


@dataclass(frozen=True)
class _Lemma:
    """A box in words, and a statement with its proof."""

    box: str
    write: Callable[[], tuple[str, list[str]]]


def box_file(replay: ScriptReplay, count: int | None = None, seed: int = 0) -> BoxFile:
    """Write a sample of the boxes of a proof's covers, or all of them.

    Parameters
    ----------
    replay : ScriptReplay
    count : int, optional
        Boxes drawn; all by default.
    seed : int

    Raises
    ------
    ProofError
        If no step of the proof rests on boxes.
    """
    theorems = list(replay.theorems.values())
    found = [*oracles(theorems, *_KINDS), *oracles(theorems, "exponential")]
    kinds = {record.parameters[0] for record in found} & set(_KINDS)
    if not kinds:
        raise ProofError(f"no step of {replay.proof.name} rests on boxes")
    (kind,) = kinds
    part, lemmas = _KINDS[kind]([r for r in found if r.parameters[0] == kind])
    numbers = [_exponential(r) for r in found if r.parameters[0] == "exponential"]
    places = list(range(len(lemmas)))
    if count is not None and count < len(lemmas):
        places = sorted(random.Random(seed).sample(places, count))
    chosen = [lemmas[place] for place in places] + numbers
    lines: list[str] = []
    for place, lemma in enumerate(chosen):
        statement, proof = lemma.write()
        lines += [f"(* {lemma.box} *)", f"Lemma box_{place} : {statement}.", *proof, ""]
    title = "boxes_of_" + re.sub(r"\W", "_", replay.proof.name)
    together = "I"
    for place in reversed(range(len(chosen))):
        together = f"(conj box_{place} {together})"
    # the statements stand above: the theorem is their conjunction
    lines += [
        f"Definition {title} := {together}.",
        f"Print Assumptions {title}.",
        "",
    ]
    text = "\n".join([_source("integrals.v"), part, *lines])
    return BoxFile(
        replay.proof.name,
        text,
        tuple(lemma.box for lemma in chosen),
        len(lemmas) + len(numbers),
        title,
    )


def _source(name: str) -> str:
    return resources.files("proofs_check.proofs.coq").joinpath(name).read_text(encoding="utf-8")


def _exponential(record: Record) -> _Lemma:
    """A number on one side of a value of the exponential."""
    shown = [
        shown_number(side.data) if side.op == "number" else f"exp {shown_number(side.args[0].data)}"
        for side in record.conclusion.args
    ]
    statement = " <= ".join(shown)
    return _Lemma(statement, lambda: (statement, ["Proof. decided. Qed."]))


# The slice (0, a u)


def _slice(records: Sequence[Record]) -> tuple[str, list[_Lemma]]:
    """The sign of the gradient on intervals of a on either side of the root."""
    _, _, _, low, high, digits = records[0].parameters
    least, most = enclosure(low, high, digits)
    lemmas = [_sign(*ends, positive=True) for ends in _towards(least, least - low, -1)]
    lemmas += [_sign(*ends, positive=False) for ends in _towards(most, high - most, 1)]
    part = _source("slice_boxes.v").replace("@INTEGRANDS@", slice_integrand())
    return part, lemmas


def _towards(root: Fraction, reach: Fraction, side: int) -> list[tuple[Fraction, Fraction]]:
    """Intervals up to a distance from the root, shorter towards it."""
    distances = [reach]
    while distances[-1] > _NEAREST:
        distances.append(max(distances[-1] * Fraction(3, 4), _NEAREST))
    rounded = [_outward(root + side * distance, side) for distance in distances]
    return [(min(pair), max(pair)) for pair in pairwise(rounded)]


def _outward(place: Fraction, side: int) -> Fraction:
    """A short decimal at the place, not nearer to the root."""
    scaled = place * 10**5
    return Fraction(math.ceil(scaled) if side > 0 else math.floor(scaled), 10**5)


def _sign(low: Fraction, high: Fraction, *, positive: bool) -> _Lemma:
    rest = _tail(Fraction(1), _SLICE_RANGE)
    bound = 2 * rest

    def write() -> tuple[str, list[str]]:
        ends = f"{shown_number(low)} <= a <= {shown_number(high)}"
        claim = "0 < g" if positive else "g < 0"
        statement = f"forall a, {ends} -> forall g, whole_line (slope a) g -> {claim}"
        between = (bound, Fraction(10)) if positive else (Fraction(-10), -bound)
        sides = " ".join(shown_number(side) for side in between)
        return statement, [
            "Proof.",
            "  intros a A g G.",
            f"  assert (B : {shown_number(between[0])} <= g <= {shown_number(between[1])}).",
            f"  {{ apply (enclosed_slope a {_SLICE_RANGE} {shown_number(rest)} {sides}); try lra.",
            "    - unfold tail; decided.",
            "    - integrated.",
            "    - exact G. }",
            "  lra.",
            "Qed.",
        ]

    return _Lemma(f"a in [{low}, {high}]", write)


def _tail(decay: Fraction, top: int) -> Fraction:
    """An upper bound of ``tail decay top`` of the prelude, with room."""
    value = 2 * math.exp(-float(decay) * top) * ((1 + top) / float(decay) + 1 / float(decay) ** 2)
    return Fraction(math.ceil(value * 1.01 * 10**9), 10**9)


# The escape region


def _escape(records: Sequence[Record]) -> tuple[str, list[_Lemma]]:
    """All bounds of a cover on each box."""
    _, _, _, _, *cover = records[0].parameters
    values = {record.parameters[2]: record.parameters[3] for record in records}
    if set(values) != {"outward", "pull", "drift"} or len(records) != len(values):
        raise ProofError("not the three bounds of one cover")
    odds = (1 - cover[0]) / cover[0]
    if not Fraction(1, 2) <= odds <= 2:
        raise ProofError("the prelude of the boxes is for weights from 1/3 to 2/3")
    claimed = _Claimed(values["outward"], values["pull"], values["drift"], odds)
    part = _source("escape_boxes.v").replace("@INTEGRANDS@", escape_integrands())
    return part, [_Lemma(_shown_box(box), claimed.lemma(box)) for box in escape_boxes(*cover)]


def _shown_box(box: CoverBox) -> str:
    e0, e1, a0, a1 = box.bounds
    return f"eps in [{e0}, {e1}], alpha in [{a0}, {a1}]"


@dataclass(frozen=True)
class _Enclosures:
    """Proposals: ends of f and q, a bound of G, the decay of the integrands."""

    f: tuple[Fraction, Fraction]
    q: tuple[Fraction, Fraction]
    size: Fraction
    decay: Fraction
    enough: bool


@dataclass(frozen=True)
class _Claimed:
    """What is claimed on every box of a cover."""

    outward: Fraction
    pull: Fraction
    drift: Fraction
    odds: Fraction

    @property
    def log_odds(self) -> str:
        """``l`` in Coq."""
        return "0" if self.odds == 1 else f"(ln {shown_number(self.odds)})"

    def lemma(self, box: CoverBox) -> Callable[[], tuple[str, list[str]]]:
        """Statement and proof for a box."""

        def write() -> tuple[str, list[str]]:
            statement = f"forall e al, 0 < e -> {self.within(box)} -> {self.claim()}"
            return statement, ["Proof.", "  intros e al E Be Ba.", *self.tactics(box, 2), "Qed."]

        return write

    @staticmethod
    def within(box: CoverBox) -> str:
        """The box as hypotheses on e and al."""
        e0, e1, a0, a1 = (shown_number(end) for end in box.bounds)
        return f"{e0} <= e <= {e1} -> {a0} <= al <= {a1}"

    def claim(self) -> str:
        """The three inequalities."""
        numbers = (NEAR, self.outward, self.pull, self.drift)
        return f"claim {' '.join(map(shown_number, numbers))} {self.log_odds} e al"

    def tactics(self, box: CoverBox, indent: int) -> list[str]:
        """The proof for a box: by enclosures if they leave room, else for its two halves."""
        space = " " * indent
        found = self.proposed(box)
        if not found.enough and len(box.path) > _DEEPEST:
            raise ProofError(f"the claim is not found on {_shown_box(box)}")
        if not found.enough:
            low, high = CoverBox(box.path + "0", box.far), CoverBox(box.path + "1", box.far)
            halved = 2 * (len(box.path) % 2)
            variable = ("e", "al")[halved // 2]
            middle = shown_number(low.bounds[halved + 1])
            bound = "Be" if halved == 0 else "Ba"
            cases = f"{space}destruct (Rle_or_lt {variable} {middle}) as [C|C]."
            lines = [cases]
            for side, half in (("C", low), ("(Rlt_le _ _ C)", high)):
                ends = f"(proj1 {bound}) {side}" if half is low else f"{side} (proj2 {bound})"
                lines.append(f"{space}{{ pose proof (conj {ends}) as D; clear {bound}; "
                             f"rename D into {bound}; clear C.")  # fmt: skip
                lines += [*self.tactics(half, indent + 2), f"{space}}}"]
            return lines
        top, decay = _ESCAPE_RANGE, shown_number(found.decay)
        rest = _tail(found.decay, top)
        numbers = " ".join(map(shown_number, (rest, *found.f, *found.q, found.size)))
        lines = [
            f"apply (from_enclosures _ _ _ _ _ e al {decay} {top} {numbers}).",
            *["1-4: split; decided.", "1-2: lra.", "1: unfold tail; decided.", "1-2: integrated."],
            *self._size_tactics(box, found),
            "inequalities.",
        ]
        return [space + line for line in lines]

    def _size_tactics(self, box: CoverBox, found: _Enclosures) -> list[str]:
        """``G`` on a box; where eps reaches down to 0, it grows with eps."""
        if box.bounds[0] > 0:
            return ["1: split; [apply size_nonnegative, E|unfold size; decided]."]
        end, least = shown_number(box.bounds[1]), shown_number(self._least_beta(box))
        return [
            "1: split; [apply size_nonnegative, E|].",
            f"1: eapply Rle_trans; [apply (size_decays _ _ _ {end} {least}); [lra|decided..]|].",
            "1: decided.",
        ]

    def _least_beta(self, box: CoverBox) -> Fraction:
        end, alpha = box.bounds[1], box.bounds[2]
        odds = Fraction(math.ceil(1000 * max(0.0, math.log(self.odds))), 1000)
        least = Fraction(1, 2) + min(alpha, Fraction(0)) * end - odds * end**2
        return Fraction(math.floor(1000 * least), 1000)

    def proposed(self, box: CoverBox) -> _Enclosures:
        """Enclosures as wide as the inequalities allow."""
        with precision(_BITS):
            reduced = Integrals(ball(self.odds).log())
            e0, e1, a0, a1 = box.bounds
            eps, alpha = ball(e0).union(ball(e1)), ball(a0).union(ball(a1))
            found = reduced(eps, alpha)
            if found is None:
                raise ProofError("a box is out of the integrals' range")
            f, q = found
            beta = arb(1) / 2 + alpha * eps - reduced.log_odds * eps * eps
            decay = Fraction(math.floor(exact_rational(beta.min(1 - beta).lower()) * 200), 200)
            size = self._size(box, alpha, reduced.log_odds)
            room = Fraction(1, 5)
            while room > _FINEST and not self._follows(eps, alpha, f, q, size, room):
                room *= Fraction(4, 5)
            radii = {"f": exact_rational(f.rad()), "q": exact_rational(q.rad())}
            enough = all(room >= share * radii[which] for which, share in _ROOM.items())
            return _Enclosures(_ends(f, room), _ends(q, room), size, decay, enough)

    def _size(self, box: CoverBox, alpha: arb, log_odds: arb) -> Fraction:
        e0, e1, _, _ = box.bounds
        if e0 > 0:
            value = 2 * amplitude(e0, e1, alpha, log_odds)
        else:
            least, end = ball(self._least_beta(box)), ball(e1)
            value = 2 / (end * end) / (2 * arb.pi()).sqrt()
            value *= (-(least * least) / (2 * end * end)).exp()
        return Fraction(math.ceil(exact_rational(value.upper()) * 10**6), 10**6)

    def _follows(
        self, eps: arb, alpha: arb, f: arb, q: arb, size: Fraction, room: Fraction
    ) -> bool:
        """Whether enclosures with that much room give the inequalities, with a little to spare."""
        wide = arb(0, float(room))
        f, q = f + wide, q + wide
        across = (eps * eps) * (ball(NEAR**2) - _square(alpha))
        outward = (1 + alpha * eps) * f + across * arb(0).max(q)
        tug = _square(q - f) + across * _square(q)
        spare = ball(Fraction(999, 1000))
        return bool(
            outward * spare < -ball(self.outward)
            and tug < ball(self.pull**2) * spare
            and tug * ball(size**2) < ball(self.drift**2) * spare
        )


def _square(value: arb) -> arb:
    low, high = arb(value.abs_lower()), arb(value.abs_upper())
    return (low * low).union(high * high)


def _ends(value: arb, room: Fraction) -> tuple[Fraction, Fraction]:
    low, high = exact_rational(value.lower()) - room, exact_rational(value.upper()) + room
    return Fraction(math.floor(low * 10**6), 10**6), Fraction(math.ceil(high * 10**6), 10**6)


_KINDS: dict[str, Callable[[Sequence[Record]], tuple[str, list[_Lemma]]]] = {
    "escape region": _escape,
    "slice root": _slice,
}
