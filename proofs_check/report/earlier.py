"""Reports of earlier runs, read back: for pages, and to say what changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numerics.documents import DocumentError, read_document
from numerics.errors import InputError
from numerics.markup import counted
from proofs_check.claim import Context
from proofs_check.report.changes import Change, compare
from proofs_check.report.pages import SETTINGS_SCHEMA, Settings
from proofs_check.run.code import CODE_SCHEMA, UNRECORDED, Recorded
from proofs_check.runner import Run
from proofs_check.store.results import claim_from_data
from proofs_check.verdict import ClaimResult

#: What such a file is called in errors.
REPORT = "a report that proofs-check verify --json wrote"
#: What is read of a report; of each claim `proofs_check.store.results` checks the rest.
REPORT_SCHEMA = {
    "type": "object",
    "required": ["claims", "environment"],
    "properties": {
        "claims": {"type": "array", "items": {"properties": {"code": CODE_SCHEMA}}},
        "environment": {
            "type": "object",
            "required": ["budget", "digits", "seed"],
            "properties": {**SETTINGS_SCHEMA, "sources": {"type": "string"}},
        },
    },
}


@dataclass(frozen=True)
class Earlier:
    """Results of an earlier run, its settings, and the code that it was of."""

    results: dict[str, ClaimResult]
    settings: Settings
    recorded: Recorded = UNRECORDED

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Earlier:
        """What stands in a report, as its schema has it.

        Raises
        ------
        DocumentError
            If a result says more than its method can give.
        """
        environment = document["environment"]
        results = map(claim_from_data, document["claims"])
        return cls(
            {result.identifier: result for result in results},
            Settings(environment["budget"], environment["digits"], environment["seed"]),
            Recorded.read(document),
        )


def read(path: str, argument: str = "--against") -> Earlier:
    """Read a ``verify --json`` report.

    Raises
    ------
    InputError
        If the file cannot be read, is no such report, or holds a result that says more than its
        method can give.
    """
    try:
        return Earlier.of_document(read_document(Path(path), REPORT_SCHEMA))
    except DocumentError as error:
        raise InputError(argument, path, f"{REPORT} ({error})") from error


def changes(earlier: Earlier, run: Run, *, all_claims: bool) -> tuple[Change, ...]:
    """Return what changed; of a run that was stopped early, only what it finished.

    A part that was not finished is not worse.
    """
    found = compare(earlier.results, run.results, all_claims=all_claims)
    found = (*code_changes(earlier.recorded, run.recorded), *found)
    if run.complete:
        return found
    return tuple(change for change in found if change.after != "INCONCLUSIVE")


def code_changes(before: Recorded, now: Recorded) -> tuple[Change, ...]:
    """Claims that say something else than then, or whose files have changed: by digest."""
    return tuple(
        Change(
            name, "", "text" if then.texts != code.texts else "code", str(then), str(code), "other"
        )
        for name, code in now.claims.items()
        for then in [before.claims.get(name, code)]
        if then != code
    )


def code_differs(before: Recorded, now: Recorded) -> str:
    """Whether two runs were of the same code of this package, in words; empty if they were.

    Examples
    --------
    >>> code_differs(Recorded("a1"), Recorded("a1"))
    ''
    >>> code_differs(Recorded(), Recorded("a1"))
    'The earlier run does not say which code it is of.'
    """
    if before.sources == now.sources:
        return ""
    if not (before.sources and now.sources):
        which = "earlier run" if now.sources else "later run"
        return f"The {which} does not say which code it is of."
    return "The code of proofs-check differs between the two runs."


def describe(found: Sequence[Change], earlier: Earlier, context: Context, code: Recorded) -> str:
    """Text for people: one line per change."""
    before = earlier.settings
    now = Settings(context.budget, context.digits, context.seed)
    count = counted(len(found), "change")
    lines = [f"Since the earlier run: {count}."] if found else ["Nothing changed."]
    if before != now:
        lines.append(f"The settings differ: {before.options} then, {now.options} now.")
    differ = code_differs(earlier.recorded, code)
    lines += [differ] if differ else []
    return "\n".join([*lines, *map(str, found)])
