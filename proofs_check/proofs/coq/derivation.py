"""A theorem's derivation, rule by rule: each theorem of the kernel becomes a lemma of Coq."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from proofs_check.proofs.coq.covers import covered, digest
from proofs_check.proofs.coq.derivatives import Derivatives
from proofs_check.proofs.coq.identities import Identities
from proofs_check.proofs.coq.language import SOME, Names, ordered, shown_number, sort_of
from proofs_check.proofs.coq.polynomials import Script
from proofs_check.proofs.kernel.calculus import derivative
from proofs_check.proofs.kernel.terms import ProofError, Term, binder, number, opened, replaced
from proofs_check.proofs.kernel.theorem import Record, Theorem

#: What is at hand in a proof: formulas and the terms that prove them.
Context = Mapping[Term, str]


@dataclass
class Assumed:
    """What a file takes for granted beyond the prelude.

    Attributes
    ----------
    statements : dict of str to str
        Named hypotheses, as Coq states them.
    words : dict of str to str
        What each is, for the reader.
    digests : dict of str to str
        SHA-256 of statement and boxes, of those that rest on a cover.
    """

    statements: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)


class Derivation:
    """Writes theorems and all they are derived from to a script.

    Parameters
    ----------
    names : Names
    script : Script
    planted : bool
        Whether combinations that do not add up are written all the same, for Coq to refuse.
    """

    def __init__(self, names: Names, script: Script, *, planted: bool = False) -> None:
        self.names, self.script, self.planted = names, script, planted
        self.identities = Identities(names, script)
        self.assumed = Assumed()
        self.rules: dict[str, int] = {}
        self.steps: list[tuple[str, Theorem]] = []
        self._lemmas: dict[Theorem, str] = {}
        self._by_content: dict[tuple[Any, ...], str] = {}
        self.derivatives = Derivatives(names, script)

    def theorem(self, theorem: Theorem) -> str:
        """The name of the lemma that says what the theorem says."""
        stack = [theorem]
        while stack:
            last = stack[-1]
            missing = [p for p in last.record.premises if p not in self._lemmas]
            if missing:
                stack += missing
                continue
            stack.pop()
            if last not in self._lemmas:
                self._lemmas[last] = self._made(last)
        return self._lemmas[theorem]

    def statement(self, record: Record) -> tuple[list[Term], list[Term], str]:
        """Variables, hypotheses in order, and the statement of a record."""
        free = record.conclusion.free.union(*(h.free for h in record.hypotheses))
        variables = ordered(free)
        hypotheses = sorted(record.hypotheses, key=lambda h: h.key)
        forall = f"forall {self.names.binders(variables)}, " if variables else ""
        shown = [self.names.show(h) for h in (*hypotheses, record.conclusion)]
        return variables, hypotheses, forall + " -> ".join(shown)

    def _made(self, theorem: Theorem) -> str:
        record = theorem.record
        content = (record.hypotheses, record.conclusion)
        if content in self._by_content:
            return self._by_content[content]
        name = f"t{len(self._by_content) + 1}"
        self.write(name, record)
        self._by_content[content] = name
        self.rules[record.rule] = self.rules.get(record.rule, 0) + 1
        self.steps.append((name, theorem))
        return name

    def grant(self, theorem: Theorem) -> str:
        """Take a theorem for granted, as a named hypothesis."""
        if theorem not in self._lemmas:
            name = f"granted_{len(self._lemmas)}"
            self._lemmas[theorem] = name
            self._assume_named(name, self.statement(theorem.record)[2], "granted")
        return self._lemmas[theorem]

    def write(self, name: str, record: Record, *, refused: bool = False) -> None:
        """Write a record as a lemma; what it needs is written before it.

        With `refused` Coq is to fail on its proof: the file compiles only then.
        """
        variables, hypotheses, statement = self.statement(record)
        context = {h: f"H{place}" for place, h in enumerate(hypotheses)}
        tactics = [self._intros(variables, context.values())]
        hidden = self._hidden(record, variables)
        tactics += [f"pose ({self.names.variable(v)} := {SOME[sort_of(v)]})." for v in hidden]
        rule: Callable[[Record, Context], list[str]] = getattr(self, f"_{record.rule}")
        tactics += rule(record, context)
        self.script.lemmas += 1
        self.script.lines += [f"(* {record.rule} *)", f"Lemma {name} : {statement}.", "Proof."]
        if refused:
            together = "; ".join(t.removesuffix(".") for t in tactics if t)
            self.script.lines += [f"Fail ({together}).", "Abort."]
        else:
            self.script.lines += [*(t for t in tactics if t), "Qed."]

    def _intros(self, variables: Iterable[Term], labels: Iterable[str]) -> str:
        taken = [*(self.names.variable(v) for v in variables), *labels]
        return f"intros {' '.join(taken)}." if taken else ""

    @staticmethod
    def _hidden(record: Record, variables: list[Term]) -> list[Term]:
        """Variables of the premises that the conclusion does not speak of."""
        found: set[Term] = set()
        for premise in record.premises:
            found |= premise.record.conclusion.free.union(
                *(h.free for h in premise.record.hypotheses)
            )
        if record.rule == "combine":
            for _, _, squares in record.parameters[0]:
                found |= frozenset().union(*(s.free for s in squares))
            found |= frozenset().union(*(t.free for t, _ in record.parameters[1]))
        bound = {p for p in record.parameters if type(p) is Term and p.op == "free"}
        if record.rule == "substitute":
            return []
        return ordered(found - set(variables) - (bound if record.rule != "split" else set()))

    def _call(self, theorem: Theorem, context: Context) -> str:
        """A premise for the variables and hypotheses at hand."""
        variables, hypotheses, _ = self.statement(theorem.record)
        given = [*(self.names.variable(v) for v in variables), *(context[h] for h in hypotheses)]
        name = self._lemmas[theorem]
        return f"({name} {' '.join(given)})" if given else name

    # The rules

    def _assume(self, record: Record, context: Context) -> list[str]:
        return [f"exact {context[record.conclusion]}."]

    def _combine(self, record: Record, context: Context) -> list[str]:
        unfolded = record.parameters[2]
        total, parts = self._parts(record, context)
        zero = self.identities.normal(total, unfolded)
        if zero.polynomial and not self.planted:
            raise ProofError("the normal form of a combination is not found to be zero")
        # where it is not zero, Coq tries all the same
        last = "reflexivity" if not zero.polynomial else "identity"
        closing = f"(etransitivity; [exact {zero.proof}|{last}])"
        return self._combined(record.conclusion, total, parts, closing)

    def _parts(self, record: Record, context: Context) -> tuple[Term, list[tuple[Term, str, str]]]:
        """Conclusion minus combination, and each part with its relation to 0 and the proof."""
        products, equalities, _ = record.parameters
        total = _gap(record.conclusion)
        parts = []
        for value, theorems, squares in products:
            term, relation, proof = self._product(value, theorems, squares, context)
            total = Term("add", (total, term))
            parts.append((term, relation, proof))
        for factor, theorem in equalities:
            gap = _gap(theorem.record.conclusion)
            term = Term("multiply", (number(-1), factor, gap))
            total = Term("add", (total, term))
            shown = f"{self.names.show(factor)} {self.names.show(gap)}"
            call = f"(gap_eq _ _ {self._call(theorem, context)})"
            parts.append((term, "=", f"(scaled_eq {shown_number(-1)} {shown} {call})"))
        return total, parts

    def _combined(
        self, conclusion: Term, total: Term, parts: list[tuple[Term, str, str]], zero: str
    ) -> list[str]:
        relation = {"equal": "eq", "at_most": "le", "below": "lt"}[conclusion.op]
        tactics = [
            f"apply {relation}_gap.",
            f"assert (Z : {self.names.show(total)} = 0) by {zero}.",
        ]
        if conclusion.op != "equal":
            tactics.append("apply from_zero in Z.")
        strict = False
        for place, (_, sign, proof) in enumerate(reversed(parts)):
            new, old = f"Z{place}", f"Z{place - 1}" if place else "Z"
            if conclusion.op == "equal":
                lemma = "drop_eq"
            elif sign == "<" and not strict and conclusion.op == "below":
                lemma, strict = "drop_lt", True
            else:
                lemma = "keep_lt" if strict else "drop_le"
                weaker = {"=": f"(Req_le _ _ {proof})", "<": f"(Rlt_le _ _ {proof})"}
                proof = weaker.get(sign, proof)
            tactics.append(f"pose proof ({lemma} _ _ {old} {proof}) as {new}.")
        last = f"Z{len(parts) - 1}" if parts else "Z"
        return [*tactics, f"exact {last}."]

    def _product(
        self, value: Fraction | int, theorems: tuple[Theorem, ...], squares: tuple[Term, ...],
        context: Context,
    ) -> tuple[Term, str, str]:  # fmt: skip
        """``-c`` times squares and gaps, and why it is not positive."""
        gaps = [_gap(t.record.conclusion) for t in theorems]
        factors = [*(s for s in squares for _ in range(2)), *gaps]
        term = Term("multiply", (number(-Fraction(value)), *factors))
        scale = shown_number(-Fraction(value))
        strict = (
            value > 0 and not squares and all(t.record.conclusion.op == "below" for t in theorems)
        )
        if not factors:
            sign = "<" if strict else "<="
            return term, sign, f"(ltac:(lra) : {scale} {sign} 0)"
        proof, shown = "", ""
        for theorem, gap in reversed(list(zip(theorems, gaps, strict=True))):
            own = self._gap_sign(theorem, context, strict=strict)
            if not proof:
                proof, shown = own, self.names.show(gap)
                continue
            lemma = "Rmult_lt_0_compat" if strict else "times_nonnegative"
            proof = f"({lemma} {self.names.show(gap)} {shown} {own} {proof})"
            shown = f"({self.names.show(gap)} * {shown})"
        for square in reversed(squares):
            s = self.names.show(square)
            proof = f"(times_square {s} {shown} {proof})" if proof else f"(square_nonnegative {s})"
            shown = f"({s} * ({s} * {shown}))" if shown else f"({s} * {s})"
        lemma = "scaled_lt" if strict else "scaled_le"
        return term, "<" if strict else "<=", f"({lemma} {scale} {shown} ltac:(lra) {proof})"

    def _gap_sign(self, theorem: Theorem, context: Context, *, strict: bool) -> str:
        call = self._call(theorem, context)
        if theorem.record.conclusion.op == "below":
            found = f"(gap_lt _ _ {call})"
            return found if strict else f"(Rlt_le _ _ {found})"
        if theorem.record.conclusion.op == "equal":
            return f"(gap_le _ _ (Req_le _ _ {call}))"
        return f"(gap_le _ _ {call})"

    def _generalise(self, record: Record, context: Context) -> list[str]:
        (variable,) = record.parameters
        name = self.names.variable(variable)
        return [f"intros {name}.", f"exact {self._call(record.premises[0], context)}."]

    def _specialise(self, record: Record, context: Context) -> list[str]:
        call = self._call(record.premises[0], context)
        return [f"exact ({call} {self.names.show(record.parameters[0])})."]

    def _substitute(self, record: Record, context: Context) -> list[str]:
        (premise,), values = record.premises, dict(record.parameters[0])
        variables, hypotheses, _ = self.statement(premise.record)
        given = [self.names.show(values.get(v, v)) for v in variables]
        labels = [context[replaced(h, values)] for h in hypotheses]
        name = self._lemmas[premise]
        return [f"exact ({' '.join([name, *given, *labels])})."]

    def _cut(self, record: Record, context: Context) -> list[str]:
        lemma, theorem = record.premises
        inside = {**context, lemma.record.conclusion: "L"}
        shown = self.names.show(lemma.record.conclusion)
        return [
            f"assert (L : {shown}) by exact {self._call(lemma, context)}.",
            f"exact {self._call(theorem, inside)}.",
        ]

    def _split(self, record: Record, context: Context) -> list[str]:
        left, right = record.parameters
        cases = (Term("at_most", (left, right)), Term("below", (right, left)))
        sides = f"{self.names.show(left)} {self.names.show(right)}"
        first, second = (
            f"exact {self._call(premise, {**context, case: 'C'})}"
            for premise, case in zip(record.premises, cases, strict=True)
        )
        return [f"destruct (Rle_or_lt {sides}) as [C|C]; [{first} | {second}]."]

    def _antisymmetry(self, record: Record, context: Context) -> list[str]:
        calls = " ".join(self._call(p, context) for p in record.premises)
        return [f"exact (Rle_antisym _ _ {calls})."]

    def _monotone(self, record: Record, context: Context) -> list[str]:
        variable, op, prefix = record.parameters
        (premise,) = record.premises
        relation = premise.record.conclusion.op
        name = self.names.variable(variable)
        if op in ("largest", "least", "least_steps"):
            return self._extreme(record, context)
        if op == "sum_steps":
            assumed = _before(variable, prefix[0])
            lemma = "Steps_eq" if relation == "equal" else "Steps_le"
            call = self._call(premise, {**context, assumed: "B"})
            if relation == "below":
                call = f"(Rlt_le _ _ {call})"
            return [f"apply {lemma}; intros {name} B; exact {call}."]
        call = self._call(premise, context)
        if op == "sum":
            lemma = {"equal": "Sum_ext", "at_most": "Sum_le", "below": "Sum_lt"}[relation]
            some = f"{sort_of(variable).value}s_some"
            first = f"[exact {some}|]; " if relation == "below" else ""
            return [f"apply {lemma}; {first}intros {name}; exact {call}."]
        lemma = {"equal": "mean_ext", "at_most": "mean_le", "below": "mean_lt"}[relation]
        sides = "|".join(self._tame(side, variable) for side in premise.record.conclusion.args)
        tame = "" if relation == "equal" else f"[{sides}|]; "
        return [f"apply {lemma}; {tame}intros {name}; exact {call}."]

    def _tame(self, term: Term, point: Term) -> str:
        """Why a term may be averaged over a point; means within are taken out first."""
        if not _mean_of(term, point):
            return "tame_auto"
        found = self.identities.normal(term, None)
        x = self.names.variable(point)
        simple = self.names.show(self.identities.polynomial(found.polynomial))
        function = f"(fun {self.names.binders([point])} => {simple})"
        return f"apply (tame_same {function}); [tame_auto|intros {x}; exact {found.proof}]"

    def _extreme(self, record: Record, context: Context) -> list[str]:
        raise ProofError(f"{record.rule} of {record.parameters[1]} is not exported")

    def _bound(self, record: Record, context: Context) -> list[str]:
        variable, op, prefix = record.parameters
        (premise,) = record.premises
        name = self.names.variable(variable)
        body = record.conclusion.args[0 if op == "largest" else 1].args[-1]
        function = f"(fun {self.names.binders([variable])} => "
        function += f"{self.names.show(opened(body, (variable,)))})"
        if op == "least_steps":
            some = context[Term("below", (number(0), Term("count", prefix)))]
            inside = {**context, _before(variable, prefix[0]): "B"}
            exists = f"(LeastSteps_attained {self.names.show(prefix[0])} {function} {some})"
            pattern = f"[{name} [B E]]"
        else:
            inside = dict(context)
            sort = sort_of(variable).value
            lemma = "Largest_attained" if op == "largest" else "Least_attained"
            exists = f"({lemma} {sort}s {function} {sort}s_some)"
            pattern = f"[{name} [_ E]]"
        return [
            f"destruct {exists} as {pattern}.",
            f"rewrite E; exact {self._call(premise, inside)}.",
        ]

    def _induction(self, record: Record, context: Context) -> list[str]:
        claim, step = record.parameters
        start, passage = record.premises
        name = self.names.variable(step)
        inside = {**context, claim: "IH"}
        keep = self._call(start, context)
        return [
            f"induction {name} as [|{name} IH].",
            f"{{ exact {keep}. }}",
            f"exact {self._call(passage, inside)}.",
        ]

    def _axiom(self, record: Record, context: Context) -> list[str]:
        name, *terms = record.parameters
        shown = [self.names.show(t) for t in terms]
        given = [context[h] for h in record.hypotheses]
        lemma = _AXIOMS.get(name)
        if name == "member":
            return self._member(record, context)
        if lemma is None:
            raise ProofError(f"the axiom {name} is not exported")
        return [f"exact ({' '.join([lemma, *shown, *given])})."]

    def _member(self, record: Record, context: Context) -> list[str]:
        _, extreme, index = record.parameters
        at = self.names.show(index)
        if extreme.op == "least_steps":
            (before,) = record.hypotheses
            return [f"exact (LeastSteps_member _ _ {at} {context[before]})."]
        lemma = "Largest_member" if extreme.op == "largest" else "Least_member"
        every = f"{extreme.data.value}s_all"
        sort = binder(extreme.op, extreme.data)
        variable = Term("dummy", (), (900, sort))
        body = self.names.show(opened(extreme.args[-1], (variable,)))
        function = f"(fun {self.names.binders([variable])} => {body})"
        return [f"exact ({lemma} _ {function} {at} ({every} {at}))."]

    def _stein(self, record: Record, context: Context) -> list[str]:
        function, point, coordinate, *state = record.parameters
        base = "student" if state else "teacher"
        partial = self.derivatives.partial(function, point, coordinate)
        x = self.names.binders([point])
        shown = [self.names.show(t) for t in (function, derivative(function, point, coordinate))]
        functions = " ".join(f"(fun {x} => {s})" for s in shown)
        head = [self.names.show(s) for s in state]
        given = " ".join([*head, self.names.show(coordinate)])
        call = f"stein_{base} {given} {functions}"
        return [f"exact ({call} ltac:(tame_auto) ltac:(tame_auto) {partial})."]

    def _gradient(self, record: Record) -> list[str]:
        objective = record.conclusion.args[0].data
        name = f"gradient_is_{self.names.objective(objective)}"
        _, _, statement = self.statement(record)
        self._assume_named(name, statement, f"the gradient of {objective.integrand.name}")
        return [f"apply {name}."]

    def _oracle(self, record: Record, context: Context) -> list[str]:
        if record.parameters[0] == "gradient":
            return self._gradient(record)
        variables, hypotheses, _ = self.statement(record)
        outer = set(variables)
        name = self._cited(record)
        taken = " ".join(["", *(self.names.variable(v) for v in variables)])
        lines = [f"apply ({name}{taken})."]
        for premise in record.premises:
            free, given, _ = self.statement(premise.record)
            inner = [self.names.variable(v) for v in free if v not in outer]
            labels = [f"G{place}" for place in range(len(given))]
            inside = {**context, **dict(zip(given, labels, strict=True))}
            intros = " ".join([*inner, *labels])
            call = self._call(premise, inside)
            lines.append(f"{{ {f'intros {intros}. ' if intros else ''}exact {call}. }}")
        lines += [f"{{ exact {context[h]}. }}" for h in hypotheses]
        return lines

    def _cited(self, record: Record) -> str:
        """Name the hypothesis: what the premises show implies the conclusion."""
        variables, hypotheses, _ = self.statement(record)
        parts = []
        for premise in record.premises:
            free, given, _ = self.statement(premise.record)
            inner = [v for v in free if v not in variables]
            forall = f"forall {self.names.binders(inner)}, " if inner else ""
            formulas = (self.names.show(t) for t in (*given, premise.record.conclusion))
            parts.append(f"({forall}{' -> '.join(formulas)})")
        parts += [self.names.show(t) for t in (*hypotheses, record.conclusion)]
        forall = f"forall {self.names.binders(variables)}, " if variables else ""
        statement = forall + " -> ".join(parts)
        tags = sorted(record.tags - frozenset().union(*(p.record.tags for p in record.premises)))
        oracle, *given = record.parameters
        words = tags[0] if tags else f"cited: {oracle}"
        # an oracle that shows several things is told which
        which = [part for part in map(_word, given) if part]
        base = re.sub(r"\W+", "_", "_".join([words.partition(":")[0], oracle, *which]))
        words = "; ".join([words, *which])
        boxes = covered(record)
        if boxes:
            checksum = digest(statement, boxes)
            base = f"{base}_{checksum[:8]}"
            words += f"; sha256 {checksum[:16]}"
        names = [base, *(f"{base}_{place}" for place in range(2, 1000))]
        name = next(n for n in names if self.assumed.statements.get(n, statement) == statement)
        if boxes:
            self.assumed.digests[name] = checksum
        self._assume_named(name, statement, words)
        return name

    def _assume_named(self, name: str, statement: str, words: str) -> None:
        self.assumed.statements[name] = statement
        self.assumed.words[name] = words


#: The lemma of the prelude for each axiom of the kernel.
_AXIOMS = {
    "responsibility": "psi_positive",
    "weight": "weight_positive",
    "components": "n_one",
    "coordinates": "d_one",
    "steps": "pos_INR",
    "whole steps": "whole_steps",
    "inverse": "times_inverse",
    "root": "root_square",
    "root sign": "root_sign",
    "exponential of a sum": "exp_plus",
    "logarithm": "exp_ln",
    "tangent": "tangent",
    "first case": "case_first",
    "second case": "case_second",
    "density": "density",
}


def _word(part: object) -> str:
    return part if isinstance(part, str) else ""


def _gap(formula: Term) -> Term:
    left, right = formula.args
    return Term("add", (right, Term("multiply", (number(-1), left))))


def _mean_of(term: Term, point: Term) -> bool:
    """Whether a mean over another point depends on this one."""
    if point not in term.free:
        return False
    return term.op.startswith("mean_") or any(_mean_of(a, point) for a in term.args)


def _before(step: Term, last: Term) -> Term:
    return Term("below", (Term("count", (step,)), Term("count", (last,))))
