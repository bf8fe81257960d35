"""``proofs-check doctor``: what is installed, and a self-test of some seconds."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from proofs_check import exit_codes
from proofs_check.cli import arguments as shared

#: Extras for users, the distributions that each brings, and what each is for.
EXTRAS: dict[str, tuple[tuple[str, ...], str]] = {
    "plot": (("matplotlib",), "figures: pages, figures, reproduce"),
    "fast": (("numba",), "long float64 descents, compiled"),
    "report": (("jinja2", "latex2mathml", "markdown-it-py", "matplotlib"), "report"),
    "sweep": (("matplotlib", "polars", "pyarrow"), "sweep"),
    "cluster": (("dask", "distributed", "pyarrow"), "many machines; Parquet trajectories"),
    "shell": (("argcomplete",), "completion in the shell"),
}
#: Variables that say how many threads the libraries beneath NumPy use.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: Distributions that are always needed.
_NEEDED = ("filelock", "jsonschema", "psutil", "rich")


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``doctor``."""
    parser = shared.add_command(
        subparsers,
        "doctor",
        "Print versions, threads, and which extras are there, and run a self-test of some seconds: "
        "numbers against an identity, a proof replayed, a certificate checked and a forged one "
        "rejected, a control refuted. Exit code 0 if all of it passes, else 1.",
        "proofs-check doctor",
    )
    shared.add_max_seconds(parser)
    shared.add_json_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look, test, print."""
    from proofs_check.report import console
    from proofs_check.store.files import check_target, write_json

    check_target(arguments.json, "--json")
    stream = shared.human_output(arguments.json)

    def say(line: str, indent: str = "") -> None:
        lines = console.wrapped(line, console.width(stream), indent, indent + "  ")
        console.write_lines(lines, stream, colours=not arguments.quiet)

    found = environment()
    for line in _environment_text(found):
        say(line.strip(), line[: len(line) - len(line.lstrip())])
    say("Self-test:")
    results = []
    for name, test in TESTS.items():
        outcome = _tried(name, test)
        word = "passed" if outcome["passed"] else "FAILED"
        say(f"{name}: {word}, {outcome['seconds']:.1f} s; {outcome['detail']}", "  ")
        results.append(outcome)
    passed = all(outcome["passed"] for outcome in results)
    seconds = sum(outcome["seconds"] for outcome in results)
    ending = "all passed" if passed else "something is wrong with this installation"
    say(f"{ending}, {seconds:.1f} s in all")
    if arguments.json is not None:
        write_json({**found, "self_test": results, "passed": passed}, arguments.json)
    return exit_codes.HOLDS if passed else exit_codes.FAILS


def environment() -> dict[str, Any]:
    """Versions, threads, extras and programs that are there, as the JSON document has them.

    Examples
    --------
    >>> sorted(environment())
    ['extras', 'machine', 'programs', 'threads', 'versions']
    """
    from numerics.execution import usable_processors
    from numerics.execution.versions import MISSING, installed
    from proofs_check.store.versions import versions

    extras = [
        {
            "name": name,
            "for": purpose,
            "missing": [each for each, found in installed(packages).items() if found == MISSING],
            "install": f"pip install 'proofs-check[{name}]'",
        }
        for name, (packages, purpose) in EXTRAS.items()
    ]
    return {
        "versions": {**versions(), **installed(_NEEDED)},
        "machine": {"system": platform.platform(), "encoding": sys.stdout.encoding or "unknown"},
        "threads": {
            "processors": os.cpu_count() or 1,
            "usable": usable_processors(),
            "set": {name: os.environ[name] for name in _THREADS if name in os.environ},
        },
        "extras": extras,
        "programs": {"coqc": shutil.which("coqc")},
    }


def _environment_text(found: dict[str, Any]) -> Iterator[str]:
    yield "Versions: " + ", ".join(f"{name} {text}" for name, text in found["versions"].items())
    yield f"System: {found['machine']['system']}; output in {found['machine']['encoding']}"
    threads = found["threads"]
    limits = ", ".join(f"{name}={text}" for name, text in threads["set"].items())
    yield f"Processors: {threads['processors']}, usable {threads['usable']}" + (
        f"; {limits}" if limits else ""
    )
    yield "Extras:"
    for extra in found["extras"]:
        state = f"missing; {extra['install']}" if extra["missing"] else "there"
        yield f"  {extra['name']:<8} {state} ({extra['for']})"
    coqc = found["programs"]["coqc"]
    from proofs_check.proofs.coq.judge import INSTALL

    yield "Coq: " + (coqc or f"not found; only prove --check coq needs it ({INSTALL})")


def _tried(name: str, test: Callable[[], str]) -> dict[str, Any]:
    """Outcome of a test: what it says, or why it failed, whatever it raised."""
    start = time.monotonic()
    try:
        passed, detail = True, test()
    except Exception as error:
        passed, detail = False, " ".join(f"{type(error).__name__}: {error}".split())[:300]
    seconds = round(time.monotonic() - start, 3)
    return {"name": name, "passed": passed, "seconds": seconds, "detail": detail}


class WrongError(Exception):
    """A self-test found another result than the one that is known."""


def _numbers(backend: str, digits: int) -> str:
    """De Bruijn's identity, ``sum_j v_j . grad_j K = L``, at one mixture."""
    from fractions import Fraction

    from numerics import evaluate

    means = ("-3/4", "17/8")
    options: dict[str, Any] = {"weights": ["1/3", "2/3"], "digits": digits, "backend": backend}
    at = [[mean] for mean in means]
    gradient: Any = evaluate("kl", at, quantity="gradient", **options)
    loss: Any = evaluate("forward", at, **options)
    value = "mid" if backend == "ball" else "value"
    left = sum(
        Fraction(mean) * Fraction(str(row[0]))
        for mean, row in zip(means, getattr(gradient, value), strict=True)
    )
    gap = abs(left - Fraction(str(getattr(loss, value))))
    if not (gap <= Fraction(1, 10 ** (digits - 2)) and gradient.met and loss.met):
        raise WrongError(f"sum_j v_j . grad_j K and L differ by {float(gap):.1e}")
    return f"sum_j v_j . grad_j K = L to {float(gap):.0e}, errors as asked for"


