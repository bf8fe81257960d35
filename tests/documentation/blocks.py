"""The code blocks of a page, run in order in an empty folder, as a reader would.

A ``python`` block that begins with ``# name.py`` is that file, any other is run; ``sh`` blocks are
run; a ``text`` block below one that ran is its output, with ``...`` where it varies; a ``console``
block holds commands (``$``) and, below each, what it prints. A comment above a block says why it is
not run: ``<!-- slow: about a minute -->`` (run on demand) or ``<!-- not run: needs a cluster -->``.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from proofs_check.cli import main
from tests.proofs_check.test_pytest_plugin import PLUGIN

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>slow|not run): (?P<why>.*?) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
#: Width of the reader's terminal.
COLUMNS = "200"
#: The kinds of blocks that do something.
RUN = frozenset({"console", "python", "sh"})
#: The kinds of blocks that are for reading only.
READ = frozenset({"", "bibtex", "json", "latex", "none", "toml"})


@dataclass(frozen=True)
class Block:
    """A fenced block, and the comment above it."""

    kind: str
    text: str
    mark: str = ""
    why: str = ""


def pages() -> list[Path]:
    """Every page: README, CONTRIBUTING and the Markdown below docs."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in found if path.parent != ROOT / "docs" / "claims"]


def blocks(path: Path) -> list[Block]:
    """The blocks of a page in order."""
    return [
        Block(each["kind"], each["text"], each["mark"] or "", each["why"] or "")
        for each in BLOCK.finditer(path.read_text(encoding="utf-8"))
    ]


@dataclass
class Reader:
    """Somebody who types a page's blocks into an empty folder."""

    folder: Path
    output: str | None = None
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def take(self, block: Block, *, slow: bool = False) -> None:
        """Do what a block asks for, or compare it with what was printed last."""
        if block.mark == "not run" or (block.mark == "slow" and not slow):
            self.output = None
        elif block.kind == "text":
            if self.output is not None:
                compare(block.text, self.output)
        elif block.kind == "ini":
            (self.folder / "pytest.ini").write_text(block.text, encoding="utf-8")
        elif block.kind == "python":
            self._python(block.text)
        elif block.kind == "sh":
            code, self.output = self._shell(block.text)
            assert code == 0, f"exit code {code}\n{block.text}\n{self.output}"
        elif block.kind == "console":
            for command, printed in commands(block.text):
                _, self.output = self._shell(command)
                compare(printed, self.output)
        else:
            assert block.kind in READ, f"a block of an unknown kind: {block.kind}"

    def _python(self, text: str) -> None:
        named = re.match(r"# (\w+\.py)\n", text)
        if named:
            (self.folder / named[1]).write_text(text, encoding="utf-8")
            return
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(compile(text, "the page", "exec"), self.names)
        self.output = printed.getvalue()

    def _shell(self, text: str) -> tuple[int, str]:
        """Run commands; those of ``proofs-check`` alone need no process of their own."""
        printed, arguments = "", plain(text)
        if arguments is None:
            return self._bash(text)
        for words in arguments:
            code, output = self._command(words)
            printed += output
            if code:
                return code, printed
        return 0, printed

    def _command(self, words: list[str]) -> tuple[int, str]:
        printed = io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            patch.setenv("COLUMNS", COLUMNS)
            try:
                code = main(words)
            except SystemExit as stop:
                code = int(stop.code or 0)
        return code, printed.getvalue()

    def _bash(self, text: str) -> tuple[int, str]:
        environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
        environment |= {
            "PYTHONPATH": str(ROOT),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTEST_ADDOPTS": " ".join(PLUGIN),
            "COLUMNS": COLUMNS,
        }
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", text],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1800,
            check=False,
        )
        return done.returncode, done.stdout


@contextlib.contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    """A reader whose imports are forgotten afterwards."""
    path, before = list(sys.path), set(sys.modules)
    try:
        yield Reader(folder)
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(folder)):
                del sys.modules[name]


def plain(text: str) -> list[list[str]] | None:
    """The arguments of each command if all are ``proofs-check`` and nothing is for the shell."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        if any(set(word) <= set("();<>|&") for word in lexer) or "*" in line or "$" in line:
            return None
        if words and words[0] != "proofs-check":
            return None
        if words:
            found.append(words[1:])
    return found


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Split a console block into commands and what they print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        length = 1
        while lines[length - 1].endswith("\\\n"):
            length += 1
        yield "".join(lines[:length]), "".join(lines[length:])


def compare(expected: str, output: str) -> None:
    """Find the expected lines in the output, in order; ``...`` stands for anything."""
    place = 0
    for line in filter(None, map(str.strip, expected.splitlines())):
        if line == "...":
            continue
        pattern = re.escape(line).replace(r"\.\.\.", ".*")
        found = re.compile(rf"^[ \t]*{pattern}[ \t]*$", re.MULTILINE).search(output, place)
        assert found, f"not printed (in this order): {line}\n--- printed:\n{output}"
        place = found.end()
