"""``proofs-check descend``: gradient descent on a population loss, and each component's fate."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from numerics.numbers.exact import rational_text
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending, from_file
from proofs_check.cli.bars import stepped_bar
from proofs_check.statements.exact_text import bound_text, exact_rational, measured, with_error
from proofs_check.store.files import STDOUT, check_target, write_json
from proofs_check.store.versions import versions

if TYPE_CHECKING:
    from numerics.descent.result import Descent
    from numerics.numbers.arithmetic import Arithmetic, Array

EXAMPLE = """\
proofs-check descend --objective forward --means '[["6.0000005"], ["5.9999995"]]' \\
      --step-size 0.1 --steps 400 --every 10 --out run.csv"""

_NOTES = """
The teacher is N(mu*, I) (--teacher-mean), seen through noise of time t (--time):
v = e^-t (mu - mu*), and a step eta in mu is a step eta e^-2t in v. With a mixture (--teacher)
mu* is its overall mean, and distances are to the nearest of its means. FILE.checkpoint beside --out
FILE (and the trajectory so far, FILE.part) is written at once, then every ten seconds at least, and
when the run is stopped; the same command with --resume continues it bit for bit."""

#: It keeps --max-seconds itself.
ENDS_IN_TIME = True


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``descend``."""
    parser = shared.add_command(
        subparsers,
        "descend",
        "Gradient descent with the exact population gradient. Each component's fate is converged, "
        "escaped, undecided, or (numerically) a local optimum, with the criterion that decided.",
        EXAMPLE + "\n" + _NOTES,
    )
    from_file.add_objective(parser)
    shared.add_mixture(parser)
    parser.add_argument(
        "--time", default="0", metavar="T", help="noise time t, at least 0 (default: 0)"
    )
    parser.add_argument(
        "--step-size",
        required=True,
        metavar="ETA",
        help='step in mu, or a schedule "0:0.1,1000:0.05" (0.05 from step 1000 on)',
    )
    parser.add_argument("--steps", required=True, type=shared.integer(1), metavar="N")
    shared.add_precision(parser)
    shared.add_max_nodes(parser)
    _add_recording(parser)
    _add_certifying(parser)
    shared.add_json_output(parser)


