"""``proofs-check precision``: in which arithmetic a descent's verdict is right, and why."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from numerics.documents import DocumentError, read_document
from numerics.errors import InputError
from numerics.execution import executor
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending
from proofs_check.cli.bars import counted_bar
from proofs_check.store.files import STDOUT, check_target, write_json
from proofs_check.store.versions import versions

EXAMPLE = """\
proofs-check precision --distance 6,14 --spread 1e-4,1e-8,1e-20 --out study.csv
  proofs-check precision --advise --means '[["6.0000005"], ["5.9999995"]]' --step-size 0.1"""

_NOTES = """
The same plain gradient descent (means as numbers, no centring, no symmetry) runs in float32,
float64, long double, double-double and at rising precision, against the fates certified by ball
arithmetic. float64 here is what a user would write; `descend` is more careful."""
_ALLOWED = "a file that --resume wrote, or a new one"


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``precision``."""
    parser = shared.add_command(
        subparsers,
        "precision",
        "How much precision gradient descent on the forward loss needs for the right verdict: "
        "measured for a family of starts and compared with the rule that the amplification law "
        "gives, or advice for one run.",
        EXAMPLE + "\n" + _NOTES,
    )
    family = parser.add_argument_group("study")
    family.add_argument("--distance", metavar="LIST", help="of the cluster (default: 6,10,14,18)")
    family.add_argument(
        "--spread",
        metavar="LIST",
        help="of the cluster (default: 1e-4,1e-8,1e-12,1e-16,1e-20)",
    )
    family.add_argument("--components", metavar="LIST", help="numbers n (default: 2)")
    family.add_argument(
        "--family",
        choices=("along", "across", "both"),
        help="one component apart along the centre; equally spaced ones across it (two "
        "dimensions, at most 4 components, largest spread); or both (default)",
    )
    family.add_argument(
        "--seed", type=shared.integer(0), metavar="N", help="of the tiny offsets (default: 0)"
    )
    family.add_argument("--resume", metavar="FILE", help="keep finished cases in FILE, reuse them")
    family.add_argument("--out", metavar="FILE", help="table: .csv or .parquet")
    family.add_argument("--figure", metavar="FILE", help="digits by the rule and measured: .svg")
    advice = parser.add_argument_group("advice")
    advice.add_argument("--advise", action="store_true", help="advice for the run given by --means")
    shared.add_mixture(parser, required=False)
    advice.add_argument("--objective", choices=shared.OBJECTIVES, help="default: forward")
    advice.add_argument(
        "--steps", type=shared.integer(1), metavar="N", help="default: until the fates are settled"
    )
    parser.add_argument(
        "--step-size", default="0.1", metavar="ETA", help="constant step (default: %(default)s)"
    )
    parser.add_argument(
        "--max-seconds", type=shared.seconds, metavar="S", help="stop then; --resume continues"
    )
    shared.add_scheduler(parser)
    shared.add_json_output(parser)


_STUDY = (
    "distance", "spread", "components", "family", "seed", "resume", "out", "figure", "scheduler",
)  # fmt: skip
_ADVICE = ("means", "weights", "teacher_mean", "teacher", "objective", "steps")


def run(arguments: argparse.Namespace) -> int:
    """Run the study, or give advice."""
    check_target(arguments.json, "--json")
    misplaced = _STUDY if arguments.advise else _ADVICE
    for name in misplaced:
        if getattr(arguments, name) is not None:
            where = "nothing, with --advise" if arguments.advise else "nothing, without --advise"
            raise InputError(name, str(getattr(arguments, name)), where)
    return _advise(arguments) if arguments.advise else _study(arguments)


# -- advice


def _advise(arguments: argparse.Namespace) -> int:
    from numerics.studies.precision.advice import advise

    if arguments.means is None:
        raise InputError("means", "nothing", "a JSON list of means, with --advise")
    if arguments.teacher is not None:
        raise InputError("--teacher", arguments.teacher, "one Gaussian, by --teacher-mean")
    found = advise(
        shared.read_json_list(arguments.means, "--means"),
        step_size=arguments.step_size,
        steps=arguments.steps,
        weights=shared.read_optional_list(arguments.weights, "--weights"),
        teacher_mean=shared.read_optional_list(arguments.teacher_mean, "--teacher-mean"),
        objective=arguments.objective or "forward",
        max_seconds=arguments.max_seconds,
        stop=_deadline(arguments.max_seconds),
    ).to_data()
    document = {"advice": found, "versions": versions()}
    if arguments.json is not None:
        write_json(document, arguments.json)
    if arguments.json != STDOUT:
        print(_spoken(found))
    return exit_codes.OPEN if found["digits"] is None else exit_codes.HOLDS


def _spoken(advice: Mapping[str, Any]) -> str:
    if advice["digits"] is None:
        first = "digits: not known"
    else:
        enough = "is enough" if advice["float64_is_enough"] else "is not enough"
        alone = "" if advice["certified"] else ", by the rule alone: no trial was judged"
        first = f"digits: {advice['digits']} (float64 {enough}{alone})"
    return "\n".join([*advice["outcome"], first, *advice["reasons"]])


# -- study


