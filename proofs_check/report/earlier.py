"""Reports of earlier runs, read back: for pages, and to say what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from numerics.documents import DocumentError, read_document
from numerics.errors import InputError
from proofs_check.claim import Context
from proofs_check.report.changes import Change, compare
from proofs_check.report.pages import SETTINGS_SCHEMA, Settings
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
        "claims": {"type": "array"},
        "environment": {
            "type": "object",
            "required": ["budget", "digits", "seed"],
            "properties": SETTINGS_SCHEMA,
        },
    },
}


@dataclass(frozen=True)
class Earlier:
    """Results of an earlier run, and its settings."""

    results: dict[str, ClaimResult]
    settings: Settings


def read(path: str, argument: str = "--against") -> Earlier:
    """Read a ``verify --json`` report.

    Raises
    ------
    InputError
        If the file cannot be read, is no such report, or holds a result that says more than its
        method can give.
    """
    try:
        document = read_document(Path(path), REPORT_SCHEMA)
        environment = document["environment"]
        settings = Settings(environment["budget"], environment["digits"], environment["seed"])
        results = [claim_from_data(data) for data in document["claims"]]
    except DocumentError as error:
        raise InputError(argument, path, f"{REPORT} ({error})") from error
    return Earlier({result.identifier: result for result in results}, settings)


def changes(earlier: Earlier, run: Run, *, all_claims: bool) -> tuple[Change, ...]:
    """Return what changed; of a run that was stopped early, only what it finished.

    A part that was not finished is not worse.
    """
    found = compare(earlier.results, run.results, all_claims=all_claims)
    if run.complete:
        return found
    return tuple(change for change in found if change.after != "INCONCLUSIVE")


def describe(found: Sequence[Change], before: Settings, context: Context) -> str:
    """Text for people: one line per change."""
    now = Settings(context.budget, context.digits, context.seed)
    lines = [f"Since the earlier run: {len(found)} changes."] if found else ["Nothing changed."]
    if before != now:
        lines.append(f"The settings differ: {before.options} then, {now.options} now.")
    return "\n".join([*lines, *map(str, found)])
