"""Checks and controls one by one, here or in another process; an error in one costs that one."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numerics.errors import NodeLimitError, shorten
from proofs_check.claim import Check, Claim, Context, Control, run_part
from proofs_check.cpu_time import OutOfTimeError, cpu_seconds
from proofs_check.loading.load import place_of
from proofs_check.run.sending import Parcel
from proofs_check.verdict import CheckResult, ControlResult, inconclusive

Outcome = CheckResult | ControlResult
#: What keeps a check from a conclusion without being a fault of the claim.
_NO_FAULT = (NodeLimitError, OutOfTimeError, MemoryError, OverflowError)


@dataclass(frozen=True)
class Finished:
    """What came of a check or control.

    Attributes
    ----------
    outcome : CheckResult or ControlResult
    error : str
        The fault in the claim that kept it from any result, with its place; else empty.
    """

    outcome: Outcome
    error: str = ""


class NotUnpackedError(Exception):
    """A claim did not arrive in another process; says why."""


def prepare(parcel: Parcel, context: Context) -> Callable[[str], Finished]:
    """Return what runs a check or control by its name (a process of `numerics.execution` calls it).

    Raises
    ------
    NotUnpackedError
        If the claim cannot be had.
    """
    _keep_hypothesis_out_of_the_working_directory(tempfile.gettempdir())
    try:
        claim = parcel.unpack()
    except Exception as error:
        raise NotUnpackedError(described(error)) from error
    parts = {part.name: part for part in claim.parts}
    return lambda name: _finished(claim, parts[name], context)


def outcomes(
    claim: Claim, parts: Sequence[str], context: Context, most_seconds: float | None = None
) -> Iterator[Finished]:
    """Run checks and controls of a claim in this process.

    Each has the claim's limit of CPU time for itself, or less where less is granted.
    """
    for part in claim.parts:
        if part.name in parts:
            yield _finished(claim, part, context, most_seconds)


def _finished(
    claim: Claim, part: Check | Control, context: Context, most_seconds: float | None = None
) -> Finished:
    began = time.monotonic()
    outcome: Outcome
    error = ""
    try:
        outcome = run_part(claim, part, limited(claim, context, most_seconds))
    except Exception as raised:
        outcome = unfinished(part, described(raised))
        error = "" if isinstance(raised, _NO_FAULT) else described(raised)
    return Finished(_labelled(outcome, part.name, time.monotonic() - began), error)


def limited(claim: Claim, context: Context, most_seconds: float | None = None) -> Context:
    """The context of a check that begins now, with the claim's limit of CPU time."""
    limit = claim.seconds[context.budget]
    if most_seconds is not None:
        limit = min(limit, most_seconds)
    return replace(context, deadline=cpu_seconds() + limit)


def unfinished(part: Any, reason: str) -> Outcome:
    """Return the inconclusive outcome of a check or control that did not end by itself."""
    result = inconclusive(part.name, reason)
    return ControlResult(part.name, part.change, result) if isinstance(part, Control) else result


def described(error: Exception) -> str:
    """An error with its place in the claim's file, where it passed through one."""
    place = place_of(error)
    return shorten(f"{type(error).__name__}: {error}", 300) + (f" ({place})" if place else "")


def _keep_hypothesis_out_of_the_working_directory(directory: str) -> None:
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(directory)


def _labelled(outcome: Outcome, name: str, seconds: float) -> Outcome:
    """Give an outcome its name within the claim, by which it is found again, and its time."""
    if isinstance(outcome, ControlResult):
        return replace(outcome, name=name, result=replace(outcome.result, seconds=seconds))
    return replace(outcome, name=name, seconds=seconds)
