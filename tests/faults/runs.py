"""Commands that are killed, stopped or starved of disk, and what must come of them.

Every command here writes files. Whatever ends it, the same command (with what resumes it) ends with
the files that it writes undisturbed, bit for bit but for times.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NEAR_FAR = ["--objective", "forward", "--means", '[["0.1"],[5]]', "--step-size", "0.1"]


@dataclass(frozen=True)
class Subject:
    """A command.

    Attributes
    ----------
    name : str
    words : tuple of str
        ``{}`` stands for the folder it writes into, ``{}/..`` for that of `INPUTS`.
    files : tuple of str
        What it writes there.
    resume : tuple of str
        Words that make it go on; they are given only if `state` is there.
    state : str
        File that says that there is something to go on from; empty: words are always given.
    """

    name: str
    words: tuple[str, ...]
    files: tuple[str, ...]
    resume: tuple[str, ...] = ()
    state: str = ""

    def command(self, folder: Path) -> list[str]:
        """The command line, going on from what is there."""
        goes_on = not self.state or (folder / self.state).exists()
        words = [*self.words, *(self.resume if goes_on else ())]
        return [word.replace("{}", str(folder)) for word in words]


def furnish(room: Path, words: Sequence[str], made: str = "") -> None:
    """Make what a command reads, where it is not there yet; its folders are in the room."""
    for name in re.findall(r"{}/\.\./(\S+)", " ".join(words)):
        if name == made or (room / name).exists():
            continue
        if name in SPECS:
            (room / name).write_text(SPECS[name])
        else:
            furnish(room, INPUTS[name], name)
            finished([word.replace("{}/..", str(room)) for word in INPUTS[name]])


_SPEC = """
[fixed]
steps = 2000

[grid]
step_size = [0.1, 0.3]
distance = {{ linear = [{first}, {last}], count = 8 }}
spread = {{ log = [1e-9, 1e-1], per_decade = 1 }}
"""
SPECS = {
    "spec.toml": _SPEC.format(first=3, last=6),
    "other.toml": _SPEC.format(first=6, last=9),
}
#: What else commands read, and the commands that make it.
INPUTS = {
    "report.json": ("verify", "E6", "--json", "{}/../report.json"),
    "certificate": (
        "descend", "--objective", "forward", "--means", '[["2.2"],["0.3"]]', "--step-size", "0.02",
        "--steps", "300", "--backend", "ball", "--certify", "--certificate", "{}/../certificate",
    ),
    "sweep": ("sweep", "{}/../spec.toml", "--out", "{}/../sweep"),
    "other": ("sweep", "{}/../other.toml", "--out", "{}/../other"),
}  # fmt: skip


def _descend(name: str, *words: str, files: tuple[str, ...] = ()) -> Subject:
    out = f"run.{name.split('-')[-1]}"
    return Subject(
        name,
        ("descend", *words, "--out", f"{{}}/{out}", "--json", "{}/run.json"),
        (out, "run.json", *files),
        ("--resume",),
        f"{out}.checkpoint",
    )


SUBJECTS = (
    _descend("descend-csv", *NEAR_FAR, "--steps", "8000", "--every", "2"),
    _descend("descend-npz", *NEAR_FAR, "--steps", "6000", "--every", "3"),
    _descend(
        "descend-mpmath-parquet",
        *NEAR_FAR, "--steps", "40", "--every", "1", "--backend", "mpmath", "--digits", "20",
    ),
    _descend(
        "descend-certify-npz",
        "--objective", "forward", "--means", '[["2.2"],["0.3"]]', "--step-size", "0.02",
        "--steps", "2000", "--every", "1", "--backend", "ball", "--certify",
        "--certificate", "{}/certificate",
        files=("certificate",),
    ),
    Subject(
        "verify",
        ("verify", "E6", "--resume", "{}/state", "--json", "{}/report.json", "--junit",
         "{}/junit.xml", "--jobs", "2"),
        ("report.json",),
    ),
    Subject(
        "precision",
        ("precision", "--distance", "3,4", "--spread", "1e-2", "--family", "along",
         "--resume", "{}/state", "--out", "{}/study.csv", "--json", "{}/study.json"),
        ("study.csv", "study.json"),
    ),
    Subject(
        "reproduce",
        ("reproduce", "X1", "--steps", "60", "--output", "{}"),
        ("X1.svg", "X1-M4.csv", "X1-M6.csv"),
    ),
    Subject(
        "pages",
        ("pages", "E6", "--report", "{}/../report.json", "--output", "{}/pages"),
        ("pages/E6.md", "pages/E6.svg", "pages/index.md", "pages/verdicts.json"),
    ),
    Subject(
        "report",
        ("report", "E6", "--report", "{}/../report.json", "--out", "{}/report"),
        ("report/report.html",),
    ),
    Subject(
        "figures",
        ("figures", "E6", "fate-map", "--format", "pdf", "--out", "{}/figures"),
        ("figures/E6.pdf", "figures/fate-map.pdf"),
    ),
    Subject(
        "sweep",
        ("sweep", "{}/../spec.toml", "--out", "{}/results"),
        ("results/points-all.parquet", "results/_spec.toml"),
    ),
    Subject(
        "sweep-merge",
        ("sweep", "merge", "{}/../sweep", "{}/../other", "--out", "{}/all"),
        ("all/points-all.parquet",),
    ),
    Subject(
        "sweep-plot",
        ("sweep", "plot", "{}/../sweep", "--kind", "fates", "--out", "{}/fates.svg"),
        ("fates.svg",),
    ),
    Subject(
        "sweep-status",
        ("sweep", "status", "{}/../sweep", "--json", "{}/status.json"),
        ("status.json",),
    ),
    Subject("sweep-show", ("sweep", "show", "{}/../sweep", "--where", "steps > 9"), ()),
    Subject(
        "compare",
        ("compare", "--means", "[[1],[-2]]", "--steps", "2000", "--output", "{}/table.md",
         "--json", "{}/table.json"),
        ("table.md", "table.json"),
    ),
    Subject(
        "threshold",
        ("threshold", "--distance", "3", "--step-size", "0.3", "--json", "{}/threshold.json"),
        ("threshold.json",),
    ),
    Subject(
        "prove", ("prove", "K", "--out", "{}/K.txt", "--json", "{}/K.json"), ("K.json",)
    ),
    Subject(
        "stationary",
        ("stationary", "--objective", "forward", "--slice", "0,a", "--json", "{}/points.json"),
        ("points.json",),
    ),
    Subject(
        "eval",
        ("eval", "--objective", "kl", "--means", "[[0],[3]]", "--backend", "ball", "--digits",
         "1000", "--json", "{}/value.json"),
        ("value.json",),
    ),
    Subject("doctor", ("doctor", "--json", "{}/doctor.json"), ("doctor.json",)),
    Subject("check-certificate", ("check-certificate", "{}/../certificate"), ()),
    Subject("explain", ("explain", "R", "--replay"), ()),
    Subject("derive", ("derive", "lemma-2.2"), ()),
    Subject("list", ("list",), ()),
    Subject(
        "new-claim", ("new-claim", "T1", "--kind", "identity", "--out", "{}/claims.py"),
        ("claims.py",),
    ),
)  # fmt: skip
#: Exit codes of a finished command: after few steps fates are open.
DONE = (0, 3)
BY_NAME = {subject.name: subject for subject in SUBJECTS}
#: What two runs may differ in: times, and what was taken from an earlier run.
_TIMES = frozenset({"seconds", "resumed"})


def start(words: Sequence[str], limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """Start a command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "proofs_check", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=limit,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def finished(words: Sequence[str]) -> None:
    """Run a command to its end."""
    process = start(words)
    _, errors = process.communicate(timeout=600)
    assert process.returncode in DONE, (words, process.returncode, errors)


