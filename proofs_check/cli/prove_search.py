"""``proofs-check prove --search``: find the multipliers of a step, or its best constant."""

from __future__ import annotations

import argparse
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from numerics.numbers.exact import rational_text
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared

if TYPE_CHECKING:
    from proofs_check.proofs.kernel import Theorem
    from proofs_check.proofs.search import Found
    from proofs_check.proofs.tactics.script import Script, Step

#: The most factors of a product; there are binomially many products.
LARGEST_DEGREE = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--search``, ``--constant`` and ``--degree``."""
    parser.add_argument(
        "--search",
        nargs="?",
        const="",
        metavar="STEP",
        help="find nonnegative multipliers for a step that combines premises (default: each such "
        "step), without those that are stored; exit code 3 if the kernel accepts none",
    )
    parser.add_argument(
        "--constant",
        metavar="C",
        help="with --search STEP: take this number in the step's goal as unknown, and find the "
        "least and the largest for which there are multipliers",
    )
    parser.add_argument(
        "--degree",
        type=shared.integer(1, LARGEST_DEGREE),
        metavar="N",
        help="with --search: factors of a product at most (default: 3)",
    )


def check(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    if arguments.search is None:
        for option in ("constant", "degree"):
            if getattr(arguments, option) is not None:
                raise InputError(f"--{option}", getattr(arguments, option), "used with --search")
        return
    if arguments.name is None:
        raise InputError("NAME", "none", "the name of a proof before --search")
    if arguments.check or arguments.out or arguments.format != "text":
        raise InputError("--search", "another output", "used without --check, --format and --out")
    if arguments.constant is not None and not arguments.search:
        raise InputError("--search", "none", "the step in which the constant stands")


def run(script: Script, arguments: argparse.Namespace) -> int:
    """Search and print; exit code 3 if nothing is found for a step."""
    from proofs_check.proofs.search import combination_steps, premises_of
    from proofs_check.store.files import write_json

    steps = combination_steps(script)
    names = [step.name for step in steps]
    if arguments.search and arguments.search not in names:
        allowed = "a step that combines premises: " + ", ".join(names) if names else "no step"
        raise InputError("--search", arguments.search, allowed)
    chosen = [step for step in steps if arguments.search in ("", step.name)]
    premises = premises_of(script, chosen)
    stream = shared.human_output(arguments.json)
    entries = []
    for step in chosen:
        entries.append(_searched(step, premises.get(step.name), arguments))
        print(_words(entries[-1]), file=stream, flush=True)
    if arguments.json:
        write_json({"name": script.name, "searches": entries}, arguments.json)
    return 0 if all(entry["found"] for entry in entries) else exit_codes.OPEN


def _searched(
    step: Step, premises: dict[str, Theorem] | None, arguments: argparse.Namespace
) -> dict[str, Any]:
    from proofs_check.proofs.search import DEGREE, NotFoundError, best, combination
    from proofs_check.proofs.tactics.rendering import text

    assert step.goal is not None
    entry: dict[str, Any] = {"step": step.name, "statement": text(step.goal)}
    degree = arguments.degree or DEGREE
    if premises is None:
        return entry | {"found": [], "message": "a premise does not hold"}
    try:
        if arguments.constant is None:
            found = {"": combination(step.goal, premises, degree)}
        else:
            goal, unknown = _unknown(step.goal, arguments.constant)
            ends = best(goal, unknown, premises, degree)
            found = {
                name: end
                for name, end in (("least", ends.least), ("largest", ends.largest))
                if end is not None
            }
    except NotFoundError as error:
        return entry | {"found": [], "message": str(error)}
    return entry | {"found": [_found_data(name, one) for name, one in found.items()]}


def _unknown(goal: Any, given: str) -> tuple[Any, Any]:
    """The goal with the number as an unknown, refused if it does not stand there linearly."""
    from proofs_check.proofs.kernel import ProofError
    from proofs_check.proofs.search import check_linear, with_unknown
    from proofs_check.proofs.tactics.language import real
    from proofs_check.proofs.tactics.rendering import text

    unknown = real("constant")
    try:
        value = Fraction(given)
    except (ValueError, ZeroDivisionError):
        raise InputError("--constant", given, "a rational number such as 2 or 1/4") from None
    changed = with_unknown(goal, value, unknown)
    if changed == goal:
        raise InputError("--constant", given, f"a number that stands in {text(goal)}")
    try:
        check_linear(changed, unknown)
    except ProofError as error:
        raise InputError("--constant", given, f"a number in the goal, linearly ({error})") from None
    return changed, unknown


def _found_data(end: str, found: Found) -> dict[str, Any]:
    from proofs_check.proofs.tactics.rendering import text

    data: dict[str, Any] = {
        "theorem": text(found.theorem.record.conclusion),
        "multipliers": [
            {"value": rational_text(value), "premises": list(names)}
            for value, names in found.products
        ],
    }
    return data | ({"end": end, "constant": str(found.constant)} if end else {})


def _words(entry: dict[str, Any]) -> str:
    lines = [f"{entry['step']}: {entry['statement']}"]
    for found in entry["found"]:
        if "end" in found:
            lines.append(f"  {found['end']} constant {found['constant']}: {found['theorem']}")
        parts = [
            " * ".join((m["value"], *(f"({name})" for name in m["premises"])))
            for m in found["multipliers"]
        ]
        lines.append("  found: " + (" + ".join(parts) or "both sides agree"))
    if not entry["found"]:
        lines.append(f"  {entry['message']}")
    return "\n".join(lines)
