"""What the commands end with: one table for all of them (docs/reference/commands.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofs_check.verdict import ClaimResult, Verdict

#: Every claim is PROVED or SUPPORTED and every control refuted; what was asked for is done.
HOLDS = 0
#: A claim is REFUTED, a control stands, or a certificate is rejected.
FAILS = 1
#: An error in the claim or the call.
ERROR = 2
#: Something is INCONCLUSIVE.
OPEN = 3
#: A fault of this program.
INTERNAL = 70
#: The time granted by ``--max-seconds`` was up.
TIME_UP = 124
#: Stopped by Ctrl-C (SIGINT); by another signal 128 and its number: 129 SIGHUP, 143 SIGTERM.
STOPPED = 130

#: The table as ``--help`` prints it.
TABLE = """\
exit codes:
  0    done; of claims: all PROVED or SUPPORTED, all controls refuted
  1    refuted: a claim, a certificate, a step; or a control stands
  2    an error in the call, in a file, or in a claim
  3    a claim or control is INCONCLUSIVE
  124  stopped because --max-seconds were up
  129, 130, 143  stopped by SIGHUP, SIGINT (Ctrl-C), SIGTERM
  70   a fault of this program; a file with its traceback is named"""


def of_verdict(verdict: Verdict) -> int:
    """Code of one verdict.

    Examples
    --------
    >>> from proofs_check.verdict import Verdict
    >>> [of_verdict(verdict) for verdict in Verdict]
    [0, 0, 3, 1]
    """
    from proofs_check.verdict import Verdict

    return {Verdict.REFUTED: FAILS, Verdict.INCONCLUSIVE: OPEN}.get(verdict, HOLDS)


def of_results(results: Iterable[ClaimResult], *, errors: bool = False, stopped: str = "") -> int:
    """Code of a run of claims.

    The first that applies: 1, a claim is refuted or a control stands; 2, a check or control could
    not be run, or the scheduler was lost; 124 or 130, the run was stopped (by ``"max-seconds"``, or
    ``"interrupted"``); 3, a check or control is inconclusive.

    Examples
    --------
    >>> of_results(()), of_results((), stopped="interrupted"), of_results((), stopped="max-seconds")
    (0, 130, 124)
    """
    from proofs_check.verdict import Verdict

    found = list(results)
    claims = {result.verdict for result in found}
    controls = {control.verdict for result in found for control in result.controls}
    if Verdict.REFUTED in claims or controls & {Verdict.PROVED, Verdict.SUPPORTED}:
        return FAILS
    if errors or stopped == "scheduler":
        return ERROR
    if stopped:
        return TIME_UP if stopped == "max-seconds" else STOPPED
    return OPEN if Verdict.INCONCLUSIVE in claims | controls else HOLDS
