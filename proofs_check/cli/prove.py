"""``proofs-check prove``: replay a proof step by step, have Coq check it, find multipliers."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.cli import arguments as shared
from proofs_check.cli import prove_search
from proofs_check.cli.bars import terminal_bar

if TYPE_CHECKING:
    from proofs_check.proofs.coq.export import Exported
    from proofs_check.proofs.coq.judge import Judgement
    from proofs_check.proofs.tactics.script import ScriptReplay

FORMATS = ("text", "latex", "coq")
#: The longest that Coq may take unless told otherwise: several times what the longest proof needs.
COQ_SECONDS = 3600.0


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``prove``."""
    parser = shared.add_command(
        subparsers,
        "prove",
        "Replay a proof: verify every step from scratch and print it with its kind and time. "
        "Exit code 0 if all steps hold, 1 if one does not.",
        "proofs-check prove R --format latex\n  proofs-check prove K --format coq --out K.v\n"
        "  proofs-check prove K --check coq\n"
        "  proofs-check prove K --search 'one step' --constant 2",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the proof (default: list all)")
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
    parser.add_argument(
        "--check",
        choices=("coq",),
        help="have coqc check the derivation, and compare what it assumed with what is declared; "
        "exit code 1 if Coq refuses it or they differ, 124 if the time is up",
    )
    parser.add_argument(
        "--max-seconds",
        type=shared.seconds,
        default=COQ_SECONDS,
        metavar="S",
        help="stop then (default: %(default)g)",
    )
    prove_search.add_arguments(parser)
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replay and print; exit code 1 if a step does not hold."""
    from proofs_check import exit_codes
    from proofs_check.proofs import catalogue
    from proofs_check.proofs.tactics import printing
    from proofs_check.proofs.tactics.script import replay
    from proofs_check.store.files import check_target, write_json, write_text
    from proofs_check.verdict import Verdict

    check_target(arguments.json, "--json")
    check_target(arguments.out, "--out")
    prove_search.check(arguments)
    _check_name(arguments)
    if arguments.name is None:
        return _listing(arguments.json)
    if arguments.search is not None:
        return prove_search.run(catalogue.proof(arguments.name), arguments)
    if arguments.check:
        from proofs_check.proofs.coq.judge import coqc

        coqc()  # refused before any work is done
    found = replay(catalogue.proof(arguments.name))
    document = printing.data(found)
    holds = found.verdict in (Verdict.PROVED, Verdict.SUPPORTED)
    coq = arguments.check or arguments.format == "coq"
    exported = _exported(found) if coq and holds else None
    to_stdout = arguments.json == "-" or (arguments.format == "coq" and arguments.out is None)
    stream = sys.stderr if to_stdout else sys.stdout
    if arguments.format == "coq" and exported is not None:
        write_text(exported.text, arguments.out or ("-" if arguments.json != "-" else ""), "--out")
    elif not arguments.check or arguments.out:
        printer = {"latex": printing.latex}.get(arguments.format, printing.text)
        _write(printer(found), arguments.out, stream)
    code = 0 if holds else 1
    if exported is not None:
        print(summary(exported), file=stream)
        document["coq"] = coq_data(exported)
        if arguments.check:
            judged = _judged(exported, arguments.max_seconds)
            if judged is None:
                return exit_codes.TIME_UP
            print(verdict(exported, judged), file=stream)
            document["coq"] |= judgement_data(judged)
            code = 0 if judged.holds else 1
    elif arguments.check:
        print(f"{found.verdict}: the replay does not hold; Coq was not asked", file=stream)
    if arguments.json:
        write_json(document, arguments.json)
    return code


def _check_name(arguments: argparse.Namespace) -> None:
    """Refuse an unknown name, and none where one is needed."""
    from proofs_check.proofs import catalogue

    needed = arguments.check or arguments.out or arguments.format == "coq"
    if arguments.name not in (catalogue.names() if needed else (None, *catalogue.names())):
        given = "none" if arguments.name is None else arguments.name
        raise InputError("NAME", given, "one of " + ", ".join(catalogue.names()))


def _write(text: str, out: str | None, stream: Any) -> None:
    from proofs_check.store.files import write_text

    if out is None:
        print(text, file=stream)
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


def _exported(found: ScriptReplay) -> Exported:
    from proofs_check.proofs.coq.export import export
    from proofs_check.proofs.kernel import ProofError

    try:
        return export(found)
    except ProofError as error:
        raise InputError("NAME", found.proof.name, f"a proof that Coq can read ({error})") from None


def summary(exported: Exported) -> str:
    """How much of a proof is for Coq to prove, and what is assumed."""
    done, left = len(exported.steps), len(exported.left_out)
    lines = [
        f"{exported.name} for Coq: {done} of {done + left} steps, "
        f"{exported.inferences} inferences, {exported.lemmas} lemmas"
    ]
    lines += [f"Not by Coq: {name} (a derivation replayed beside)" for name in exported.left_out]
    for name, words in exported.hypotheses.items():
        lines.append(f"Hypothesis {name}: {words}")
    return "\n".join(lines)


def _judged(exported: Exported, max_seconds: float) -> Judgement | None:
    from proofs_check.proofs.coq.judge import TimeIsUpError, judge

    with terminal_bar(f"coqc {exported.name}", 100) as update:

        def progress(share: float) -> None:
            if update is not None:
                update(completed=int(100 * share))

        try:
            return judge(exported, max_seconds, progress)
        except TimeIsUpError:
            print(
                f"proofs-check: time is up: coqc took more than {max_seconds:g} s (--max-seconds)",
                file=sys.stderr,
            )
            return None


def verdict(exported: Exported, judged: Judgement) -> str:
    """What Coq says, in words."""
    if not judged.accepted:
        return f"Coq {judged.coq} refuses it after {judged.seconds:.1f} s: {judged.message}"
    done, left = len(exported.steps), len(exported.left_out)
    words = "; ".join(exported.hypotheses.get(n, n) for n in judged.hypotheses) or "none"
    lines = [
        f"Coq {judged.coq}: {done} of {done + left} steps in {judged.seconds:.1f} s "
        f"({judged.cpu_seconds:.1f} s of CPU); hypotheses: {words}"
    ]
    lines += [f"Assumed, but not declared: {name}" for name in judged.undeclared]
    lines += [f"Declared, but not assumed: {name}" for name in judged.unused]
    return "\n".join(lines)


def coq_data(exported: Exported) -> dict[str, Any]:
    """An export as plain data."""
    return {
        "theorem": exported.theorem,
        "steps": list(exported.steps),
        "left_out": list(exported.left_out),
        "inferences": exported.inferences,
        "lemmas": exported.lemmas,
        "hypotheses": [{"name": n, "meaning": w} for n, w in exported.hypotheses.items()],
    }


def judgement_data(judged: Judgement) -> dict[str, Any]:
    """What Coq says, as plain data."""
    return {
        "accepted": judged.accepted,
        "message": judged.message,
        "assumed": list(judged.hypotheses),
        "undeclared": list(judged.undeclared),
        "unused": list(judged.unused),
        "standard": list(judged.standard),
        "seconds": round(judged.seconds, 3),
        "cpu_seconds": round(judged.cpu_seconds, 3),
        "version": judged.coq,
    }
