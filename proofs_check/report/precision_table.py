"""The precision study as a table, CSV, Parquet and a figure."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics.errors import InputError, why
from numerics.files import write_atomically
from proofs_check.figures.style import BLACK, BOUND, CONTROL, finish
from proofs_check.figures.svg import draw_svg, require_plotting
from proofs_check.store.files import check_target, write_text

Rows = Sequence[Mapping[str, Any]]
SUFFIXES = (".csv", ".parquet")
_SHORT = {"float32": "f32", "float64": "f64", "long double": "ld", "double-double": "dd"}
_FLOAT64_DIGITS = 53 * math.log10(2)
_MARKS = {"right": "+", "wrong": "-", "undecided": "?"}


def check_out(target: str | None) -> None:
    """Refuse, before any work, a table that cannot be written.

    Raises
    ------
    InputError
        For other suffixes, unusable folders, and Parquet without pyarrow.

    Examples
    --------
    >>> check_out("study.xlsx")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: --out: got study.xlsx; allowed: a file that ends in .csv or .parquet
    """
    if target is None:
        return
    if Path(target).suffix not in SUFFIXES:
        raise InputError("--out", target, "a file that ends in " + " or ".join(SUFFIXES))
    check_target(target, "--out")
    if Path(target).suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            allowed = 'a .csv file, or install "proofs-check[cluster]" (pyarrow)'
            raise InputError("--out", target, allowed) from error


def check_figure(target: str | None) -> None:
    """Refuse, before any work, a figure that cannot be drawn.

    Raises
    ------
    InputError
        For other suffixes, unusable folders, and without matplotlib.

    Examples
    --------
    >>> check_figure("study.gif")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: --figure: got study.gif; allowed: a file that ends in .svg
    """
    if target is None:
        return
    if Path(target).suffix != ".svg":
        raise InputError("--figure", target, "a file that ends in .svg")
    check_target(target, "--figure")
    require_plotting()


def table(rows: Rows) -> str:
    """Markdown table: ``+`` right, ``-`` wrong, ``?`` undecided, ``!`` wrong without a warning.

    Examples
    --------
    >>> print(table([]).splitlines()[0][:40])
    | spread is | n | distance | spread | fa
    """
    systems = list(dict.fromkeys(name for row in rows for name in row["fixed"]))
    heads = ["spread is", "n", "distance", "spread", "fates", "Lambda/ln 10", "rule", "measured"]
    heads += [_SHORT.get(name, name) for name in systems]
    lines = ["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|"]
    for row in rows:
        marks = []
        for name in systems:
            mark = _MARKS[row["fixed"][name]]
            silent = name == "float64" and row["float64_silently_wrong"]
            marks.append("-!" if silent else mark)
        fates = "".join(fate[0] for fate in row["fates"])
        measured = row["needed_digits"]
        cells = [
            row["family"],
            str(row["components"]),
            row["distance"],
            f"{_float(row['spread']):.3g}",
            fates + ("" if row["certified"] else "?"),
            f"{row['amplification'] / math.log(10):.1f}",
            f"{row['rule_digits']:.1f}",
            "-" if measured is None else f"{measured:.1f}",
            *marks,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_table(rows: Rows, target: str) -> None:
    """Write CSV or Parquet, one row a case; the file appears whole or not at all."""
    columns = _columns(rows)
    if Path(target).suffix == ".csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        write_text(buffer.getvalue(), target, "--out")
        return
    import pyarrow
    from pyarrow import parquet

    table = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), table)
    try:
        write_atomically(Path(target), table.getvalue())
    except OSError as error:
        raise InputError("--out", target, f"a writable file ({why(error)})") from error


def _columns(rows: Rows) -> dict[str, list[Any]]:
    """Flat columns: exact numbers as text, one column for each fixed arithmetic."""
    systems = list(dict.fromkeys(name for row in rows for name in row["fixed"]))
    names = [name for name in (rows[0] if rows else ()) if name not in ("fixed", "ladder", "fates")]
    columns = {name: [row[name] for row in rows] for name in names}
    columns["fates"] = [" ".join(row["fates"]) for row in rows]
    for name in systems:
        columns[name.replace(" ", "_")] = [row["fixed"].get(name) for row in rows]
    columns["ladder"] = [
        " ".join(f"{bits}:{judgement}" for bits, judgement in row["ladder"].items()) for row in rows
    ]
    return columns


def write_figure(rows: Rows, target: str) -> None:
    """Write the digits measured against the rule's; float64's silent errors ringed."""
    write_text(draw_svg(lambda axes: _draw(axes, rows)), target, "--figure")


def _draw(axes: Any, rows: Rows) -> None:
    kinds = {
        ("along", True): ("o", "spread along the centre, one escapes"),
        ("along", False): ("x", "spread along the centre, all converge"),
        ("across", False): ("^", "spread across the centre, all converge"),
        ("across", True): ("v", "spread across the centre, one escapes"),
    }
    shown = [row for row in rows if row["needed_digits"] is not None]
    for (family, escapes), (marker, label) in kinds.items():
        chosen = [
            (row["rule_digits"], row["needed_digits"])
            for row in shown
            if row["family"] == family and ("escaped" in row["fates"]) == escapes
        ]
        if chosen:
            axes.plot(*zip(*chosen, strict=True), marker, label=label)
    exceeded = sum(row["needed_bits"] > row["rule_bits"] for row in shown)
    wrong = [(r["rule_digits"], r["needed_digits"]) for r in shown if r["float64_silently_wrong"]]
    if wrong:
        ring = {"markersize": 13, "fillstyle": "none", "label": "float64 wrong, no warning"}
        axes.plot(*zip(*wrong, strict=True), "o", color=BLACK, **ring)
    last = max([*(row["rule_digits"] for row in shown), 16.0])
    axes.plot([0, last], [0, last], **BOUND, label="the rule")
    axes.axvline(_FLOAT64_DIGITS, **CONTROL, label="digits of float64")
    finish(axes, _finding(exceeded, len(wrong)), "digits by the rule", "digits measured")


def _finding(exceeded: int, wrong: int) -> str:
    """What the figure shows: starts that need more bits than the rule says, and float64's errors.

    Examples
    --------
    >>> _finding(0, 4)
    'No start needs more bits than the rule says; float64 is wrong in 4, without a warning'
    """
    short = "Some starts need" if exceeded else "No start needs"
    errors = f"wrong in {wrong}, without a warning" if wrong else "never wrong without a warning"
    return f"{short} more bits than the rule says; float64 is {errors}"


def _float(text: str) -> float:
    return float(Fraction(text))
