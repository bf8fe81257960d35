"""Loading claims files: run once, checked, and every fault named with file and line.

A file is run as a module of its own, with its folder at the end of the search path, so that it may
import what lies beside it. Loading it again gives the same claims unless the file has changed.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module, util
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from numerics.errors import why
from proofs_check.claim import Claim
from proofs_check.examine import examine
from proofs_check.loading.source import ClaimsFileError, Source

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

#: A larger file is not one that someone wrote.
MOST_BYTES = 10_000_000
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
ALLOWED_IDENTIFIERS = "a letter, then up to 63 letters, digits, '_', '.' or '-'; not index"
#: How the names of claims files among the modules begin.
_FILE = "proofs_check_file_"
#: Names of pages that are no claim's.
_RESERVED = frozenset({"index"})


@dataclass(frozen=True)
class ClaimsFile:
    """What a claims file offers.

    Attributes
    ----------
    source : Source
    claims : tuple of Claim
        Its ``CLAIMS``; empty if it has none.
    module : module
        The file as it was run.
    """

    source: Source
    claims: tuple[Claim, ...]
    module: ModuleType = field(repr=False)

    @property
    def objectives(self) -> Mapping[str, Objective]:
        """Its ``OBJECTIVES`` by name.

        Raises
        ------
        ClaimsFileError
            If they are no objectives, or one has the name of another or of one of ``derive``.
        """
        from derive.losses.objectives import OBJECTIVES, Objective

        found: dict[str, Objective] = {}
        for entry in _entries(self, "OBJECTIVES", Objective, "Objective"):
            if entry.name in OBJECTIVES or entry.name in found:
                raise self.fault(f"OBJECTIVES: the name {entry.name} is taken")
            found[entry.name] = entry
        return found

    def table(self, name: str) -> Mapping[str, Any]:
        """One of the mappings from names, ``TEACHERS`` or ``SLICES``; empty if it has none.

        Raises
        ------
        ClaimsFileError
            If it is anything else.
        """
        found = vars(self.module).get(name, {})
        if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
            raise self.fault(f"{name} is no mapping from names")
        return found

    def fault(self, text: str, line: int | None = None) -> ClaimsFileError:
        """Error about this file."""
        return ClaimsFileError(self.source.name, line, text)


@dataclass
class _State:
    """What this process has loaded, by path or module name; and what it loads now."""

    loaded: dict[str, tuple[str, ClaimsFile]] = field(default_factory=dict)
    loading: list[Source] = field(default_factory=list)


_state = _State()


def load(name: str | Source) -> ClaimsFile:
    """Load a claims file or module.

    Parameters
    ----------
    name : str or Source
        ``my_claims.py`` or ``pkg.module``.

    Raises
    ------
    ClaimsFileError
        If there is no such file, it cannot be run, or its ``CLAIMS`` are not a tuple of claims with
        identifiers of their own; names the line.

    Examples
    --------
    >>> load("proofs_check.claims.e6_de_bruijn").claims[0].identifier
    'E6'
    >>> load("no_such_file.py")
    Traceback (most recent call last):
    ...
    proofs_check.loading.source.ClaimsFileError: no_such_file.py: No such file or directory
    """
    source = name if isinstance(name, Source) else Source.of(name)
    key = source.path or source.name
    for each in _state.loading:
        if key == (each.path or each.name):
            raise ClaimsFileError(each.name, None, "it loads itself while it is loaded")
    content = _read(source) if source.path else b""
    digest = hashlib.sha256(content).hexdigest()
    known = _state.loaded.get(key)
    if known is not None and known[0] == digest:
        return ClaimsFile(source, known[1].claims, known[1].module)
    _state.loading.append(source)
    try:
        with faults_named(source):
            module = _run(source, content, digest) if source.path else _imported(source)
    finally:
        _state.loading.pop()
    found = ClaimsFile(source, (), module)
    claims = tuple(_entries(found, "CLAIMS", Claim, "Claim"))
    _check(found, claims)
    found = ClaimsFile(source, claims, module)
    _state.loaded[key] = (digest, found)
    return found


def loading() -> Source | None:
    """The claims file that is being run at the moment, if any."""
    return _state.loading[-1] if _state.loading else None


def source_of(claim: Claim) -> Source | None:
    """Where this very claim was loaded or imported from, so that another process can do the same.

    Examples
    --------
    >>> source_of(load("proofs_check.claims.e6_de_bruijn").claims[0]).name
    'proofs_check.claims.e6_de_bruijn'
    """
    for _, found in _state.loaded.values():
        if any(each is claim for each in found.claims):
            return found.source
    for name, module in list(sys.modules.items()):
        claims = getattr(module, "__dict__", {}).get("CLAIMS", ())
        stands = isinstance(claims, tuple | list) and any(one is claim for one in claims)
        if stands and is_found_elsewhere(name):
            return Source(name)
    return None


def is_found_elsewhere(name: str) -> bool:
    """Whether another process with this search path would import the same module by its name.

    Not so for a script, a notebook, a claims file, or a test module that pytest has imported.

    Examples
    --------
    >>> is_found_elsewhere("proofs_check.claim"), is_found_elsewhere("__main__")
    (True, False)
    """
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return top != "__main__"
    spec = PathFinder.find_spec(top)
    if spec is None:
        return False
    here = getattr(sys.modules.get(top), "__file__", None)
    return here is None or (spec.origin is not None and os.path.samefile(here, spec.origin))


def beside(source: Source) -> tuple[str, ...]:
    """Paths of a loaded claims file and of the modules imported from its folder or below.

    Those, too, that are imported only when a check runs: an import is looked for in the text.

    Examples
    --------
    >>> [Path(path).name for path in beside(load("proofs_check.claims.e6_de_bruijn").source)][:1]
    ['__init__.py']
    """
    own = os.path.realpath(str(load(source).module.__file__))
    folder = os.path.dirname(own)
    loaded = [m for name, m in list(sys.modules.items()) if not name.startswith(_FILE)]
    files = (getattr(module, "__file__", None) for module in loaded)
    paths = {os.path.realpath(path) for path in files if isinstance(path, str)}
    near = {path for path in paths if path.startswith(folder + os.sep) and path.endswith(".py")}
    found = {own, *(path for path in near if "site-packages" not in path)}
    waiting = list(found)
    while waiting:
        new = _imported_by(waiting.pop(), folder) - found
        found |= new
        waiting += new
    return tuple(sorted(found))


def _imported_by(path: str, folder: str) -> set[str]:
    """Files in a folder or below that the text of a module imports, wherever it does."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    parts = [name.split(".") for name in names]
    stems = {os.path.join(folder, *part[:k]) for part in parts for k in range(1, len(part) + 1)}
    candidates = {f"{stem}{end}" for stem in stems for end in (".py", os.sep + "__init__.py")}
    return {os.path.realpath(each) for each in candidates if os.path.isfile(each)}


