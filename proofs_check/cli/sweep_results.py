"""``proofs-check sweep status``, ``show``, ``plot`` and ``merge``: questions to results."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from numerics.errors import InputError
from numerics.locks import locked
from numerics.sweeps.dataset import SPEC_NAME, Dataset, schema
from numerics.sweeps.rows import COLUMNS
from numerics.visible import visible
from proofs_check import exit_codes
from proofs_check.cli import ending
from proofs_check.store.files import STDOUT, check_target, write_json, write_text

MAIN_COLUMNS = (
    "objective",
    "components",
    "weights",
    "time",
    "distance",
    "log10_spread",
    "step_size",
    "status",
    "fate",
    "theorem",
    "steps",
    "rate",
)
_ROWS_SHOWN = 20


def status(folder: Path, arguments: argparse.Namespace) -> int:
    """Say what the dataset holds, and what its spec still lacks."""
    check_target(arguments.json, "--json")
    dataset = Dataset(folder)
    if not (dataset.finished_files or (folder / SPEC_NAME).exists()):
        raise InputError("DIR", str(folder), "the folder of a sweep")
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("status", "fate", "theorem")}
    rows = 0
    for table in dataset.rows(["key", *counts]):
        rows += table.num_rows
        for name, counter in counts.items():
            counter.update(table.column(name).to_pylist())
    with ending.stop_on_signal(arguments.max_seconds) as stop:
        declared, known, source = _declared(folder, dataset, lambda: bool(stop()))
        stopped = stop() if declared is None else ""
    files = dataset.files
    document = {
        "rows": rows,
        "points": declared,
        "missing": None if declared is None else declared - known,
        **{name: dict(sorted(counter.items())) for name, counter in counts.items()},
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
    }
    if arguments.json is not None:
        write_json(document, arguments.json)
    if arguments.json != STDOUT:
        print("\n".join(map(visible, _status_text(document, folder))))
    if source:
        print(f"points of own objectives (of {source!r}) are not counted", file=sys.stderr)
    if stopped:
        print("stopped before all points were found", file=sys.stderr)
        return ending.code_of(stopped)
    return exit_codes.OPEN if document["missing"] else exit_codes.HOLDS


def _status_text(document: dict[str, Any], folder: Path) -> list[str]:
    lines = [f"{document['rows']} rows in {document['files']} files, {document['bytes']} bytes"]
    if document["points"] is not None:
        lines.append(
            f"{document['points']} points in {folder / SPEC_NAME}, {document['missing']} missing"
        )
    for name in ("status", "fate", "theorem"):
        found = ", ".join(f"{count} {word}" for word, count in document[name].items() if word)
        lines.append(f"{name}: {found or 'none'}")
    return lines


def _declared(
    folder: Path, dataset: Dataset, stop: Callable[[], bool]
) -> tuple[int | None, int, str]:
    """Points of the spec that was run here last, how many are known, its claims file.

    Nothing in the folder is executed, so points of own objectives are passed over.
    """
    from numerics.sweeps.run import Progress, missing
    from proofs_check.cli.sweep_spec import read_received

    path = folder / SPEC_NAME
    if not path.exists():
        return None, 0, ""
    progress = Progress()
    spec = read_received(path)
    for _ in missing(spec, dataset.keys(), progress, stop):
        pass
    return None if stop() else progress.points, progress.known, spec.source


def show(folder: Path, arguments: argparse.Namespace) -> int:
    """Print rows, as a table or as CSV."""
    frame = _query(folder, arguments.where, _columns(arguments.columns))
    if arguments.csv:
        sys.stdout.write(_flat(frame).write_csv())
        return exit_codes.HOLDS
    import polars

    limit = arguments.limit or _ROWS_SHOWN
    with polars.Config(
        tbl_rows=limit,
        tbl_cols=-1,
        tbl_width_chars=10_000,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_formatting="ASCII_MARKDOWN",
        fmt_str_lengths=200,
    ):
        print(_shown(frame.head(limit)))
    print(f"{frame.height} rows" + (f", {limit} shown" if frame.height > limit else ""))
    return exit_codes.HOLDS


def _columns(text: str | None) -> list[str]:
    names = list(MAIN_COLUMNS) if text is None else [name.strip() for name in text.split(",")]
    for name in names:
        if name not in COLUMNS:
            raise InputError("--columns", name, "some of " + ", ".join(COLUMNS))
    return names


def _shown(frame: Any) -> Any:
    """A frame whose texts do nothing to a terminal: datasets come from others."""
    import polars

    texts = [name for name, kind in frame.schema.items() if kind == polars.String]
    made = polars.col(texts).map_elements(visible, return_dtype=polars.String)
    return frame.with_columns(made) if texts else frame


def _flat(frame: Any) -> Any:
    """A frame whose lists are texts."""
    import polars

    lists = [name for name, kind in frame.schema.items() if kind == polars.List]
    return frame.with_columns(polars.col(name).list.join(" ") for name in lists)


def _query(folder: Path, where: str | None, columns: Sequence[str]) -> Any:
    """Rows that satisfy a condition in SQL, sorted by point.

    Read by PyArrow, which verifies checksums.
    """
    dataset = Dataset(folder)
    if not dataset.files:
        raise InputError("DIR", str(folder), "a folder with results")
    try:
        import polars
    except ImportError as error:
        allowed = 'a system with polars: install "proofs-check[sweep]"'
        raise InputError("SWEEP", "no polars", allowed) from error
    order = ("objective", "start", "components", "step_size", "distance", "log10_spread", "key")
    condition = None if where is None else _condition(where)
    asked = set() if condition is None else set(condition.meta.root_names())
    names = [name for name in COLUMNS if name in {*columns, *order, *asked}]
    frame = polars.concat([polars.DataFrame(table) for table in dataset.rows(names)])
    if condition is not None:
        try:
            frame = frame.filter(condition)
        except polars.exceptions.PolarsError as error:
            raise _no_condition(str(where), str(error)) from error
    return frame.sort(order).select(columns)


def _condition(where: str) -> Any:
    """One expression in SQL that is true or false for every row."""
    import polars
    import pyarrow

    # lists of unequal length: a function that unpacks them shows by the height
    rows = pyarrow.Table.from_pylist([{"fates": ["", ""]}, {"fates": []}], schema=schema())
    try:
        condition = polars.sql_expr(where)
        found = polars.DataFrame(rows).select(condition)
    except polars.exceptions.PolarsError as error:
        raise _no_condition(where, str(error)) from error
    if found.shape != (rows.num_rows, 1) or found.dtypes != [polars.Boolean]:
        raise _no_condition(where, "it is not true or false for every row")
    return condition


def _no_condition(where: str, reason: str) -> InputError:
    said = " ".join(reason.split())[:200]
    allowed = f"a condition in SQL on the columns {', '.join(COLUMNS)} ({said})"
    return InputError("--where", where, allowed)


def plot(folder: Path, arguments: argparse.Namespace) -> int:
    """Draw a figure."""
    from proofs_check.figures import sweeps
    from proofs_check.figures.svg import draw_svg, require_plotting

    if Path(arguments.target).suffix != ".svg":
        raise InputError("--out", arguments.target, "a file that ends in .svg")
    check_target(arguments.target, "--out")
    require_plotting()
    found = _query(folder, arguments.where, [n for n in COLUMNS if n != "certificate"]).to_dicts()
    rows = sweeps.of_one_version(found)
    if len(rows) < len(found):
        print(f"{len(found) - len(rows)} rows of other versions of the same points are left out")
    for option in ("x", "y"):
        name = getattr(arguments, option)
        if name is not None and COLUMNS.get(name, ("", ""))[0] not in ("number", "integer"):
            numbers = ", ".join(
                n for n, (kind, _) in COLUMNS.items() if kind in ("number", "integer")
            )
            raise InputError(f"--{option}", name, f"one of {numbers}")
    panels = sweeps.panels(arguments.kind, rows, arguments.x, arguments.y)

    def draw(axes: Any) -> None:
        for panel, own in zip(panels, [axes] if len(panels) == 1 else axes, strict=True):
            panel.draw(own)

    write_text(draw_svg(draw, len(panels)), arguments.target, "--out")
    for panel in panels:
        print(panel.summary)
    return exit_codes.HOLDS


def merge(folders: Sequence[Path], out: Path) -> int:
    """Put the rows of several datasets into one: all of them, or nothing if one is at fault.

    The sources may be on a read-only file system; where they can be written, nobody does meanwhile.
    """
    target = Dataset(out)
    target.recover()
    with ExitStack() as stack:
        named = [Dataset(folder) for folder in folders]
        sources = [each for each in named if each.folder.resolve() != out.resolve()]
        for source in sources:
            if not source.finished_files:
                raise InputError("DIR", str(source.folder), "a folder with results")
            if os.access(source.folder, os.W_OK):
                stack.enter_context(locked("DIR", source.folder, folder=True, tidy=False))
        target.add(table for source in sources for table in source.tables())
    target.compact()
    rows = sum(table.num_rows for table in target.rows(["key"]))
    print(f"{rows} points in {out}")
    if target.unlike:
        print(
            f"{len(target.unlike)} of them with unlike rows (computed on other processors?); "
            "of each the first by content is kept"
        )
    return exit_codes.HOLDS
