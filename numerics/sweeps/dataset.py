"""The dataset of a sweep: Parquet files in a folder, one row a point, keyed by `Point.key`.

While points arrive they are appended as segments; at the end everything is compacted. The
*canonical form* has the rows sorted by key, no key twice, in files that hold all keys with the same
leading digits, as many digits as keep a file at about `FILE_ROWS` rows: it depends on the set of
rows and on nothing else, so a sweep in one go, a resumed one, a merged one and one on a cluster end
with the same bytes.

Files are replaced by a journal: the new ones are written under hidden names, then a list of what is
to be renamed and removed, then that is done; whoever opens the dataset next finishes what a killed
process has begun. Hidden files and names with ``_`` are no part of the dataset for
``pyarrow.parquet.read_table(DIR)``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from numerics.documents import DocumentError, read_document
from numerics.errors import InputError, why
from numerics.files import write_atomically
from numerics.sweeps.points import KEY_DIGITS
from numerics.sweeps.rows import COLUMNS

#: Rows of a file of the canonical form, about; of a segment at most.
FILE_ROWS = 65_536
#: Segments of one level that are merged into one of the next.
MOST_SEGMENTS = 16
_GROUP_ROWS = 4096
SPEC_NAME = "_spec.toml"
_JOURNAL = "_replace.json"
_EXTRA = 'install "proofs-check[sweep]"'
_JOURNAL_SCHEMA = {
    "type": "object",
    "required": ["new", "old"],
    "properties": {
        name: {"type": "array", "items": {"type": "string", "pattern": r"^[a-z0-9-]+\.parquet$"}}
        for name in ("new", "old")
    },
}

Row = Mapping[str, Any]


def arrow() -> Any:
    """PyArrow with its Parquet module.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InputError("SWEEP", "no pyarrow", f"a system with pyarrow: {_EXTRA}") from error
    return pyarrow


def schema() -> Any:
    """The schema of the dataset."""
    pa = arrow()
    kinds = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "integer": pa.int64(),
        "number": pa.float64(),
    }
    return pa.schema([(name, kinds[kind]) for name, (kind, _) in COLUMNS.items()])


