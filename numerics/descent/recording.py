"""Recording a descent every K steps, as a stream: memory does not grow with the number of steps.

Every run streams comma-separated rows into ``OUT.part``; when the run is complete the part is
renamed (``.csv``) or converted (``.npz``, ``.parquet``, column by column in chunks) and then
renamed, so that ``OUT`` is never half-written. Whatever ends a run before that, a full disk in the
middle of the conversion included, leaves the part and a checkpoint from which it goes on.

Columns: ``step``, ``tau`` (sum of the step sizes), ``loss``, ``mean_i_a`` in the user's
coordinates; the ball backend adds ``loss_radius`` and ``mean_radius`` (the largest radius of a
mean), rank above 3 ``loss_error``, and for components that start near-coincident
(`numerics.descent.clusters`) ``deviation_i_a`` from their centre, midpoints. Numbers are decimal
text at full digits; ``.npz`` and ``.parquet`` hold float64 columns for the float64 backend and text
otherwise.
"""

from __future__ import annotations

import csv
import io
import math
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from numerics.descent.checkpoint import Checkpoint, checkpoint_path, describe, load_checkpoint
from numerics.descent.problem import DescentProblem
from numerics.descent.result import RunOptions
from numerics.errors import InputError, why
from numerics.fates.criteria import Basis

SUFFIXES = (".csv", ".npz", ".parquet")
_CHUNK_ROWS = 4096


def check_output(out: Path) -> None:
    """Refuse an output path that could not be written, before any work.

    Raises
    ------
    InputError
        Unknown suffix, missing or unwritable folder, a folder in place of the file, or
        ``.parquet`` without pyarrow.
    """
    if out.suffix not in SUFFIXES:
        raise InputError("out", str(out), "a file name that ends in " + ", ".join(SUFFIXES))
    folder = out.parent
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        raise InputError("out", str(out), f"a file in an existing writable folder, not {folder}")
    try:
        with suppress(FileNotFoundError):
            checkpoint_path(out).lstat()  # the longest name beside it
    except (OSError, ValueError) as error:
        raise InputError("out", str(out), f"a file name that can be used ({why(error)})") from error
    if out.is_dir():
        raise InputError("out", str(out), "a file, not a folder")
    if out.suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            raise InputError(
                "out", str(out), 'a .csv or .npz file, or install "proofs-check[cluster]" (pyarrow)'
            ) from error


def part_path(out: Path) -> Path:
    """Return the partial trajectory of ``out``.

    Examples
    --------
    >>> part_path(Path("run.npz")).name
    'run.npz.part'
    """
    return out.with_name(out.name + ".part")


def columns(
    components: int,
    dimension: int,
    enclosed: bool,
    clustered: Sequence[int] = (),
    sampled: bool = False,
) -> tuple[str, ...]:
    """Return the column names; ``clustered`` components have deviations, sampled losses errors.

    Examples
    --------
    >>> columns(2, 1, False)
    ('step', 'tau', 'loss', 'mean_0_0', 'mean_1_0')
    """
    radii = ("loss_radius", "mean_radius") if enclosed else ("loss_error",) * sampled
    means = tuple(f"mean_{i}_{a}" for i in range(components) for a in range(dimension))
    deviations = tuple(f"deviation_{i}_{a}" for i in clustered for a in range(dimension))
    return ("step", "tau", "loss", *means, *radii, *deviations)


