"""Reports of a run: for people, as one JSON document, as JUnit XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from proofs_check.claim import Claim, Context
from proofs_check.loading.find import Found
from proofs_check.report.changes import Change
from proofs_check.runner import Run
from proofs_check.store.results import claim_to_data
from proofs_check.store.versions import versions
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Verdict


def human(run: Run) -> str:
    """Text for people: one block per claim, then a summary."""
    together = zip(run.found, run.results, strict=True)
    lines = [line for found, result in together for line in _block(found.claim, result)]
    return "\n".join([*lines, *_summary(run)])


def document(run: Run, context: Context, changes: Sequence[Change] | None = None) -> dict[str, Any]:
    """Return the JSON document; its schema is ``proofs_check/schemas/verify.json``."""
    compared = {} if changes is None else {"changes": [asdict(change) for change in changes]}
    return {
        "complete": run.complete,
        "exit_code": run.exit_code,
        "claims": [
            {**claim_to_data(result, found.claim.title), "source": _source(found)}
            for found, result in zip(run.found, run.results, strict=True)
        ],
        "not_refuted": [
            {"claim": identifier, "control": control.name, "verdict": control.verdict.value}
            for identifier, control in not_refuted(run)
        ],
        "errors": _errors(run),
        "environment": {
            "versions": versions(),
            "budget": context.budget,
            "digits": context.digits,
            "seed": context.seed,
            "stopped": run.stopped,
            "resumed": run.resumed,
            "in_this_process": dict(run.here),
            "seconds": round(run.seconds, 3),
        },
        **compared,
    }


def _source(found: Found) -> str | None:
    return None if found.source is None else found.source.name


def _errors(run: Run) -> list[dict[str, str]]:
    """What kept the run from being whole: faults in claims, and its end before all was done."""
    errors = [
        {"claim": claim, "part": part, "message": message}
        for (claim, part), message in run.errors.items()
    ]
    if not run.complete:
        errors.append({"claim": "", "part": "", "message": f"stopped early: {run.stopped}"})
    return errors


def not_refuted(run: Run) -> tuple[tuple[str, ControlResult], ...]:
    """Return the controls that did not do their work, each with its claim's identifier."""
    return tuple(
        (result.identifier, control)
        for result in run.results
        for control in result.controls
        if not control.refuted
    )


def junit(run: Run) -> str:
    """JUnit XML: a test suite per claim, a test case per check and control.

    What is inconclusive is a failure; what could not be run, and a run that was stopped, an error.
    """
    suites = ElementTree.Element("testsuites", name="proofs-check", time=f"{run.seconds:.3f}")
    for result in run.results:
        suite = ElementTree.SubElement(
            suites, "testsuite", name=result.identifier, time=f"{result.seconds:.3f}"
        )
        for check in result.checks:
            case = _case(suite, result, check.name, check)
            if check.verdict in (Verdict.REFUTED, Verdict.INCONCLUSIVE):
                _outcome(case, _kind(run, result, check.name), check)
        for control in result.controls:
            case = _case(suite, result, f"control: {control.name}", control.result)
            if not control.refuted:
                kind = _kind(run, result, control.name)
                _outcome(case, kind, control.result, "a control should be REFUTED, is ")
    if not run.complete:
        suite = ElementTree.SubElement(suites, "testsuite", name="run", time="0.000")
        case = ElementTree.SubElement(
            suite, "testcase", classname="proofs_check", name="complete", time="0.000"
        )
        ElementTree.SubElement(case, "error", message=f"stopped early: {run.stopped}")
    for suite in suites:
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(sum(1 for _ in suite.iter("failure"))))
        suite.set("errors", str(sum(1 for _ in suite.iter("error"))))
        suite.set("skipped", "0")
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _kind(run: Run, result: ClaimResult, part: str) -> str:
    return "error" if (result.identifier, part) in run.errors else "failure"


def part_text(name: str, outcome: CheckResult | ControlResult) -> str:
    """Text for people about one check or control, by its name."""
    return "\n".join(
        _control(name, outcome) if isinstance(outcome, ControlResult) else _check(name, outcome)
    )


def _block(claim: Claim, result: ClaimResult) -> Iterator[str]:
    yield f"{result.identifier}  {result.verdict}  ({result.method})  {claim.title}"
    yield f"    {claim.statement}  [{claim.source}]"
    for check in result.checks:
        yield from _check(check.name, check)
    for control in result.controls:
        yield from _control(control.name, control)
    yield ""


def _check(name: str, check: CheckResult) -> Iterator[str]:
    yield f"    check    {_line(name, check)}"
    yield from (f"             {note}" for note in check.notes)


def _control(name: str, control: ControlResult) -> Iterator[str]:
    missing = "" if control.refuted else "   <- should be REFUTED"
    yield f"    control  {_line(name, control.result)}{missing}"
    yield f"             change: {control.change}"
    yield from (f"             {note}" for note in control.result.notes)


def _line(name: str, result: CheckResult) -> str:
    parts = [f"{result.verdict!s:<12}  {name}: {result.method.value}"]
    if result.scope:
        parts.append(result.scope)
    if result.digits is not None:
        parts.append(f"{result.digits} digits")
    if result.margin is not None:
        parts.append(f"margin {result.margin}")
    parts.append(f"{result.seconds:.1f} s")
    return ", ".join(parts)


def _summary(run: Run) -> Iterator[str]:
    verdicts = [result.verdict for result in run.results]
    counts = [f"{verdicts.count(v)} {v}" for v in Verdict if v in verdicts]
    controls = [control for result in run.results for control in result.controls]
    missing = not_refuted(run)
    yield f"{len(verdicts)} claims: {', '.join(counts)}."
    rest = "as they should be" if not missing else "as all should be"
    yield f"{len(controls) - len(missing)} of {len(controls)} controls REFUTED, {rest}."
    for identifier, control in missing:
        yield f"{identifier} control is {control.verdict}, not REFUTED: {control.name}."
    for result in run.results:
        if result.verdict in (Verdict.SUPPORTED, Verdict.INCONCLUSIVE, Verdict.REFUTED):
            deciding = [c.name for c in result.checks if c.verdict is result.verdict]
            yield f"{result.identifier} is {result.verdict} because of: {', '.join(deciding)}."
    for (identifier, part), message in run.errors.items():
        yield f"{identifier} {part} could not be run: {message}"
    for identifier, reason in run.here.items():
        yield f"{identifier} ran in this process, where nothing ends a check that hangs: {reason}."
    if run.resumed:
        yield f"{run.resumed} checks and controls were finished by an earlier run."
    if not run.complete:
        why = {"interrupted": "Interrupted", "max-seconds": "The time of the run was up"}
        yield f"{why.get(run.stopped, run.problem)}: what was not finished is INCONCLUSIVE."


def _case(
    suite: ElementTree.Element, result: ClaimResult, name: str, check: CheckResult
) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"proofs_check.{result.identifier}",
        name=name,
        time=f"{check.seconds:.3f}",
    )


def _outcome(case: ElementTree.Element, kind: str, check: CheckResult, before: str = "") -> None:
    message = f"{before}{check.verdict} ({check.method.value})"
    element = ElementTree.SubElement(case, kind, message=message)
    element.text = "\n".join(check.notes)
