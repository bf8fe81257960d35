"""``proofs-check sweep status``, ``show``, ``plot`` and ``merge``: questions to results."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from numerics.errors import InputError
from numerics.locks import locked
from numerics.sweeps.dataset import SPEC_NAME, Dataset
from numerics.sweeps.rows import COLUMNS
from proofs_check import exit_codes
from proofs_check.store.files import STDOUT, check_target, write_json, write_text

MAIN_COLUMNS = (
    "objective",
    "components",
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
_TABLE = "points"


def status(folder: Path, arguments: argparse.Namespace) -> int:
    """Say what the dataset holds, and what its spec still lacks."""
    check_target(arguments.json, "--json")
    dataset = Dataset(folder)
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("status", "fate", "theorem")}
    rows = 0
    for table in dataset.rows(["key", *counts]):
        rows += table.num_rows
        for name, counter in counts.items():
            counter.update(table.column(name).to_pylist())
    declared, known = _declared(folder, dataset)
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
        print(_status_text(document, folder))
    return exit_codes.OPEN if document["missing"] else exit_codes.HOLDS


def _status_text(document: dict[str, Any], folder: Path) -> str:
    lines = [f"{document['rows']} rows in {document['files']} files, {document['bytes']} bytes"]
    if document["points"] is not None:
        lines.append(
            f"{document['points']} points in {folder / SPEC_NAME}, {document['missing']} missing"
        )
    for name in ("status", "fate", "theorem"):
        found = ", ".join(f"{count} {word}" for word, count in document[name].items() if word)
        lines.append(f"{name}: {found or 'none'}")
    return "\n".join(lines)


def _declared(folder: Path, dataset: Dataset) -> tuple[int | None, int]:
    """Points of the spec that was run here last, and how many of them are known."""
    from numerics.sweeps.run import Progress, missing
    from proofs_check.cli.sweep_spec import read

    path = folder / SPEC_NAME
    if not path.exists():
        return None, 0
    progress = Progress()
    spec, _ = read(path)
    for _ in missing(spec, dataset.keys(), progress):
        pass
    return progress.points, progress.known


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
        print(frame.head(limit))
    print(f"{frame.height} rows" + (f", {limit} shown" if frame.height > limit else ""))
    return exit_codes.HOLDS


def _columns(text: str | None) -> list[str]:
    names = list(MAIN_COLUMNS) if text is None else [name.strip() for name in text.split(",")]
    for name in names:
        if name not in COLUMNS:
            raise InputError("--columns", name, "some of " + ", ".join(COLUMNS))
    return names


def _flat(frame: Any) -> Any:
    """A frame whose lists are texts."""
    import polars

    lists = [name for name, kind in frame.schema.items() if kind == polars.List]
    return frame.with_columns(polars.col(name).list.join(" ") for name in lists)


def _query(folder: Path, where: str | None, columns: Sequence[str]) -> Any:
    """Rows that satisfy a condition in SQL, sorted by point."""
    dataset = Dataset(folder)
    if not dataset.files:
        raise InputError("DIR", str(folder), "a folder with results")
    try:
        import polars
    except ImportError as error:
        allowed = 'a system with polars: install "proofs-check[sweep]"'
        raise InputError("SWEEP", "no polars", allowed) from error
    order = ("objective", "start", "components", "step_size", "distance", "log10_spread", "key")
    wanted = ", ".join(f'"{name}"' for name in columns)
    query = f"SELECT {wanted} FROM {_TABLE}"
    if where is not None:
        query += f" WHERE {where}"
    frame = polars.scan_parquet(dataset.files).sort(order)
    try:
        return polars.SQLContext({_TABLE: frame}).execute(query, eager=True)
    except polars.exceptions.PolarsError as error:
        reason = " ".join(str(error).split())[:200]
        allowed = f"a condition in SQL on the columns {', '.join(COLUMNS)} ({reason})"
        raise InputError("--where", where or query, allowed) from error


def plot(folder: Path, arguments: argparse.Namespace) -> int:
    """Draw a figure."""
    from proofs_check.figures import sweeps
    from proofs_check.figures.svg import draw_svg, require_plotting

    if Path(arguments.target).suffix != ".svg":
        raise InputError("--out", arguments.target, "a file that ends in .svg")
    check_target(arguments.target, "--out")
    require_plotting()
    rows = _query(folder, arguments.where, list(COLUMNS)).to_dicts()
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
    """Put the rows of several datasets into one."""
    target = Dataset(out)
    target.recover()
    with ExitStack() as stack:
        for folder in folders:
            if folder.resolve() == out.resolve():
                continue
            source = Dataset(folder)
            stack.enter_context(locked("DIR", folder, folder=True))
            source.recover()
            target.add(source.rows())
    target.compact()
    rows = sum(table.num_rows for table in target.rows(["key"]))
    print(f"{rows} points in {out}")
    return exit_codes.HOLDS
