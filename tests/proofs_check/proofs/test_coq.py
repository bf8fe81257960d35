"""Proofs exported for Coq: what the files say, what Coq accepts, and what it refuses."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from proofs_check.cli import main
from proofs_check.proofs.catalogue import proof
from proofs_check.proofs.coq.derivation import Derivation
from proofs_check.proofs.coq.export import Exported, declarations, model, prelude
from proofs_check.proofs.coq.judge import TimeIsUpError, compiled, judge
from proofs_check.proofs.coq.language import Names
from proofs_check.proofs.coq.polynomials import Script
from proofs_check.proofs.theorem_k import theorem_k
from tests.proofs_check.commands import refusal
from tests.proofs_check.proofs import planted
from tests.proofs_check.proofs.replays import exported, replayed

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None,
    reason="coqc is not installed: apt-get install coq libcoq-interval",
)
STEIN, GRADIENT = "stein_teacher", "gradient_is_kl"


@pytest.mark.parametrize("name", ["K", "K-stationary", "S", "TV", "I4"])
def test_a_file_assumes_nothing_but_named_hypotheses(name):
    found = exported(name)
    code = re.sub(r"\(\*.*?\*\)", "", found.text, flags=re.DOTALL)
    assert not re.search(r"\b(Axioms?|Parameters?|Conjecture|Admitted|admit|give_up)\b", code)
    body = code.removeprefix(re.sub(r"\(\*.*?\*\)", "", prelude(), flags=re.DOTALL))
    stated = set(re.findall(r"^Hypothesis (\w+) :", body, re.M))
    assert stated == set(found.hypotheses) & stated
    assert set(found.hypotheses) - stated <= {STEIN, "stein_student", "mean_responsibility"}
    assert set(re.findall(r"^Variables? (\w+)", body, re.M)) <= found.model
    assert body.rstrip().endswith(f"Print Assumptions {found.theorem}.\nEnd Mixture.")


@pytest.mark.parametrize("name", ["K", "S"])
def test_every_step_is_exported(name):
    found, script = exported(name), proof(name)
    assert found.steps == tuple(step.name for step in script.steps)
    assert found.left_out == ()
    assert len(re.findall(r"^Qed\.$", found.text, re.M)) >= found.lemmas


def test_a_derivation_beside_the_kernel_is_said_to_be_left_out():
    found = exported("I5")
    assert found.left_out
    assert set(found.left_out).isdisjoint(found.steps)


def test_the_theorem_is_quantified_as_the_claim_says():
    end = exported("K").text.partition("Theorem theorem_K :")[2]
    statements = re.findall(r"^  \((.*)\)", end, re.M)
    assert len(statements) == len(proof("K").conclusions)
    least = statements[-1]
    assert least.startswith("forall (eta_ : R) (V_0_ : state) (N_ : nat)") or (
        {"(eta_ : R)", "(V_0_ : state)", "(N_ : nat)"} <= set(re.findall(r"\([^()]*\)", least))
    )
    assert "(eta_ <= 2)" in least
    assert "(0 <= eta_)" in least
    assert "LeastSteps N_" in least


def test_the_model_is_what_the_prelude_declares_and_no_identity_of_the_proofs():
    assert {"weight_positive", "weight_total", "teacher", "student"} <= model()
    assert model().isdisjoint({STEIN, "stein_student", "mean_responsibility"})


def test_without_coqc_the_check_is_refused_with_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refusal(capsys, "prove", "K", "--check", "coq")
    assert "apt-get install coq libcoq-interval" in said


def test_a_proof_that_does_not_replay_is_not_exported(monkeypatch, capsys):
    from proofs_check.proofs import catalogue

    monkeypatch.setattr(catalogue, "proof", lambda name: theorem_k(largest_step=3))
    assert main(["prove", "K", "--format", "coq"]) == 3
    captured = capsys.readouterr()
    assert "Theorem theorem_K" not in captured.out + captured.err


def test_the_file_and_the_document_are_written(tmp_path, capsys):
    out, document = tmp_path / "K.v", tmp_path / "K.json"
    assert main(["prove", "K", "--format", "coq", "--out", str(out), "--json", str(document)]) == 0
    assert out.read_text() == exported("K").text
    assert "17 of 17 steps" in capsys.readouterr().out
    data = json.loads(document.read_text())
    schema = importlib.resources.files("proofs_check.schemas").joinpath("prove.json").read_text()
    jsonschema.validate(data, json.loads(schema))
    assert {h["name"] for h in data["coq"]["hypotheses"]} == {STEIN, GRADIENT}
    assert list(tmp_path.iterdir()) != []
    assert {p.name for p in tmp_path.iterdir()} == {"K.v", "K.json"}


@pytest.mark.parametrize("given", [("--format", "coq"), ("--out", "x.v")])
def test_the_list_of_proofs_is_not_for_coq(capsys, given):
    assert "NAME" in refusal(capsys, "prove", *given)


@needs_coq
def test_coq_proves_theorem_k_from_exactly_the_declared_hypotheses():
    found = judge(exported("K"), 600)
    assert found.holds, found
    assert found.hypotheses == (GRADIENT, STEIN)


#: A file that rests on an axiom, and one whose theorem does not need what it declares.
SMALL = "Section Mixture.\nHypothesis given : 0 = 0.\n{}\nPrint Assumptions t.\nEnd Mixture.\n"


def small(text: str, *declared: str) -> Exported:
    names = dict.fromkeys(declared, "")
    return Exported("t", SMALL.format(text), "t", ("t",), 1, 1, names, (), frozenset())


@needs_coq
@pytest.mark.parametrize(
    ("text", "undeclared", "unused"),
    [
        ("Lemma t : 0 = 0. Proof. exact given. Qed.", (), ()),
        ("Axiom cheat : 0 = 1. Lemma t : 0 = 1 /\\ 0 = 0. Proof. exact (conj cheat given). Qed.",
         ("cheat",), ()),
        ("Lemma t : 0 = 0. Proof. reflexivity. Qed.", (), ("given",)),
        ("Hypothesis more : 0 = 2. Lemma t : 0 = 2 /\\ 0 = 0. Proof. exact (conj more given). Qed.",
         ("more",), ()),
        ("Lemma u : 0 = 3. Admitted. Lemma t : 0 = 3 /\\ 0 = 0. Proof. exact (conj u given). Qed.",
         ("u",), ()),
    ],
)  # fmt: skip
def test_assumptions_are_compared_with_the_declared_ones(text, undeclared, unused):
    found = judge(small(text, "given"), 60)
    assert found.accepted
    assert (found.undeclared, found.unused) == (undeclared, unused)
    assert found.holds is not bool(undeclared or unused)


@needs_coq
def test_a_false_file_is_refused_with_coq_words():
    found = judge(small("Lemma t : 0 = 1. Proof. reflexivity. Qed."), 60)
    assert not found.accepted
    assert not found.holds
    assert "Unable to unify" in found.message


@needs_coq
def test_planted_errors_are_refused_and_weakened_steps_accepted():
    theorems = planted.combinations(replayed("K"))
    text, kinds = planted.planted_file(theorems, seed=1, count=40)
    accepted, _, message = compiled(text, 600)
    assert accepted, message
    assert {"tightened", "multiplier", "premise dropped", "sign flipped"} <= set(kinds)


@needs_coq
def test_a_right_step_is_not_taken_for_a_planted_error():
    theorem = planted.combinations(replayed("K"))[0]
    names, script = Names(), Script()
    derivation = Derivation(names, script)
    for premise in theorem.record.premises:
        derivation.grant(premise)
    derivation.write("right", theorem.record, refused=True)
    head = declarations(names, derivation.assumed)
    text = "\n".join([prelude(), *head, *script.lines, "End Mixture."])
    accepted, _, message = compiled(text, 600)
    assert not accepted
    assert "has not failed" in message


@pytest.fixture
def slow_coqc(tmp_path, monkeypatch):
    """A coqc that never ends; its process id is written to the file."""
    script, pid = tmp_path / "coqc", tmp_path / "pid"
    script.write_text(
        f"#!/bin/sh\n[ $1 = --print-version ] && echo 8.16.1 && exit\n"
        f"echo $$ >{pid}.part\nmv {pid}.part {pid}\nexec sleep 600\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return pid


def runs(pid: Path) -> bool:
    """Whether the process whose id stands in the file runs; without a file it was not started."""
    if not pid.exists():
        return False
    try:
        os.kill(int(pid.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_coq_is_ended_at_the_limit(slow_coqc):
    with pytest.raises(TimeIsUpError):
        compiled("", 1)
    assert not runs(slow_coqc)


def test_the_command_says_that_the_time_is_up(slow_coqc, capsys):
    assert main(["prove", "TV", "--check", "coq", "--max-seconds", "1"]) == 124
    assert "time is up" in capsys.readouterr().err
    assert not runs(slow_coqc)


def test_coq_is_ended_on_an_interrupt(slow_coqc):
    code = "from proofs_check.proofs.coq.judge import compiled\ncompiled('', 600)"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    for _ in range(3000):
        if slow_coqc.exists():
            break
        time.sleep(0.1)
    assert runs(slow_coqc)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    assert not runs(slow_coqc)
