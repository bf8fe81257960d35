"""Checkpoints: exact round trips, and every kind of damage refused."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from numerics.descent.checkpoint import (
    Checkpoint,
    State,
    load_anchors,
    load_checkpoint,
    load_trail,
    save_checkpoint,
)
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.numbers.arithmetic import BallArithmetic, FloatArithmetic, MpArithmetic

PROBLEM = {"objective": "forward", "means": [["6"], ["0"]], "digits": 15}


def example() -> Checkpoint:
    return Checkpoint(
        PROBLEM,
        40,
        7,
        (("0x1.8p+1",), ("0x0.0p+0",)),
        (None, (("0x1p+0",), ("0x0p+0",))),
        ((0, ("0x1p+0", "0x0p+0")),),
        123,
        4.5,
        (20,),
    )


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "run.csv.checkpoint"
    save_checkpoint(path, example())
    assert load_checkpoint(path, PROBLEM) == example()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("arithmetic", [FloatArithmetic(15), MpArithmetic(60), BallArithmetic(60)])
def test_numbers_survive_to_the_last_bit(arithmetic: FloatArithmetic) -> None:
    generator = random.Random(1)
    with arithmetic.context():
        for _ in range(300):
            value = arithmetic.number(
                Fraction(generator.getrandbits(200) - 2**199, generator.getrandbits(150) | 1)
            ) * arithmetic.exp(Fraction(generator.randint(-400, 400)))
            text = arithmetic.dump(value)
            assert arithmetic.dump(arithmetic.load(text)) == text
            assert arithmetic.bounds(arithmetic.load(text)) == arithmetic.bounds(value)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "run.csv.checkpoint"
    save_checkpoint(path, example())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="resume"):
        load_checkpoint(path, PROBLEM)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("step", 8),
        ("coordinates", [["0x1.8p+2"], ["0x0.0p+0"]]),
        ("working_digits", 41),
        ("version", 1),
        ("format", "something else"),
        ("problem", {}),
    ],
)
def test_altered_file_is_refused(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "run.csv.checkpoint"
    save_checkpoint(path, example())
    body = json.loads(path.read_text())
    body[key] = value
    path.write_text(json.dumps(body))
    with pytest.raises(InputError, match="resume"):
        load_checkpoint(path, PROBLEM)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff\xfe\x00", b"{}", b"[" * 100_000, b"\x93NUMPY"]
)
def test_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.csv.checkpoint"
    path.write_bytes(content)
    with pytest.raises(InputError, match="resume"):
        load_checkpoint(path, PROBLEM)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("absent", "folder"):
        with pytest.raises(InputError, match="resume"):
            load_checkpoint(tmp_path / name, PROBLEM)


def test_other_problem_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.csv.checkpoint"
    save_checkpoint(path, example())
    with pytest.raises(InputError, match=r"same objective.*forward.*reverse"):
        load_checkpoint(path, {**PROBLEM, "objective": "reverse"})
    with pytest.raises(InputError, match="same every"):
        load_checkpoint(path, {**PROBLEM, "every": 5})


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.csv.checkpoint"
    save_checkpoint(path, example())
    before = path.read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("arithmetic", [FloatArithmetic(15), MpArithmetic(60), BallArithmetic(60)])
@pytest.mark.parametrize(
    "rows",
    [(("",),), (("one",),), (("0x1p+0",), ("0x1p+0", "0x1p+0")), (("0x1p+0",),) * 2, ((),), ()],
)
def test_foreign_numbers_anywhere_are_refused(
    rows: tuple[tuple[str, ...], ...], arithmetic: FloatArithmetic
) -> None:
    one = ((arithmetic.dump(arithmetic.number(Fraction(1))),),)
    with arithmetic.context():
        assert load_anchors((None, one), arithmetic, (1, 1))[1] is not None
        for anchors in ((rows, None), (None, rows)):
            with pytest.raises(InputError, match="resume"):
                load_anchors(anchors, arithmetic, (1, 1))
        with pytest.raises(InputError, match="resume"):
            load_trail(((0, one), (1, rows)), arithmetic, (1, 1))
        with pytest.raises(InputError, match="resume"):
            State.restore(replace(example(), coordinates=rows), arithmetic, ((1, 1),))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"history": ((0, ("0x1p+0",)),)}, "norms of other than 2 means"),
        ({"history": ((0, ("0x1p+0", "9" * 300)),)}, "too large"),
        ({"coordinates": (("9" * 300,), ("0x0p+0",))}, "too large"),
    ],
)
def test_norms_of_other_means_and_numbers_too_large_are_refused(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        State.restore(replace(example(), **changes), FloatArithmetic(15), ((2, 1),))