class Recorder:
    """Streams rows to ``OUT.part`` and turns it into ``OUT`` when the run is complete.

    Parameters
    ----------
    out : Path
        Final file; its suffix decides the format.
    header : sequence of str
        Column names.
    exact_text : bool
        Whether numbers stay text in ``.npz`` and ``.parquet`` (more than double precision).
    resume_at : int or None
        Length in bytes of the part to keep; None starts a new one.

    Raises
    ------
    InputError
        If a part of that length does not exist on resume.
    OSError
        Here and from every method: if the disk is full, for example.
    """

    def __init__(
        self, out: Path, header: Sequence[str], exact_text: bool, resume_at: int | None = None
    ) -> None:
        self.out = out
        self.header = _line(header)
        self.exact_text = exact_text
        self._part = part_path(out)
        _converted(out).unlink(missing_ok=True)  # of a conversion that was killed
        if resume_at is None:
            self._stream: IO[bytes] = self._part.open("wb")
            self._stream.write(self.header)
            return
        if out.suffix == ".csv" and out.is_file() and not self._part.exists():
            out.replace(self._part)  # killed after the part was renamed: the last step is repeated
        if not self._part.is_file() or self._part.stat().st_size < resume_at:
            raise InputError(
                "resume",
                f"missing or shorter than the checkpoint says: {self._part}",
                "the partial trajectory that belongs to the checkpoint",
            )
        self._stream = self._part.open("r+b")
        self._stream.truncate(resume_at)
        self._stream.seek(resume_at)

    def write(self, row: Sequence[str]) -> None:
        """Append one row."""
        self._stream.write(_line(row))

    def sync(self) -> int:
        """Flush to disk and return the length of the part in bytes."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return self._stream.tell()

    def restart(self) -> None:
        """Drop all rows (a new attempt at more digits begins)."""
        self._stream.flush()
        self._stream.truncate(len(self.header))
        self._stream.seek(len(self.header))

    def finish(self) -> None:
        """Convert or rename the part to the final file; the checkpoint stays (`clear`)."""
        self.sync()
        self._stream.close()
        if self.out.suffix == ".csv":
            self._part.replace(self.out)
            return
        converted = _converted(self.out)
        try:
            if self.out.suffix == ".npz":
                _write_npz(self._part, converted, self.exact_text)
            else:
                _write_parquet(self._part, converted, self.exact_text)
            converted.replace(self.out)
        finally:
            converted.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove checkpoint and part: there is nothing to go on with."""
        self.close()
        checkpoint_path(self.out).unlink(missing_ok=True)  # first: a part alone is a leftover
        self._part.unlink(missing_ok=True)

    def close(self) -> None:
        """Stop recording (idempotent); what was written stays for a resume."""
        with suppress(OSError):  # a full disk, which has been reported
            self._stream.close()


def _line(row: Sequence[str]) -> bytes:
    return (",".join(row) + "\n").encode("ascii")


def _converted(out: Path) -> Path:
    return out.with_name(out.name + ".tmp")


def _chunks(part: Path) -> Iterator[list[list[str]]]:
    """Rows of the part in chunks, without the header."""
    with part.open(newline="", encoding="ascii") as stream:
        reader = csv.reader(stream)
        next(reader)
        chunk: list[list[str]] = []
        for row in reader:
            chunk.append(row)
            if len(chunk) == _CHUNK_ROWS:
                yield chunk
                chunk = []
        if chunk:
            yield chunk


def _header(part: Path) -> list[str]:
    with part.open(newline="", encoding="ascii") as stream:
        return next(csv.reader(stream))


def _write_npz(part: Path, target: Path, exact_text: bool) -> None:
    """Write arrays ``step``, ``tau``, ``loss``, ``means`` (rows x n x d) and radii, streamed."""
    names = _header(part)
    rows = 0
    widths = [1] * len(names)
    for chunk in _chunks(part):
        rows += len(chunk)
        for j in range(len(names) if exact_text else 0):
            widths[j] = max(widths[j], *(len(row[j]) for row in chunk))
    means = [j for j, name in enumerate(names) if name.startswith("mean_") and name[5].isdigit()]
    last = names[means[-1]].split("_")
    shape = (rows, int(last[1]) + 1, int(last[2]) + 1)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for j, name in enumerate(names):
            if j not in means:
                dtype = _dtype(name, exact_text, widths[j])
                _write_array(archive, name, part, [j], dtype, (rows,))
        dtype = _dtype("means", exact_text, max(widths[j] for j in means))
        _write_array(archive, "means", part, means, dtype, shape)


def _dtype(name: str, exact_text: bool, width: int) -> np.dtype[Any]:
    if name == "step":
        return np.dtype(np.int64)
    return np.dtype(f"U{width}") if exact_text else np.dtype(np.float64)


def _write_array(
    archive: zipfile.ZipFile,
    name: str,
    part: Path,
    indices: Sequence[int],
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
) -> None:
    header = io.BytesIO()
    description = np.lib.format.dtype_to_descr(dtype)
    np.lib.format.write_array_header_2_0(
        header, {"descr": description, "fortran_order": False, "shape": shape}
    )
    with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
        stream.write(header.getvalue())
        for chunk in _chunks(part):
            values = [[_convert(row[j], name, dtype.kind == "U") for j in indices] for row in chunk]
            stream.write(np.array(values, dtype=dtype).tobytes())


