"""The folder of pages: Markdown, figures, and the verdicts they were made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from numerics.documents import DocumentError, read_document
from numerics.errors import InputError, why
from numerics.visible import visible
from proofs_check import registry
from proofs_check.claim import Context
from proofs_check.loading.find import Found
from proofs_check.loading.load import faults_named, load
from proofs_check.loading.scripts import scripts
from proofs_check.report import earlier as report_file
from proofs_check.report.pages import SETTINGS_SCHEMA, Judged, Settings, index, page
from proofs_check.store.files import write_json, write_text
from proofs_check.store.results import claim_from_data, claim_to_data

#: File of a folder of pages that holds the verdicts, without times.
VERDICTS = "verdicts.json"
_PARTS = {"type": "array", "items": {"type": "object"}}
_VERDICTS_SCHEMA = {
    "type": "object",
    "required": ["claims", "settings"],
    "properties": {
        "claims": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "title", "checks", "controls"],
                "properties": {
                    "id": {"type": "string"},
                    "title": {"type": "string"},
                    "checks": _PARTS,
                    "controls": _PARTS,
                },
            },
        },
        "settings": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": list(SETTINGS_SCHEMA),
                "additionalProperties": False,
                "properties": SETTINGS_SCHEMA,
            },
        },
    },
}


def read_report(path: str, found: Sequence[Found], argument: str = "--report") -> dict[str, Judged]:
    """Read the results of a ``verify --json`` report, by claim.

    Parameters
    ----------
    path : str
    found : sequence of Found
        The claims that are meant; only those of the report count.
    argument : str
        Name used in errors.

    Raises
    ------
    InputError
        If the file cannot be read, is no such report, or holds a result that says more than its
        method can give; or if a claim of a claims file has changed since.
    """
    earlier = report_file.read(path, argument)
    present = [each for each in found if each.claim.identifier in earlier.results]
    said = earlier.recorded.warnings(present, argument)
    return {
        name: Judged(result, earlier.settings, warning=said.get(name, ""))
        for name, result in earlier.results.items()
    }


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
    try:
        document = read_document(path, _VERDICTS_SCHEMA)
        return {
            data["id"]: Judged(
                claim_from_data(_with_times(data)),
                Settings(**document["settings"][data["id"]]),
                str(data["title"]),
                str(data.get("warning", "")),
            )
            for data in document["claims"]
        }
    except (DocumentError, KeyError) as error:
        raise InputError("--output", str(path), f"verdicts of pages ({why(error)})") from error


def write_pages(
    folder: Path,
    claims: Sequence[Found],
    judged: Mapping[str, Judged],
    *,
    report: Callable[[str], None] = lambda identifier: None,
) -> tuple[Path, ...]:
    """Write pages and figures of some claims; pages of other claims stay, the index lists all.

    Parameters
    ----------
    folder : Path
        Where to; made if missing.
    claims : sequence of Found
        The claims.
    judged : mapping
        Their results, by identifier.
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

    if any(found.claim.figure for found in claims):
        svg.require_plotting()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--output", str(folder), f"a folder ({why(error)})") from error
    titled = {
        found.claim.identifier: replace(judged[found.claim.identifier], title=found.claim.title)
        for found in claims
    }
    together = {**read_verdicts(folder), **titled}
    written = []
    for found in claims:
        name = found.claim.identifier
        report(name)
        if found.claim.figure is not None:
            written.append(folder / f"{name}.svg")
            write_text(visible(_drawn(found, titled[name].settings)), str(written[-1]), "--output")
        written.append(folder / f"{name}.md")
        write_text(made_page(found, titled[name], folder), str(written[-1]), "--output")
    listed = [together[name] for name in sorted(together, key=registry.natural_order)]
    verdicts = "../concepts/verdicts.md"
    explained = verdicts if (folder / verdicts).is_file() else ""
    write_text(index(listed, explained), str(folder / "index.md"), "--output")
    write_json(_verdicts(listed), str(folder / VERDICTS), "--output")
    return (*written, folder / "index.md", folder / VERDICTS)


def made_page(found: Found, judged: Judged, folder: Path) -> str:
    """Return a claim's page, with the commands that make it again."""
    commands, output = commands_of_derivations(), ""
    if found.source is not None:
        output = str(folder)
        proofs = scripts(load(found.source)) if found.claim.derived else ()
        commands |= {name: f"proofs-check prove {found.source.address(name)}" for name in proofs}
    return page(found.claim, judged, commands, address=found.address, output=output)


def _drawn(found: Found, settings: Settings) -> str:
    """A claim's figure; what goes wrong in the drawing of a claims file is named."""
    from proofs_check.figures import svg

    assert found.claim.figure is not None
    context = Context(settings.budget, settings.digits, settings.seed)  # type: ignore[arg-type]
    if found.source is None:
        return svg.render(found.claim.figure, context)
    with faults_named(found.source):
        return svg.render(found.claim.figure, context)


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


def _verdicts(listed: Sequence[Judged]) -> dict[str, Any]:
    """Results without times, so that the same run gives the same file."""
    return {
        "claims": [
            _without_times(claim_to_data(each.result, each.title))
            | ({"warning": each.warning} if each.warning else {})
            for each in listed
        ],
        "settings": {each.result.identifier: asdict(each.settings) for each in listed},
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