def _proof() -> str:
    from proofs_check.proofs import catalogue
    from proofs_check.proofs.tactics.script import replay
    from proofs_check.verdict import Verdict

    found = replay(catalogue.proof("I1"))
    if found.verdict is not Verdict.PROVED:
        raise WrongError(f"I1 is {found.verdict}")
    return f"I1 PROVED, {len(found.outcomes)} steps replayed"


def _certificate() -> str:
    """Certify a descent, check the certificate, and one whose first mean was changed."""
    import json

    from numerics.descent.certificate import make_certificate
    from numerics.descent.result import RunOptions
    from numerics.descent.run import descend
    from proofs_check.certificates.checker import RejectedError, check
    from proofs_check.certificates.file_format import parse_certificate

    options = RunOptions(certify=True)
    means = [["3/2"], ["1"]]
    run = descend("forward", means, step_size="1/10", steps=9, backend="ball", options=options)
    made = make_certificate(run)
    if made is None:
        raise WrongError("the descent was not certified")
    accepted = check(parse_certificate(json.dumps(made)))
    try:
        check(parse_certificate(json.dumps(made | {"means": [["8/5"], ["1"]]})))
    except RejectedError:
        return f"{accepted.theorem} from step {accepted.step} on; a forged one is rejected"
    raise WrongError("a forged certificate was accepted")


def _control() -> str:
    from proofs_check.claim import Context, run_part
    from proofs_check.registry import get
    from proofs_check.verdict import Verdict

    claim = get("E6")
    control = claim.controls[0]
    verdict = run_part(claim, control, Context()).verdict
    if verdict is not Verdict.REFUTED:
        raise WrongError(f"{control.name} is {verdict}")
    return f"E6's control ({control.name}) REFUTED"


#: The self-test, by name.
TESTS: dict[str, Callable[[], str]] = {
    "float64": lambda: _numbers("float64", 14),
    "balls": lambda: _numbers("ball", 40),
    "proof": _proof,
    "certificate": _certificate,
    "control": _control,
}
