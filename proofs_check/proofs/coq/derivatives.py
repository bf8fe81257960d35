"""Partial derivatives in the coordinates of the point, each as a lemma of Coq."""

from __future__ import annotations

from proofs_check.proofs.coq.language import Names, ordered
from proofs_check.proofs.coq.polynomials import Script, fresh
from proofs_check.proofs.kernel.calculus import derivative
from proofs_check.proofs.kernel.terms import ProofError, Term, opened


class Derivatives:
    """Proves what `kernel.calculus.derivative` computes.

    Parameters
    ----------
    names : Names
    script : Script
    """

    def __init__(self, names: Names, script: Script) -> None:
        self.names, self.script = names, script
        self._count = 0
        self._partials: dict[tuple[Term, Term, Term], str] = {}

    def partial(self, term: Term, point: Term, coordinate: Term) -> str:
        """A lemma: the partial derivative of a term in a coordinate of the point."""
        key = (term, point, coordinate)
        if key not in self._partials:
            self._partials[key] = self._differentiated(term, point, coordinate)
        return self._partials[key]

    def _differentiated(self, term: Term, point: Term, coordinate: Term) -> str:
        a = self.names.show(coordinate)
        if point not in term.free:
            return f"(partial_const {a} {self.names.show(term)})"
        if term.op == "x":
            return f"(partial_entry {a} {self.names.show(term.args[1])})"
        if term.op == "log_ratio":
            return f"(partial_log {self.names.show(term.args[0])} {a})"
        if term.op == "psi":
            state, index = (self.names.show(t) for t in term.args[:2])
            return f"(partial_psi {state} {index} {a})"
        if term.op == "apply":
            tactics = [
                f"exact {self.partial(opened(term.data.body, term.args), point, coordinate)}."
            ]
        elif term.op == "sum":
            label = fresh(term.data, term.free)
            inner = self.partial(opened(term.args[0], (label,)), point, coordinate)
            tactics = [f"apply partial_Sum; intros {self.names.variable(label)}; exact {inner}."]
        elif term.op in ("add", "multiply"):
            lemma = "partial_plus" if term.op == "add" else "partial_mult"
            parts = [self.partial(t, point, coordinate) for t in term.args]
            proof = parts[-1]
            for part in reversed(parts[:-1]):
                proof = f"({lemma} _ _ _ _ _ {part} {proof})"
            tactics = [
                f"eapply partial_ext; [exact {proof}|intros; cbv beta; unfold posterior; ring]."
            ]
        else:
            raise ProofError(f"{term.op} is not differentiated")
        return self._lemma(term, point, coordinate, tactics)

    def _lemma(self, term: Term, point: Term, coordinate: Term, tactics: list[str]) -> str:
        self._count += 1
        self.script.lemmas += 1
        show, x = self.names.show, self.names.binders([point])
        variables = ordered((term.free | coordinate.free) - {point})
        binders = self.names.binders(variables)
        taken = " ".join(self.names.variable(v) for v in variables)
        name = f"p{self._count}"
        functions = (f"(fun {x} => {show(t)})" for t in (term, derivative(term, point, coordinate)))
        statement = f"partial {show(coordinate)} {' '.join(functions)}"
        self.script.lines += [
            f"Lemma {name} : forall {binders}, {statement}.",
            f"Proof. intros {taken}.",
            *tactics,
            "Qed.",
        ]
        return f"({name} {taken})"
