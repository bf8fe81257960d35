"""Normal forms with proofs: every equation that `kernel.normal` computes, as a lemma of Coq.

A polynomial is a sum of rational numbers times *clusters*: closed terms ``sum ... sum product`` of
atoms. Sums and means are taken of one monomial at a time, and a monomial under sums is brought to
its cluster by permutations, deltas and ``sum_j psi_j = 1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from proofs_check.proofs.coq.language import LISTS, Names, ordered, shown_number, sort_of
from proofs_check.proofs.kernel.normal import Unfolded
from proofs_check.proofs.kernel.normal import _clusters as clusters_of
from proofs_check.proofs.kernel.normal import _named as least_names
from proofs_check.proofs.kernel.normal import _skeleton as skeleton
from proofs_check.proofs.kernel.terms import (
    REAL,
    STATE,
    Term,
    binder_of,
    closed,
    number,
    opened,
    replaced,
)

Terms = tuple[Term, ...]
#: Coefficient and clusters by the clusters' keys.
Polynomial = dict[tuple[str, ...], tuple[Fraction, Terms]]
_LINEAR = ("mean_teacher", "mean_student", "sum_steps")
_RING, _SAME = "identity", "same"


@dataclass
class Script:
    """The lines of a file, and the lemmas in it."""

    lines: list[str] = field(default_factory=list)
    lemmas: int = 0


@dataclass(frozen=True)
class Normal:
    """A polynomial, and a proof that a term is equal to it."""

    polynomial: Polynomial
    proof: str


@dataclass
class _Chain:
    """Equal terms, each with the tactic that leads to it from the one before."""

    names: Names
    first: Term
    tactics: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last = self.first

    def to(self, term: Term, tactic: str) -> None:
        if term != self.last:
            self.tactics.append(f"transitivity {self.names.show(term)}; [{tactic}|].")
            self.last = term


class Identities:
    """Proves that terms are equal to their normal forms; lemmas are written to a script.

    Parameters
    ----------
    names : Names
    script : Script
    """

    def __init__(self, names: Names, script: Script) -> None:
        self.names, self.script = names, script
        self._known: dict[tuple[str, Unfolded], Normal] = {}
        self._nests: dict[tuple[str, Unfolded], Normal] = {}
        self._count = 0
        self._unfolded: Unfolded = None

    def normal(self, term: Term, unfolded: Unfolded) -> Normal:
        """Normal form of a term with these definitions written out (all for ``None``)."""
        before, self._unfolded = self._unfolded, unfolded
        try:
            return self._norm(term)
        finally:
            self._unfolded = before

    def polynomial(self, polynomial: Polynomial) -> Term:
        """A polynomial as a term, as it is written."""
        parts = []
        for key in sorted(polynomial):
            value, found = polynomial[key]
            factors = found if value == 1 and found else (number(value), *found)
            parts.append(factors[0] if len(factors) == 1 else Term("multiply", factors))
        return parts[0] if len(parts) == 1 else Term("add", tuple(parts))

    def _under(self, dummies: Sequence[Term], tactic: str) -> str:
        """A tactic for what stands under sums."""
        intro = "".join(f"apply Sum_ext; intros {self.names.variable(d)}; " for d in dummies)
        return intro + ("cbv beta; " if dummies else "") + tactic

    def _shown(self, polynomial: Polynomial) -> str:
        return self.names.show(self.polynomial(polynomial))

    # The normal form of each operation

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

    def _lemma(self, term: Term, found: Polynomial, tactics: list[str]) -> Normal:
        statement = f"{self.names.show(term)} = {self._shown(found)}"
        return Normal(found, self._proved(term, statement, tactics))

    def _proved(self, term: Term, statement: str, tactics: list[str]) -> str:
        """Write a lemma about a term, and return it for its variables."""
        self._count += 1
        self.script.lemmas += 1
        name = f"n{self._count}"
        variables = ordered(term.free)
        binders = self.names.binders(variables)
        forall = f"forall {binders}, " if binders else ""
        taken = " ".join(self.names.variable(v) for v in variables)
        self.script.lines.append(f"Lemma {name} : {forall}{statement}.")
        self.script.lines.append(f"Proof. intros {taken}.".replace(" .", "."))
        self.script.lines += [*tactics, "Qed."]
        return f"({name} {taken})" if taken else name

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
            found = _added([p.polynomial for p in parts])
        else:
            found = {(): (Fraction(1), ())}
            for part in parts:
                found = _times(found, part.polynomial)
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
            tactics += [f"transitivity {self._shown(found)}; [{_RING}|].", *fixes]
        return self._lemma(term, corrected, [*tactics, f"{_RING}."])

    def _reduced(self, found: Polynomial) -> tuple[Polynomial, list[str]]:
        """Use deltas of fixed labels in the other factors of their monomials."""
        fixes, parts = [], []
        for key in sorted(found):
            value, factors = found[key]
            if _fixed_delta(factors, frozenset()) is None:
                parts.append({key: found[key]})
                continue
            inner = self._released((), Term("multiply", factors), factors)
            shown = self.names.show(Term("multiply", factors))
            fixes.append(
                f"replace {shown} with {self._shown(inner.polynomial)} "
                f"by (symmetry; exact {inner.proof})."
            )
            parts.append(_times({(): (value, ())}, inner.polynomial))
        return (_added(parts), fixes) if fixes else (found, [])

    # Sums and means

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
        sort = binder_of(term)
        assert sort is not None
        variable = _fresh(sort, term.free)
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
                f"fun {self.names.binders([variable])} => {self.names.show(_product(inside))}"
            )
            ends.append(self._shown(taken.polynomial))
            proofs.append(taken.proof)
            coefficient = {tuple(f.key for f in outside): (value, outside)}
            total.append(_times(coefficient, taken.polynomial))
        merged = _added(total)
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
            f"[intros {name}; etransitivity; [exact {inner.proof}|cbn [dot map]; {_RING}]"
            f"{tame} | exact {pairs}]|cbn [dot]].",
        ]
        if fixes:
            tactics += [f"transitivity {self._shown(merged)}; [{_RING}|].", *fixes]
        return self._lemma(term, found, [*tactics, f"{_RING}."])

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
        term = Term(op, (*prefix, closed(_product(factors), variable)), data)
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
        dummies, atoms = _prenex(factors, [variable, *prefix])
        inside = tuple(a for a in atoms if variable in a.free)
        outside = tuple(a for a in atoms if variable not in a.free)
        inside = tuple(sorted(inside, key=lambda f: closed(f, variable).key))
        chain = _Chain(self.names, term)
        split = Term("multiply", (*([_product(outside)] if outside else []), _product(inside)))
        pulled = _nested(dummies, split if outside else _product(inside))
        chain.to(Term(op, (*prefix, closed(pulled, variable))), self._inside(op, "pull"))
        taken = Term(op, (*prefix, closed(_product(inside), variable)))
        parts = (_product(outside), taken) if outside else (taken,)
        chain.to(_nested(dummies, _product(parts)), self._exchange(op, len(dummies), bool(outside)))
        flat = (*outside, taken)
        chain.to(_nested(dummies, _product(flat)), self._under(dummies, _RING))
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

    # A product of atoms under sums

    def _released(self, first: Terms, term: Term, factors: Terms) -> Normal:
        """Sum over `first` of a product of clusters; `term` is it."""
        dummies, atoms = _prenex(factors, first)
        dummies = (*first, *dummies)
        chain = _Chain(self.names, term)
        chain.to(_nested(dummies, _product(atoms)), "pull")
        rest = self._nest(dummies, atoms)
        if not chain.tactics:
            return rest
        return self._lemma(term, rest.polynomial, [*chain.tactics, f"exact {rest.proof}."])

    def _nest(self, dummies: Terms, factors: Terms) -> Normal:
        term = _nested(dummies, _product(factors))
        key = (f"nest {term.key}", self._unfolded)
        if key not in self._nests:
            self._nests[key] = self._simplified(term, dummies, factors) or self._canonical(
                term, dummies, factors
            )
        return self._nests[key]

    def _simplified(self, term: Term, dummies: Terms, factors: Terms) -> Normal | None:
        """One step of `kernel.normal`'s simplification, then the normal form of what is left."""
        chain = _Chain(self.names, term)
        used = frozenset().union(*(f.free for f in factors))
        for gone in dummies:
            if gone not in used:
                others = self._last(chain, dummies, gone, factors)
                size = Term("size", (), sort_of(gone))
                body = _product((size, _product(factors)))
                return self._left(chain, others, body, "apply Sum_const")
        for place, factor in enumerate(factors):
            rest = factors[:place] + factors[place + 1 :]
            found = (
                self._delta(chain, dummies, factors, factor, rest)
                or self._weight(chain, dummies, factors, factor, rest)
                or self._mean(chain, dummies, factors, factor, rest)
            )
            if found is not None:
                return found
        return None

    def _left(self, chain: _Chain, others: Terms, body: Term, tactic: str) -> Normal:
        term = _nested(others, body)
        rest = self._norm(term)
        line = (
            f"transitivity {self.names.show(term)}; [{self._under(others, tactic)}|"
            f"exact {rest.proof}]."
        )
        return self._lemma(chain.first, rest.polynomial, [*chain.tactics, line])

    def _last(self, chain: _Chain, dummies: Terms, gone: Term, factors: Terms) -> Terms:
        """Bring one sum to the inside."""
        others = tuple(d for d in dummies if d != gone)
        self._permute(chain, dummies, (*others, gone), factors)
        return others

    def _permute(self, chain: _Chain, old: Terms, new: Terms, factors: Terms) -> None:
        order = list(old)
        for place, wanted in enumerate(new):
            for at in range(order.index(wanted), place, -1):
                order[at - 1], order[at] = order[at], order[at - 1]
                chain.to(
                    _nested(tuple(order), _product(factors)),
                    self._under(order[: at - 1], "apply Sum_swap"),
                )

    def _delta(
        self, chain: _Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms
    ) -> Normal | None:
        if factor.op != "delta":
            return None
        one, two = factor.args
        lemma = f"{factor.data.value}_delta"
        name = self.names
        if one in dummies or two in dummies:
            gone, kept = (two, one) if two in dummies else (one, two)
            others = self._last(chain, dummies, gone, factors)
            turned = Term("delta", (kept, gone), factor.data)
            swap = f"rewrite (delta_sym _ {name.show(one)} {name.show(two)}); " * (turned != factor)
            body = Term("multiply", (turned, _product(rest)))
            chain.to(_nested((*others, gone), body), self._under((*others, gone), swap + _RING))
            function = f"(fun {name.variable(gone)} => {name.show(_product(rest))})"
            left = replaced(_product(rest), {gone: kept})
            return self._left(chain, others, left, f"exact ({lemma} {name.show(kept)} {function})")
        if _fixed_delta((factor, *rest), frozenset(dummies)) is None:
            return None
        gone = max(factor.args, key=lambda a: a.key)
        kept = min(factor.args, key=lambda a: a.key)
        turned = Term("delta", (kept, gone), factor.data)
        swap = f"rewrite (delta_sym _ {name.show(one)} {name.show(two)}); " * (turned != factor)
        body = Term("multiply", (turned, _product(rest)))
        chain.to(_nested(dummies, body), self._under(dummies, swap + _RING))
        function = f"(fun {name.variable(gone)} => {name.show(_product(rest))})"
        put = f"exact (delta_put _ {name.show(kept)} {name.show(gone)} {function})"
        body = Term("multiply", (turned, replaced(_product(rest), {gone: kept})))
        return self._left(chain, dummies, body, put)

    def _weight(
        self, chain: _Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms
    ) -> Normal | None:
        if factor.op not in ("psi", "pi"):
            return None
        index, own = _index_of(factor)
        if index not in dummies or any(index in f.free for f in (*own, *rest)):
            return None
        others = self._last(chain, dummies, index, factors)
        body = Term("multiply", (factor, _product(rest)))
        chain.to(_nested((*others, index), body), self._under((*others, index), _RING))
        lemma = "weight_gone" if factor.op == "pi" else "psi_gone"
        return self._left(chain, others, _product(rest), f"apply {lemma}")

    def _mean(
        self, chain: _Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms
    ) -> Normal | None:
        if factor.op not in ("mean_teacher", "mean_student"):
            return None
        *prefix, body = factor.args
        parts = body.args if body.op == "multiply" else (body,)
        if factor.op == "mean_student" and len(parts) == 1 and body.op == "psi":
            state, index, point = body.args
            if state == prefix[0] and point.op == "bound":
                weight = Term("pi", (index,))
                shown = f"{self.names.show(state)} {self.names.show(index)}"
                tactic = f"rewrite (mean_responsibility {shown}); {_RING}"
                return self._left(chain, dummies, _product((*rest, weight)), tactic)
        for place, part in enumerate(parts):
            if part.op != "psi":
                continue
            index, own = _index_of(part)
            others = parts[:place] + parts[place + 1 :]
            elsewhere = (*own, *others, *prefix, *rest)
            if index not in dummies or any(index in f.free for f in elsewhere):
                continue
            return self._mean_gone(chain, dummies, factors, factor, rest, part, others)
        return None

    def _mean_gone(
        self, chain: _Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms,
        part: Term, others: Terms,
    ) -> Normal:  # fmt: skip
        index, _ = _index_of(part)
        left = self._last(chain, dummies, index, factors)
        prefix = factor.args[:-1]
        kept = _product(others)
        first = Term(factor.op, (*prefix, Term("multiply", (part, kept)) if others else part))
        body = Term("multiply", (first, _product(rest)))
        old, new = self.names.show(factor), self.names.show(first)
        change = f"replace {old} with {new} by {_SAME}; " * (first != factor)
        chain.to(_nested((*left, index), body), self._under((*left, index), change + _RING))
        if others:
            then = Term(factor.op, (*prefix, kept))
            tactic = (
                "etransitivity; [symmetry; apply Sum_mult_l|]; apply f_equal2; "
                "[apply mean_psi_gone; tame_auto|reflexivity]"
            )
        else:
            then = number(1)
            tactic = (
                "etransitivity; [symmetry; apply Sum_mult_l|]; apply f_equal2; "
                "[apply mean_psi_all|reflexivity]"
            )
        return self._left(chain, left, Term("multiply", (then, _product(rest))), tactic)

    def _canonical(self, term: Term, dummies: Terms, factors: Terms) -> Normal:
        """Clusters with the names and the order under which equal ones meet."""
        summed = frozenset(dummies)
        found: list[tuple[Term, Terms, Terms]] = []
        changed: dict[Term, Term] = {}
        for cluster in clusters_of(factors, summed):
            _, names = least_names(cluster, summed)
            order = tuple(sorted(names, key=lambda d: names[d]))
            inner = tuple(sorted(cluster, key=lambda f: skeleton(f, names)))
            for f in inner:
                changed[f] = _sorted(f, names)
            inner = tuple(changed[f] for f in inner)
            found.append((_nested(order, _product(inner)), order, inner))
        found.sort(key=lambda c: c[0].key)
        order = tuple(d for _, part, _ in found for d in part)
        every = tuple(f for _, _, part in found for f in part)
        chain = _Chain(self.names, term)
        self._permute(chain, dummies, order, factors)
        changes = "".join(
            f"replace {self.names.show(old)} with {self.names.show(new)} by {_SAME}; "
            for old, new in changed.items()
            if new != old
        )
        chain.to(_nested(order, _product(every)), self._under(order, changes + _RING))
        product = tuple(cluster for cluster, _, _ in found)
        if len(found) > 1:
            chain.to(_product(product), "symmetry; pull")
        key = tuple(cluster.key for cluster in product)
        normal = {key: (Fraction(1), product)}
        if not chain.tactics:
            return Normal(normal, "eq_refl")
        return self._lemma(term, normal, [*chain.tactics, "reflexivity."])

    # Atoms

    def _atom(self, term: Term) -> Normal:
        args, changes = [], []
        for a in term.args:
            if a.loose:
                sort = binder_of(term)
                assert sort is not None
                variable = _fresh(sort, term.free)
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
        rewrites = [
            f"replace {self.names.show(old)} with {self.names.show(new)} by (symmetry; {change})"
            for old, new, change in zip(term.args, atom.args, changes, strict=True)
            if old != new and change != "reflexivity"
        ]
        return "; ".join([*rewrites, "reflexivity"])

    def _sizes(self, term: Term) -> tuple[Term, str]:
        """A term with the step sizes in its states in normal form, and a tactic that shows it."""
        found: dict[Term, Term] = {}
        tactic = ""
        for size in dict.fromkeys(s for a in term.args if a.sort is STATE for s in _reals(a)):
            inner = self._norm(size)
            simple = self.polynomial(inner.polynomial)
            if simple != size:
                found[size] = simple
                old, new = self.names.show(size), self.names.show(simple)
                tactic += f"replace {old} with {new} by (symmetry; exact {inner.proof}); "
        args = tuple(_replaced(a, found) if a.sort is STATE else a for a in term.args)
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


