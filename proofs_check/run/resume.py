"""What a run has finished, in a file, so that a later run does only the rest.

The file names the settings and the sources it belongs to, and is replaced atomically after every
check. Inconclusive outcomes are not kept: they are tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from numerics.documents import DocumentError, read_document
from numerics.errors import InputError
from proofs_check.claim import Context
from proofs_check.store.files import write_json
from proofs_check.store.results import (
    check_from_data,
    check_to_data,
    control_from_data,
    control_to_data,
)
from proofs_check.store.versions import versions
from proofs_check.verdict import CheckResult, ControlResult, Verdict

_PACKAGES = ("derive", "numerics", "proofs_check")
#: Data that no result depends on.
_UNRELATED = frozenset({"typical_seconds.json"})
_ALLOWED = "a file that --resume wrote, or a new one"
_OUTCOME = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
_SCHEMA = {
    "type": "object",
    "required": ["settings", "versions", "sources", "claims"],
    "properties": {
        "claims": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": _OUTCOME},
        },
    },
}


class Progress:
    """Finished checks and controls of a run, kept in a file.

    Parameters
    ----------
    path : str
        The file; need not exist.
    context : Context
        Settings of the run.
    modules : sequence of str
        Modules with further claims, whose sources count too.
    argument : str
        Name used in errors.
    files : sequence of str
        Paths of claims files, which count too.

    Raises
    ------
    InputError
        If the file exists and is damaged, or belongs to other settings, sources or versions.

    Examples
    --------
    >>> import tempfile
    >>> from proofs_check.verdict import Method
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = Progress(f"{folder}/run.json", Context())
    ...     kept.add("F1", CheckResult("I3", Verdict.PROVED, Method.SYMBOLIC, "all n, d"))
    ...     list(Progress(f"{folder}/run.json", Context()).finished("F1"))
    ['I3']
    """

    def __init__(
        self,
        path: str,
        context: Context,
        modules: Sequence[str] = (),
        argument: str = "--resume",
        files: Sequence[str] = (),
    ) -> None:
        self.path = path
        self.argument = argument
        self.belongs = _belongs(context, modules, files)
        self._outcomes: dict[str, dict[str, CheckResult | ControlResult]] = {}
        if Path(path).exists():
            self._read()

    def finished(self, identifier: str) -> Mapping[str, CheckResult | ControlResult]:
        """Outcomes of a claim by name of the check or control."""
        return self._outcomes.get(identifier, {})

    def add(self, identifier: str, outcome: CheckResult | ControlResult) -> None:
        """Keep an outcome, unless it is inconclusive, and write the file.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        if outcome.verdict is Verdict.INCONCLUSIVE:
            return
        self._outcomes.setdefault(identifier, {})[outcome.name] = outcome
        claims = {
            name: [_to_data(outcome) for outcome in outcomes.values()]
            for name, outcomes in self._outcomes.items()
        }
        write_json({**self.belongs, "claims": claims}, self.path, self.argument)

    def _read(self) -> None:
        try:
            document = read_document(Path(self.path), _SCHEMA)
            for key, value in self.belongs.items():
                if document[key] != value:
                    raise InputError(self.argument, self.path, _other(key, document[key], value))
            for identifier, outcomes in document["claims"].items():
                found = [_from_data(data) for data in outcomes]
                self._outcomes[identifier] = {outcome.name: outcome for outcome in found}
        except DocumentError as error:
            raise InputError(self.argument, self.path, f"{_ALLOWED} ({error})") from error


def _belongs(context: Context, modules: Sequence[str], files: Sequence[str]) -> dict[str, Any]:
    """What must agree for outcomes to count."""
    return {
        "settings": {
            "budget": context.budget,
            "digits": context.digits,
            "seed": context.seed,
        },
        "versions": versions(),
        "sources": sources_digest(modules, files),
    }


def sources_digest(modules: Sequence[str] = (), files: Sequence[str] = ()) -> str:
    """SHA-256 digest of the three packages' sources and data, and of further modules and files.

    Examples
    --------
    >>> len(sources_digest())
    64
    """
    digest = hashlib.sha256()
    for name in (*_PACKAGES, *modules):
        module = import_module(name)
        origin = Path(str(module.__file__))
        paths = sorted(origin.parent.rglob("*")) if origin.name == "__init__.py" else [origin]
        for path in paths:
            if path.suffix in (".py", ".json") and path.name not in _UNRELATED:
                digest.update(str(path.relative_to(origin.parent)).encode())
                digest.update(path.read_bytes())
    for file in files:
        digest.update(Path(file).name.encode("utf-8", "surrogateescape"))
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


def _other(key: str, found: Any, expected: Any) -> str:
    if not isinstance(expected, dict) or not isinstance(found, dict):
        return f"a file of a run of these {key}: they have changed since; start a new file"
    names = [name for name in expected if found.get(name) != expected[name]]
    differences = ", ".join(f"{name} {expected[name]}, not {found.get(name)}" for name in names)
    return f"a file of a run with the same {key} ({differences}); or start a new file"


def _to_data(outcome: CheckResult | ControlResult) -> dict[str, Any]:
    if isinstance(outcome, ControlResult):
        return {"kind": "control", **control_to_data(outcome)}
    return {"kind": "check", **check_to_data(outcome)}


def _from_data(data: Mapping[str, Any]) -> CheckResult | ControlResult:
    return control_from_data(data) if data["kind"] == "control" else check_from_data(data)
