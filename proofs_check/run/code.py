"""Which text and code results are of: digests that a report keeps, and what differs from them now.

A verdict belongs to one text: a file of results says nothing about a claim that was edited since.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numerics.errors import InputError
from proofs_check.claim import Claim, Control
from proofs_check.loading.find import Found
from proofs_check.loading.load import beside, load
from proofs_check.loading.source import Source
from proofs_check.run.resume import sources_digest

#: JSON Schema of what a report says about the code of a claim.
CODE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["texts", "files"],
    "properties": {
        "texts": {"type": "string"},
        "files": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
#: What is said of results whose file names no code, and of those of other code.
UNKNOWN = "This run does not say which code it is of: its verdicts may be of other text or code."
OTHER = "Results are of other code: what is shown beside them has changed since the run."
_SHOWN = 12


@dataclass(frozen=True)
class Code:
    """Digests of what a claim says, and of the files that it stands in.

    Attributes
    ----------
    texts : str
        Of statement, hypotheses, names of checks and controls, and all else that is shown.
    files : mapping of str to str
        Of its claims file and of what that imports from beside it, by path from its folder; none
        for a claim of this package.
    """

    texts: str
    files: Mapping[str, str]

    def to_data(self) -> dict[str, Any]:
        """Plain data, as in ``proofs_check/schemas/verify.json``."""
        return {"texts": self.texts, "files": dict(self.files)}

    def __str__(self) -> str:
        together = json.dumps(self.to_data(), sort_keys=True)
        return hashlib.sha256(together.encode()).hexdigest()[:_SHOWN]


@dataclass(frozen=True)
class Recorded:
    """The code that results are of.

    Attributes
    ----------
    sources : str
        Digest of this package's sources; empty: not known.
    claims : mapping of str to Code
        By identifier; a claim that is not in it is of unknown code.
    """

    sources: str = ""
    claims: Mapping[str, Code] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Iterable[Found]) -> Recorded:
        """The code of claims as it stands now.

        Examples
        --------
        >>> from proofs_check.loading.find import find
        >>> sorted(Recorded.of(find(["E6"])).claims)
        ['E6']
        """
        return cls(sources_digest(), {each.claim.identifier: _code(each) for each in found})

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Recorded:
        """What a report of ``verify --json`` says; older ones say nothing."""
        codes = {
            claim["id"]: Code(claim["code"]["texts"], claim["code"]["files"])
            for claim in document["claims"]
            if "code" in claim
        }
        return cls(document["environment"].get("sources", ""), codes)

    def warnings(self, found: Sequence[Found], argument: str = "--report") -> dict[str, str]:
        """What has to be said beside the results of claims, by identifier.

        Raises
        ------
        InputError
            If a claim of a claims file, or a file beside it, is not as it was: a result for another
            text is none for this one.
        """
        said: dict[str, str] = {}
        now = sources_digest()
        for each in found:
            name = each.claim.identifier
            then = self.claims.get(name)
            if then is None or not self.sources:
                said[name] = UNKNOWN
                continue
            changed = _changed(then, each)
            if changed and each.source is not None:
                allowed = f"a run of the claim as it stands now ({changed} changed since that run)"
                raise InputError(argument, f"results of another text of {name}", allowed)
            if changed or self.sources != now:
                said[name] = OTHER
        return said


#: What is known of results whose report is older, or whose run recorded nothing.
UNRECORDED = Recorded()


def _code(found: Found) -> Code:
    return Code(_texts(found.claim), dict(_files(found.source)))


def _changed(then: Code, found: Found) -> str:
    """What differs from the code of a run; the files are those that the run saw."""
    source = found.source
    if source is not None:
        folder = _folder(source)
        names = then.files or {os.path.basename(_path(source)): ""}
        for name, digest in names.items():
            if _digest(folder / name) != digest:
                return name
    return "" if _texts(found.claim) == then.texts else "its text"


def _files(source: Source | None) -> Iterator[tuple[str, str]]:
    if source is None:
        return
    folder = _folder(source)
    for path in beside(source):
        yield Path(path).relative_to(folder).as_posix(), _digest(Path(path))


def _path(source: Source) -> str:
    return os.path.realpath(str(load(source).module.__file__))


def _folder(source: Source) -> Path:
    return Path(_path(source)).parent


def _digest(path: Path) -> str:
    """SHA-256 digest of a file; empty if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return ""


def _texts(claim: Claim) -> str:
    """Digest of what a claim says."""
    changes = [part.change for part in claim.parts if isinstance(part, Control)]
    said = [
        *(claim.identifier, claim.title, claim.statement, claim.latex, claim.source),
        *(claim.argument, claim.sharper, claim.limits),
        [str(known) for known in claim.hypotheses],
        [part.name for part in claim.parts],
        changes,
        list(claim.derived),
    ]
    text = json.dumps(said)
    return hashlib.sha256(text.encode()).hexdigest()
