"""What changed between two runs: verdicts, margins, controls, what is new and what is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Verdict

Direction = Literal["better", "worse", "other"]
#: Facts about a check that are reported when they differ, without a direction.
_FACTS = ("margin", "method", "scope", "cases", "digits")


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes
    ----------
    claim : str
    part : str
        Check or control; empty for the claim as a whole.
    what : str
        ``verdict``, ``margin``, ``method``, ``scope``, ``cases``, ``digits``, ``witness`` (the
        point of a counterexample), ``presence``, ``text`` (the claim says something else), or
        ``code`` (its files have changed; both by digest).
    before, after : str
        Texts; empty for what was or is not there.
    direction : {"better", "worse", "other"}
        Worse: a weaker verdict, a control that is no longer refuted, a check, control or claim
        that is gone. Margins and scopes have no direction, since their meaning differs by check.
    """

    claim: str
    part: str
    what: str
    before: str
    after: str
    direction: Direction

    def __str__(self) -> str:
        place = f"{self.claim} {self.part}".strip()
        mark = {"better": "better", "worse": "WORSE ", "other": "      "}[self.direction]
        return f"{mark}  {place}: {self.what} {self.before or 'none'} -> {self.after or 'none'}"


def compare(
    before: Mapping[str, ClaimResult], after: Sequence[ClaimResult], *, all_claims: bool
) -> tuple[Change, ...]:
    """Return what changed.

    Parameters
    ----------
    before : mapping
        Results of the earlier run, by claim.
    after : sequence of ClaimResult
        Results of this run.
    all_claims : bool
        Whether this run was meant to cover all claims: then those of the earlier run that are
        missing now are gone.

    Examples
    --------
    >>> from proofs_check.verdict import Method
    >>> proved = CheckResult("c", Verdict.PROVED, Method.BALL, "a < 1", "1e-9")
    >>> looser = CheckResult("c", Verdict.PROVED, Method.BALL, "a < 1", "1e-8")
    >>> old, new = (ClaimResult("F0", (check,), (), 0.0) for check in (proved, looser))
    >>> print(*compare({"F0": old}, [new], all_claims=True))
            F0 c: margin 1e-9 -> 1e-8
    """
    changes = [change for result in after for change in _claim(before, result)]
    if all_claims:
        present = {result.identifier for result in after}
        changes += [
            Change(name, "", "presence", str(old.verdict), "", "worse")
            for name, old in before.items()
            if name not in present
        ]
    return tuple(changes)


def _claim(before: Mapping[str, ClaimResult], new: ClaimResult) -> Iterator[Change]:
    old = before.get(new.identifier)
    if old is None:
        yield Change(new.identifier, "", "presence", "", str(new.verdict), "other")
        return
    if old.verdict is not new.verdict:
        direction = _direction(old.verdict, new.verdict)
        yield Change(new.identifier, "", "verdict", str(old.verdict), str(new.verdict), direction)
    yield from _checks(new.identifier, old.checks, new.checks)
    yield from _controls(new.identifier, old.controls, new.controls)


def _checks(claim: str, old: Sequence[CheckResult], new: Sequence[CheckResult]) -> Iterator[Change]:
    earlier = {check.name: check for check in old}
    for check in new:
        known = earlier.pop(check.name, None)
        if known is None:
            yield Change(claim, check.name, "presence", "", str(check.verdict), "other")
            continue
        if known.verdict is not check.verdict:
            direction = _direction(known.verdict, check.verdict)
            yield Change(
                claim, check.name, "verdict", str(known.verdict), str(check.verdict), direction
            )
        yield from _facts(claim, check.name, known, check)
    for name, check in earlier.items():
        yield Change(claim, name, "presence", str(check.verdict), "", "worse")


def _controls(
    claim: str, old: Sequence[ControlResult], new: Sequence[ControlResult]
) -> Iterator[Change]:
    earlier = {control.name: control for control in old}
    for control in new:
        name = f"control: {control.name}"
        known = earlier.pop(control.name, None)
        if known is None:
            yield Change(claim, name, "presence", "", str(control.verdict), "other")
            continue
        if known.verdict is not control.verdict:
            worse = known.refuted or control.verdict > known.verdict
            direction: Direction = "better" if control.refuted else "worse" if worse else "other"
            yield Change(
                claim, name, "verdict", str(known.verdict), str(control.verdict), direction
            )
        yield from _facts(claim, name, known.result, control.result)
    for gone, control in earlier.items():
        yield Change(claim, f"control: {gone}", "presence", str(control.verdict), "", "worse")


def _facts(claim: str, part: str, old: CheckResult, new: CheckResult) -> Iterator[Change]:
    for fact in _FACTS:
        before, after = getattr(old, fact), getattr(new, fact)
        if before != after:
            yield Change(claim, part, fact, _text(before), _text(after), "other")
    if old.witness and new.witness and old.witness.mixture != new.witness.mixture:
        before, after = str(old.witness.mixture), str(new.witness.mixture)
        yield Change(claim, part, "witness", before, after, "other")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _direction(before: Verdict, after: Verdict) -> Direction:
    return "better" if after > before else "worse"
