"""Where a claim lost the guarantee of a proof, and what would lift it."""

from __future__ import annotations

from collections.abc import Iterator

from proofs_check.claim import NOT_CHECKED
from proofs_check.report.whole.model import Loss
from proofs_check.verdict import CheckResult, ClaimResult, Method, Verdict

_DECIDE = "to decide: "
_SUPPORTED_BY = {
    Method.GENERATED: (
        "drawn cases: what holds at each of them may fail at another",
        "a derivation or a proof for all of the scope, or enclosures over a cover of it",
    ),
    Method.NUMERICAL: (
        "floating point or an extrapolation, whose error is estimated and not bounded",
        "an enclosure in ball arithmetic of the same quantity, or a derivation of the limit",
    ),
    Method.STATISTICAL: (
        "a frequency among drawn starts, with an interval of confidence",
        "a proved bound on the probability, or certified fates for all starts of the family",
    ),
}
_REFUTED = (
    "a counterexample was found and confirmed",
    "nothing: the statement has to change, or its hypotheses have to exclude the witness",
)
_STANDS = (
    "the changed statement was not refuted, so nothing shows that the check can fail",
    "a change that matters, or a check sharp enough to see this one",
)


def losses(result: ClaimResult) -> tuple[Loss, ...]:
    """Return the checks that keep a claim from ``PROVED``, and the controls that stand.

    Those that lost it for the same reason stand together.

    Examples
    --------
    >>> seen = CheckResult("cases", Verdict.SUPPORTED, Method.GENERATED, "200 generated cases")
    >>> [loss.parts for loss in losses(ClaimResult("F0", (seen,), (), 0.0))]
    [('cases',)]
    """
    parts: dict[tuple[Verdict, str, str], list[str]] = {}
    for name, verdict, why, lift in _found(result):
        parts.setdefault((verdict, why, lift), []).append(name)
    return tuple(Loss(tuple(names), *reason) for reason, names in parts.items())


def _found(result: ClaimResult) -> Iterator[tuple[str, Verdict, str, str]]:
    for check in result.deciding:
        if check.verdict is not Verdict.PROVED:
            yield (check.name, check.verdict, *_reason(check))
    for control in result.controls:
        name = f"control: {control.name}"
        if control.verdict is Verdict.INCONCLUSIVE:
            yield (name, control.verdict, *_reason(control.result))
        elif not control.refuted:
            yield (name, control.verdict, *_STANDS)


def _reason(check: CheckResult) -> tuple[str, str]:
    if check.verdict is Verdict.REFUTED:
        return _REFUTED
    if check.verdict is Verdict.INCONCLUSIVE:
        decide = [n.removeprefix(_DECIDE) for n in check.notes if n.startswith(_DECIDE)]
        why = next(
            (note for note in check.notes if not note.startswith(_DECIDE)), "no reason given"
        )
        return why, "; ".join(decide) or "what the reason names"
    if NOT_CHECKED in check.notes:
        return NOT_CHECKED, "a check of a kind of this package, or Enclosed or Certified"
    if check.method in _SUPPORTED_BY:
        return _SUPPORTED_BY[check.method]
    why = check.notes[-1] if check.notes else "a step on the way is not proved"
    return why, "a proof of what is missing there"
