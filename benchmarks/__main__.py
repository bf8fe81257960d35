"""``python -m benchmarks [--quick] [--json FILE]``: all tables, measured in one run."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks import descent, gradient, growth
from numerics.files import write_atomically

Row = dict[str, Any]


def gradient_text(rows: list[Row]) -> str:
    """The gradient of the forward loss: seconds, ratio to the library's ball, digits delivered."""
    lines = [
        "| means | digits asked | method | seconds | times ball | digits delivered | nodes | MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        ball = next(
            r
            for r in rows
            if (r["problem"], r["digits"], r["method"]) == (row["problem"], row["digits"], "ball")
        )
        means = ", ".join(gradient.MEANS[row["problem"]])
        seconds = "> 60" if row["seconds"] is None else f"{row['seconds']:.3g}"
        ratio = "-"
        if row["seconds"] is not None and ball["seconds"]:
            ratio = f"{row['seconds'] / ball['seconds']:.3g}"
        lines.append(
            f"| {means} | {row['digits']} | {row['method']} | {seconds} | {ratio} "
            f"| {row.get('delivered', '-')} | {row.get('nodes') or '-'} | {row['megabytes']} |"
        )
    return "\n".join(lines)


def limit_text(rows: list[Row]) -> str:
    """Time over (nodes x minimal multiplications x time of one Arb multiplication)."""
    lines = [
        "| n | digits | nodes | ns per multiplication | one call / limit | warm / limit |",
        "| --- " * 6 + "|",
    ]
    for row in rows:
        lines.append(
            f"| {row['n']} | {row['digits']} | {row['nodes']} "
            f"| {row['multiplication_ns']:.0f} | {row['call']:.2f} | {row['warm']:.2f} |"
        )
    return "\n".join(lines)


def descent_text(rows: list[Row]) -> str:
    """Float64 steps per second."""
    lines = ["| n | d | engine | steps/s | first run, s more | MB |", "| --- " * 6 + "|"]
    for row in rows:
        rate = row["steps_per_second"]
        shown = row["missing"] if rate is None else f"{rate:.4g}"
        more = "-" if rate is None else f"{row['first_run_excess']:.1f}"
        lines.append(
            f"| {row['n']} | {row['d']} | {row['engine']} | {shown} | {more} "
            f"| {row.get('megabytes', '-')} |"
        )
    return "\n".join(lines)


def growth_text(rows: list[Row]) -> str:
    """Fitted exponents."""
    lines = ["| series | sizes | seconds | exponent | MB |", "| --- " * 5 + "|"]
    for row in rows:
        sizes = ", ".join(f"{size:g}" for size in row["sizes"])
        seconds = ", ".join(f"{value:.2g}" for value in row["seconds"])
        lines.append(
            f"| {row['series']} | {sizes} | {seconds} | {row['exponent']:.2f} "
            f"| {row['megabytes']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure everything and print Markdown tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller cases, a minute")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    environment = {"python": platform.python_version(), "machine": platform.machine()}
    print("measuring the gradient...", file=sys.stderr)
    rows = gradient.table(options.quick)
    limits = gradient.limit_table(options.quick)
    print("measuring descent...", file=sys.stderr)
    steps = descent.table(options.quick)
    print("measuring growth...", file=sys.stderr)
    series = growth.table(options.quick)
    print("## Gradient of the forward loss\n\n" + gradient_text(rows))
    print("\n## Distance to the limit\n\n" + limit_text(limits))
    print("\n## Float64 descent\n\n" + descent_text(steps))
    print("\n## Growth\n\n" + growth_text(series))
    if options.json:
        data = {
            "environment": environment,
            "gradient": rows,
            "limit": limits,
            "descent": steps,
            "growth": series,
        }
        write_atomically(Path(options.json), json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
