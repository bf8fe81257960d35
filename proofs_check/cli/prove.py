"""``proofs-check prove``: replay a proof step by step, have Coq check it, find multipliers."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from numerics.visible import visible
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import prove_coq, prove_search

if TYPE_CHECKING:
    from proofs_check.proofs.coq.boxes import BoxFile
    from proofs_check.proofs.coq.export import Exported
    from proofs_check.proofs.tactics.script import Script, ScriptReplay

FORMATS = ("text", "latex", "coq")


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``prove``."""
    parser = shared.add_command(
        subparsers,
        "prove",
        "Replay a proof: verify every step from scratch and print it with its kind and time. "
        "Exit code 0 if all steps hold, 3 if one does not.",
        "proofs-check prove R --format latex\n  proofs-check prove K --format coq --out K.v\n"
        "  proofs-check prove K --check coq\n"
        "  proofs-check prove U --check coq --boxes 20\n"
        "  proofs-check prove K --search 'one step' --constant 2",
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="the proof (default: list all), or my_claims.py::NAME, of the PROOFS of a claims file",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="latex: a fragment for an appendix, needs amsmath; coq: the whole derivation as one "
        "file for Coq 8.16 or later (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="write the text there (replaced atomically) instead of to standard output",
    )
    prove_coq.add_arguments(parser)
    prove_search.add_arguments(parser)
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replay and print; exit code 3 if a step does not hold."""
    from proofs_check.proofs.tactics.script import replay
    from proofs_check.store.files import check_target

    check_target(arguments.json, "--json")
    check_target(arguments.out, "--out")
    check_target(arguments.record, "--record")
    prove_search.check(arguments)
    prove_coq.check(arguments)
    _check_name(arguments)
    if arguments.name is None:
        return prove_coq.run_all(arguments) if arguments.check else _listing(arguments.json)
    if arguments.search is not None:
        return prove_search.run(_script(arguments.name), arguments)
    if arguments.check:
        from proofs_check.proofs.coq.judge import coqc

        coqc()  # refused before any work is done
    return _shown(replay(_script(arguments.name)), arguments)


def _shown(found: ScriptReplay, arguments: argparse.Namespace) -> int:
    """Print a replay in the form that is asked for, and what Coq says."""
    from proofs_check.proofs.coq.recorded import status
    from proofs_check.proofs.tactics import printing
    from proofs_check.store.files import write_json, write_text
    from proofs_check.verdict import Verdict

    holds = found.verdict in (Verdict.PROVED, Verdict.SUPPORTED)
    for_coq = arguments.format == "coq"
    to_stdout = arguments.json == "-" or (for_coq and arguments.out is None)
    stream = sys.stderr if to_stdout else sys.stdout
    recorded = status(found) if holds else ""
    document = printing.data(found) | ({"recorded": recorded} if recorded else {})
    exported = prove_coq.exported_of(found) if holds and (arguments.check or for_coq) else None
    wanted = exported is not None and arguments.boxes is not None
    boxes = prove_coq.box_file_of(found, arguments.boxes) if wanted else None
    if for_coq and exported is not None:
        text = exported.text if boxes is None else boxes.text
        write_text(text, arguments.out or ("-" if arguments.json != "-" else ""), "--out")
    elif not arguments.check or arguments.out:
        printer = {"latex": printing.latex}.get(arguments.format, printing.text)
        _write(printer(found, recorded), arguments.out, stream)
    code = exit_codes.of_verdict(found.verdict)
    if exported is not None:
        print(prove_coq.summary(exported), file=stream)
        document["coq"] = prove_coq.data(exported)
        if arguments.check:
            code = _checked(exported, boxes, arguments, document["coq"], stream)
    elif arguments.check:
        print(f"{found.verdict}: the replay does not hold; Coq was not asked", file=stream)
    if arguments.json and code != exit_codes.TIME_UP:
        write_json(document, arguments.json)
    return code


def _checked(
    exported: Exported,
    boxes: BoxFile | None,
    arguments: argparse.Namespace,
    document: dict[str, Any],
    stream: Any,
) -> int:
    """Ask Coq about a proof, and about boxes; what it says goes to the document too."""
    answer = prove_coq.judged(exported, arguments.max_seconds)
    if answer is None:
        return exit_codes.TIME_UP
    print(prove_coq.verdict(exported, answer), file=stream, flush=True)
    document |= prove_coq.judgement_data(answer)
    if arguments.record:
        prove_coq.record(arguments.record, exported, answer)
    if boxes is None or not answer.holds:
        return exit_codes.HOLDS if answer.holds else exit_codes.FAILS
    second = prove_coq.judged_boxes(boxes, arguments.max_seconds)
    if second is None:
        return exit_codes.TIME_UP
    print(prove_coq.verdict_on_boxes(boxes, second), file=stream)
    document["boxes"] = prove_coq.boxes_data(boxes, second)
    return exit_codes.HOLDS if second.holds else exit_codes.FAILS


def _check_name(arguments: argparse.Namespace) -> None:
    """Refuse an unknown name, and none where one is needed."""
    from proofs_check.loading.find import names_file
    from proofs_check.proofs import catalogue

    if arguments.name is not None and names_file(arguments.name):
        return  # the file says what is in it
    needed = arguments.out or arguments.format == "coq" or arguments.boxes is not None
    if arguments.name not in (catalogue.names() if needed else (None, *catalogue.names())):
        given = "none" if arguments.name is None else arguments.name
        raise InputError("NAME", given, "one of " + ", ".join(catalogue.names()))


def _script(name: str) -> Script:
    """A proof of this package, or of a claims file."""
    from proofs_check.loading.find import names_file
    from proofs_check.loading.scripts import script
    from proofs_check.proofs import catalogue

    known = name in catalogue.names() or not names_file(name)
    return catalogue.proof(name) if known else script(name)


def _write(text: str, out: str | None, stream: Any) -> None:
    from proofs_check.store.files import write_text

    if out is None:
        print(visible(text), file=stream)
    else:
        write_text(text + "\n", out, "--out")


def _listing(target: str | None) -> int:
    from proofs_check.proofs import catalogue
    from proofs_check.store.files import write_json

    proofs = [catalogue.proof(name) for name in catalogue.names()]
    width = max(len(proof.name) for proof in proofs) + 2
    for proof in proofs:
        print(
            f"{proof.name:<{width}}{proof.title} [{proof.scope}; {len(proof.steps)} steps]",
            file=shared.human_output(target),
        )
    if target:
        listing = [{"name": p.name, "title": p.title, "scope": p.scope} for p in proofs]
        write_json({"proofs": listing}, target)
    return 0
