"""``proofs-check prove --check coq``: a proof, boxes of its cover, or the table of all proofs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending
from proofs_check.cli.bars import terminal_bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from proofs_check.proofs.coq.boxes import BoxFile
    from proofs_check.proofs.coq.export import Exported
    from proofs_check.proofs.coq.judge import Judgement
    from proofs_check.proofs.tactics.script import ScriptReplay

#: The longest that Coq may take unless told otherwise: several times what the longest proof needs.
COQ_SECONDS = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--check``, ``--boxes``, ``--record`` and ``--max-seconds``."""
    parser.add_argument(
        "--check",
        choices=("coq",),
        help="have coqc check the derivation, and compare what it assumed with what is declared; "
        "exit code 1 if Coq refuses it or they differ, 124 if the time is up; without NAME: "
        "every proof, as a table",
    )
    parser.add_argument(
        "--all", action="store_true", help="with --check: every proof, as without NAME"
    )
    parser.add_argument(
        "--boxes",
        type=_boxes,
        metavar="N|all",
        help="with --check coq: have CoqInterval prove what is claimed on N boxes of the proof's "
        "cover, drawn, or on all; with --format coq: write these lemmas instead of the proof",
    )
    parser.add_argument(
        "--record",
        metavar="FILE",
        help="with --check coq: write what Coq said of each proof, keyed by a digest "
        "of the exported file, for pages and reports; Coq is not asked again about a proof that "
        "stands there with the same digest",
    )
    parser.add_argument(
        "--max-seconds",
        type=shared.seconds,
        default=COQ_SECONDS,
        metavar="S",
        help="stop Coq then (default: %(default)g)",
    )


def _boxes(text: str) -> int | str:
    return text if text == "all" else shared.integer(1, 10**6)(text)


