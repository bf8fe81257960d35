"""What the commands end with: one table for all of them (docs/claims.md)."""

from __future__ import annotations

from collections.abc import Iterable

from proofs_check.verdict import ClaimResult, Verdict

#: Every claim is PROVED or SUPPORTED and every control refuted; what was asked for is done.
HOLDS = 0
#: A claim is REFUTED, a control stands, or a certificate is rejected.
FAILS = 1
#: An error in the claim or the call.
ERROR = 2
#: Something is INCONCLUSIVE.
OPEN = 3
#: Stopped: by Ctrl-C, or because the time granted was up.
STOPPED = 130


def of_verdict(verdict: Verdict) -> int:
    """Code of one verdict.

    Examples
    --------
    >>> [of_verdict(verdict) for verdict in Verdict]
    [0, 0, 3, 1]
    """
    return {Verdict.REFUTED: FAILS, Verdict.INCONCLUSIVE: OPEN}.get(verdict, HOLDS)


def of_results(
    results: Iterable[ClaimResult], *, errors: bool = False, stopped: bool = False
) -> int:
    """Code of a run of claims.

    The first that applies: 1, a claim is refuted or a control stands; 2, a check or control could
    not be run; 130, the run was stopped; 3, a check or control is inconclusive.

    Examples
    --------
    >>> of_results(()), of_results((), stopped=True), of_results((), errors=True, stopped=True)
    (0, 130, 2)
    """
    found = list(results)
    claims = {result.verdict for result in found}
    controls = {control.verdict for result in found for control in result.controls}
    if Verdict.REFUTED in claims or controls & {Verdict.PROVED, Verdict.SUPPORTED}:
        return FAILS
    if errors:
        return ERROR
    if stopped:
        return STOPPED
    return OPEN if Verdict.INCONCLUSIVE in claims | controls else HOLDS
