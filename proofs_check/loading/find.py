"""Claims by the words that a command or a script names them with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from numerics.errors import InputError
from proofs_check import registry
from proofs_check.claim import Claim
from proofs_check.loading.load import (
    ALLOWED_IDENTIFIERS,
    ClaimsFile,
    beside,
    is_identifier,
    is_importable,
    load,
    source_of,
)
from proofs_check.loading.source import SEPARATOR, ClaimsFileError, Source, is_path


@dataclass(frozen=True)
class Found:
    """A claim, and the claims file it stands in.

    Attributes
    ----------
    claim : Claim
    source : Source or None
        None: it is one of the registry, or was made by a script.

    Examples
    --------
    >>> find(["E6"])[0].address
    'E6'
    """

    claim: Claim
    source: Source | None = None

    @property
    def address(self) -> str:
        """How the command line names it."""
        name = self.claim.identifier
        return name if self.source is None else self.source.address(name)


def find(words: Iterable[str | Claim | Found]) -> tuple[Found, ...]:
    """Find claims, each once, in the order given.

    Parameters
    ----------
    words : iterable of str, Claim or Found
        ``F1``: a claim of this package; ``my_claims.py`` or ``pkg.module``: all claims of a claims
        file; ``my_claims.py::T1``: one of them.

    Raises
    ------
    InputError
        If there is no such claim or file, or two claims have the same identifier.

    Examples
    --------
    >>> [found.claim.identifier for found in find(["F1", "F2", "F1"])]
    ['F1', 'F2']
    """
    chosen: dict[str, Found] = {}
    for word in words:
        for found in _found(word):
            name = found.claim.identifier
            known = chosen.setdefault(name, found)
            if known.claim is not found.claim:
                raise _taken(found, f"by {known.address}")
    return tuple(chosen.values())


def split(word: str) -> tuple[str, str | None]:
    """Split the name of a claims file from that of a claim in it.

    Examples
    --------
    >>> split("my_claims.py::T1"), split("my_claims.py")
    (('my_claims.py', 'T1'), ('my_claims.py', None))
    """
    name, separator, rest = word.partition(SEPARATOR)
    return (name, rest if separator else None)


def names_file(word: str) -> bool:
    """Whether a word names a claims file or module, or a part of one, rather than a claim.

    Examples
    --------
    >>> names_file("my_claims.py::T1"), names_file("F1")
    (True, False)
    """
    return SEPARATOR in word or is_path(word) or (not _registered(word) and is_importable(word))


def files_of(found: Iterable[Found]) -> tuple[str, ...]:
    """Paths of the claims files that claims stand in, and of what these import from beside them.

    Examples
    --------
    >>> files_of(find(["E6"]))
    ()
    """
    sources = {each.source for each in found if each.source is not None}
    return tuple(sorted({path for source in sources for path in beside(source)}))


def free(identifier: str) -> str:
    """Return an identifier for a claim of one's own, if it is one.

    Raises
    ------
    InputError
        If it is none, or is that of a claim of this package.

    Examples
    --------
    >>> free("Mine")
    'Mine'
    >>> free("F1")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: ID: got F1; allowed: an identifier that is not taken
    """
    if not is_identifier(identifier):
        raise InputError("ID", identifier, ALLOWED_IDENTIFIERS)
    if _registered(identifier):
        raise InputError("ID", identifier, "an identifier that is not taken")
    return identifier


def claims_of(file: ClaimsFile) -> tuple[Found, ...]:
    """All claims of a claims file.

    Raises
    ------
    ClaimsFileError
        If it has none, or one has the identifier of a claim of this package.
    """
    if not file.claims:
        raise file.fault("no claims; allowed: a file with CLAIMS = (Claim(...), ...)")
    found = tuple(Found(claim, file.source) for claim in file.claims)
    for each in found:
        known = _known(each.claim.identifier)
        if known is not None and known is not each.claim:
            raise _taken(each, "by a claim of proofs-check")
    return found


def _found(word: str | Claim | Found) -> Iterator[Found]:
    if isinstance(word, Found):
        yield word
    elif isinstance(word, Claim):
        yield _of_claim(word)
    elif not isinstance(word, str):
        raise InputError("claims", word, "claims, or the names of claims or claims files")
    elif names_file(word):
        yield from _in_file(word)
    else:
        yield Found(_built_in(word))


def _in_file(word: str) -> Iterator[Found]:
    name, identifier = split(word)
    found = claims_of(load(name))
    if identifier is None:
        yield from found
        return
    chosen = [each for each in found if each.claim.identifier == identifier]
    if not chosen:
        known = ", ".join(each.claim.identifier for each in found)
        raise ClaimsFileError(name, None, f"no claim {identifier or '(empty)'}; it has {known}")
    yield from chosen


def _of_claim(claim: Claim) -> Found:
    known = _known(claim.identifier)
    if known is claim:
        return Found(claim)
    if known is not None:
        raise _taken(Found(claim, source_of(claim)), "by a claim of proofs-check")
    return Found(claim, source_of(claim))


def _registered(identifier: str) -> bool:
    return _known(identifier) is not None


def _known(identifier: str) -> Claim | None:
    return next((each for each in registry.all_claims() if each.identifier == identifier), None)


def _built_in(identifier: str) -> Claim:
    known = _known(identifier)
    if known is None:
        names = ", ".join(claim.identifier for claim in registry.all_claims())
        allowed = f"one of {names}, or a claims file: my_claims.py, pkg.module, my_claims.py::T1"
        raise InputError("ID", identifier, allowed)
    return known


def _taken(found: Found, by: str) -> InputError:
    name = found.claim.identifier
    if found.source is None:
        return InputError("ID", name, f"an identifier of its own: it is taken {by}")
    return ClaimsFileError(found.source.name, None, f"the identifier {name} is taken {by}")
