"""The import contracts of ``pyproject.toml`` refuse an import planted against each rule."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("derive", "numerics", "proofs_check")
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def file_of(root: Path, module: str) -> Path:
    """The file of a module, or the ``__init__`` of a package."""
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def plant(root: Path, importer: str, imported: str) -> None:
    with file_of(root, importer).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {imported}\n")


def lint(root: Path) -> tuple[int, str]:
    """Exit code and output, its line breaks and indents as single spaces."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def forbidden_by(contract: dict[str, object]) -> list[tuple[str, str]]:
    """One import against every rule: up a floor, across a floor, or from a source that may not."""
    if contract["type"] == "forbidden":
        sources, targets = contract["source_modules"], contract["forbidden_modules"]
        return [(source, target) for source in sources for target in targets]  # type: ignore[attr-defined]
    inside = "".join(f"{container}." for container in contract.get("containers", ()))  # type: ignore[attr-defined]
    floors = [layer.split(" | ") for layer in contract["layers"]]  # type: ignore[attr-defined]
    up = [(low[0], high[-1]) for high, low in pairwise(floors)]
    across = [pair for floor in floors for pair in pairwise(floor)]
    return [(inside + importer, inside + imported) for importer, imported in up + across]


@pytest.mark.parametrize(
    "name", [name for name, found in CONTRACTS.items() if found["type"] != "acyclic_siblings"]
)
def test_imports_against_a_contract_are_refused(name: str, copy: Path) -> None:
    plants = forbidden_by(CONTRACTS[name])
    assert plants
    for importer, imported in plants:
        plant(copy, importer, imported)
    code, output = lint(copy)
    assert code == 1
    assert f"{name} BROKEN" in output
    for importer, imported in plants:
        assert f"{importer} is not allowed to import {imported}" in output


@pytest.mark.parametrize("package", PACKAGES)
def test_a_circle_inside_a_room_is_refused(package: str, copy: Path) -> None:
    first, second = {
        "derive": ("derive.algebra.index", "derive.algebra.display"),
        "numerics": ("numerics.evaluation.request", "numerics.evaluation.evaluator"),
        "proofs_check": ("proofs_check.sampling.drawing", "proofs_check.sampling.cases"),
    }[package]
    plant(copy, first, second)
    code, output = lint(copy)
    assert code == 1
    assert "No circles BROKEN" in output
    assert "Floors of" in output
    assert output.count(" BROKEN") == 1


def test_a_room_without_a_floor_is_refused(copy: Path) -> None:
    room = copy / "numerics" / "attic"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room that no floor has."""\n', encoding="utf-8")
    code, output = lint(copy)
    assert code == 1
    assert "attic" in output
