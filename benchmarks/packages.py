"""Build wheel and source archive twice, compare them, and look at what is in them.

``python -m benchmarks.packages [FOLDER]`` copies the files under version control, builds each twice
with ``SOURCE_DATE_EPOCH`` set, and ends with 1 if bytes differ, or tests, figures or documentation
are in the wheel, or ``twine check`` (where it is installed) objects.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: 2026-01-01; any time will do, if it is always the same and not before 1980.
EPOCH = "1767225600"
#: What belongs to the packages: their modules, data, type marker, and what describes the wheel.
_KINDS = (".py", ".json", ".v", ".jinja", ".css", ".js", "py.typed")


def build(sources: Path, target: Path) -> dict[str, bytes]:
    """Build both archives of a copy of the sources; returns their bytes by name."""
    target.mkdir()
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room) / "sources"
        shutil.copytree(sources, copy)
        command = [sys.executable, "-m", "build", "--outdir", str(target), "."]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": "0"}
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    for archive in target.glob("*.tar.gz"):
        reproducible_source_archive(archive)
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def reproducible_source_archive(file: Path) -> None:
    """Write a source archive again with the time, owner and order of members fixed.

    setuptools keeps the times of the checkout in it.
    """
    plain = io.BytesIO()
    with tarfile.open(file) as old, tarfile.open(fileobj=plain, mode="w") as new:
        for member in sorted(old.getmembers(), key=lambda found: found.name):
            member.mtime, member.uid, member.gid = int(EPOCH), 0, 0
            member.uname = member.gname = ""
            member.pax_headers = {}  # fractions of seconds
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    file.write_bytes(gzip.compress(plain.getvalue(), mtime=int(EPOCH)))


def strays(wheel: Path) -> list[str]:
    """Names in a wheel that are none of the packages' modules or data."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    described = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info/"
    packages = ("derive/", "numerics/", "proofs_check/")
    return [
        name
        for name in names
        if not name.startswith(described)
        and not (name.startswith(packages) and name.endswith(_KINDS))
    ]


def tracked_files(target: Path) -> None:
    """Copy what is under version control, or could be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def main(folder: str | None = None) -> int:
    """Build, compare, look."""
    with tempfile.TemporaryDirectory() as room:
        sources, first, second = (Path(room) / name for name in ("sources", "first", "second"))
        tracked_files(sources)
        good = True
        others = build(sources, second)
        for name, content in build(sources, first).items():
            same = content == others.get(name)
            good = good and same
            digest = hashlib.sha256(content).hexdigest()
            print(f"{name}  {len(content)} bytes  {'the same twice' if same else 'DIFFERENT'}")
            print(f"  sha256 {digest}")
        for wheel in first.glob("*.whl"):
            found = strays(wheel)
            good = good and not found
            print(f"{wheel.name}: {', '.join(found) if found else 'only the packages'}")
        good = checked_by_twine(first) and good
        if folder is not None:
            shutil.copytree(first, folder, dirs_exist_ok=True)
    return 0 if good else 1


def checked_by_twine(folder: Path) -> bool:
    """Whether ``twine check`` accepts the archives; so says a line where it is not installed."""
    if importlib.util.find_spec("twine") is None:
        print("twine is not installed: not checked by it")
        return True
    files = [str(path) for path in sorted(folder.iterdir())]
    command = [sys.executable, "-m", "twine", "check", "--strict", *files]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