def _write_parquet(part: Path, target: Path, exact_text: bool) -> None:
    """Write one column per name, in row groups."""
    import pyarrow
    import pyarrow.parquet

    names = _header(part)
    number = pyarrow.string() if exact_text else pyarrow.float64()
    schema = pyarrow.schema(
        [(name, pyarrow.int64() if name == "step" else number) for name in names]
    )
    with pyarrow.parquet.ParquetWriter(target, schema) as writer:
        for chunk in _chunks(part):
            arrays = [
                pyarrow.array(
                    [_convert(row[j], name, exact_text) for row in chunk], type=schema.field(j).type
                )
                for j, name in enumerate(names)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _convert(text: str, name: str, exact_text: bool) -> int | float | str:
    if name == "step":
        return int(text)
    return text if exact_text else float(text)


_DEFAULT_ROWS = 1000


def recording_interval(problem: DescentProblem, options: RunOptions) -> int:
    """Check what concerns files and times; return the recording interval."""
    if options.certify and problem.backend != "ball":
        raise InputError("certify", f"backend {problem.backend}", "the ball backend")
    if options.certify and problem.mixture:
        raise InputError("certify", "a mixture teacher", "one Gaussian: the theorems are about it")
    if options.out is None and (options.resume or options.overwrite):
        name = "resume" if options.resume else "overwrite"
        raise InputError(name, "no --out", "a run with --out, whose checkpoint lies beside it")
    if options.out is not None:
        check_output(options.out)
    if options.max_seconds is not None and not 0 < options.max_seconds < math.inf:
        raise InputError("max_seconds", options.max_seconds, "a positive number of seconds")
    if options.every is None:
        return max(1, -(-problem.steps // _DEFAULT_ROWS))
    if isinstance(options.every, bool) or options.every < 1:
        raise InputError("every", options.every, "an integer of at least 1")
    return options.every


def identity(problem: DescentProblem, every: int, certify: bool) -> dict[str, Any]:
    """Return plain data that a checkpoint must agree with."""
    return {**problem.identity(), "every": every, "certify": certify}


def saved_state(problem: DescentProblem, options: RunOptions, every: int) -> Checkpoint | None:
    """Load the checkpoint of a run that is to be resumed; None for a new one.

    Raises
    ------
    InputError
        If it cannot be resumed; or if there is one that the caller seems not to know about.
    """
    if options.out is None:
        return None
    checkpoint = checkpoint_path(options.out)
    if options.resume and options.overwrite:
        raise InputError("overwrite", "together with --resume", "one of the two")
    if options.resume:
        return load_checkpoint(checkpoint, identity(problem, every, options.certify))
    if checkpoint.exists() and not options.overwrite:
        part = part_path(options.out)
        kilobytes = part.stat().st_size / 1000 if part.exists() else 0
        raise InputError(
            "out",
            str(options.out),
            f"another file, --resume or --overwrite: {checkpoint.name} beside it is of an "
            f"unfinished run ({describe(checkpoint)}, {kilobytes:.0f} kB of rows in {part.name}); "
            "--resume goes on with it, --overwrite drops it",
        )
    return None


def open_recorder(
    problem: DescentProblem, options: RunOptions, saved: Checkpoint | None
) -> Recorder | None:
    """Open the trajectory file, behind what a resumed run has written; None without one."""
    if options.out is None:
        return None
    of = basis(problem)
    header = columns(
        problem.n, problem.dimension, of == "enclosure", problem.clustered, of == "sampled"
    )
    exact_text = problem.backend != "float64"
    resume_at = None if saved is None else saved.trajectory_bytes
    if saved is None:
        checkpoint_path(options.out).unlink(missing_ok=True)  # it belongs to the part replaced now
    return Recorder(options.out, header, exact_text, resume_at)


def basis(problem: DescentProblem) -> Basis:
    """Say what the criteria of a run's fates are evaluated on."""
    if problem.backend == "ball":
        return "enclosure"
    return "sampled" if problem.reduction.rank > 3 else "numerical"
