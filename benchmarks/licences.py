"""Licences of the dependencies that are installed: ``python -m benchmarks.licences``."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

from benchmarks.packages import ROOT


def declared() -> list[str]:
    """Names of the distributions that the project asks for, extras included."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    asked = [*project["dependencies"], *(each for extra in extras for each in extra)]
    return sorted({re.split(r"[<>=!~\[; ]", each)[0] for each in asked}, key=str.lower)


def licence(distribution: str) -> str:
    """What a distribution says of its licence, in one line."""
    try:
        found = metadata(distribution)
    except PackageNotFoundError:
        return "not installed"
    classified = [
        text.split(" :: ")[-1]
        for text in found.get_all("Classifier") or ()
        if text.startswith("License :: ")
    ]
    said = found.get("License-Expression") or ", ".join(classified) or found.get("License") or ""
    return said.strip().splitlines()[0] if said.strip() else "not said in its metadata"


if __name__ == "__main__":
    print("| distribution | licence |\n| --- | --- |")
    for name in declared():
        print(f"| {name} | {licence(name)} |")
