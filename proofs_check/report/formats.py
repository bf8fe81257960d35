"""Reports of a run: for people, as one JSON document, as JUnit XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from proofs_check.claim import Context
from proofs_check.registry import get
from proofs_check.report.changes import Change
from proofs_check.runner import Run
from proofs_check.store.results import claim_to_data
from proofs_check.store.versions import versions
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Verdict


def human(run: Run) -> str:
    """Text for people: one block per claim, then a summary."""
    lines = [line for result in run.results for line in _block(result)]
    return "\n".join([*lines, *_summary(run)])


def document(run: Run, context: Context, changes: Sequence[Change] | None = None) -> dict[str, Any]:
    """Return the JSON document; its schema is ``proofs_check/schemas/verify.json``."""
    compared = {} if changes is None else {"changes": [asdict(change) for change in changes]}
    return {
        "claims": [claim_to_data(result) for result in run.results],
        "not_refuted": [
            {"claim": identifier, "control": control.name, "verdict": control.verdict.value}
            for identifier, control in not_refuted(run)
        ],
        "environment": {
            "versions": versions(),
            "budget": context.budget,
            "digits": context.digits,
            "seed": context.seed,
            "stopped": run.stopped,
            "resumed": run.resumed,
            "seconds": round(run.seconds, 3),
        },
        **compared,
    }


def not_refuted(run: Run) -> tuple[tuple[str, ControlResult], ...]:
    """Return the controls that did not do their work, each with its claim's identifier."""
    return tuple(
        (result.identifier, control)
        for result in run.results
        for control in result.controls
        if not control.refuted
    )


def junit(run: Run, *, strict: bool = False) -> str:
    """JUnit XML: a test suite per claim, a test case per check and control.

    Parameters
    ----------
    run : Run
        What was run.
    strict : bool
        Whether an inconclusive check is a failure, or skipped.
    """
    suites = ElementTree.Element("testsuites", name="proofs-check", time=f"{run.seconds:.3f}")
    for result in run.results:
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=result.identifier,
            tests=str(len(result.checks) + len(result.controls)),
            time=f"{result.seconds:.3f}",
        )
        for check in result.checks:
            case = _case(suite, result, check.name, check)
            if check.verdict is Verdict.REFUTED:
                _outcome(case, "failure", check)
            elif check.verdict is Verdict.INCONCLUSIVE:
                _outcome(case, "failure" if strict else "skipped", check)
        for control in result.controls:
            case = _case(suite, result, f"control: {control.name}", control.result)
            if not control.refuted:
                _outcome(case, "failure", control.result, "a control should be REFUTED, is ")
        failures = sum(1 for _ in suite.iter("failure"))
        suite.set("failures", str(failures))
        suite.set("skipped", str(sum(1 for _ in suite.iter("skipped"))))
        suite.set("errors", "0")
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def exit_code(run: Run, *, strict: bool = False) -> int:
    """0, or 1 when a claim is refuted, a control is not, or (strict) a claim is inconclusive.

    130 when the run was stopped early, unless what was finished already says 1.
    """
    open_verdict = None if run.complete else Verdict.INCONCLUSIVE
    for result in run.results:
        if result.verdict is Verdict.REFUTED:
            return 1
        if strict and result.verdict is Verdict.INCONCLUSIVE and run.complete:
            return 1
        if not all(c.refuted or c.verdict is open_verdict for c in result.controls):
            return 1
    return 0 if run.complete else 130


def _block(result: ClaimResult) -> Iterator[str]:
    claim = get(result.identifier)
    yield f"{result.identifier}  {result.verdict}  ({result.method})  {claim.title}"
    yield f"    {claim.statement}  [{claim.source}]"
    for check in result.checks:
        yield f"    check    {_line(check.name, check)}"
        yield from (f"             {note}" for note in check.notes)
    for control in result.controls:
        missing = "" if control.refuted else "   <- should be REFUTED"
        yield f"    control  {_line(control.name, control.result)}{missing}"
        yield f"             change: {control.change}"
        yield from (f"             {note}" for note in control.result.notes)
    yield ""


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
    if run.resumed:
        yield f"{run.resumed} checks and controls were finished by an earlier run."
    if not run.complete:
        why = "Interrupted" if run.stopped == "interrupted" else "The time of the run was up"
        yield f"{why}: what was not finished is INCONCLUSIVE."


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
