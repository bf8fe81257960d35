"""Hostile command lines and files: an answer or one line, never a traceback, and never the net.

500 cases of each kind; ``HYPOTHESIS_PROFILE=thorough``: 20,000.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from proofs_check.cli import COMMANDS, main
from tests.faults.hostile import COMMON, CONTENTS, GRAMMAR, command_lines, filled
from tests.proofs_check.commands import options

CASES = 20 * settings().max_examples
#: CPU seconds after which a case is interrupted, as by Ctrl-C: work that was rightly begun.
LONGEST = 0.5
#: The same until the next: a command saves what it has first.
AGAIN = 3.0
#: Commands that are done at once.
SHORT = {"list", "new-claim"}
#: What ``--verbose`` says at the end of all.
COST = re.compile(r"proofs-check: [0-9.]+ s of CPU, [0-9]+ MB, exit code 2")
CODES = {0, 1, 2, 3, 124, 130}


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Interrupt what computes for long; what does not react to that is a fault."""
    before = signal.signal(
        signal.SIGVTALRM, lambda number, frame: signal.raise_signal(signal.SIGINT)
    )
    # a shell ignores it for what runs in the background, and commands respect that
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)
        signal.signal(signal.SIGINT, interrupt)


def answer(words: list[str]) -> tuple[int, str]:
    """Exit code and standard error of a command run in this process."""
    errors, output = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors), limited():
        try:
            code = main(words)
        except SystemExit as stop:
            code = int(str(stop.code or 0))
    return code, errors.getvalue()


def check(words: list[str]) -> int:
    code, errors = answer(words)
    assert code in CODES, (words, code, errors[-3000:])
    assert "Traceback" not in errors, (words, errors[-3000:])
    if code == 2:
        said = [line for line in errors.splitlines() if not COST.fullmatch(line)]
        reported = "-" in (_value(words, "--json"), _value(words, "--junit"))
        assert "error: " in "".join(said[-1:]), (words, errors)
        assert reported or len(said) <= 2, (words, errors)
    event(f"{words[0]}: {code}")
    return code


def _value(words: list[str], option: str) -> str:
    """The value of an option; with ``-`` what is said to people goes to standard error."""
    given = " ".join(words).replace(f"{option}=", f"{option} ").split(f"{option} ")
    return given[-1].split(" ")[0] if len(given) > 1 else ""


@pytest.fixture(scope="module", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    # an interrupted import leaves half a module to the commands that follow in this process
    from derive import catalogue as derivations
    from proofs_check.proofs import catalogue as proofs

    for name in proofs.names():
        proofs.proof(name)
    derivations.derivation(derivations.names()[0]).verify()
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("fuzz"))
    yield
    os.chdir(before)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_is_drawn(command: str) -> None:
    _, needed, optional = GRAMMAR[command]
    drawn = {option for option, _ in (*needed, *optional, *COMMON)}
    assert drawn == options(command) - {"--help", "--version"}
    assert "--max-seconds" in drawn or command in SHORT


@settings(max_examples=CASES)
@given(command_lines(), st.sampled_from(CONTENTS))
def test_command_lines(words: list[str], content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        file = room / "given.json"
        file.write_bytes(content)
        check(filled(words, room, file))
