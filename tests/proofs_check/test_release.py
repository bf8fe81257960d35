"""What is released: one version everywhere, and archives that hold the packages alone."""

from __future__ import annotations

import gzip
import importlib.util
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import proofs_check
from benchmarks import packages
from benchmarks.licences import declared, licence

ROOT = Path(__file__).parents[2]


def test_one_version():
    version = proofs_check.__version__
    assert f"\n## {version}\n" in (ROOT / "CHANGELOG.md").read_text()
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()


def test_links_of_the_changelog_resolve():
    for link in re.findall(r"\]\((docs/[^)#]*)", (ROOT / "CHANGELOG.md").read_text()):
        assert (ROOT / link).is_file(), link


def test_all_dependencies_are_in_the_list_of_licences():
    page = (ROOT / "docs" / "licences.md").read_text()
    for name in declared():
        assert f"| {name} | " in page, name
    assert licence("no-such-distribution") == "not installed"


def test_a_source_archive_loses_times_and_owners(tmp_path):
    (tmp_path / "text").write_text("x")
    archives = []
    for number, form in enumerate((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)):
        file = tmp_path / f"{number}.tar.gz"
        with tarfile.open(file, "w:gz", format=form) as archive:
            archive.add(tmp_path / "text", "text")
            archive.getmembers()[0].mtime += number
        packages.reproducible_source_archive(file)
        archives.append(file.read_bytes())
    assert archives[0] == archives[1]
    assert gzip.decompress(archives[0])


def test_strays_in_a_wheel_are_named(tmp_path):
    wheel = tmp_path / "proofs_check-0.2.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("proofs_check/__init__.py", "proofs_check-0.2.0.dist-info/METADATA"):
            archive.writestr(name, "")
        archive.writestr("tests/test_release.py", "")
        archive.writestr("proofs_check/figure.svg", "")
    assert packages.strays(wheel) == ["tests/test_release.py", "proofs_check/figure.svg"]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("twine") is None, reason="twine is not installed")
def test_archives_are_the_same_twice():
    assert packages.main() == 0, sys.version