def _reals(state: Term) -> Iterable[Term]:
    """Step sizes and times in a state."""
    for a in state.args:
        if a.sort is REAL:
            yield a
        else:
            yield from _reals(a)


def _replaced(term: Term, values: dict[Term, Term]) -> Term:
    if term in values:
        return values[term]
    return Term(term.op, tuple(_replaced(a, values) for a in term.args), term.data)


def _added(parts: Iterable[Polynomial]) -> Polynomial:
    total: Polynomial = {}
    for part in parts:
        for key, (value, factors) in part.items():
            found = value + (total[key][0] if key in total else 0)
            if found:
                total[key] = (found, factors)
            else:
                del total[key]
    return total


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    parts: list[Polynomial] = []
    for first, one in left.values():
        for second, two in right.values():
            factors = tuple(sorted((*one, *two), key=lambda f: f.key))
            parts.append({tuple(f.key for f in factors): (first * second, factors)})
    return _added(parts)


def _product(factors: Sequence[Term]) -> Term:
    return factors[0] if len(factors) == 1 else Term("multiply", tuple(factors))


def _nested(dummies: Sequence[Term], body: Term) -> Term:
    for d in reversed(dummies):
        body = Term("sum", (closed(body, d),), sort_of(d))
    return body


def _fresh(sort: object, free: Iterable[Term]) -> Term:
    """A dummy with a number that none of the variables has."""
    last = max((v.data[0] for v in free if v.op == "dummy"), default=-1)
    return Term("dummy", (), (last + 1, sort))


