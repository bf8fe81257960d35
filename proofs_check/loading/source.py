"""Where claims come from: a Python file or an importable module, as the user named it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from numerics.errors import InputError, shorten
from numerics.visible import visible

#: Between the name of a claims file and that of a claim in it.
SEPARATOR = "::"


class ClaimsFileError(InputError):
    """A fault in a claims file: names the file, the line where there is one, and the fault.

    Examples
    --------
    >>> str(ClaimsFileError("my_claims.py", 7, "NameError: name 'x' is not defined"))
    "my_claims.py:7: NameError: name 'x' is not defined"
    """

    def __init__(self, name: str, line: int | None, fault: str) -> None:
        place = name if line is None else f"{name}:{line}"
        super().__init__(place, fault, "a claims file")
        self.fault = shorten(fault, 400)

    def __str__(self) -> str:
        return visible(f"{self.argument}: {self.fault}")


@dataclass(frozen=True)
class Source:
    """A claims file or module; can be sent to another process, which loads it anew.

    Attributes
    ----------
    name : str
        As it was given: ``my_claims.py``, ``pkg.module``.
    path : str
        Absolute path of a file; empty for a module, which is found by its name.

    Examples
    --------
    >>> Source.of("pkg.claims"), Source.of("my_claims.py").name
    (Source(name='pkg.claims', path=''), 'my_claims.py')
    """

    name: str
    path: str = ""

    @classmethod
    def of(cls, name: str) -> Source:
        """Read a name; a path is taken from the current folder."""
        if is_path(name):
            return cls(name, os.path.abspath(os.path.expanduser(name)))
        return cls(name)

    def address(self, identifier: str) -> str:
        """The claim as the command line takes it.

        Examples
        --------
        >>> Source("my_claims.py").address("T1")
        'my_claims.py::T1'
        """
        return f"{self.name}{SEPARATOR}{identifier}"


def is_path(name: str) -> bool:
    """Whether a name means a file and not a module.

    Examples
    --------
    >>> is_path("my_claims.py"), is_path("../claims"), is_path("pkg.claims")
    (True, True, False)
    """
    return name.endswith(".py") or os.sep in name
