"""The folder of pages: Markdown, figures, and the verdicts they were made from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from numerics.errors import InputError, why
from proofs_check import registry
from proofs_check.claim import Claim, Context
from proofs_check.report import earlier as report_file
from proofs_check.report.pages import Judged, Settings, index, page
from proofs_check.store.files import write_json, write_text
from proofs_check.store.results import claim_from_data, claim_to_data

#: File of a folder of pages that holds the verdicts, without times.
VERDICTS = "verdicts.json"


def read_report(path: str, argument: str = "--report") -> dict[str, Judged]:
    """Read the results of a ``verify --json`` report, by claim.

    Raises
    ------
    InputError
        If the file cannot be read, is no such report, or holds a result that says more than its
        method can give.
    """
    earlier = report_file.read(path, argument)
    return {name: Judged(result, earlier.settings) for name, result in earlier.results.items()}


def read_verdicts(folder: Path) -> dict[str, Judged]:
    """Read the verdicts that a folder's pages were made from; none if there is no such file.

    Raises
    ------
    InputError
        If the file is not what this module writes.
    """
    path = folder / VERDICTS
    if not path.exists():
        return {}
    document = _read(str(path), "--output", "a folder of pages")
    try:
        return {
            data["id"]: Judged(
                claim_from_data(_with_times(data)), Settings(**document["settings"][data["id"]])
            )
            for data in document["claims"]
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("--output", str(path), f"verdicts of pages ({why(error)})") from error


def write_pages(
    folder: Path,
    judged: Mapping[str, Judged],
    *,
    report: Callable[[str], None] = lambda identifier: None,
) -> tuple[Path, ...]:
    """Write pages and figures of some claims; pages of other claims stay, the index lists all.

    Parameters
    ----------
    folder : Path
        Where to; made if missing.
    judged : mapping
        Results by claim.
    report : callable
        Called with each claim's identifier before its page is made.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    InputError
        If a file cannot be written, or matplotlib is missing and a claim has a figure.
    """
    from proofs_check.figures import svg

    claims = [registry.get(identifier) for identifier in judged]
    if any(claim.figure for claim in claims):
        svg.require_plotting()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--output", str(folder), f"a folder ({why(error)})") from error
    together = {**read_verdicts(folder), **judged}
    derivations = commands_of_derivations()
    written = []
    for claim in claims:
        report(claim.identifier)
        found = judged[claim.identifier]
        if claim.figure is not None:
            context = Context(found.settings.budget, found.settings.digits, found.settings.seed)  # type: ignore[arg-type]
            written.append(folder / f"{claim.identifier}.svg")
            write_text(svg.render(claim.figure, context), str(written[-1]), "--output")
        written.append(folder / f"{claim.identifier}.md")
        write_text(page(claim, found, derivations), str(written[-1]), "--output")
    known = [claim for claim in registry.all_claims() if claim.identifier in together]
    known += [claim for claim in claims if claim not in known]
    pairs = [(claim, together[claim.identifier]) for claim in known]
    write_text(index(pairs), str(folder / "index.md"), "--output")
    write_json(_verdicts(pairs), str(folder / VERDICTS), "--output")
    return (*written, folder / "index.md", folder / VERDICTS)


def commands_of_derivations() -> dict[str, str]:
    """Return the command that prints each derivation or proof, by name.

    Examples
    --------
    >>> commands_of_derivations()["I1"], commands_of_derivations()["F"]
    ('proofs-check derive I1', 'proofs-check prove F')
    """
    from derive import catalogue as derivations
    from proofs_check.proofs import catalogue as proofs

    proved = {name: f"proofs-check prove {name}" for name in proofs.names()}
    return {**proved, **{name: f"proofs-check derive {name}" for name in derivations.names()}}


def _verdicts(pairs: Iterable[tuple[Claim, Judged]]) -> dict[str, Any]:
    """Results without times, so that the same run gives the same file."""
    pairs = list(pairs)
    return {
        "claims": [_without_times(claim_to_data(judged.result)) for _, judged in pairs],
        "settings": {
            claim.identifier: {
                "budget": judged.settings.budget,
                "digits": judged.settings.digits,
                "seed": judged.settings.seed,
            }
            for claim, judged in pairs
        },
    }


def _without_times(data: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        kind: [{k: v for k, v in part.items() if k != "seconds"} for part in data[kind]]
        for kind in ("checks", "controls")
    }
    return {**{k: v for k, v in data.items() if k != "seconds"}, **parts}


def _with_times(data: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        kind: [{**part, "seconds": 0.0} for part in data[kind]] for kind in ("checks", "controls")
    }
    return {**data, "seconds": 0.0, **parts}


def _read(path: str, argument: str, allowed: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(argument, path, f"{allowed} ({why(error)})") from error
