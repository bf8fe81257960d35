"""Run Coq on an exported proof, and compare what it assumed with what was declared."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from numerics.errors import InputError
from numerics.locks import temporary_folder
from proofs_check.proofs.coq.export import Exported

if TYPE_CHECKING:
    from proofs_check.proofs.coq.boxes import BoxFile

INSTALL: Final = "apt-get install coq libcoq-interval"
#: Axioms of Coq's real numbers, and extensionality of functions.
STANDARD: Final = frozenset(
    {
        "ClassicalDedekindReals.sig_not_dec",
        "ClassicalDedekindReals.sig_forall_dec",
        "functional_extensionality_dep",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)


class CoqMissingError(InputError):
    """There is no ``coqc`` on this machine."""

    def __init__(self) -> None:
        super().__init__("--check", "coq", f"only where coqc is installed ({INSTALL})")


class TimeIsUpError(RuntimeError):
    """Coq was stopped at the limit."""


@dataclass(frozen=True)
class Judgement:
    """What Coq says of a file.

    Attributes
    ----------
    accepted : bool
        Whether it compiles.
    message : str
        Coq's error if it does not.
    hypotheses : tuple of str
        Named hypotheses that the theorem rests on, beyond the model and Coq's real numbers.
    undeclared, unused : tuple of str
        Hypotheses found and not declared, and the reverse.
    standard : tuple of str
        Axioms of Coq's library that it rests on.
    seconds, cpu_seconds : float
        On the clock, and of computing.
    coq : str
        Version.
    """

    accepted: bool
    message: str
    hypotheses: tuple[str, ...]
    undeclared: tuple[str, ...]
    unused: tuple[str, ...]
    standard: tuple[str, ...]
    seconds: float
    cpu_seconds: float
    coq: str

    @property
    def holds(self) -> bool:
        """Whether Coq proves the theorem from exactly what was declared."""
        return self.accepted and not self.undeclared and not self.unused


def coqc() -> str:
    """The path of ``coqc``.

    Raises
    ------
    CoqMissingError
        If there is none.
    """
    found = shutil.which("coqc")
    if found is None:
        raise CoqMissingError
    return found


def version() -> str:
    """The version of Coq."""
    shown = subprocess.run(
        [coqc(), "--print-version"], capture_output=True, text=True, check=True
    ).stdout
    return shown.split()[0] if shown.split() else "unknown"


def compiled(
    text: str, max_seconds: float, progress: Callable[[float], None] = lambda share: None
) -> tuple[bool, str, str]:
    """Compile a file; whether it compiles, what Coq printed, and its error.

    Raises
    ------
    TimeIsUpError
        At the limit. Coq is ended then, and on Ctrl-C.
    """
    with temporary_folder() as folder:
        source = folder / "proof.v"
        source.write_text(text, encoding="utf-8")
        errors = folder / "errors"
        with errors.open("w+", encoding="utf-8") as stderr:
            process = subprocess.Popen(
                [coqc(), "-q", "-time", source.name],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
            try:
                shown = _followed(process, len(text), max_seconds, progress)
            finally:
                _end(process)
        failure = errors.read_text(encoding="utf-8")
    return process.returncode == 0, shown, failure


def _followed(
    process: subprocess.Popen[str], size: int, max_seconds: float, progress: Callable[[float], None]
) -> str:
    """Read what Coq prints until it ends; sentences with their times show how far it is."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(max_seconds, stop)
    timer.daemon = True
    timer.start()
    printed = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            place = re.match(r"Chars (\d+) - \d+ \[", line)
            if place:
                progress(int(place[1]) / size)
            else:
                printed.append(line)
        process.wait()
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeIsUpError
    return "".join(printed)


def _end(process: subprocess.Popen[str]) -> None:
    """End Coq and what it has started, if it runs still."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def assumptions(printed: str) -> list[str]:
    r"""Names that ``Print Assumptions`` lists.

    Examples
    --------
    >>> assumptions("Section Variables:\nf\n: R\nAxioms:\nClassical.c : forall P, P\n  x")
    ['f', 'Classical.c']
    """
    names = []
    for line in printed.splitlines():
        found = re.match(r"([A-Za-z_][\w.']*)\s*(:.*)?$", line)
        if found and line not in ("Section Variables:", "Axioms:"):
            names.append(found[1])
    return names


def judge(
    exported: Exported,
    max_seconds: float,
    progress: Callable[[float], None] = lambda share: None,
) -> Judgement:
    """Let Coq check a proof.

    Raises
    ------
    CoqMissingError
        If there is no ``coqc``.
    TimeIsUpError
        If it takes longer than that.
    """
    return _judged(exported.text, set(exported.hypotheses), exported.model, max_seconds, progress)


def judge_boxes(
    boxes: BoxFile,
    max_seconds: float,
    progress: Callable[[float], None] = lambda share: None,
) -> Judgement:
    """Let Coq check boxes of a cover; nothing may be assumed.

    Raises
    ------
    CoqMissingError
        If there is no ``coqc``, or no CoqInterval.
    TimeIsUpError
        If it takes longer than that.
    """
    found = _judged(boxes.text, set(), frozenset(), max_seconds, progress)
    if not found.accepted and re.search(_NO_LIBRARY, found.message):
        raise CoqMissingError
    return found


#: Coq without Coquelicot or CoqInterval.
_NO_LIBRARY = r"(logical path|Unable to locate library).*(Interval|Coquelicot)"


def _standard(name: str) -> bool:
    """Whether an assumption is Coq's own: real numbers, functions, integers of the machine."""
    return name in STANDARD or name.startswith(("PrimInt63.", "Uint63."))


def _judged(
    text: str,
    declared: set[str],
    model: frozenset[str],
    max_seconds: float,
    progress: Callable[[float], None],
) -> Judgement:
    known = version()
    start, computed = time.perf_counter(), _computed()
    accepted, printed, failure = compiled(text, max_seconds, progress)
    seconds, computed = time.perf_counter() - start, _computed() - computed
    found = assumptions(printed) if accepted else []
    named = tuple(sorted(n for n in found if n not in model and not _standard(n)))
    return Judgement(
        accepted,
        "" if accepted else " ".join(failure.split())[-600:],
        named,
        tuple(n for n in named if n not in declared),
        tuple(sorted(declared - set(named))) if accepted else (),
        tuple(sorted(n for n in set(found) if _standard(n))),
        seconds,
        computed,
        known,
    )


def _computed() -> float:
    """Seconds that processes started from here have computed and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
