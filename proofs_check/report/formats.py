"""Reports of a run: for people, as one JSON document, as JUnit XML."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from numerics.markup import counted
from numerics.visible import visible
from proofs_check.claim import Claim, Context
from proofs_check.formulas.mixed import plain
from proofs_check.loading.find import Found
from proofs_check.report import console as terminal
from proofs_check.report.changes import Change
from proofs_check.runner import Run
from proofs_check.store.results import claim_to_data
from proofs_check.store.versions import versions
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Verdict

#: Narrowest output whose table has titles in it.
_WITH_TITLES = 72


def human(run: Run, *, details: bool = True) -> str:
    """Text for people, as `show` prints it where there is no terminal."""
    text = io.StringIO()
    show(run, text, details=details, colours=False)
    return text.getvalue().rstrip("\n")


def show(run: Run, stream: Any, *, details: bool = False, colours: bool = True) -> None:
    """Print for people: a table of the claims, what is open or wrong in full, then a summary.

    Parameters
    ----------
    run : Run
    stream : text stream
    details : bool
        Whether every claim is shown in full, with its checks and controls.
    colours : bool
        Whether verdicts are coloured where the stream takes colours.
    """
    columns = terminal.width(stream)
    terminal.write_lines(_shown(run, columns, details=details), stream, colours=colours)


def _shown(run: Run, columns: int, *, details: bool) -> Iterator[str]:
    yield from _table(run, columns)
    yield ""
    for found, result in zip(run.found, run.results, strict=True):
        wanted = tuple(part for part in _parts(result) if details or _needs_a_look(part, run))
        if wanted:
            yield from _block(found.claim, result, wanted, columns)
    for line in _summary(run):
        yield from terminal.wrapped(line, columns, "", "  ")
    for (identifier, part), message in run.errors.items():  # whole: it ends with a place in a file
        yield f"{identifier} {part} could not be run: {message}"


def _parts(result: ClaimResult) -> tuple[CheckResult | ControlResult, ...]:
    return (*result.checks, *result.controls)


def _needs_a_look(part: CheckResult | ControlResult, run: Run) -> bool:
    """Whether a part is open or wrong; of a run that was stopped, only whether it is wrong."""
    if part.verdict is Verdict.INCONCLUSIVE:
        return run.complete
    return (part.verdict is Verdict.REFUTED) is not isinstance(part, ControlResult)


def _table(run: Run, most: int) -> Iterator[str]:
    """A row a claim: what it says, by which check, and how many controls are refuted."""
    columns = ["claim", "title", "verdict", "weakest check", "controls"]
    rows = []
    for found, result in zip(run.found, run.results, strict=True):
        refuted = sum(control.refuted for control in result.controls)
        counts = f"{refuted} of {len(result.controls)}"
        word = result.verdict.value
        rows.append([result.identifier, found.claim.title, word, _weakest(result), counts])
    if most < _WITH_TITLES:
        columns, rows = [columns[0], *columns[2:]], [[row[0], *row[2:]] for row in rows]
    return terminal.table(columns, rows, ("claim", "verdict", "controls"), most)


def _weakest(result: ClaimResult) -> str:
    """The check that keeps a claim from a stronger verdict, or how all were proved."""
    if result.verdict is Verdict.PROVED:
        return f"all proved ({result.method})"
    deciding = [check.name for check in result.deciding if check.verdict is result.verdict]
    if not deciding:
        return "none"
    more = f", {len(deciding) - 1} more" if len(deciding) > 1 else ""
    return f"{deciding[0]}{more} ({result.method})"


def document(run: Run, context: Context, changes: Sequence[Change] | None = None) -> dict[str, Any]:
    """Return the JSON document; its schema is ``proofs_check/schemas/verify.json``."""
    compared = {} if changes is None else {"changes": [asdict(change) for change in changes]}
    return {
        "complete": run.complete,
        "exit_code": run.exit_code,
        "claims": [
            {
                **claim_to_data(result, found.claim.title),
                "source": _source(found),
                **_code(run, result),
            }
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
            **({"sources": run.recorded.sources} if run.recorded.sources else {}),
        },
        **compared,
    }


def _source(found: Found) -> str | None:
    return None if found.source is None else found.source.name


def _code(run: Run, result: ClaimResult) -> dict[str, Any]:
    """The code that a result is of, where the run recorded it."""
    code = run.recorded.claims.get(result.identifier)
    return {} if code is None else {"code": code.to_data()}


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
    return visible(ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)) + "\n"


def _kind(run: Run, result: ClaimResult, part: str) -> str:
    return "error" if (result.identifier, part) in run.errors else "failure"


def part_text(name: str, outcome: CheckResult | ControlResult) -> str:
    """Text for people about one check or control, by its name; its lines are not broken."""
    return "\n".join(_part(name, outcome, _UNBROKEN))


#: Columns of a line that is never broken.
_UNBROKEN = 10**6


def _block(
    claim: Claim, result: ClaimResult, parts: Sequence[CheckResult | ControlResult], columns: int
) -> Iterator[str]:
    """A claim's statement, and some of its checks and controls, broken to the width."""
    head = f"{result.identifier}  {result.verdict}  ({result.method})  {claim.title}"
    yield from terminal.wrapped(head, columns, "", "    ")
    yield from terminal.wrapped(
        f"{plain(claim.statement)}  [{plain(claim.source)}]", columns, "    "
    )
    for part in parts:
        yield from _part(part.name, part, columns)
    yield ""


def _part(name: str, part: CheckResult | ControlResult, columns: int) -> Iterator[str]:
    """A check or control with its notes."""
    if isinstance(part, CheckResult):
        line, notes = f"    check    {_line(name, part)}", part.notes
    else:
        missing = () if part.refuted else ("<- should be REFUTED",)
        line = f"    control  {_line(name, part.result)}"
        notes = (*missing, f"change: {part.change}", *part.result.notes)
    yield from terminal.wrapped(line, columns, "", " " * 13)
    for note in notes:
        yield from terminal.wrapped(note, columns, " " * 13, " " * 15)


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
    yield f"{counted(len(verdicts), 'claim')}: {', '.join(counts)}."
    rest = "as they should be" if not missing else "as all should be"
    yield f"{len(controls) - len(missing)} of {len(controls)} controls REFUTED, {rest}."
    for identifier, control in missing:
        yield f"{identifier} control is {control.verdict}, not REFUTED: {control.name}."
    for result in run.results:
        if result.verdict in (Verdict.SUPPORTED, Verdict.INCONCLUSIVE, Verdict.REFUTED):
            deciding = [c.name for c in result.checks if c.verdict is result.verdict]
            yield f"{result.identifier} is {result.verdict} because of: {', '.join(deciding)}."
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