def _study(arguments: argparse.Namespace) -> int:
    from numerics.studies.precision.study import FAMILIES, make_cases, study, typical_seconds
    from proofs_check.report import precision_table as files
    from proofs_check.run.identity import identity

    files.check_out(arguments.out)
    files.check_figure(arguments.figure)
    if arguments.resume is not None:
        check_target(arguments.resume, "--resume")
    families = FAMILIES if arguments.family in (None, "both") else (arguments.family,)
    cases = make_cases(
        _numbers(_given(arguments.distance, "6,10,14,18"), "distance"),
        _numbers(_given(arguments.spread, "1e-4,1e-8,1e-12,1e-16,1e-20"), "spread"),
        _integers(_given(arguments.components, "2"), "components"),
        families,
        _number(arguments.step_size, "step_size"),
        arguments.seed or 0,
    )
    keys = [json.dumps(case.to_data()) for case in cases]
    done = _read_finished(arguments.resume)
    left = [case for case, key in zip(cases, keys, strict=True) if key not in done]
    estimate = sum(map(typical_seconds, left))
    print(f"{len(left)} of {len(cases)} cases to do, typically {estimate:.0f} s", file=sys.stderr)
    stopped = ""
    try:
        with (
            counted_bar("precision", len(left)) as advance,
            executor(arguments.scheduler, identity=identity) as pool,
        ):
            for case, row in study(left, pool, _deadline(arguments.max_seconds)):
                done[json.dumps(case.to_data())] = row
                _write_finished(done, arguments.resume)
                advance()
    except KeyboardInterrupt:
        stopped = "interrupted"
    ending.end_limit()  # what is there is written
    rows = [done[key] for key in keys if key in done]
    if len(rows) < len(cases):
        stopped = stopped or "max-seconds"
    _write(arguments, rows, stopped)
    return ending.code_of(stopped)


def _write(arguments: argparse.Namespace, rows: Sequence[Mapping[str, Any]], stopped: str) -> None:
    from proofs_check.report import precision_table as files

    document = {"cases": rows, "stopped": stopped, "versions": versions()}
    if arguments.out is not None:
        files.write_table(rows, arguments.out)
    if arguments.figure is not None and rows:
        files.write_figure(rows, arguments.figure)
    if arguments.json is not None:
        write_json(document, arguments.json)
    if arguments.json != STDOUT:
        print(files.table(rows))
        print(summary(rows))
    if stopped:
        kept = "" if arguments.resume is None else "; the same command continues"
        reason = {"max-seconds": "time is up", "interrupted": "interrupted"}[stopped]
        print(f"{reason} after {len(rows)} cases{kept}", file=sys.stderr)


def summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say, of the rows of the table, where float64 was wrong and whether the rule was exceeded."""
    silent = sum(row["float64_silently_wrong"] for row in rows)
    known = [row for row in rows if row["needed_digits"] is not None]
    text = f"float64 wrong without a warning: {silent} of {len(rows)} cases"
    if not known:
        return text
    over = [row for row in known if row["needed_digits"] > row["rule_digits"]]
    if not over:
        return f"{text}; the measured digits exceed the rule's in none of {len(known)}"
    most = max(row["needed_digits"] - row["rule_digits"] for row in over)
    bits = max(row["needed_bits"] - row["rule_bits"] for row in known)
    whole = f"by at most {bits}" if bits > 0 else "in none"
    return (
        f"{text}; the measured digits exceed the rule's in {len(over)} of {len(known)}, by at most "
        f"{most:.2f}; in whole bits, as an arithmetic has them, {whole}"
    )


def _given(text: str | None, default: str) -> str:
    """The text that was given; an empty one is bad input, not the default."""
    return default if text is None else text


def _numbers(text: str, name: str) -> list[Any]:
    from numerics.numbers.exact import parse_number

    return [parse_number(part.strip(), name) for part in text.split(",")]


def _number(text: str, name: str) -> Any:
    from numerics.numbers.exact import parse_number

    return parse_number(text, name)


def _integers(text: str, name: str) -> list[int]:
    values = []
    for value in _numbers(text, name):
        if value.denominator != 1:
            raise InputError(name, value, "integers")
        values.append(int(value))
    return values


def _deadline(max_seconds: float | None) -> Callable[[], bool]:
    if max_seconds is None:
        return lambda: False
    end = time.monotonic() + max_seconds
    return lambda: time.monotonic() > end


@lru_cache(maxsize=1)
def _belongs() -> dict[str, Any]:
    from proofs_check.run.resume import sources_digest

    return {"versions": versions(), "sources": sources_digest()}


def _read_finished(path: str | None) -> dict[str, Any]:
    """Finished cases of an earlier run by the same sources."""
    if path is None or not Path(path).exists():
        return {}
    try:
        document = read_document(Path(path), _resume_schema())
        if document["belongs"] != _belongs():
            raise InputError("--resume", path, "a file of this version; start a new file")
        cases: dict[str, Any] = dict(document["cases"])
    except DocumentError as error:
        raise InputError("--resume", path, f"{_ALLOWED} ({error})") from error
    return cases


def _resume_schema() -> dict[str, Any]:
    from proofs_check.schemas import schema

    cases = {"type": "object", "additionalProperties": {"$ref": "#/$defs/case"}}
    return {
        "type": "object",
        "required": ["belongs", "cases"],
        "properties": {"cases": cases},
        "$defs": schema("precision")["$defs"],
    }


def _write_finished(done: Mapping[str, Any], path: str | None) -> None:
    if path is not None:
        write_json({"belongs": _belongs(), "cases": done}, path, "--resume")