def ended(words: Sequence[str], seconds: float, number: signal.Signals) -> tuple[int, str]:
    """Run a command and send it a signal; returns exit code and standard error."""
    process = start(words)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    _, errors = process.communicate(timeout=600)
    return process.returncode, errors


def starved(words: Sequence[str], most_bytes: int) -> tuple[int, str]:
    """Run a command that can write no file beyond a size; returns exit code and errors."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    process = start(words, limit)
    _, errors = process.communicate(timeout=600)
    return process.returncode, errors


def contents(subject: Subject, folder: Path) -> dict[str, Any]:
    """What the files hold, without times and the folder's name."""
    return {name: _content(folder / name, folder) for name in subject.files}


def _content(path: Path, folder: Path) -> Any:
    if path.suffix == ".json":
        text = path.read_text(encoding="utf-8").replace(str(folder), "")
        return timeless(json.loads(text))
    return path.read_bytes()


def timeless(value: Any) -> Any:
    """A document without times."""
    if isinstance(value, dict):
        return {key: timeless(entry) for key, entry in value.items() if key not in _TIMES}
    return [timeless(entry) for entry in value] if isinstance(value, list) else value


def leftovers(folder: Path) -> list[str]:
    """Files that a finished command should not leave."""
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    ends = (".part", ".tmp", ".lock", ".checkpoint")
    return [name for name in names if name.endswith(ends)]


def moments(seed: int, count: int, length: float) -> list[float]:
    """Random times within a command's run, from its start on."""
    generator = random.Random(seed)
    return [generator.uniform(0.1, 1.0) * length for _ in range(count)]


def timed(words: Sequence[str]) -> float:
    """Seconds that a command takes."""
    began = time.monotonic()
    finished(words)
    return time.monotonic() - began
