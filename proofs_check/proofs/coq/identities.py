"""Normal forms with proofs: every equation that `kernel.normal` computes, as a lemma of Coq.

Sums and means are taken of one monomial at a time; a monomial under sums is for `products`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from proofs_check.proofs.coq.language import Names, sort_of
from proofs_check.proofs.coq.polynomials import (
    RING,
    Chain,
    Normal,
    Polynomial,
    Script,
    Terms,
    fixed_delta,
    fresh,
    nested,
    prenex,
    product,
    reals,
    times,
    with_sizes,
)
from proofs_check.proofs.coq.products import Products
from proofs_check.proofs.kernel.normal import Unfolded, added
from proofs_check.proofs.kernel.terms import STATE, Term, binder, closed, number, opened

_LINEAR = ("mean_teacher", "mean_student", "sum_steps")


class Identities(Products):
    """Proves that terms are equal to their normal forms; lemmas are written to a script."""

    def __init__(self, names: Names, script: Script) -> None:
        super().__init__(names, script)
        self._known: dict[tuple[str, Unfolded], Normal] = {}

    def normal(self, term: Term, unfolded: Unfolded) -> Normal:
        """Normal form of a term with these definitions written out (all for ``None``)."""
        before, self._unfolded = self._unfolded, unfolded
        try:
            return self._norm(term)
        finally:
            self._unfolded = before

    def _norm(self, term: Term) -> Normal:
        key = (term.key, self._unfolded)
        if key not in self._known:
            self._known[key] = self._made(term)
        return self._known[key]

    def _made(self, term: Term) -> Normal:
        op, args = term.op, term.args
        if op not in ("add", "multiply", "sum"):
            simple, tactic = self._sizes(term)
            if simple != term:
                return self._through(term, simple, f"{tactic}reflexivity")
        if op == "number":
            found: Polynomial = {(): (term.data, ())} if term.data else {}
            return Normal(found, "eq_refl")
        if op in ("add", "multiply"):
            return self._arithmetic(term)
        if op == "apply" and (self._unfolded is None or term.data in self._unfolded):
            return self._convertible(term, opened(term.data.body, args))
        if op == "sum" or op in _LINEAR:
            return self._linear(term)
        if op == "delta" and args[0] == args[1]:
            return self._lemma(term, {(): (Fraction(1), ())}, ["apply delta_same."])
        if op == "count" and args[0].op == "start":
            return self._lemma(term, {}, ["reflexivity."])
        if op == "count" and args[0].op == "next":
            inner = Term("add", (Term("count", args[0].args), number(1)))
            return self._through(term, inner, "apply S_INR")
        if op == "v":
            state = self._state(args[0])
            if state.op == "descended":
                size, before = state.args
                slope = Term("gradient", (before, *args[1:]), state.data)
                moved = Term("multiply", (number(-1), size, slope))
                return self._convertible(term, Term("add", (Term("v", (before, *args[1:])), moved)))
        return self._atom(term)

    def _convertible(self, term: Term, other: Term) -> Normal:
        found = self._norm(other)
        return self._lemma(term, found.polynomial, [f"exact {found.proof}."])

    def _through(self, term: Term, other: Term, tactic: str) -> Normal:
        found = self._norm(other)
        step = f"transitivity {self.names.show(other)}; [{tactic}|exact {found.proof}]."
        return self._lemma(term, found.polynomial, [step])

    def _arithmetic(self, term: Term) -> Normal:
        parts = [self._norm(a) for a in term.args]
        if term.op == "add":
            found = added([p.polynomial for p in parts])
        else:
            found = {(): (Fraction(1), ())}
            for part in parts:
                found = times(found, part.polynomial)
        corrected, fixes = self._reduced(found)
        if not parts:
            return Normal(corrected, "eq_refl")
        if corrected == found and self._shown(found) == self.names.show(term):
            return Normal(found, "eq_refl")
        sign = "Rplus" if term.op == "add" else "Rmult"
        proof = parts[-1].proof
        for part in reversed(parts[:-1]):
            proof = f"(f_equal2 {sign} {part.proof} {proof})"
        tactics = []
        if any(part.proof != "eq_refl" for part in parts):
            tactics.append(f"etransitivity; [exact {proof}|].")
        if fixes:
            tactics += [f"transitivity {self._shown(found)}; [{RING}|].", *fixes]
        return self._lemma(term, corrected, [*tactics, f"{RING}."])

    def _reduced(self, found: Polynomial) -> tuple[Polynomial, list[str]]:
        """Use deltas of fixed labels in the other factors of their monomials."""
        fixes: dict[str, str] = {}
        parts = []
        for key in sorted(found):
            value, factors = found[key]
            if fixed_delta(factors, frozenset()) is None:
                parts.append({key: found[key]})
                continue
            inner = self._released((), Term("multiply", factors), factors)
            shown = self.names.show(Term("multiply", factors))
            fixes[shown] = (
                f"replace {shown} with {self._shown(inner.polynomial)} "
                f"by (symmetry; exact {inner.proof})."
            )
            parts.append(times({(): (value, ())}, inner.polynomial))
        if any(before in after for before, after in combinations(fixes, 2)):
            # what stands in another product would be replaced there, too
            fixes = dict(sorted(fixes.items(), key=lambda fix: -len(fix[0])))
        return (added(parts), list(fixes.values())) if fixes else (found, [])

    def _linear(self, term: Term) -> Normal:
        *prefix, body = term.args
        if term.op == "sum_steps":
            last = self._state(prefix[0])
            if last.op == "start":
                return self._lemma(term, {}, ["reflexivity."])
            if last.op == "next":
                (before,) = last.args
                shorter = Term("sum_steps", (before, body))
                return self._convertible(term, Term("add", (shorter, opened(body, (before,)))))
            prefix = [last]
        elif prefix:
            prefix = [self._state(prefix[0])]
        sort = binder(term.op, term.data)
        assert sort is not None
        variable = fresh(sort, term.free)
        inner = self._norm(opened(body, (variable,)))
        values, bodies, ends, proofs = [], [], [], []
        total: list[Polynomial] = []
        for key in sorted(inner.polynomial):
            value, factors = inner.polynomial[key]
            inside = tuple(f for f in factors if variable in f.free)
            outside = tuple(f for f in factors if variable not in f.free)
            taken = self._taken(term.op, tuple(prefix), variable, inside)
            own = (number(value), *outside) if value != 1 or not outside else outside
            values.append(self.names.show(Term("multiply", own)))
            bodies.append(
                f"fun {self.names.binders([variable])} => {self.names.show(product(inside))}"
            )
            ends.append(self._shown(taken.polynomial))
            proofs.append(taken.proof)
            coefficient = {tuple(f.key for f in outside): (value, outside)}
            total.append(times(coefficient, taken.polynomial))
        merged = added(total)
        found, fixes = self._reduced(merged)
        head = self._head(term.op, tuple(prefix))
        step = {"sum": "Sum_step", "sum_steps": "Steps_step"}.get(term.op, "mean_step")
        lists = [f"[{'; '.join(part)}]" for part in (values, bodies, ends)]
        tame = " | all_tame" if step == "mean_step" else ""
        name = self.names.variable(variable)
        pairs = "I"
        for proof in reversed(proofs):
            pairs = f"(conj {proof} {pairs})"
        tactics = [
            f"etransitivity; [apply ({step} {head} _ {' '.join(lists)}); "
            f"[intros {name}; etransitivity; [exact {inner.proof}|cbn [dot map]; {RING}]"
            f"{tame} | exact {pairs}]|cbn [dot]].",
        ]
        if fixes:
            tactics += [f"transitivity {self._shown(merged)}; [{RING}|].", *fixes]
        return self._lemma(term, found, [*tactics, f"{RING}."])

    def _head(self, op: str, prefix: Terms) -> str:
        """What the lemmas about an operation take first."""
        if op == "sum":
            return "_"
        if op == "mean_teacher":
            return "teacher"
        shown = self.names.show(prefix[0])
        return shown if op == "sum_steps" else f"(student {shown})"

    def _taken(self, op: str, prefix: Terms, variable: Term, factors: Terms) -> Normal:
        """The sum or mean of a product of clusters that all depend on the variable."""
        data = sort_of(variable) if op == "sum" else None
        term = Term(op, (*prefix, closed(product(factors), variable)), data)
        key = (f"taken {term.key}", self._unfolded)
        if key not in self._nests:
            self._nests[key] = self._take(term, op, prefix, variable, factors)
        return self._nests[key]

    def _take(self, term: Term, op: str, prefix: Terms, variable: Term, factors: Terms) -> Normal:
        one: Polynomial = {(): (Fraction(1), ())}
        if not factors:
            if op == "sum":
                size = Term("size", (), sort_of(variable))
                return self._lemma(term, {(size.key,): (Fraction(1), (size,))}, ["apply Sum_one."])
            if op == "sum_steps":
                size = Term("count", prefix)
                return self._lemma(
                    term, {(size.key,): (Fraction(1), (size,))}, ["apply Steps_one."]
                )
            return self._lemma(term, one, ["apply value_one."])
        if op == "sum":
            return self._released((variable,), term, factors)
        dummies, atoms = prenex(factors, [variable, *prefix])
        inside = tuple(a for a in atoms if variable in a.free)
        outside = tuple(a for a in atoms if variable not in a.free)
        inside = tuple(sorted(inside, key=lambda f: closed(f, variable).key))
        chain = Chain(self.names, term)
        split = Term("multiply", (*([product(outside)] if outside else []), product(inside)))
        pulled = nested(dummies, split if outside else product(inside))
        chain.to(Term(op, (*prefix, closed(pulled, variable))), self._inside(op, "pull"))
        taken = Term(op, (*prefix, closed(product(inside), variable)))
        parts = (product(outside), taken) if outside else (taken,)
        chain.to(nested(dummies, product(parts)), self._exchange(op, len(dummies), bool(outside)))
        flat = (*outside, taken)
        chain.to(nested(dummies, product(flat)), self._under(dummies, RING))
        rest = self._nest(dummies, flat)
        return self._lemma(term, rest.polynomial, [*chain.tactics, f"exact {rest.proof}."])

    @staticmethod
    def _inside(op: str, tactic: str) -> str:
        lemma = "Steps_ext" if op == "sum_steps" else "mean_ext"
        return f"apply {lemma}; intro; {tactic}"

    @staticmethod
    def _exchange(op: str, sums: int, scaled: bool) -> str:
        """Move an operation under sums, then past a factor."""
        if op == "sum_steps":
            swap = "etransitivity; [apply Steps_Sum|]; apply Sum_ext; intro; "
            return swap * sums + ("apply Steps_mult" if scaled else "reflexivity")
        swap = "etransitivity; [apply mean_Sum; tame_auto|]; apply Sum_ext; intro; "
        return swap * sums + ("apply mean_scaled; tame_auto" if scaled else "reflexivity")

    def _atom(self, term: Term) -> Normal:
        args, changes = [], []
        for a in term.args:
            if a.loose:
                sort = binder(term.op, term.data)
                assert sort is not None
                variable = fresh(sort, term.free)
                inner = self._norm(opened(a, (variable,)))
                args.append(closed(self.polynomial(inner.polynomial), variable))
                changes.append(f"intros {self.names.variable(variable)}; exact {inner.proof}")
            elif a.sort.value == "real":
                inner = self._norm(a)
                args.append(self.polynomial(inner.polynomial))
                changes.append(f"exact {inner.proof}")
            else:
                args.append(self._state(a))
                changes.append("reflexivity")
        if term.op == "delta":
            args.sort(key=lambda a: a.key)
        atom = Term(term.op, tuple(args), term.data)
        found: Polynomial = {(atom.key,): (Fraction(1), (atom,))}
        if atom == term:
            return Normal(found, "eq_refl")
        return self._lemma(term, found, [f"{self._congruent(term, atom, changes)}."])

    def _congruent(self, term: Term, atom: Term, changes: Sequence[str]) -> str:
        if term.op == "delta":
            return "first [reflexivity | apply delta_sym]"
        if term.op in ("largest", "least", "least_steps"):
            lemma = {"largest": "Largest", "least": "Least"}.get(term.op, "LeastSteps")
            return f"apply {lemma}_ext; {changes[-1]}"
        if all(change == "reflexivity" for change in changes):
            return "reflexivity"
        proof = f"(eq_refl {self.names.head(term)})"
        for change in changes:
            part = "eq_refl" if change == "reflexivity" else change.removeprefix("exact ")
            proof = f"(applied _ _ _ _ {proof} {part})"
        return f"exact {proof}"

    def _sizes(self, term: Term) -> tuple[Term, str]:
        """A term with the step sizes in its states in normal form, and a tactic that shows it."""
        found: dict[Term, Term] = {}
        tactic = ""
        for size in dict.fromkeys(s for a in term.args if a.sort is STATE for s in reals(a)):
            inner = self._norm(size)
            simple = self.polynomial(inner.polynomial)
            if simple != size:
                found[size] = simple
                old, new = self.names.show(size), self.names.show(simple)
                tactic += f"replace {old} with {new} by (symmetry; exact {inner.proof}); "
        args = tuple(with_sizes(a, found) if a.sort is STATE else a for a in term.args)
        return Term(term.op, args, term.data), tactic

    def _state(self, term: Term) -> Term:
        """A state, step, point or index; convertible to what it was."""
        if term.sort.value == "real":
            return term  # a step size, in normal form
        args = tuple(self._state(a) for a in term.args)
        if term.op == "run" and args[2].op == "start":
            return args[1]
        if term.op == "run" and args[2].op == "next":
            size, first, steps = args
            before = self._state(Term("run", (size, first, steps.args[0]), term.data))
            return Term("descended", (size, before), term.data)
        return Term(term.op, args, term.data)
