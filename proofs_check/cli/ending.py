"""How a command ends before it is done: by a signal, by its time, or by a fault of this program.

The first SIGINT, SIGTERM or SIGHUP ends a command. One that keeps a state asks for it
(`stop_on_signal`) and stops at the next step; all others are interrupted where they are.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from functools import partial
from types import FrameType
from typing import Any, TextIO

from proofs_check import exit_codes

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_WORDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}
#: Seconds that a command has to come to a place where it can stop; then it is interrupted.
_PATIENCE = 0.8
_SOON = 0.01
#: Calls inside of a report of what Python could not raise.
_DEEPEST = 20


class Stopped(KeyboardInterrupt):
    """A signal asked the command to end."""


class _Received:
    """The signals of one command."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.late = False  # the time of --max-seconds is over

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: raise where the command is."""
        self.numbers.append(number)
        _stop(frame)

    def again(self, number: int, frame: FrameType | None) -> None:
        """Handle the alarm: the time to stop by itself, or of the whole command, is over."""
        self.late = not self.numbers
        _stop(frame)


_received = _Received()
#: Standard error while a command is quiet.
_loud: list[TextIO] = []


@contextmanager
def signals() -> Iterator[None]:
    """Handle the signals while a command runs, in the main thread; restored on exit.

    Examples
    --------
    >>> try:
    ...     with signals():
    ...         signal.raise_signal(signal.SIGTERM)
    ... except KeyboardInterrupt:
    ...     exit_code(), interruption()
    (143, 'terminated')
    """
    _received.numbers.clear()
    _received.late = False
    with _handlers(_received.interrupt), _nothing_swallowed():
        yield


@contextmanager
def stop_on_signal(max_seconds: float | None = None) -> Iterator[Callable[[], str]]:
    """Turn the first signal, or a time limit, into a request to stop; planning counts too.

    Yields a function that says why to stop, or nothing: ``"interrupted"``, ``"max-seconds"``. A
    command that does not ask for most of a second is interrupted where it is, and so it is by a
    second signal.

    Examples
    --------
    >>> with stop_on_signal() as stop:
    ...     stop()
    ''
    """
    started = time.monotonic()
    asked: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        _received.numbers.append(number)
        if asked:
            _stop(frame)
            return
        asked.append(number)
        _alarm(_PATIENCE)

    def stop() -> str:
        if asked:
            _alarm(0.0)
            return "interrupted"
        left = math.inf if max_seconds is None else started + max_seconds - time.monotonic()
        if left <= 0:
            _alarm(0.0)
            return "max-seconds"
        if left < math.inf:
            _alarm(left + _PATIENCE)
        return ""

    with _handlers(handle):
        if max_seconds is not None:
            _alarm(max_seconds + _PATIENCE)
        yield stop


def limit(max_seconds: float) -> None:
    """Interrupt the command when so much time is up."""
    _alarm(max_seconds)


def end_limit() -> None:
    """Let the command write what it has."""
    _alarm(0.0)


@contextmanager
def within(max_seconds: float | None) -> Iterator[Callable[[], float | None]]:
    """Interrupt what takes longer; yields a function that returns the seconds left, then and later.

    Examples
    --------
    >>> with within(None) as left:
    ...     left() is None
    True
    """
    end = math.inf if max_seconds is None else time.monotonic() + max_seconds
    if max_seconds is not None:
        limit(max_seconds)
    try:
        yield lambda: None if max_seconds is None else max(1e-9, end - time.monotonic())
    finally:
        end_limit()


def code_of(stopped: str) -> int:
    """Exit code of a command that says what stopped it, if anything.

    Examples
    --------
    >>> code_of(""), code_of("interrupted"), code_of("max-seconds")
    (0, 130, 124)
    """
    codes = {"": exit_codes.HOLDS, "max-seconds": exit_codes.TIME_UP}
    return codes.get(stopped, exit_codes.STOPPED)


def exit_code(code: int = exit_codes.STOPPED) -> int:
    """Exit code with the signal that stopped the command, or the time limit, taken into account.

    Examples
    --------
    >>> exit_code(1)
    1
    """
    if code != exit_codes.STOPPED:
        return code
    if _received.numbers:
        return 128 + _received.numbers[0]
    return exit_codes.TIME_UP if _received.late else code


def asked() -> bool:
    """Whether a signal, or the time limit, has asked the command to end."""
    return bool(_received.numbers) or _received.late


def interruption() -> str:
    """Say in words how the command was ended."""
    if _received.late:
        return "time is up (--max-seconds)"
    name = signal.Signals(_received.numbers[0]).name if _received.numbers else "SIGINT"
    return _WORDS.get(name, "stopped")


@contextmanager
def quiet(wanted: bool) -> Iterator[None]:
    """Let a command's notes and progress on standard error go nowhere; errors do not (`say`)."""
    if not wanted:
        yield
        return
    _loud.append(sys.stderr)
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
            yield
    finally:
        _loud.pop()


def say(text: str) -> None:
    """Print why a command fails, on standard error and also with ``--quiet``."""
    print(f"proofs-check: {text}", file=_loud[-1] if _loud else sys.stderr)


def cost() -> str:
    """CPU time and memory of this process and those it has waited for."""
    import resource

    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    return f"{seconds:.1f} s of CPU, {own.ru_maxrss / 1024:.0f} MB"


def last_net(error: BaseException) -> int:
    """Report a fault of this program: one line, and its traceback in a file that it names."""
    text = "".join(traceback.format_exception(error))
    words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    where = "its traceback could not be written"
    with suppress(OSError):
        descriptor, name = tempfile.mkstemp(prefix="proofs-check-", suffix=".traceback")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
        where = f"its traceback is in {name}"
    print(f"proofs-check: a fault of this program: {words}; {where}", file=sys.stderr)
    return exit_codes.INTERNAL


def escape_what_cannot_be_printed() -> None:
    """File names may hold what the terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@contextmanager
def _handlers(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Set a handler for the signals that are not ignored (as by nohup)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    try:
        for number in _numbers():
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handle)
        yield
    finally:
        _alarm(0.0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _numbers() -> list[int]:
    return [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]


@contextmanager
def _nothing_swallowed() -> Iterator[None]:
    """Interrupt again where Python could only have reported it (finalizers, callbacks)."""
    before = sys.unraisablehook
    sys.unraisablehook = partial(_report, before)
    try:
        yield
    finally:
        sys.unraisablehook = before


def _report(before: Callable[[Any], object], unraisable: Any) -> None:
    """Report what Python could not raise; of what stops the command raise it again soon."""
    if issubclass(unraisable.exc_type, Stopped):
        _alarm(_SOON)
    else:
        before(unraisable)


def _stop(frame: FrameType | None) -> None:
    """Raise where the command is; soon, where it is about to report what Python could not raise."""
    for _ in range(_DEEPEST):
        if frame is None:
            break
        if frame.f_code is _report.__code__:
            _alarm(_SOON)
            return
        frame = frame.f_back
    raise Stopped


def _alarm(seconds: float) -> None:
    """Interrupt in so many seconds; 0: not at all."""
    if not hasattr(signal, "setitimer") or (
        threading.current_thread() is not threading.main_thread()
    ):
        return
    if seconds:
        signal.signal(signal.SIGALRM, _received.again)
    signal.setitimer(signal.ITIMER_REAL, seconds)
