"""What every page owes its reader: a heading, a plain sentence below it, and links that resolve."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from proofs_check.report.pages import escape
from tests.documentation.blocks import ROOT
from tests.proofs_check.report.test_pages import shipped_claims

DOCS = ROOT / "docs"
ALL = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *DOCS.rglob("*.md"),
]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """A page without code."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", "code", text)


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as Markdown renderers make them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("path", sorted(ALL), ids=name)
def test_links_resolve(path: Path) -> None:
    for target in LINK.findall(prose(path)):
        if re.match(r"(https?|mailto):", target):
            continue
        file, _, place = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{name(path)}: {target}: no such file"
        assert found.is_relative_to(ROOT), f"{name(path)}: {target}: outside the project"
        if place:
            assert place in anchors(found), f"{name(path)}: {target}: no such heading"


def opening(path: Path) -> tuple[str, str]:
    """The first line of a page and the first paragraph below it."""
    text = re.sub(r"^<!--.*?-->\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    first, _, rest = text.partition("\n")
    return first, rest.strip().split("\n\n")[0]


#: Pages that only include another one.
INCLUDE = re.compile(r"^```\{include\} (\S+)$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted(ALL), ids=name)
def test_a_page_opens_with_a_heading_and_a_sentence(path: Path) -> None:
    included = INCLUDE.match(path.read_text(encoding="utf-8"))
    heading, paragraph = opening((path.parent / included[1]).resolve() if included else path)
    assert re.match(r"# \S", heading), heading
    sentence = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", paragraph)
    assert re.match(r"[\"`*(]*[A-Za-z]", sentence), f"not a sentence: {paragraph}"
    assert len(sentence.split()) >= 6, f"not a sentence: {paragraph}"
    assert sentence.rstrip(" *`)")[-1] in ".:;?!", f"not a sentence: {paragraph}"


def test_every_gallery_file_opens_with_a_sentence() -> None:
    for path in sorted((DOCS / "gallery").glob("*.py")):
        first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[
            0
        ]
        assert first.endswith("."), name(path)
        assert len(first.split()) >= 6, name(path)


def test_texts_of_the_packages_name_pages_that_exist() -> None:
    for package in ("derive", "numerics", "proofs_check", "benchmarks", "tests", ".ci"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".json", ".v", ""} and path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                for page in re.findall(r"\bdocs/[\w./-]+\.(?:md|svg|py)\b", text):
                    assert (ROOT / page).exists(), f"{name(path)}: {page}"


def test_the_index_of_claims_is_that_of_the_committed_verdicts() -> None:
    stored = json.loads((DOCS / "claims" / "verdicts.json").read_text(encoding="utf-8"))["claims"]
    index = (DOCS / "claims" / "index.md").read_text(encoding="utf-8")
    rows = [line for line in index.splitlines() if re.match(r"\| \[\w+\]\(", line)]
    shipped = {claim.identifier: claim for claim in shipped_claims()}
    assert {each["id"] for each in stored} == set(shipped)
    for found, row in zip(stored, rows, strict=True):
        claim = shipped[found["id"]]
        refuted = [control["verdict"] for control in found["controls"]].count("REFUTED")
        assert found["title"] == claim.title
        assert row == (
            f"| [{claim.identifier}]({claim.identifier}.md) | {escape(claim.title)} "
            f"| {found['verdict']} | {found['method']} | {refuted} of {len(found['controls'])} |"
        )