def _prenex(factors: Terms, taken: Iterable[Term]) -> tuple[Terms, Terms]:
    """Dummies and atoms of a product of clusters, in the order they are met."""
    free: set[Term] = set().union(*(f.free for f in factors), *(t.free for t in taken))
    dummies: list[Term] = []
    atoms: list[Term] = []
    for factor in factors:
        term = factor
        while term.op == "sum":
            d = _fresh(term.data, free)
            free.add(d)
            dummies.append(d)
            term = opened(term.args[0], (d,))
        atoms += term.args if term.op == "multiply" else (term,)
    return tuple(dummies), tuple(atoms)


def _index_of(factor: Term) -> tuple[Term, Terms]:
    """The component of a weight or responsibility, and its other arguments."""
    if factor.op == "pi":
        return factor.args[0], ()
    state, index, point = factor.args
    return index, (state, point)


def _fixed_delta(factors: Terms, summed: frozenset[Term]) -> Term | None:
    """A delta of labels that are not summed over, one of which occurs elsewhere."""
    for place, factor in enumerate(factors):
        if factor.op == "delta" and not summed & set(factor.args):
            gone = max(factor.args, key=lambda a: a.key)
            rest = factors[:place] + factors[place + 1 :]
            if gone.op in ("free", "dummy") and any(gone in f.free for f in rest):
                return factor
    return None


def _sorted(term: Term, names: dict[Term, str]) -> Term:
    """The arguments of commutative operations in the order of their keys after renaming."""
    if term.free.isdisjoint(names):
        return term
    args = tuple(_sorted(a, names) for a in term.args)
    if term.op in ("multiply", "add", "delta"):
        args = tuple(sorted(args, key=lambda a: skeleton(a, names)))
    return Term(term.op, args, term.data)
