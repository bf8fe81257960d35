"""Checkpoints of a descent: every bit of its state in one file that is replaced atomically.

The file is JSON (``checkpoint_schema.json``): a header with the format's name and version, the
fingerprint of the problem it belongs to, the state (numbers as exact hexadecimal text), and a
SHA-256 digest of all of it. A truncated, altered or foreign file and one that belongs to another
problem are input errors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from numerics.descent.problem import DescentProblem
from numerics.documents import DocumentError, check_document, read_document
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.numbers.arithmetic import Arithmetic, Array

FORMAT = "proofs-check descent checkpoint"
VERSION = 2
_ALLOWED = "a checkpoint written by this version of descend for the same --out"


#: A dumped array.
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Checkpoint:
    """State of an interrupted descent.

    Attributes
    ----------
    problem : mapping
        Plain JSON data that identifies the run (objective, exact means, steps, digits, ...).
    working_digits : int
        Digits the numbers are held at.
    step : int
        Steps done.
    coordinates : nested tuple of str
        The iterate, dumped by `numerics.numbers.arithmetic.Arithmetic.dump`.
    anchors : pair of (nested tuple of str or None)
        Where the quadratures in use were planned
        (`numerics.descent.result.GradientSource.anchors`).
    history : tuple of (int, tuple of str)
        Norms kept for the numerical fate criterion, as hexadecimal floats.
    trajectory_bytes : int
        Length of the partial trajectory file that belongs to this state.
    seconds : float
        Time spent so far.
    attempts : tuple of int
        Working digits of earlier attempts (ball backend).
    trail : tuple of (int, nested tuple of str)
        Iterates kept for the certificate, centred means by step.
    nodes : int
        Quadrature nodes of the last gradient.
    """

    problem: Mapping[str, Any]
    working_digits: int
    step: int
    coordinates: Rows
    anchors: tuple[Rows | None, Rows | None]
    history: tuple[tuple[int, tuple[str, ...]], ...]
    trajectory_bytes: int
    seconds: float
    attempts: tuple[int, ...] = ()
    trail: tuple[tuple[int, Rows], ...] = ()
    nodes: int = 0


def checkpoint_path(out: Path) -> Path:
    """Return where the checkpoint of a run with ``--out`` lies.

    Examples
    --------
    >>> checkpoint_path(Path("run.csv")).name
    'run.csv.checkpoint'
    """
    return out.with_name(out.name + ".checkpoint")


def fingerprint(problem: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a problem's plain data."""
    return hashlib.sha256(_canonical(problem)).hexdigest()


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint: to a temporary file in the same folder, synced, then renamed."""
    body = {
        "format": FORMAT,
        "version": VERSION,
        "fingerprint": fingerprint(checkpoint.problem),
        "problem": dict(checkpoint.problem),
        "working_digits": checkpoint.working_digits,
        "step": checkpoint.step,
        "coordinates": checkpoint.coordinates,
        "anchors": checkpoint.anchors,
        "history": checkpoint.history,
        "trajectory_bytes": checkpoint.trajectory_bytes,
        "seconds": checkpoint.seconds,
        "attempts": checkpoint.attempts,
        "trail": checkpoint.trail,
        "nodes": checkpoint.nodes,
    }
    digest = hashlib.sha256(_canonical(body)).hexdigest()
    write_atomically(path, json.dumps({**body, "sha256": digest}, indent=1).encode() + b"\n")


def load_checkpoint(path: Path, problem: Mapping[str, Any]) -> Checkpoint:
    """Read the checkpoint of a problem.

    Raises
    ------
    InputError
        If the file is missing, truncated, altered, not a checkpoint, of another version, or of
        another problem (the message names the first thing that differs).
    """
    body = _read(path)
    stored = body["problem"]
    wanted = json.loads(_canonical(problem))
    for key in sorted({*stored, *wanted}):
        if stored.get(key) != wanted.get(key):
            raise InputError(
                "resume",
                f"a checkpoint of another problem: {path}",
                f"the same {key} as in the checkpoint ({_short(stored.get(key))}), "
                f"not {_short(wanted.get(key))}",
            )
    return Checkpoint(
        problem,
        body["working_digits"],
        body["step"],
        _rows(body["coordinates"]),
        (_optional_rows(body["anchors"][0]), _optional_rows(body["anchors"][1])),
        tuple((step, tuple(norms)) for step, norms in body["history"]),
        body["trajectory_bytes"],
        float(body["seconds"]),
        tuple(body["attempts"]),
        tuple((step, _rows(rows)) for step, rows in body["trail"]),
        body["nodes"],
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        body: Any = read_document(path)
    except DocumentError as error:
        raise InputError("resume", str(path), f"{_ALLOWED} ({error})") from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise InputError("resume", f"not a descent checkpoint: {path}", _ALLOWED)
    if body.get("version") != VERSION:
        raise InputError("resume", f"format version {body.get('version')}: {path}", _ALLOWED)
    try:
        check_document(body, _schema())
    except DocumentError as error:
        reason = f"{_ALLOWED} ({error})"
        raise InputError("resume", f"altered or damaged: {path}", reason) from error
    digest = body.pop("sha256")
    if digest != hashlib.sha256(_canonical(body)).hexdigest():
        raise InputError("resume", f"altered or damaged: {path}", _ALLOWED)
    return body


def describe(path: Path) -> str:
    """Say what a checkpoint is of, as far as it can be read.

    Examples
    --------
    >>> describe(Path("no such file"))
    'a checkpoint that cannot be read'
    """
    try:
        body = _read(path)
    except InputError:
        return "a checkpoint that cannot be read"
    return f"step {body['step']} of {body['problem'].get('steps', 'its run')}"


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    source = files("numerics").joinpath("descent/checkpoint_schema.json")
    loaded: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return loaded


def _rows(value: Any) -> Rows:
    return tuple(tuple(str(entry) for entry in row) for row in value)


def _optional_rows(value: Any) -> Rows | None:
    return None if value is None else _rows(value)


def _canonical(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


Anchors = tuple[Array | None, Array | None]
Shape = tuple[int, ...]


@contextmanager
def _of_the_run() -> Iterator[None]:
    """Numbers that are none of this backend, or too many or few, are the file's fault."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise InputError("resume", str(error), "a checkpoint of this run") from error