def _add_recording(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", help="trajectory: .npz, .csv or .parquet")
    parser.add_argument(
        "--every",
        type=shared.integer(1),
        metavar="K",
        help="record every K steps (default: so that there are at most about 1000 rows)",
    )
    parser.add_argument(
        "--max-seconds", type=shared.seconds, metavar="S", help="stop then and save a checkpoint"
    )
    unfinished = parser.add_mutually_exclusive_group()
    unfinished.add_argument(
        "--resume", action="store_true", help="continue from the checkpoint beside --out"
    )
    unfinished.add_argument(
        "--overwrite",
        action="store_true",
        help="drop what an unfinished run has left for --out; without either of the two a new run "
        "over it is refused",
    )


def _add_certifying(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--certify",
        action="store_true",
        help="ball backend: stop at the first step from which a theorem provably decides the fates",
    )
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        help="with --certify: write the certificate, for proofs-check check-certificate",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    from numerics.descent.result import RunOptions
    from numerics.descent.run import descend

    check_target(arguments.json, "--json")
    check_target(arguments.certificate, "--certificate")
    if arguments.certificate is not None and not arguments.certify:
        raise InputError("--certificate", arguments.certificate, "together with --certify")
    if STDOUT == arguments.certificate == arguments.json:
        raise InputError("--certificate", STDOUT, "a file, when --json writes to standard output")
    documents: list[dict[str, Any]] = []

    def deliver(result: Descent) -> None:
        document = describe(result, arguments.out)
        documents.append(document)
        if arguments.certificate is not None and document["certificate"] is not None:
            write_json(document["certificate"], arguments.certificate, "--certificate")
        if arguments.json is not None:
            write_json(document, arguments.json)

    with (
        ending.stop_on_signal(arguments.max_seconds) as stop,
        stepped_bar("descend", arguments.steps) as progress,
    ):
        result = descend(
            from_file.objective(arguments),
            shared.read_json_list(arguments.means, "--means"),
            step_size=arguments.step_size,
            steps=arguments.steps,
            weights=shared.read_optional_list(arguments.weights, "--weights"),
            teacher=from_file.teacher(arguments),
            time=arguments.time,
            digits=arguments.digits,
            backend=arguments.backend,
            max_nodes=arguments.max_nodes,
            options=RunOptions(
                out=None if arguments.out is None else Path(arguments.out),
                every=arguments.every,
                resume=arguments.resume,
                overwrite=arguments.overwrite,
                max_seconds=arguments.max_seconds,
                stop=lambda: stop() == "interrupted",
                progress=progress,
                certify=arguments.certify,
                deliver=deliver,
            ),
        )
    if arguments.json != STDOUT:
        print(_summary(documents[-1]))
    certified = documents[-1]["certificate"] is not None
    if arguments.certify and result.finished and not certified:
        note = next((fate.note for fate in result.fates if fate.fate == "undecided"), "")
        print(f"no certificate: {note}", file=sys.stderr)
    if not result.finished:
        print(_unfinished(result), file=sys.stderr)
    if not result.finished:
        return ending.code_of(result.stopped)
    return exit_codes.OPEN if arguments.certify and not certified else exit_codes.HOLDS


def describe(result: Descent, out: str | None = None) -> dict[str, Any]:
    """Return the JSON document of a descent: numbers as decimal strings."""
    from numerics.descent.certificate import make_certificate

    problem, arithmetic = result.problem, result.arithmetic
    with arithmetic.context():
        stretches = [
            {
                "from_step": start,
                "in_mu": rational_text(value),
                "in_v": _number(problem.paper.centred_step(value, arithmetic), arithmetic, 15),
            }
            for start, value in zip(problem.schedule.starts, problem.schedule.values, strict=True)
        ]
        nearest, distances = _nearest(result)
        means = _matrix(result.means, arithmetic, problem.digits)
        centred_means = _matrix(result.centred_means, arithmetic, problem.digits)
        loss = _number(result.loss, arithmetic, problem.digits)
        clusters = [
            {
                "components": list(cluster.components),
                "centre": [_number(entry, arithmetic, problem.digits) for entry in cluster.centre],
                "deviations": _matrix(cluster.deviations, arithmetic, problem.digits),
            }
            for cluster in result.clusters
        ]
    # With a mixture teacher a component may have no criterion where another has one.
    first = next((fate for fate in result.fates if fate.criterion != "none"), result.fates[0])
    return {
        "objective": problem.objective_name,
        "fates": [fate.fate for fate in result.fates],
        "criterion": {
            "name": first.criterion,
            "statement": first.statement,
            "basis": first.basis,
        },
        "notes": [fate.note for fate in result.fates],
        "reached": [fate.reached for fate in result.fates],
        "nearest_teacher": nearest,
        "distances": distances,
        "means": means,
        "centred_means": centred_means,
        "clusters": clusters,
        "loss": loss,
        "loss_error": _error(result.loss_error),
        "means_error": _error(result.means_error),
        "steps": result.steps,
        "steps_requested": problem.steps,
        "stopped": result.stopped,
        "tau": result.tau_text,
        "digits": _digits(result),
        "working_digits": result.working_digits,
        "discarded_working_digits": list(result.attempts),
        "backend": problem.backend,
        "parameterization": result.working_digits_text,
        "step_size": stretches,
        "normalization": problem.normalization,
        "time": rational_text(problem.paper.time),
        "teacher_mean": [rational_text(entry) for entry in problem.paper.teacher_mean],
        "teacher": {
            "means": [[rational_text(entry) for entry in row] for row in problem.teacher.means],
            "weights": [rational_text(weight) for weight in problem.teacher.weights],
        },
        "weights": [rational_text(weight) for weight in problem.weights],
        "rank": problem.reduction.rank,
        "nodes": result.nodes,
        "seed": problem.seed if problem.reduction.rank > 3 else None,
        "out": out if result.finished else None,
        "checkpoint": None if result.checkpoint is None else str(result.checkpoint),
        "certificate": make_certificate(result),
        "seconds": round(result.seconds, 3),
        "versions": versions(),
    }


def _error(value: Any) -> str | None:
    return None if value is None else bound_text(exact_rational(value), 2)


def _digits(result: Descent) -> int:
    """The digits asked for, or those that sampling leaves of loss and means."""
    digits = result.problem.digits
    if result.means_error is None:
        return digits
    loss = float(result.loss_error) / max(1.0, abs(float(result.loss)))
    means = result.means_error / max(1.0, float(abs(result.means).max()))
    worst = max(loss, means)
    return digits if not worst else max(0, min(digits, math.floor(-math.log10(worst))))


def _nearest(result: Descent) -> tuple[list[int], list[str | dict[str, str]]]:
    """Each component's nearest teacher mean, and the distance ``e^-t |mu_i - theta|`` to it."""
    problem, arithmetic = result.problem, result.arithmetic
    teacher = arithmetic.array(
        [[arithmetic.number(entry) for entry in row] for row in problem.centred_teacher]
    ) * problem.paper.scale(arithmetic)
    indices, distances = [], []
    for row in result.centred_means:
        candidates = [arithmetic.norm(row - mean) for mean in teacher]
        uppers = [arithmetic.bounds(value)[1] for value in candidates]
        indices.append(uppers.index(min(uppers)))
        distances.append(_number(candidates[indices[-1]], arithmetic, problem.digits))
    return indices, distances


def _number(value: Any, arithmetic: Arithmetic, digits: int) -> str | dict[str, str]:
    text = arithmetic.text(value, digits)
    if not arithmetic.rigorous:
        return text
    return {"mid": text, "rad": arithmetic.radius_text(value, digits)}


def _matrix(values: Array, arithmetic: Arithmetic, digits: int) -> Any:
    mid = [[arithmetic.text(entry, digits) for entry in row] for row in values]
    if not arithmetic.rigorous:
        return mid
    rad = [[arithmetic.radius_text(entry, digits) for entry in row] for row in values]
    return {"mid": mid, "rad": rad}


def _summary(document: dict[str, Any]) -> str:
    criterion, digits, error = document["criterion"], document["digits"], document["means_error"]
    mixture = len(document["teacher"]["means"]) > 1

    def shown(number: str | dict[str, str], absolute: bool = False) -> str:
        if error is not None:
            return with_error(str(number), error)
        return (_shown_absolute if absolute else _shown)(number, digits)

    rows = [", ".join(shown(number) for number in row) for row in _entries(document["means"])]
    distances = [shown(number, mixture) for number in document["distances"]]
    lines = [
        f"{document['steps']} of {document['steps_requested']} steps, tau = {document['tau']}, "
        f"loss = {_loss(document)}",
        *(
            f"component {i}: {fate}, mean [{row}], distance {distance}{where}"
            for i, (fate, row, distance, where) in enumerate(
                zip(document["fates"], rows, distances, _places(document), strict=True)
            )
        ),
        f"criterion: {criterion['name']} ({criterion['basis']}): {criterion['statement']}",
        *_notes(document),
        f"normalization: {document['normalization']}",
        f"parameterization: {document['parameterization']}",
        *_sampled(document),
    ]
    if document["out"]:
        lines.append(f"trajectory: {document['out']}")
    return "\n".join(lines)


def _loss(document: dict[str, Any]) -> str:
    """The loss with its error where that is known; none is negative."""
    loss, error, digits = document["loss"], document["loss_error"], document["digits"]
    if document["means_error"] is not None:
        return with_error(loss, error)
    absolute = len(document["teacher"]["means"]) > 1 or document["objective"] == "kl"
    if not isinstance(loss, str) or not (absolute or Decimal(loss) < 0):
        return _shown(loss, digits)
    if Decimal(loss) <= Decimal(error):
        least = max(Decimal(error), abs(Decimal(loss)), Decimal(f"1e-{digits}"))
        return f"below {bound_text(Fraction(least), 1)}"
    return _shown_absolute(loss, digits)


def _sampled(document: dict[str, Any]) -> Iterator[str]:
    if document["means_error"] is not None:
        yield (
            f"sampled: about {document['digits']} digits; errors are those of quasi-Monte Carlo, "
            "of the means summed over the steps without their amplification"
        )


def _places(document: dict[str, Any]) -> list[str]:
    """Say, for a mixture teacher, which of its means each distance is to."""
    if len(document["teacher"]["means"]) == 1:
        return [""] * len(document["nearest_teacher"])
    return [f" from teacher component {index}" for index in document["nearest_teacher"]]


def _notes(document: dict[str, Any]) -> Iterator[str]:
    """Say of undecided components what is missing, of local optima the numbers."""
    for note in dict.fromkeys(filter(None, document["notes"])):
        concerned = [i for i, text in enumerate(document["notes"]) if text == note]
        names = f"component{'s' * (len(concerned) > 1)} {', '.join(map(str, concerned))}"
        yield f"{names} {document['fates'][concerned[0]]}: {note}"


def _entries(matrix: Any) -> list[list[str | dict[str, str]]]:
    """Numbers of a matrix, row by row."""
    if not isinstance(matrix, dict):
        return list(matrix)
    return [
        [{"mid": mid, "rad": rad} for mid, rad in zip(*rows, strict=True)]
        for rows in zip(matrix["mid"], matrix["rad"], strict=True)
    ]


def _shown(number: str | dict[str, str], digits: int) -> str:
    """A number with its error; without one, no more digits than were asked for."""
    if isinstance(number, str):
        return measured(number, "0", digits)[0]
    return with_error(number["mid"], number["rad"])


def _shown_absolute(number: str | dict[str, str], digits: int) -> str:
    """A number that may be a small difference of ones that are not: no digits below 10^-digits."""
    if not isinstance(number, str):
        return _shown(number, digits)
    least = f"1e{max(0, Decimal(number).adjusted()) - digits}"
    value = measured(number, least)[0]
    return f"below {least}" if value == "0" else value


def _unfinished(result: Descent) -> str:
    reason = {"max-seconds": "time is up", "interrupted": "interrupted"}[result.stopped]
    if result.checkpoint is None:
        return f"{reason} after {result.steps} steps; without --out nothing is saved to resume from"
    return f"{reason} after {result.steps} steps; {result.checkpoint} saved, --resume continues"
