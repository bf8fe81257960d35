"""Every file that a command reads, spoiled: refused in a line, or read as what it then says."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.studies.sources_experiment import run, start_means
from tests.faults.hostile import CONTENTS, specs, spoiled
from tests.faults.test_fuzz import answer, check

#: Of each format, besides the command lines of `tests.faults.test_fuzz`.
CASES = 4 * settings().max_examples
RUN = [
    "descend",
    "--objective",
    "kl",
    "--means",
    "[[1],[2]]",
    "--step-size",
    "0.1",
    "--steps",
    "40",
]
STUDY = ["precision", "--distance", "3", "--spread", "1e-2", "--family", "along"]
CERTIFY = [
    "descend", "--objective", "forward", "--means", '[["1.5"],[1]]', "--step-size", "0.1",
    "--steps", "9", "--backend", "ball", "--certify",
]  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A valid document, and what reads one that lies in a file of a folder."""

    document: Any
    read: Callable[[Path], None]


def _reader(*words: str) -> Callable[[Path], None]:
    def read(file: Path) -> None:
        check([word.replace("{}", str(file)) for word in words])

    return read


def _resumed(part: bytes) -> Callable[[Path], None]:
    """Give the spoiled checkpoint a right digest, so that it is read to its end."""

    def read(file: Path) -> None:
        out = file.with_name("run.csv")
        out.with_name("run.csv.part").write_bytes(part)
        try:
            body = json.loads(file.read_bytes())
            body.pop("sha256")
            canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
            text = json.dumps({**body, "sha256": hashlib.sha256(canonical).hexdigest()}).encode()
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            text = file.read_bytes()
        out.with_name("run.csv.checkpoint").write_bytes(text)
        check([*RUN, "--out", str(out), "--resume"])

    return read


def _experiment(file: Path) -> None:
    with suppress(InputError):
        run(4.0, steps=4, means=start_means(4.0, rank=1), state=file)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kind]:
    """A valid document of each format."""
    room = tmp_path_factory.mktemp("documents")

    def made(name: str, *words: str) -> Any:
        code, errors = answer([word.replace("{}", str(room / name)) for word in words])
        assert code in (0, 124), errors
        return json.loads((room / name).read_bytes())

    certificate = made("certificate", *CERTIFY, "--certificate", "{}")
    study = made("study", *STUDY, "--resume", "{}")
    out = room / "run.csv"
    checkpoint = made("run.csv.checkpoint", *RUN, "--out", str(out), "--max-seconds", "1e-9")
    calls = iter(["", "", "interrupted"])
    state = room / "state"
    run(4.0, steps=4, means=start_means(4.0, rank=1), state=state, stop=lambda: next(calls))
    report = json.loads((Path(__file__).parent / "report.json").read_bytes())
    part = out.with_name("run.csv.part").read_bytes()
    pages = {"claims": report["claims"], "settings": {"E6": _settings(report)}}
    return {
        "certificate": Kind(certificate, _reader("check-certificate", "{}")),
        "study": Kind(study, _reader(*STUDY, "--resume", "{}", "--max-seconds", "0.01")),
        "checkpoint": Kind(checkpoint, _resumed(part)),
        "experiment": Kind(json.loads(state.read_bytes()), _experiment),
        "report": Kind(report, _reader("verify", "E6", "--against", "{}", "--max-seconds", "1e-3")),
        "shown": Kind(report, _shown),
        "verdicts": Kind(pages, _pages),
    }


def _settings(report: Any) -> dict[str, Any]:
    return {name: report["environment"][name] for name in ("budget", "digits", "seed")}


def _shown(file: Path) -> None:
    out = ("--out", str(file.with_name("out")))
    check(["report", "--report", str(file), "--no-proofs", "--no-figures", *out])


def _pages(file: Path) -> None:
    from proofs_check.report.page_files import VERDICTS, read_verdicts

    shutil.copy(file, file.with_name(VERDICTS))
    with suppress(InputError):
        read_verdicts(file.parent)


@pytest.mark.parametrize(
    "name", ["certificate", "study", "checkpoint", "experiment", "report", "shown", "verdicts"]
)
def test_spoiled_documents(
    kinds: dict[str, Kind], tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    kind = kinds[name]

    @settings(max_examples=CASES)
    @given(spoiled(kind.document) | st.sampled_from(CONTENTS))
    def reads(content: bytes) -> None:
        folder = tmp_path_factory.mktemp(name)
        (folder / "given").write_bytes(content)
        kind.read(folder / "given")
        shutil.rmtree(folder)

    reads()


@settings(max_examples=CASES)
@given(specs())
def test_specs_of_sweeps(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "_spec.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    check(["sweep", "status", str(folder), "--max-seconds", "0.1"])
    shutil.rmtree(folder)


@pytest.mark.parametrize("special", ["/dev/zero", "/dev/random", "fifo", "folder"])
@pytest.mark.parametrize(
    "words",
    [
        ["check-certificate", "{}"],
        ["verify", "E6", "--against", "{}"],
        ["pages", "E6", "--report", "{}", "--output", "pages"],
        ["report", "E6", "--report", "{}", "--out", "out"],
        ["report", "E6", "--against", "{}", "--out", "out"],
        ["verify", "E6", "--resume", "{}"],
        [*STUDY, "--resume", "{}"],
    ],
)
def test_devices_and_pipes_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], special: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    os.mkdir("folder")
    code, errors = answer([word.replace("{}", special) for word in words])
    assert code == 2
    assert errors.count("\n") == 1