def check(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    everything = arguments.name is None or arguments.all
    for option in ("all", "record"):
        if getattr(arguments, option) and not arguments.check:
            raise InputError(f"--{option}", "given", "used with --check coq")
    if arguments.all and arguments.name is not None:
        raise InputError("--all", "given", "used without NAME")
    if arguments.boxes is None:
        return
    if everything or not (arguments.check or arguments.format == "coq"):
        raise InputError("--boxes", arguments.boxes, "used with NAME and --check coq")


def exported_of(found: ScriptReplay) -> Exported:
    """A replay for Coq, or a refusal."""
    from proofs_check.proofs.coq.export import export
    from proofs_check.proofs.kernel import ProofError

    try:
        return export(found)
    except ProofError as error:
        raise InputError("NAME", found.proof.name, f"a proof that Coq can read ({error})") from None


def box_file_of(found: ScriptReplay, boxes: int | str) -> BoxFile:
    """Lemmas about boxes, or a refusal."""
    from proofs_check.proofs.coq.boxes import box_file
    from proofs_check.proofs.kernel import ProofError

    try:
        return box_file(found, None if boxes == "all" else int(boxes))
    except ProofError as error:
        raise InputError("--boxes", boxes, f"used for a proof with a cover ({error})") from None


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


def judged(exported: Exported, max_seconds: float) -> Judgement | None:
    """What Coq says of a proof; ``None`` if the time is up."""
    from proofs_check.proofs.coq.judge import judge

    return _asked(exported.name, max_seconds, lambda bar: judge(exported, max_seconds, bar))


def judged_boxes(boxes: BoxFile, max_seconds: float) -> Judgement | None:
    """What Coq says of boxes; ``None`` if the time is up."""
    from proofs_check.proofs.coq.judge import judge_boxes

    name = f"{boxes.name}, {len(boxes.chosen)} boxes"
    return _asked(name, max_seconds, lambda bar: judge_boxes(boxes, max_seconds, bar))


def _asked(
    name: str, max_seconds: float, ask: Callable[[Callable[[float], None]], Judgement]
) -> Judgement | None:
    from proofs_check.proofs.coq.judge import TimeIsUpError

    with terminal_bar(f"coqc {name}", 100) as update:

        def progress(share: float) -> None:
            if update is not None:
                update(completed=int(100 * share))

        try:
            return ask(progress)
        except TimeIsUpError:
            ending.say(f"time is up: coqc took more than {max_seconds:g} s (--max-seconds)")
            return None


def verdict(exported: Exported, found: Judgement) -> str:
    """What Coq says, in words."""
    from proofs_check.proofs.coq.recorded import together

    if not found.accepted:
        return f"Coq {found.coq} refuses it after {found.seconds:.1f} s: {found.message}"
    done, left = len(exported.steps), len(exported.left_out)
    words = together(exported.hypotheses.get(n, n) for n in found.hypotheses)
    lines = [
        f"Coq {found.coq}: {done} of {done + left} steps in {found.seconds:.1f} s "
        f"({found.cpu_seconds:.1f} s of CPU); hypotheses: {words}"
    ]
    lines += [f"Assumed, but not declared: {name}" for name in found.undeclared]
    lines += [f"Declared, but not assumed: {name}" for name in found.unused]
    return "\n".join(lines)


def verdict_on_boxes(boxes: BoxFile, found: Judgement) -> str:
    """What Coq says of boxes, in words, and what all of them would take."""
    done, total = len(boxes.chosen), boxes.total
    if not found.accepted:
        return f"Coq {found.coq} refuses a box after {found.seconds:.1f} s: {found.message}"
    rest = "" if done == total else f"; all: about {found.cpu_seconds * total / done:.0f} s of CPU"
    lines = [
        f"Coq {found.coq} with CoqInterval: {done} of {total} boxes in {found.seconds:.1f} s "
        f"({found.cpu_seconds:.1f} s of CPU){rest}"
    ]
    return "\n".join(lines + [f"Assumed: {name}" for name in found.undeclared])


def data(exported: Exported) -> dict[str, Any]:
    """An export as plain data."""
    return {
        "theorem": exported.theorem,
        "sha256": exported.digest,
        "steps": list(exported.steps),
        "left_out": list(exported.left_out),
        "inferences": exported.inferences,
        "lemmas": exported.lemmas,
        "hypotheses": [{"name": n, "meaning": w} for n, w in exported.hypotheses.items()],
    }


def judgement_data(found: Judgement) -> dict[str, Any]:
    """What Coq says, as plain data."""
    return {
        "accepted": found.accepted,
        "message": found.message,
        "assumed": list(found.hypotheses),
        "undeclared": list(found.undeclared),
        "unused": list(found.unused),
        "standard": list(found.standard),
        "seconds": round(found.seconds, 3),
        "cpu_seconds": round(found.cpu_seconds, 3),
        "version": found.coq,
    }


def boxes_data(boxes: BoxFile, found: Judgement) -> dict[str, Any]:
    """Boxes and what Coq says of them, as plain data."""
    return {"boxes": list(boxes.chosen), "total": boxes.total} | judgement_data(found)


_HEAD = (
    "| proof | steps by Coq | inferences | lemmas | hypotheses | seconds | of CPU |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)


def run_all(arguments: argparse.Namespace) -> int:
    """Check every proof and print the table; exit code 1 if Coq refuses one."""
    from proofs_check.proofs import catalogue
    from proofs_check.proofs.coq.judge import coqc
    from proofs_check.proofs.coq.recorded import row
    from proofs_check.proofs.tactics.script import replay
    from proofs_check.store.files import write_json
    from proofs_check.verdict import Verdict

    coqc()
    before = _recorded(arguments.record)
    stream = shared.human_output(arguments.json)
    print("\n".join(_HEAD), file=stream, flush=True)
    rows: dict[str, Any] = {}
    refused = False
    for name in catalogue.names():
        found = replay(catalogue.proof(name))
        if found.verdict not in (Verdict.PROVED, Verdict.SUPPORTED):
            print(f"| {name} | the replay does not hold | | | | | |", file=stream, flush=True)
            refused = True
            continue
        exported = exported_of(found)
        rows[name] = before.get(name, {})
        why = ""
        if not (rows[name].get("holds") and rows[name].get("sha256") == exported.digest):
            answer = judged(exported, arguments.max_seconds)
            if answer is None:
                return exit_codes.TIME_UP
            rows[name], why = row(exported, answer), verdict_words(answer)
        refused = refused or not rows[name]["holds"]
        print(_row(name, rows[name], why), file=stream, flush=True)
        if arguments.record:
            write_json({"proofs": before | rows}, arguments.record, "--record")
    steps = sum(r["steps"] for r in rows.values() if r["holds"])
    total = sum(r["steps"] + len(r["left_out"]) for r in rows.values())
    print(f"| all | {steps} of {total} | | | | | |", file=stream)
    if arguments.json:
        write_json({"checked": rows}, arguments.json)
    return int(refused)


def record(target: str, exported: Exported, answer: Judgement) -> None:
    """Put what Coq said of one proof into a file; other rows stay."""
    from proofs_check.proofs.coq.recorded import row
    from proofs_check.store.files import write_json

    rows = _recorded(target) | {exported.name: row(exported, answer)}
    write_json({"proofs": rows}, target, "--record")


def _recorded(target: str | None) -> dict[str, Any]:
    """Rows of an earlier run in the same file: those of proofs that have not changed are kept."""
    from proofs_check.proofs.coq.recorded import read

    if target is None or not Path(target).is_file():
        return {}
    try:
        return dict(read(Path(target)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("--record", target, f"a table of this command ({error})") from None


def _row(name: str, found: dict[str, Any], why: str) -> str:
    from proofs_check.proofs.coq.recorded import together

    steps = f"{found['steps']} of {found['steps'] + len(found['left_out'])}"
    cells = (
        *(name, steps if found["holds"] else f"refused: {why}"),
        *(found["inferences"], found["lemmas"]),
        together(found["hypotheses"].values()).replace("|", r"\|"),
        *(f"{found[key]:.0f}" for key in ("seconds", "cpu_seconds")),
    )
    return f"| {' | '.join(map(str, cells))} |"


def verdict_words(answer: Judgement) -> str:
    """Why a check does not hold, in one line."""
    found = [f"{name} is assumed and not declared" for name in answer.undeclared]
    found += [f"{name} is declared and not assumed" for name in answer.unused]
    return "; ".join(found) or answer.message.replace("|", " ")
