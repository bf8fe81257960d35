"""The files of a report, and its comparison with an earlier one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from proofs_check.report.changes import compare
from proofs_check.report.earlier import Earlier, code_changes, code_differs
from proofs_check.report.whole import html, latex
from proofs_check.report.whole.model import Against, Report
from proofs_check.report.whole.saved import Saved
from proofs_check.store.files import write_bytes, write_text


def compared(name: str, earlier: Earlier, saved: Saved, *, all_claims: bool) -> Against:
    """What changed since an earlier report; of a run stopped early, only what it finished."""
    found = compare(earlier.results, tuple(saved.results.values()), all_claims=all_claims)
    now = replace(
        saved.recorded,
        claims={n: c for n, c in saved.recorded.claims.items() if n in saved.results},
    )
    found = (*code_changes(earlier.recorded, now), *found)
    if saved.stopped:
        found = tuple(change for change in found if change.after != "INCONCLUSIVE")
    differ = code_differs(earlier.recorded, now)
    if earlier.settings != saved.settings:
        then, current = earlier.settings.options, saved.settings.options
        differ = f"The settings differ: {then} then, {current} now. {differ}".strip()
    return Against(name, found, differ)


def write(report: Report, kind: str, folder: Path) -> tuple[Path, ...]:
    """Write a report into a folder; returns the files.

    Parameters
    ----------
    report : Report
    kind : {"html", "latex"}
    folder : Path
        An existing folder.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    if kind == "html":
        path = folder / html.NAME
        write_text(html.render(report), str(path), "--out")
        return (path,)
    written = []
    for name, content in latex.render(report).items():
        path = folder / name
        if isinstance(content, str):
            write_text(content, str(path), "--out")
        else:
            write_bytes(content, str(path), "--out")
        written.append(path)
    return tuple(written)
