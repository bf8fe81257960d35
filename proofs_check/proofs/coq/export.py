"""A replayed proof as one file for Coq, with the hypotheses it keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from proofs_check.proofs.coq.derivation import Derivation
from proofs_check.proofs.coq.identities import Script
from proofs_check.proofs.coq.language import TYPES, Names
from proofs_check.proofs.kernel.terms import Definition, Objective, Term
from proofs_check.proofs.tactics.script import ScriptReplay


@dataclass(frozen=True)
class Exported:
    """A proof for Coq.

    Attributes
    ----------
    name : str
    text : str
        The whole file.
    theorem : str
        The name of the theorem at its end.
    steps : int
        Inferences of the kernel; each is a lemma.
    lemmas : int
        All lemmas, those about normal forms and derivatives too.
    hypotheses : dict of str to str
        What is assumed beyond the model of the prelude, with its meaning.
    """

    name: str
    text: str
    theorem: str
    steps: int
    lemmas: int
    hypotheses: dict[str, str]


def prelude() -> str:
    """The file that every exported proof begins with."""
    source = resources.files("proofs_check.proofs.coq").joinpath("prelude.v")
    return source.read_text(encoding="utf-8")


def export(replay: ScriptReplay) -> Exported:
    """Write the derivation of a proof's conclusions as lemmas of Coq.

    Raises
    ------
    ProofError
        If an inference has no counterpart.
    """
    names, script = Names(), Script()
    derivation = Derivation(names, script)
    shown = []
    for theorem in replay.theorems.values():
        lemma = derivation.theorem(theorem)
        shown.append((derivation.statement(theorem.record)[2], lemma))
    title = "theorem_" + re.sub(r"\W", "_", replay.proof.name)
    end = [
        f"Theorem {title} :",
        " /\\\n".join(f"  ({statement})" for statement, _ in shown) + ".",
        f"Proof. exact {_together([lemma for _, lemma in shown])}. Qed.",
        f"Print Assumptions {title}.",
        "End Mixture.",
    ]
    assumed = derivation.assumed.statements
    body = [*script.lines, *end]
    text = "\n".join([prelude(), *declarations(names, assumed), *body, ""])
    words = {name: derivation.assumed.words[name] for name in assumed}
    steps = sum(derivation.rules.values())
    return Exported(replay.proof.name, text, title, steps, script.lemmas, words)


def _together(lemmas: list[str]) -> str:
    proof = lemmas[-1]
    for lemma in reversed(lemmas[:-1]):
        proof = f"(conj {lemma} {proof})"
    return proof


def declarations(names: Names, assumed: dict[str, str]) -> list[str]:
    """Losses, definitions and named hypotheses, each after what it speaks of."""
    lines: list[str] = []
    done: set[Definition] = set()

    def define(found: Definition) -> None:
        if found in done:
            return
        done.add(found)
        for inner in definitions(found.body):
            define(inner)
        for objective in objectives(found.body):
            names.objective(objective)
        arguments = [f"v{place}" for place in range(len(found.sorts))]
        binders = " ".join(
            f"({a} : {TYPES[sort]})" for a, sort in zip(arguments, found.sorts, strict=True)
        )
        body = names.body(found.body, arguments)
        name = names.definition(found)
        lines.append(f"Definition {name} {binders} : R := {body}.".replace("  ", " "))
        lines.append(f"Hint Unfold {name} : meanings.")

    for found in list(names.definitions):
        define(found)
    losses = [line for found in names.objectives for line in _descent(names.objective(found))]
    given = [f"Hypothesis {name} : {statement}." for name, statement in assumed.items()]
    return ["\n(* The losses, the words of the theorem, and what is assumed. *)\n",
            *losses, *lines, *given, "\n(* The derivation. *)\n"]  # fmt: skip


def _descent(name: str) -> list[str]:
    """A loss's gradient, the step and the run of descent on it, and its flow."""
    return [
        f"Variable gradient_{name} : state -> Component -> Coordinate -> R.",
        f"Variable flow_{name} : state -> R -> state.",
        f"Definition descended_{name} (eta : R) (V : state) : state :=",
        f"  fun j a => V j a + (-1) * (eta * gradient_{name} V j a).",
        f"Fixpoint run_{name} (eta : R) (V : state) (k : nat) : state :=",
        f"  match k with O => V | S m => descended_{name} eta (run_{name} eta V m) end.",
    ]


def _parts(term: Term) -> Iterable[Term]:
    yield term
    for a in term.args:
        yield from _parts(a)


def definitions(term: Term) -> list[Definition]:
    """Definitions that stand in a term."""
    return list(dict.fromkeys(part.data for part in _parts(term) if part.op == "apply"))


def objectives(term: Term) -> list[Objective]:
    """Losses that stand in a term."""
    found = (part.data for part in _parts(term) if type(part.data) is Objective)
    return list(dict.fromkeys(found))
