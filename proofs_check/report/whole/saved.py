"""Results that a report shows: of a run just made, or of one that ``verify --json`` has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numerics.documents import DocumentError, read_document
from numerics.errors import InputError
from proofs_check import exit_codes
from proofs_check.claim import Context
from proofs_check.report.earlier import REPORT, REPORT_SCHEMA, Earlier
from proofs_check.report.formats import document
from proofs_check.report.pages import Settings
from proofs_check.run.code import CODE_SCHEMA, UNRECORDED, Recorded
from proofs_check.runner import Run
from proofs_check.verdict import ClaimResult

_SCHEMA: Mapping[str, Any] = {
    "allOf": [REPORT_SCHEMA],
    "properties": {
        "claims": {
            "items": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "source": {"type": ["string", "null"]},
                    "code": CODE_SCHEMA,
                },
            }
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": {"type": "string"},
            },
        },
        "environment": {
            "properties": {
                "versions": {"type": "object", "additionalProperties": {"type": "string"}},
                "stopped": {"enum": ["", "interrupted", "max-seconds"]},
                "seconds": {"type": "number", "minimum": 0, "maximum": 1e12},
            }
        },
    },
}


@dataclass(frozen=True)
class Saved:
    """Results with what a report of ``verify --json`` says about them.

    Attributes
    ----------
    results : mapping of str to ClaimResult
    titles, sources : mapping
        By claim; a source is the claims file, empty for claims of this package.
    settings : Settings
    versions : mapping
    seconds : float or None
    stopped : str
    errors : tuple of (str, str, str)
        Claim, part, message.
    recorded : Recorded
        The code that the results are of, as far as the report says.
    """

    results: Mapping[str, ClaimResult]
    titles: Mapping[str, str]
    sources: Mapping[str, str]
    settings: Settings
    versions: Mapping[str, str]
    seconds: float | None
    stopped: str
    errors: tuple[tuple[str, str, str], ...]
    recorded: Recorded = UNRECORDED

    @property
    def exit_code(self) -> int:
        """What the run ended with."""
        faults = any(claim for claim, part, message in self.errors)  # else it says "stopped early"
        return exit_codes.of_results(self.results.values(), errors=faults, stopped=self.stopped)

    def only(self, names: Sequence[str]) -> Saved:
        """The results of some claims, in this order."""
        kept = tuple(error for error in self.errors if error[0] in ("", *names))
        return replace(self, results={name: self.results[name] for name in names}, errors=kept)


def of_run(run: Run, context: Context) -> Saved:
    """What a run just made would be read back as."""
    return _of_document(document(run, context))


def read(path: str, argument: str = "--report") -> Saved:
    """Read a report of ``verify --json``.

    Raises
    ------
    InputError
        If the file cannot be read, is no such report, holds no claim or one twice, or a result
        that says more than its method can give.
    """
    try:
        found = _of_document(read_document(Path(path), _SCHEMA))
    except DocumentError as error:
        raise InputError(argument, path, f"{REPORT} ({error})") from error
    if not found.results:
        raise InputError(argument, path, "a report with claims in it")
    return found


def _of_document(data: Mapping[str, Any]) -> Saved:
    environment = data["environment"]
    claims = data["claims"]
    found = Earlier.of_document(data)
    if len(found.results) < len(claims):
        raise DocumentError("two claims have the same identifier")
    return Saved(
        found.results,
        {claim["id"]: claim.get("title", "") for claim in claims},
        {claim["id"]: claim.get("source") or "" for claim in claims},
        found.settings,
        dict(environment.get("versions", {})),
        environment.get("seconds"),
        environment.get("stopped", ""),
        tuple(
            (error.get("claim", ""), error.get("part", ""), error.get("message", ""))
            for error in data.get("errors", ())
        ),
        found.recorded,
    )
