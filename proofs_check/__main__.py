"""The program ``proofs-check``: what has to be in order before anything else is imported."""

# PYTHON_ARGCOMPLETE_OK

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    _occupy_standard_descriptors()
    early = [number for name in _NAMES if (number := _take(name)) is not None]
    from proofs_check import cli

    code = cli.main()
    for number in early:  # all is done and written: from here a signal ends us without a word
        signal.signal(number, signal.SIG_DFL)
    sys.exit(code)


def _take(name: str) -> int | None:
    """Handle a signal until the command line does; one that the caller ignores stays ignored."""
    number: int | None = getattr(signal, name, None)
    if number is None or signal.getsignal(number) is signal.SIG_IGN:
        return None
    signal.signal(number, _end)
    return number


def _end(number: int, frame: object) -> None:
    """Nothing has been begun: say so and go."""
    os.write(2, f"proofs-check: stopped by {signal.Signals(number).name}\n".encode())
    os._exit(128 + number)


def _occupy_standard_descriptors() -> None:
    """Open what the caller has closed, so that no file of ours becomes standard output."""
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.dup2(opened := os.open(os.devnull, mode), descriptor)
            if opened > 2:
                os.close(opened)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


if __name__ == "__main__":
    main()
