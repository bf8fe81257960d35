"""Boxes of covers for Coq, digests of hypotheses, and the record of what Coq said."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import json
import re
import shutil
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from numerics.fates.escape_region import prove_escape_region
from proofs_check.cli import main
from proofs_check.proofs import catalogue
from proofs_check.proofs.check import ProofCheck
from proofs_check.proofs.coq import recorded
from proofs_check.proofs.coq.boxes import box_file
from proofs_check.proofs.coq.export import export
from proofs_check.proofs.coq.judge import compiled, judge_boxes
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.lemma_e import lemma_e
from proofs_check.proofs.tactics.script import replay
from proofs_check.proofs.theorem_k import theorem_k
from tests.proofs_check.commands import refusal
from tests.proofs_check.proofs.replays import exported, replayed, replayed_changed

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None,
    reason="coqc is not installed: apt-get install coq libcoq-interval",
)


#: Proofs of which Coq was not asked: the files of A and B have 20 and 17 MB.
NOT_ASKED = {
    *("A", "A-steps", "A-upper", "A-prime", "A-source", "A-radius", "A-large-step", "B", "C"),
    *("E-n", "F-stationary", "F-weights"),
}


def test_hypotheses_of_a_cover_carry_the_digest_of_their_boxes():
    found = exported("E")
    assert len(found.digests) == 3
    lines = [
        "eps in [{}, {}], alpha in [{}, {}]".format(*box.bounds)
        for box in recorded_boxes(prove_escape_region().boxes)
    ]
    for name, digest in found.digests.items():
        statement = re.search(rf"^Hypothesis {name} : (.*)\.$", found.text, re.M)[1]
        assert hashlib.sha256("\n".join([statement, *lines]).encode()).hexdigest() == digest
        assert name.endswith(digest[:8])
        assert digest[:16] in found.hypotheses[name]
        assert f"exact boxes: {digest}" in found.text


def recorded_boxes(paths):
    from numerics.fates.escape_region import CoverBox

    return [CoverBox(path) for path in paths]


def test_other_boxes_have_another_digest():
    boxes = prove_escape_region().boxes
    halved = (boxes[0] + "0", boxes[0] + "1", *boxes[1:])
    other = export(replayed_changed(lemma_e(boxes=halved)))
    assert set(other.digests.values()).isdisjoint(exported("E").digests.values())
    again = export(replayed_changed(lemma_e(boxes=boxes)))
    assert again.digests == exported("E").digests


def test_a_file_does_not_depend_on_what_was_replayed_before():
    before = exported("K").text
    replayed("E")
    replayed("TV")
    assert export(replay(catalogue.proof("K"))).text == before


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (("K", "--check", "coq", "--boxes", "3"), "no step of K rests on boxes"),
        (("E", "--boxes", "3"), "--check coq"),
        (("--check", "coq", "--boxes", "3"), "NAME"),
        (("E", "--check", "coq", "--boxes", "0"), "--boxes"),
        (("E", "--check", "coq", "--boxes", "some"), "--boxes"),
        (("K", "--record", "x.json"), "--record"),
        (("K", "--all", "--check", "coq"), "--all"),
        (("--all",), "--all"),
    ],
)
def test_options_that_do_not_go_together_are_refused(capsys, given, word, monkeypatch, tmp_path):
    script = tmp_path / "coqc"
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert word in refusal(capsys, "prove", *given)


@pytest.mark.parametrize(("name", "total"), [("E", 132), ("U", 43)])
def test_a_sample_is_drawn_from_all_boxes_and_is_always_the_same(name, total):
    every = box_file(replayed(name))
    sample = box_file(replayed(name), 3)
    assert (every.total, len(every.chosen), len(sample.chosen)) == (total, total, 3)
    assert set(sample.chosen) < set(every.chosen)
    assert sample == box_file(replayed(name), 3)
    assert sample != box_file(replayed(name), 3, seed=1)
    assert not re.search(r"\b(Axiom|Admitted|admit|Hypothesis|Parameter)\b", every.text)


def test_boxes_of_a_claim_that_is_too_strong_are_not_written():
    found = replayed("E")
    wrong = dict.fromkeys(found.theorems)
    assert wrong
    from proofs_check.proofs.coq.boxes import _Claimed

    box = recorded_boxes(prove_escape_region().boxes)[70]
    right = _Claimed(Fraction(1, 100), Fraction(1, 2), Fraction(3, 10), Fraction(1))
    assert right.lemma(box)()[1][0] == "Proof."
    for change in (
        {"outward": Fraction(1, 5)},
        {"pull": Fraction(1, 20)},
        {"drift": Fraction(1, 10)},
    ):
        with pytest.raises(ProofError, match="not found"):
            dataclasses.replace(right, **change).lemma(box)()


@needs_coq
def test_coq_proves_boxes_and_refuses_wrong_ones():
    found = box_file(replayed("U"), 2)
    judged = judge_boxes(found, 600)
    assert judged.holds, judged
    signs = {
        "forall g, whole_line (slope a) g -> g < 0",
        "forall g, whole_line (slope a) g -> 0 < g",
    }
    (here,) = (sign for sign in signs if sign in found.text.partition("Lemma box_0")[2][:200])
    (other,) = signs - {here}
    accepted, _, _ = compiled(found.text.replace(here, other, 1), 600)
    assert not accepted


@needs_coq
@pytest.mark.slow
def test_coq_proves_a_box_of_the_escape_region_and_refuses_a_stronger_claim():
    found = box_file(replayed("E"), 1)
    judged = judge_boxes(found, 600)
    assert judged.holds, judged
    stronger = found.text.replace("claim (3 / 20) (1 / 100)", "claim (3 / 20) (1 / 5)")
    assert stronger != found.text
    integrals = "1-2: integrated."  # as above, and seconds each
    assert integrals in stronger
    stronger = stronger.replace(integrals, "1-2: admit.")
    accepted, _, message = compiled(stronger, 600)
    assert not accepted
    assert "failed to conclude" in message


def row_of(name: str) -> dict[str, object]:
    found = exported(name)
    return {
        "sha256": found.digest,
        "holds": True,
        "steps": len(found.steps),
        "left_out": list(found.left_out),
        "hypotheses": found.hypotheses,
    }


def test_what_coq_said_is_shown_only_for_the_file_it_was_said_of():
    row = row_of("K")
    said = "Coq: 17 of 17 steps; hypotheses: Stein's identity for the teacher; the gradient of kl"
    assert recorded.status(replayed("K"), {"K": row}) == said
    for rows in ({}, {"K": {**row, "sha256": "0" * 64}}, {"K": {**row, "holds": False}}):
        assert recorded.status(replayed("K"), rows) == recorded.NOT_CHECKED
    weaker = replay(theorem_k(gradient=Fraction(101, 100), largest_step=Fraction(19, 10)))
    assert recorded.status(weaker, {"K": row}) == recorded.NOT_CHECKED


@pytest.mark.parametrize("name", ["K", "TV", "S", "I2"])
def test_the_record_that_is_shipped_is_of_this_version(name):
    """If not: proofs-check prove --check coq --record proofs_check/proofs/coq/checked.json."""
    assert recorded.status(replayed(name)).startswith("Coq: ")
    assert recorded.status(replayed(name)) != recorded.NOT_CHECKED


def test_the_page_names_the_proofs_that_coq_was_not_asked_about():
    page = (Path(__file__).parents[3] / "docs" / "proof-assistant.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"not checked yet: (.*?)\.\n", page, re.DOTALL)
    assert set(re.findall(r"`(.+?)`", said)) == {*catalogue.names()} - {*recorded.table()}


def test_the_record_is_of_known_proofs_that_coq_accepts():
    rows = recorded.table()
    assert set(catalogue.names()) - set(rows) <= NOT_ASKED
    assert set(rows) <= set(catalogue.names())
    assert all(row["holds"] for row in rows.values())


def test_the_command_and_a_claims_check_say_what_coq_said(capsys, tmp_path):
    target = tmp_path / "TV.json"
    assert main(["prove", "TV", "--json", str(target)]) == 0
    said = recorded.status(replayed("TV"))
    assert said in capsys.readouterr().out.splitlines()
    document = json.loads(target.read_text())
    assert document["recorded"] == said
    schema = importlib.resources.files("proofs_check.schemas").joinpath("prove.json").read_text()
    jsonschema.validate(document, json.loads(schema))
    from proofs_check.claim import Context

    assert said in ProofCheck("TV").run(Context()).notes


@pytest.fixture
def quick_coqc(tmp_path, monkeypatch):
    """A coqc that accepts every file and counts how often it was asked."""
    script, log = tmp_path / "coqc", tmp_path / "asked"
    script.write_text(
        f"#!/bin/sh\n[ $1 = --print-version ] && echo 8.16.1 && exit\necho asked >>{log}\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    names = ("TV", "K")
    monkeypatch.setattr(catalogue, "names", lambda: names)
    return log


def test_the_table_goes_on_where_it_stopped(quick_coqc, tmp_path, capsys):
    target = tmp_path / "record.json"
    command = ["prove", "--check", "coq", "--record", str(target)]
    # what is declared is not assumed: refused, and asked about again
    assert main(command) == 1
    assert "| TV | refused: cited_Pinsker is declared and not assumed" in capsys.readouterr().out
    rows = json.loads(target.read_text())["proofs"]
    assert len(quick_coqc.read_text().splitlines()) == 2
    target.write_text(json.dumps({"proofs": rows | {"K": rows["K"] | {"holds": True}}}))
    assert main(command) == 1
    assert "| K | 17 of 17 |" in capsys.readouterr().out
    assert len(quick_coqc.read_text().splitlines()) == 3


def test_a_record_that_is_none_is_refused(quick_coqc, tmp_path, capsys):
    target = tmp_path / "record.json"
    target.write_text("[]")
    assert "--record" in refusal(capsys, "prove", "--check", "coq", "--record", str(target))
