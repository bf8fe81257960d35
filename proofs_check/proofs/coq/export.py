"""A replayed proof as one file for Coq, with the hypotheses it keeps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources

from proofs_check.proofs.coq.beside import beside_lemma
from proofs_check.proofs.coq.derivation import Assumed, Derivation
from proofs_check.proofs.coq.language import TYPES, Names
from proofs_check.proofs.coq.polynomials import Script
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
    steps : tuple of str
        Steps of the proof, each of which is a lemma or an instance of one.
    inferences : int
        Inferences of the kernel; each is a lemma.
    lemmas : int
        All lemmas of the derivation, those about normal forms and derivatives too.
    hypotheses : dict of str to str
        What is assumed beyond the model of the prelude, with its meaning.
    left_out : tuple of str
        Steps that are not theorems of the kernel: derivations that were replayed beside it.
    model : frozenset of str
        Variables and hypotheses of the prelude that say what a mixture and its descent are.
    digests : dict of str to str
        SHA-256 of the statement and the exact boxes, of hypotheses that rest on a cover.
    """

    name: str
    text: str
    theorem: str
    steps: tuple[str, ...]
    inferences: int
    lemmas: int
    hypotheses: dict[str, str]
    left_out: tuple[str, ...]
    model: frozenset[str]
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()


#: What there is for each loss.
_OF_LOSS = ("gradient", "flow")
#: Hypotheses of the prelude that a theorem may rest on; the rest of its variables is the model.
_GENERAL = {
    "stein_teacher": "Stein's identity for the teacher",
    "stein_student": "Stein's identity for the student",
    "mean_responsibility": "the student's mean of a responsibility is its weight",
}


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
    steps = []
    for number, outcome in enumerate(replay.outcomes):
        beside = [] if outcome.theorem else beside_lemma(outcome.step, f"beside_{number}")
        if outcome.theorem is None and not beside:
            continue
        steps.append(outcome.step.name)
        script.lines += [f"(* Step: {comment(outcome.step.name)} *)", *beside]
        if outcome.theorem is not None:
            derivation.theorem(outcome.theorem)
    shown = [
        (derivation.statement(theorem.record)[2], derivation.theorem(theorem))
        for theorem in replay.theorems.values()
    ]
    title = "theorem_" + re.sub(r"\W", "_", replay.proof.name)
    end = [
        f"(* {comment(replay.proof.title)}; {comment(replay.proof.scope)}. *)",
        f"Theorem {title} :",
        " /\\\n".join(f"  ({statement})" for statement, _ in shown) + ".",
        f"Proof. exact {_together([lemma for _, lemma in shown])}. Qed.",
        f"Print Assumptions {title}.",
        "End Mixture.",
    ]
    body = "\n".join([*script.lines, *end, ""])
    used = {name: words for name, words in _GENERAL.items() if re.search(rf"\b{name}\b", body)}
    losses = {f"{kind}_{found}" for found in names.objectives.values() for kind in _OF_LOSS}
    return Exported(
        replay.proof.name,
        "\n".join([prelude(), *declarations(names, derivation.assumed), body]),
        title,
        tuple(steps),
        sum(derivation.rules.values()),
        script.lemmas,
        {**used, **derivation.assumed.words},
        tuple(o.step.name for o in replay.outcomes if o.step.name not in steps),
        frozenset(model() | losses),
        derivation.assumed.digests,
    )


def model() -> set[str]:
    """Variables and hypotheses of the prelude's section, but for those that are named."""
    section = prelude().partition("Section Mixture.")[2]
    found = re.findall(r"^(?:Variables?|Hypothes[ie]s) ([^:]*):", section, re.M)
    found += re.findall(r"^Variables (.*)\.$", section, re.M)
    names = set(re.findall(r"\w+", re.sub(r":[^()]*", " ", " ".join(found))))
    return names - set(_GENERAL)


def comment(text: str) -> str:
    """Text that cannot end or open a comment of Coq.

    Examples
    --------
    >>> comment('the (*) of "psi"')
    "the ( * ) of 'psi'"
    """
    return text.replace("(*", "( *").replace("*)", "* )").replace('"', "'")


def _together(lemmas: list[str]) -> str:
    proof = lemmas[-1]
    for lemma in reversed(lemmas[:-1]):
        proof = f"(conj {lemma} {proof})"
    return proof


def declarations(names: Names, assumed: Assumed) -> list[str]:
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
    given = [
        f"(* {comment(assumed.words[name])}{_of_boxes(assumed, name)} *)\n"
        f"Hypothesis {name} : {statement}."
        for name, statement in assumed.statements.items()
    ]
    return ["\n(* The losses, the words of the theorem, and what is assumed. *)\n",
            *losses, *lines, *given, "\n(* The derivation. *)\n"]  # fmt: skip


def _of_boxes(assumed: Assumed, name: str) -> str:
    if name not in assumed.digests:
        return ""
    return f"\n   sha256 of the statement and the exact boxes: {assumed.digests[name]}"


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
