"""Plant an error in a copy of the packages, and run a command there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("derive", "numerics", "proofs_check", "tests")


@dataclass(frozen=True)
class Mutant:
    """One planted error: ``old`` becomes ``new`` in ``file``; ``tests`` must turn red.

    ``on_disk`` if the tests see it by the file's digest: stored kernels are then made again.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ()
    on_disk: bool = False


def copy_of_the_packages(target: Path) -> Path:
    """A private copy of the packages and tests; an installed distribution does not shadow it."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, target / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def plant(root: Path, mutant: Mutant) -> None:
    """Apply a mutant; the text to replace must occur exactly once."""
    path = root / mutant.file
    source = path.read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1, f"{mutant.name}: {source.count(mutant.old)} places"
    path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")


def run(root: Path, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run ``python ARGUMENTS`` with the copy first on the path."""
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
