"""What Coq said of each proof when it was last asked, for those who do not run it.

A row is shown only while the proof exports to the same file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from proofs_check.proofs.coq.export import Exported, export
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.tactics.script import ScriptReplay

if TYPE_CHECKING:
    from proofs_check.proofs.coq.judge import Judgement

#: Made by ``proofs-check prove --check coq --record FILE``.
TABLE = "checked.json"
NOT_CHECKED = "Coq: not checked for this version"


def row(exported: Exported, judged: Judgement) -> dict[str, Any]:
    """What is recorded of a check."""
    return {
        "sha256": exported.digest,
        "coq": judged.coq,
        "holds": judged.holds,
        "steps": len(exported.steps),
        "left_out": list(exported.left_out),
        "inferences": exported.inferences,
        "lemmas": exported.lemmas,
        "hypotheses": dict(sorted(exported.hypotheses.items())),
        "seconds": round(judged.seconds, 1),
        "cpu_seconds": round(judged.cpu_seconds, 1),
    }


@cache
def table() -> Mapping[str, Any]:
    """The recorded rows by proof."""
    source = resources.files("proofs_check.proofs.coq").joinpath(TABLE)
    return read(source) if source.is_file() else {}


def read(source: Traversable) -> Mapping[str, Any]:
    """The rows in a file by proof."""
    found: Mapping[str, Any] = json.loads(source.read_text(encoding="utf-8"))["proofs"]
    return found


def status(replay: ScriptReplay, rows: Mapping[str, Any] | None = None) -> str:
    """One line: how much of a proof Coq has checked, and from which hypotheses.

    Parameters
    ----------
    replay : ScriptReplay
    rows : mapping, optional
        Instead of the table that comes with this version.
    """
    found = (table() if rows is None else rows).get(replay.proof.name)
    if found is None:
        return NOT_CHECKED
    try:
        exported = export(replay)
    except ProofError:
        return NOT_CHECKED
    if found["sha256"] != exported.digest or not found["holds"]:
        return NOT_CHECKED
    return sentence(found["steps"], found["left_out"], found["hypotheses"])


def sentence(steps: int, left_out: list[str], hypotheses: Mapping[str, str]) -> str:
    """The line for so many steps and these hypotheses.

    Examples
    --------
    >>> sentence(17, [], {"stein_teacher": "Stein's identity for the teacher"})
    "Coq: 17 of 17 steps; hypotheses: Stein's identity for the teacher"
    """
    total = steps + len(left_out)
    return f"Coq: {steps} of {total} steps; hypotheses: {together(hypotheses.values())}"


def together(words: Any) -> str:
    """Meanings of hypotheses, those of one origin as one.

    Examples
    --------
    >>> together(["cover: 2 boxes; left; sha256 ab", "cover: 2 boxes; right; sha256 cd"])
    'cover: 2 boxes (left, right)'
    """
    groups: dict[str, dict[str, None]] = {}
    for meaning in words:
        head, *rest = meaning.split("; ")
        parts = groups.setdefault(head, {})
        parts.update(dict.fromkeys(p for p in rest if not p.startswith("sha256 ")))
    shown = [head + (f" ({', '.join(parts)})" if parts else "") for head, parts in groups.items()]
    return "; ".join(shown) or "none"
