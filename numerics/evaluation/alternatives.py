"""Which backend takes a problem that float64 refuses: found by trying it, within a few nodes."""

from __future__ import annotations

from collections.abc import Callable

from numerics.errors import InputError, NodeLimitError

#: Nodes and entries of a result within which a trial takes about a second.
FEW_NODES, FEW_ENTRIES = 20_000, 64


def with_alternative(
    error: InputError, entries: int, attempt: Callable[[str], object]
) -> InputError:
    """Return float64's refusal, with the backend that takes the problem if there is one.

    Parameters
    ----------
    error : InputError
    entries : int
        Of the result; a large one is not tried.
    attempt : callable
        Given a backend, solves the problem with at most `FEW_NODES` nodes or raises. Where
        float64 itself passes, what it refused came later: no backend is named.

    Examples
    --------
    >>> refusal = InputError("means", "1e6", "entries up to 1e5")
    >>> takes = {"ball": 1}
    >>> str(with_alternative(refusal, 1, lambda backend: 1 // takes.get(backend, 0)))
    'means: got 1e6; allowed: entries up to 1e5, or backend "ball", which takes these means'
    """
    backend = _first(attempt) if entries <= FEW_ENTRIES else ""
    if not backend:
        return error
    hint = f'or backend "{backend}", which takes these means'
    if isinstance(error, NodeLimitError):
        return NodeLimitError(error.predicted, error.limit, f", {hint}")
    return InputError(error.argument, error.value, f"{error.allowed}, {hint}")


def _first(attempt: Callable[[str], object]) -> str:
    for backend in ("float64", "ball", "mpmath"):
        try:
            attempt(backend)
        except (InputError, ArithmeticError):
            continue
        return "" if backend == "float64" else backend
    return ""
