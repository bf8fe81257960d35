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
import re
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
#: Level of segments that are merged no further.
_FULL = 99
_GROUP_ROWS = 4096
SPEC_NAME = "_spec.toml"
_JOURNAL = "_replace.json"
#: Names of data files; all other files of the folder are left alone.
_NAME = r"(points-(all|[0-9a-f]+)|segment-[0-9]+-[0-9]{6,})\.parquet"
_SEGMENT = re.compile(r"segment-([0-9]+)-([0-9]{6,})\.parquet")
_EXTRA = 'install "proofs-check[sweep]"'
_JOURNAL_SCHEMA = {
    "type": "object",
    "required": ["new", "old"],
    "properties": {
        name: {"type": "array", "items": {"type": "string", "pattern": f"^{_NAME}$"}}
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

    Attributes
    ----------
    unlike : set of str
        Keys of which rows were found that are not the same; one was kept, by content.

    Raises
    ------
    InputError
        If the folder cannot be read, or what was begun in it cannot be finished.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._arrow = arrow()
        self._schema = schema()
        self.unlike: set[str] = set()
        if not os.path.isdir(folder):  # false for names that cannot be, too
            raise InputError("DIR", str(folder), "the folder of a sweep")

    def recover(self) -> None:
        """Finish a replacement that was begun, and remove what was never finished."""
        begun = self._begun()
        if begun is not None:
            self._finish(*begun)
        for path in self.folder.glob(".new-*.parquet"):
            path.unlink(missing_ok=True)

    def _begun(self) -> tuple[list[str], list[str]] | None:
        """The files of a replacement that was begun, new and old."""
        journal = self.folder / _JOURNAL
        if not journal.exists():
            return None
        try:
            found = read_document(journal, _JOURNAL_SCHEMA)
        except DocumentError as error:
            raise InputError("DIR", str(journal), f"a journal of files ({error})") from error
        return found["new"], found["old"]

    @property
    def files(self) -> list[Path]:
        """The data files, by name."""
        return sorted(path for path in self.folder.iterdir() if re.fullmatch(_NAME, path.name))

    @property
    def finished_files(self) -> list[Path]:
        """What `files` would be after `recover`, which changes nothing here."""
        new, old = self._begun() or ([], [])
        hidden = {name: path for name in new if (path := _hidden(self.folder, name)).exists()}
        there = {path.name: path for path in self.files if path.name not in old}
        return list((there | hidden).values())

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

    def tables(self) -> Iterator[Any]:
        """Yield the tables that `rows` would after `recover`; writes nothing."""
        for path in self.finished_files:
            yield self._read(path, None)

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
        name = _segment_name(0, self._next(0))
        self._write(table, name)
        self._finish([name], [])
        self._merge_segments()

    def add(self, tables: Iterable[Any]) -> None:
        """Add tables of rows, of other datasets: all of them, or nothing if one cannot be read."""
        names: list[str] = []
        try:
            for number, table in enumerate(tables, start=self._next(0)):
                names.append(_segment_name(0, number))
                self._write(table, names[-1])
        except BaseException:
            for name in names:
                _hidden(self.folder, name).unlink(missing_ok=True)
            raise
        self._replace(names, [])

    def compact(self) -> None:
        """Bring the dataset into its canonical form."""
        old = self.files
        if not old:
            return
        count = len(self.keys())
        digits = _leading_digits(count)
        new: list[str] = []
        for prefix in _prefixes(digits):
            found = [self._with_prefix(path, prefix) for path in old]
            if any(part.num_rows for part in found):
                name = f"points-{prefix or 'all'}.parquet"
                found = [part for part in found if part.num_rows]
                table = self._fresh(self._arrow.concat_tables(found))
                self._write(table, name)
                new.append(name)
                count -= table.num_rows
        if count:  # the old files stay; statistics of a damaged one may have hidden rows
            raise InputError("DIR", str(self.folder), "files whose statistics are those of rows")
        self._replace(new, [path.name for path in old if path.name not in new])

    def _fresh(self, table: Any) -> Any:
        """The table built anew from its values, sorted.

        What is written depends on more than the values (bitmaps of what is missing, chunks), which
        come from how the rows got here.
        """
        table = self._sorted_once(table)
        columns = [  # one by one: as Python's objects they are many times as large
            self._arrow.array(table.column(field.name).to_pylist(), field.type)
            for field in self._schema
        ]
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
        """Sixteen segments of a level become one of the next: few files, few copies.

        None is larger than a file of the canonical form, so that memory does not grow with the
        dataset; one that is half as large is full.
        """
        level = 0
        while len(paths := list(self._segments(level).values())) >= MOST_SEGMENTS:
            level += 1
            for group in self._groups(paths):
                table = self._arrow.concat_tables([self._read(path, None) for path in group])
                to = _FULL if table.num_rows > FILE_ROWS // 2 else level
                name = _segment_name(to, self._next(to))
                self._write(table, name)
                self._replace([name], [path.name for path in group])

    def _groups(self, paths: Sequence[Path]) -> Iterator[list[Path]]:
        """Files in groups that have `FILE_ROWS` rows at most."""
        group: list[Path] = []
        total = 0
        for path in paths:
            rows = self._read(path, ["key"]).num_rows
            if group and total + rows > FILE_ROWS:
                yield group
                group, total = [], 0
            group.append(path)
            total += rows
        yield group

    def _next(self, level: int) -> int:
        """A number that no segment of a level has, or is going to have."""
        return max(self._segments(level), default=-1) + 1

    def _segments(self, level: int) -> dict[int, Path]:
        """The segments of a level by number, in the order of their names."""
        named = ((path, _SEGMENT.fullmatch(path.name)) for path in self.files)
        return {int(found[2]): path for path, found in named if found and int(found[1]) == level}

    def _write(self, table: Any, name: str) -> None:
        """Write a file, sorted, under its hidden name."""
        hidden = _hidden(self.folder, name)
        try:
            self._arrow.parquet.write_table(
                self._sorted_once(table.replace_schema_metadata(None)),
                hidden,
                compression="zstd",
                row_group_size=_GROUP_ROWS,
                write_page_checksum=True,
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
        _sync_folder(self.folder)  # before anything that is needed to find the rows is removed
        for name in old:
            (self.folder / name).unlink(missing_ok=True)
        (self.folder / _JOURNAL).unlink(missing_ok=True)

    def _read(self, path: Path, columns: Sequence[str] | None, filters: Any = None) -> Any:
        parquet = self._arrow.parquet
        if path.exists() and not path.is_file():  # a pipe would never end
            raise InputError("DIR", str(path), "regular files")
        try:
            if not parquet.read_schema(path).equals(self._schema):
                raise InputError("DIR", str(path), "a sweep of this version of the package")
            names = None if columns is None else list(columns)
            table = parquet.read_table(
                path,
                columns=names,
                filters=filters,
                partitioning=None,
                page_checksum_verification=True,
            )
            if "key" in table.column_names and not self._keyed(table):
                raise InputError("DIR", str(path), f"rows whose keys are {KEY_DIGITS} hex digits")
            return table
        except (OSError, self._arrow.ArrowException) as error:
            allowed = f"a Parquet file ({why(error)}); remove {path.name}: a run computes it again"
            raise InputError("DIR", str(path), allowed) from error

    def _keyed(self, table: Any) -> bool:
        """Whether every row has a key that can be one."""
        from pyarrow import compute

        fits = compute.match_substring_regex(table.column("key"), rf"\A[0-9a-f]{{{KEY_DIGITS}}}\z")
        return bool(fits.null_count == 0 and compute.all(fits, min_count=0).as_py())

    def _sorted_once(self, table: Any) -> Any:
        """Rows sorted by key, each key once: of unlike rows the least, whatever their order."""
        table = table.sort_by("key")
        keys = table.column("key").to_numpy(zero_copy_only=False)
        same = keys[1:] == keys[:-1]
        if not same.any():  # no further copy
            return table.combine_chunks()
        kept = np.ones(len(keys), dtype=bool)
        kept[1:] &= ~same
        repeated = np.zeros(len(keys), dtype=bool)
        repeated[1:] |= same
        repeated[:-1] |= same
        places = np.flatnonzero(repeated)
        groups: dict[str, list[tuple[tuple[bool, str], int]]] = {}
        for place, row in zip(places, table.take(places).to_pylist(), strict=True):
            groups.setdefault(row["key"], []).append((_order(row), int(place)))
        for key, rows in groups.items():
            if len({order for order, _ in rows}) > 1:
                self.unlike.add(key)
            kept[[place for _, place in rows]] = False
            kept[min(rows)[1]] = True
        return table.filter(self._arrow.array(kept)).combine_chunks()


def _order(row: Row) -> tuple[bool, str]:
    """By content: rows with results first."""
    return row["status"] == "failed", repr(sorted(row.items()))


def _segment_name(level: int, number: int) -> str:
    return f"segment-{level}-{number:06d}.parquet"


def _sync_folder(folder: Path) -> None:
    """Let renames survive a power cut, where folders can be synchronised."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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
