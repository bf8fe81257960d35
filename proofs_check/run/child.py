"""A process that runs one task and reports each outcome as it is there.

It is started as ``python -c`` with this process's search path and imports only what the claim
needs, never the script that started the run: a script without a guard cannot start itself again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from numerics.workers import share_processors

from numerics.errors import NodeLimitError, shorten
from proofs_check.claim import Claim, Context, Control, run_part
from proofs_check.cpu_time import OutOfTimeError, cpu_seconds
from proofs_check.loading.load import place_of
from proofs_check.run.sending import Parcel
from proofs_check.verdict import CheckResult, ControlResult, inconclusive

Outcome = CheckResult | ControlResult
_CODE = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "from proofs_check.run.child import serve; serve({number})"
)
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


@dataclass(frozen=True)
class Done:
    """Last message of a process."""

    seconds: float
    failure: str = ""


@dataclass(frozen=True)
class Order:
    """What a process is to do."""

    parcel: Parcel
    parts: tuple[str, ...]
    context: Context
    folder: str  # for its temporary files; removed by who started it


def start(order: Order) -> tuple[subprocess.Popen[bytes], Connection]:
    """Start a process; returns it, and the end of the line on which it reports."""
    here, there = Pipe()
    # with -P the current folder comes only from this process's path, if it stands there
    places = [path or os.getcwd() for path in sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    number = there.fileno()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE.format(number=number)],
        stdin=subprocess.DEVNULL,
        pass_fds=(number,),
        env=environment,
    )
    there.close()  # only the child holds it now: its death ends the stream
    with suppress(OSError):  # it has ended already, which is noticed when it is listened to
        here.send(order)
    return process, here


def serve(number: int) -> None:
    """Run the task that arrives on a descriptor (the process's main function)."""
    share_processors()
    connection = Connection(number)
    try:
        order: Order = connection.recv()
    except (EOFError, OSError):
        return
    threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    tempfile.tempdir = order.folder
    _keep_hypothesis_out_of_the_working_directory(order.folder)
    began = time.monotonic()
    failure = ""
    try:
        claim = order.parcel.unpack()
        for finished in outcomes(claim, order.parts, order.context):
            connection.send(finished)
    except Exception as error:
        failure = described(error)
    connection.send(Done(time.monotonic() - began, failure))


def _end_with_parent(connection: Connection) -> None:
    """Nothing more is sent to this process: what arrives is the end of the one that started it."""
    try:
        connection.recv()
    except (EOFError, OSError):
        os._exit(1)


def outcomes(
    claim: Claim, parts: Sequence[str], context: Context, most_seconds: float | None = None
) -> Iterator[Finished]:
    """Run checks and controls one by one; an error in one is its own inconclusive outcome.

    Each has the claim's limit of CPU time for itself, or less where less is granted.
    """
    for part in claim.parts:
        if part.name not in parts:
            continue
        began = time.monotonic()
        outcome: Outcome
        error = ""
        try:
            outcome = run_part(claim, part, limited(claim, context, most_seconds))
        except Exception as raised:
            outcome = unfinished(part, described(raised))
            error = "" if isinstance(raised, _NO_FAULT) else described(raised)
        yield Finished(_labelled(outcome, part.name, time.monotonic() - began), error)


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