def is_importable(name: str) -> bool:
    """Whether a name is that of a module, found without running it (its parents are imported).

    Examples
    --------
    >>> is_importable("proofs_check.claims.e6_de_bruijn"), is_importable("Z99")
    (True, False)
    """
    if not all(part.isidentifier() for part in name.split(".")):
        return False
    _search_here()
    try:
        return util.find_spec(name) is not None
    except Exception:  # a parent that cannot be imported, or something odd among the modules
        return False


def _read(source: Source) -> bytes:
    path = Path(source.path)
    try:
        if path.exists() and not path.is_file():
            raise ClaimsFileError(source.name, None, "not a regular file")
        if path.stat().st_size > MOST_BYTES:
            raise ClaimsFileError(source.name, None, f"larger than {MOST_BYTES} bytes")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, ClaimsFileError):
            raise
        raise ClaimsFileError(source.name, None, why(error)) from error


def _run(source: Source, content: bytes, digest: str) -> ModuleType:
    """Run a file as a module of its own name: what its functions and classes say they belong to."""
    name = f"{_FILE}{digest[:16]}_{_key(source)}"
    code = compile(content, source.path, "exec", dont_inherit=True)
    module = ModuleType(name)
    module.__file__ = source.path
    folder = os.path.dirname(source.path)
    if folder not in sys.path:
        sys.path.append(folder)
    sys.modules[name] = module  # dataclasses look up their module
    try:
        exec(code, module.__dict__)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _key(source: Source) -> str:
    return hashlib.sha256(source.path.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _imported(source: Source) -> ModuleType:
    _search_here()
    return import_module(source.name)


def _search_here() -> None:
    """Find modules in the current folder too, as ``python -m`` does."""
    if not {"", os.getcwd()} & set(sys.path):
        sys.path.append(os.getcwd())


@contextmanager
def faults_named(source: Source) -> Iterator[None]:
    """Turn what goes wrong in a file into one line with its place."""
    try:
        yield
    except ClaimsFileError:
        raise
    except SyntaxError as error:
        shown = source.name if error.filename in (None, source.path) else str(error.filename)
        raise ClaimsFileError(shown, error.lineno, f"SyntaxError: {error.msg}") from error
    except (Exception, SystemExit) as error:
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise ClaimsFileError(source.name, line_in(error, source), text) from error


def line_in(error: BaseException, source: Source) -> int | None:
    """Line of a claims file in which an error was raised, or called what raised it."""
    module = sys.modules.get(source.name)
    path = source.path or str(getattr(module, "__file__", None) or _origin(source.name))
    lines = [
        number
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == path
    ]
    return lines[-1] if lines else None


def place_of(error: BaseException) -> str:
    """``file:line`` where an error left a claims file, or a module with claims; else empty.

    Examples
    --------
    >>> place_of(ValueError())
    ''
    """
    files = [found for _, found in _state.loaded.values()]
    named = {str(getattr(each.module, "__file__", "")): each.source.name for each in files}
    places = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
    ]
    chosen = [place for place in places if place[0] in named]
    if not chosen:
        return ""
    path, number = chosen[-1]
    return f"{named[path]}:{number}"