@dataclass
class State:
    """The iterate and what travels with it."""

    step: int
    coordinates: Array
    history: list[tuple[int, tuple[float, ...]]]

    @classmethod
    def initial(cls, problem: DescentProblem, arithmetic: Arithmetic) -> State:
        """Return the user's initial means in the coordinates of their span."""
        scale = problem.paper.scale(arithmetic)
        return cls(0, problem.reduction.coordinates(scale, arithmetic), [])

    @classmethod
    def restore(cls, saved: Checkpoint, arithmetic: Arithmetic, shapes: Collection[Shape]) -> State:
        """Return the state of a checkpoint; foreign numbers and shapes in it are an InputError."""
        with _of_the_run():
            coordinates = load_array(saved.coordinates, arithmetic, shapes)
            count = len(saved.problem["means"])
            if any(len(norms) != count for _, norms in saved.history):
                raise ValueError(f"norms of other than {count} means")
            history = [
                (step, tuple(float.fromhex(norm) for norm in norms))
                for step, norms in saved.history
            ]
        return cls(saved.step, coordinates, history)


def dump_array(values: Array, arithmetic: Arithmetic) -> Rows:
    """Return an array as exact text."""
    return tuple(tuple(arithmetic.dump(entry) for entry in row) for row in values)


def load_array(rows: Rows, arithmetic: Arithmetic, shapes: Collection[Shape]) -> Array:
    """Inverse of `dump_array`; raises ValueError on foreign text, and on other shapes."""
    if not any(len(rows) == n and all(len(row) == d for row in rows) for n, d in shapes):
        raise ValueError("an array of another shape")
    return arithmetic.array([[arithmetic.load(entry) for entry in row] for row in rows])


def dump_anchors(anchors: Anchors, arithmetic: Arithmetic) -> tuple[Rows | None, Rows | None]:
    """Return the anchors of a gradient source as exact text."""
    first, second = (None if a is None else dump_array(a, arithmetic) for a in anchors)
    return first, second


def load_anchors(
    anchors: tuple[Rows | None, Rows | None], arithmetic: Arithmetic, shape: Shape
) -> Anchors:
    """Inverse of `dump_anchors`; foreign numbers and shapes in it are an InputError."""
    with _of_the_run():
        first, second = (
            None if a is None else load_array(a, arithmetic, (shape,)) for a in anchors
        )
    return first, second


def load_trail(
    trail: tuple[tuple[int, Rows], ...], arithmetic: Arithmetic, shape: Shape
) -> list[tuple[int, Array]]:
    """Return the iterates of a checkpoint that the certificate needs."""
    with _of_the_run():
        return [(step, load_array(rows, arithmetic, (shape,))) for step, rows in trail]
