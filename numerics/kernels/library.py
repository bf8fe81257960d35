"""Kernels lowered from ``derive``: read from the shipped file, or derived if formulas changed.

``numerics/kernels/shipped.json`` carries the SHA-256 of the sources it was derived from. When the
sources on disk differ (somebody edited an integrand) the file is not used: the kernel is derived in
this process, so that what is evaluated always follows from the derivation.

    python -m numerics.kernels --write      # regenerate the shipped file
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from derive.algebra.program import Program
from numerics.errors import InputError

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

TeacherKind = Literal["single", "mixture"]
EscapeName = Literal["F", "Q"]
QUANTITIES = ("loss", "gradient", "hessian")
_SOURCES = (
    "algebra/index.py",
    "algebra/mixture_rules.py",
    "algebra/calculus.py",
    "losses/objectives.py",
    "losses/gradients.py",
    "losses/lowering.py",
    "algebra/program.py",
    "algebra/run_program.py",
    "two_components/escape_integrals.py",
)
#: The two integrands of Lemma E (`derive.two_components.escape_integrals`).
ESCAPE_KERNELS: tuple[EscapeName, ...] = ("F", "Q")


@lru_cache(maxsize=1)
def source_digest() -> str:
    """SHA-256 of the ``derive`` sources that determine the kernels.

    Examples
    --------
    >>> len(source_digest())
    64
    """
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update(name.encode())
        digest.update(files("derive").joinpath(name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Any]:
    """Shipped kernels by name; empty when missing or derived from other sources."""
    resource = files("numerics").joinpath("kernels/shipped.json")
    if not resource.is_file():
        return {}
    data: Mapping[str, Any] = json.loads(resource.read_text(encoding="utf-8"))
    if data["derived_from"] != source_digest():
        return {}
    kernels: Mapping[str, Any] = data["kernels"]
    return kernels


@lru_cache(maxsize=256)
def _by_name(objective: str, quantity: str, teacher: TeacherKind) -> Program:
    shipped = _shipped().get(f"{objective}/{quantity}/{teacher}")
    if shipped is not None:
        return Program.from_data(shipped)
    from derive.losses.lowering import lower_objective
    from derive.losses.objectives import OBJECTIVES

    if objective not in OBJECTIVES:
        raise InputError("objective", objective, "one of " + ", ".join(sorted(OBJECTIVES)))
    return lower_objective(OBJECTIVES[objective], quantity, teacher)


def load_program(
    objective: str | Objective, quantity: str, teacher: TeacherKind = "single"
) -> Program:
    """Kernel of an objective's loss, gradient or Hessian.

    Parameters
    ----------
    objective : str or Objective
        A name, or an objective of the user's own, which is derived here.
    quantity : {"loss", "gradient", "hessian"}
    teacher : {"single", "mixture"}
        ``"single"``: one Gaussian at the origin.

    Raises
    ------
    InputError
        Unknown objective or quantity, or an objective that cannot be lowered.

    Examples
    --------
    >>> load_program("kl", "gradient").output.indices
    ('j0', 'a0')
    """
    if quantity not in QUANTITIES:
        raise InputError("quantity", quantity, "one of " + ", ".join(QUANTITIES))
    if isinstance(objective, str):
        return _by_name(objective, quantity, teacher)
    from derive.losses.lowering import lower_objective
    from derive.losses.objectives import Objective

    if not isinstance(objective, Objective):
        raise InputError("objective", objective, "a name or a derive.losses.objectives.Objective")
    try:
        return lower_objective(objective, quantity, teacher)
    except ValueError as error:
        raise InputError(
            "objective", objective.name, f"an integrand that can be lowered: {error}"
        ) from error


@lru_cache(maxsize=2)
def load_escape_kernel(name: EscapeName) -> Program:
    """Kernel of one of the two integrals to which two components reduce.

    Examples
    --------
    >>> load_escape_kernel("F").name
    'escape/F'
    """
    shipped = _shipped().get(f"escape/{name}")
    if shipped is not None:
        return Program.from_data(shipped)
    from derive.two_components.escape_integrals import lowered

    return lowered(name)


def generate() -> str:
    """Text of ``kernels/shipped.json``, derived afresh."""
    from derive.losses.lowering import lower_objective
    from derive.losses.objectives import OBJECTIVES
    from derive.two_components.escape_integrals import lowered

    kernels = {}
    for objective in OBJECTIVES.values():
        for quantity in QUANTITIES:
            for teacher in ("single", "mixture"):
                program = lower_objective(objective, quantity, teacher)
                kernels[program.name] = program.to_data()
    for name in ESCAPE_KERNELS:
        kernels[f"escape/{name}"] = lowered(name).to_data()
    lines = [
        f"{json.dumps(name)}:{json.dumps(data, separators=(',', ':'))}"
        for name, data in sorted(kernels.items())
    ]
    digest = json.dumps(source_digest())
    return f'{{"derived_from":{digest},\n"kernels":{{\n' + ",\n".join(lines) + "\n}}\n"


def main(arguments: list[str]) -> int:
    """``python -m numerics.kernels [--write]``: check, or rewrite, the shipped kernels."""
    from pathlib import Path

    from numerics.files import write_atomically

    path = Path(str(files("numerics").joinpath("kernels/shipped.json")))
    text = generate()
    if "--write" in arguments:
        write_atomically(path, text)
        return 0
    fresh = path.is_file() and path.read_text(encoding="utf-8") == text
    print("up to date" if fresh else "out of date: run python -m numerics.kernels --write")
    return 0 if fresh else 1