def _origin(name: str) -> str:
    try:
        spec = util.find_spec(name)
    except Exception:
        return ""
    return str(spec.origin) if spec is not None else ""


def _entries(found: ClaimsFile, name: str, kind: type, word: str) -> list[Any]:
    """Entries of one of a file's tuples, each of the kind it should have."""
    given = vars(found.module).get(name, ())
    if not isinstance(given, tuple | list):
        hint = f"({word}(...),)" if isinstance(given, kind) else f"({word}(...), ...)"
        what = type(given).__name__
        raise found.fault(f"{name} is of type {what}; allowed: a tuple, {name} = {hint}")
    for number, entry in enumerate(given):
        if not isinstance(entry, kind):
            what = type(entry).__name__
            raise found.fault(f"{name}[{number}] is of type {what}; allowed: {word}")
    return list(given)


def _check(found: ClaimsFile, claims: tuple[Claim, ...]) -> None:
    """Refuse identifiers that are none or stand twice, and claims that are wrong in themselves."""
    seen: set[str] = set()
    for claim in claims:
        name = claim.identifier
        if not is_identifier(name):
            raise found.fault(f"identifier {name!r}; allowed: {ALLOWED_IDENTIFIERS}")
        if name in seen:
            raise found.fault(f"two claims have the identifier {name}")
        seen.add(name)
        examine(claim)


def is_identifier(name: object) -> bool:
    """Whether a claim can have this identifier, which is the name of its page, too.

    Examples
    --------
    >>> is_identifier("T1"), is_identifier("../T1"), is_identifier("index")
    (True, False, False)
    """
    return isinstance(name, str) and bool(_IDENTIFIER.fullmatch(name)) and name not in _RESERVED