class Dataset:
    """The Parquet files of a folder. Only for who holds the lock on it, if it is written.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    InputError
        If the folder cannot be read, or what was begun in it cannot be finished.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._arrow = arrow()
        self._schema = schema()
        if not folder.is_dir():
            raise InputError("DIR", str(folder), "the folder of a sweep")

    def recover(self) -> None:
        """Finish a replacement that was begun, and remove what was never finished."""
        journal = self.folder / _JOURNAL
        if journal.exists():
            try:
                found = read_document(journal, _JOURNAL_SCHEMA)
            except DocumentError as error:
                raise InputError("DIR", str(journal), f"a journal of files ({error})") from error
            self._finish(found["new"], found["old"])
        for path in self.folder.glob(".new-*.parquet"):
            path.unlink(missing_ok=True)

    @property
    def files(self) -> list[Path]:
        """The data files, by name."""
        return sorted(
            path for path in self.folder.glob("*.parquet") if not path.name.startswith((".", "_"))
        )

    def keys(self) -> Any:
        """All keys, as a sorted array of bytes."""
        parts = [np.empty(0, dtype=f"S{KEY_DIGITS}")]
        for path in self.files:
            column = self._read(path, ["key"]).column("key")
            parts.append(np.array(column.to_numpy(zero_copy_only=False), dtype=f"S{KEY_DIGITS}"))
        return np.unique(np.concatenate(parts))

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """Yield the tables of the files, one at a time."""
        for path in self.files:
            yield self._read(path, columns)

    def append(self, rows: Sequence[Row]) -> None:
        """Add rows as a segment; merges segments where there are many.

        Raises
        ------
        InputError
            If they cannot be written.
        """
        if not rows:
            return
        columns = {name: [row[name] for row in rows] for name in COLUMNS}
        table = self._arrow.table(columns, schema=self._schema)
        name = self._next("segment-0")
        self._write(table, name)
        self._finish([name], [])
        self._merge_segments()

    def add(self, tables: Iterable[Any]) -> None:
        """Add tables of rows, of another dataset."""
        for table in tables:
            if table.schema != self._schema:
                raise InputError("DIR", "other columns", "a sweep of this version of the package")
            name = self._next("segment-0")
            self._write(table, name)
            self._finish([name], [])

    def compact(self) -> None:
        """Bring the dataset into its canonical form."""
        old = self.files
        if not old:
            return
        digits = _leading_digits(len(self.keys()))
        new: list[str] = []
        for prefix in _prefixes(digits):
            found = [self._with_prefix(path, prefix) for path in old]
            if any(part.num_rows for part in found):
                name = f"points-{prefix or 'all'}.parquet"
                found = [part for part in found if part.num_rows]
                self._write(self._fresh(self._arrow.concat_tables(found)), name)
                new.append(name)
        self._replace(new, [path.name for path in old if path.name not in new])

    def _fresh(self, table: Any) -> Any:
        """The table built anew from its values, sorted.

        What is written depends on more than the values (bitmaps of what is missing, chunks), which
        come from how the rows got here.
        """
        table = _sorted_once(self._arrow, table)
        columns = {name: table.column(name).to_pylist() for name in COLUMNS}
        return self._arrow.table(columns, schema=self._schema)

    def _with_prefix(self, path: Path, prefix: str) -> Any:
        """The rows of a file whose keys begin so; files are sorted, so little else is read."""
        if path.name.startswith("points-") and not _overlaps(path.stem[len("points-") :], prefix):
            return self._schema.empty_table()
        if not prefix:
            return self._read(path, None)
        after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        return self._read(path, None, [("key", ">=", prefix), ("key", "<", after)])

    def _merge_segments(self) -> None:
        """Sixteen segments of a level become one of the next: few files, few copies."""
        level = 0
        while True:
            names = sorted(self.folder.glob(f"segment-{level}-*.parquet"))
            if len(names) < MOST_SEGMENTS:
                return
            table = self._arrow.concat_tables([self._read(path, None) for path in names])
            name = self._next(f"segment-{level + 1}")
            self._write(table, name)
            self._replace([name], [path.name for path in names])
            level += 1

    def _next(self, stem: str) -> str:
        """A name that no file has, or is going to have."""
        numbers = [int(path.stem.rpartition("-")[2]) for path in self.folder.glob(f"{stem}-*")]
        return f"{stem}-{max(numbers, default=-1) + 1:06d}.parquet"

    def _write(self, table: Any, name: str) -> None:
        """Write a file, sorted, under its hidden name."""
        hidden = _hidden(self.folder, name)
        try:
            self._arrow.parquet.write_table(
                _sorted_once(self._arrow, table.replace_schema_metadata(None)),
                hidden,
                compression="zstd",
                row_group_size=_GROUP_ROWS,
            )
            with hidden.open("rb") as stream:
                os.fsync(stream.fileno())
        except OSError as error:
            with suppress(OSError):
                hidden.unlink()
            raise InputError(
                "--out", str(self.folder), f"a folder with room for the results ({why(error)})"
            ) from error

    def _replace(self, new: Sequence[str], old: Sequence[str]) -> None:
        """Let written files take their places, and remove others: all of it or nothing."""
        journal = self.folder / _JOURNAL
        write_atomically(journal, json.dumps({"new": list(new), "old": list(old)}))
        self._finish(new, old)

    def _finish(self, new: Sequence[str], old: Sequence[str]) -> None:
        for name in new:
            if _hidden(self.folder, name).exists():
                _hidden(self.folder, name).replace(self.folder / name)
        for name in old:
            (self.folder / name).unlink(missing_ok=True)
        (self.folder / _JOURNAL).unlink(missing_ok=True)

    def _read(self, path: Path, columns: Sequence[str] | None, filters: Any = None) -> Any:
        parquet = self._arrow.parquet
        try:
            if not parquet.read_schema(path).equals(self._schema):
                raise InputError("DIR", str(path), "a sweep of this version of the package")
            names = None if columns is None else list(columns)
            return parquet.read_table(path, columns=names, filters=filters, partitioning=None)
        except (OSError, self._arrow.ArrowException) as error:
            raise InputError("DIR", str(path), f"a Parquet file ({why(error)})") from error


def _hidden(folder: Path, name: str) -> Path:
    return folder / f".new-{name}"


def _leading_digits(count: int) -> int:
    """Leading digits that tell the canonical files apart.

    Examples
    --------
    >>> _leading_digits(10), _leading_digits(70_000), _leading_digits(10**7)
    (0, 1, 2)
    """
    digits = 0
    while count > FILE_ROWS * 16**digits:
        digits += 1
    return digits


def _prefixes(digits: int) -> Iterator[str]:
    for number in range(16**digits):
        yield f"{number:0{digits}x}" if digits else ""


def _overlaps(stem: str, prefix: str) -> bool:
    """Whether a canonical file may hold keys with a prefix."""
    own = "" if stem == "all" else stem
    return own.startswith(prefix) or prefix.startswith(own)


def _sorted_once(pa: Any, table: Any) -> Any:
    """Rows sorted by key, each key once."""
    table = table.sort_by("key")
    keys = table.column("key").to_numpy(zero_copy_only=False)
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    return table.filter(pa.array(first)).combine_chunks()
