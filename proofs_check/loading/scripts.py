"""Proofs of a claims file: its ``PROOFS``, scripts or functions that build them."""

from __future__ import annotations

from collections.abc import Mapping

from proofs_check.loading.find import Found, split
from proofs_check.loading.load import ClaimsFile, faults_named, load
from proofs_check.loading.source import ClaimsFileError
from proofs_check.proofs import catalogue
from proofs_check.proofs.tactics.script import Script


def scripts(file: ClaimsFile) -> Mapping[str, Script]:
    """Return the proofs of a claims file by name.

    Raises
    ------
    ClaimsFileError
        If ``PROOFS`` is no tuple of scripts or of functions that build them, or a name is taken.
    """
    given = vars(file.module).get("PROOFS", ())
    if not isinstance(given, tuple | list):
        raise file.fault(f"PROOFS is of type {type(given).__name__}; allowed: a tuple of scripts")
    found: dict[str, Script] = {}
    for number, entry in enumerate(given):
        with faults_named(file.source):
            built = entry if isinstance(entry, Script) or not callable(entry) else entry()
        if not isinstance(built, Script):
            what = type(built).__name__
            raise file.fault(f"PROOFS[{number}] is of type {what}; allowed: Script")
        if built.name in catalogue.names() or built.name in found:
            raise file.fault(f"PROOFS: the name {built.name} is taken")
        found[built.name] = built
    return found


def scripts_beside(found: Found) -> Mapping[str, Script]:
    """The proofs that stand in the file of a claim; none beside a claim of this package.

    Examples
    --------
    >>> from proofs_check.loading.find import find
    >>> dict(scripts_beside(find(["F1"])[0]))
    {}
    """
    return {} if found.source is None else scripts(load(found.source))


def script(word: str) -> Script:
    """Return the proof that a word names: ``my_claims.py::NAME``, or the file's only one.

    Raises
    ------
    ClaimsFileError
        If there is no such proof, or several and none is named.
    """
    name, wanted = split(word)
    found = scripts(load(name))
    if wanted is None and len(found) == 1:
        return next(iter(found.values()))
    if wanted is None or wanted not in found:
        known = ", ".join(found) or "none"
        raise ClaimsFileError(name, None, f"no proof {wanted or 'is named'}; its PROOFS: {known}")
    return found[wanted]
