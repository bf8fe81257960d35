"""A product of atoms under sums, brought to clusters: permutations, deltas, ``sum_j psi_j = 1``."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from itertools import pairwise

from proofs_check.proofs.coq.language import Names, sort_of
from proofs_check.proofs.coq.polynomials import (
    RING,
    SAME,
    Chain,
    Normal,
    Script,
    Terms,
    Writer,
    fixed_delta,
    index_of,
    nested,
    prenex,
    product,
    towards_order,
)
from proofs_check.proofs.kernel.normal import Unfolded, clusters_of, least_names, skeleton
from proofs_check.proofs.kernel.terms import Term, number, replaced


class Products(Writer):
    """Proves that a product of atoms under sums is equal to its normal form."""

    def __init__(self, names: Names, script: Script) -> None:
        super().__init__(names, script)
        self._nests: dict[tuple[str, Unfolded], Normal] = {}

    @abstractmethod
    def _norm(self, term: Term) -> Normal:
        """The normal form of any term."""

    def _released(self, first: Terms, term: Term, factors: Terms) -> Normal:
        """Sum over `first` of a product of clusters; `term` is it."""
        dummies, atoms = prenex(factors, first)
        dummies = (*first, *dummies)
        chain = Chain(self.names, term)
        chain.to(nested(dummies, product(atoms)), "pull")
        rest = self._nest(dummies, atoms)
        if not chain.tactics:
            return rest
        return self._lemma(term, rest.polynomial, [*chain.tactics, f"exact {rest.proof}."])

    def _nest(self, dummies: Terms, factors: Terms) -> Normal:
        term = nested(dummies, product(factors))
        key = (f"nest {term.key}", self._unfolded)
        if key not in self._nests:
            self._nests[key] = self._simplified(term, dummies, factors) or self._canonical(
                term, dummies, factors
            )
        return self._nests[key]

    def _simplified(self, term: Term, dummies: Terms, factors: Terms) -> Normal | None:
        """One step of `kernel.normal`'s simplification, then the normal form of what is left."""
        chain = Chain(self.names, term)
        used = frozenset().union(*(f.free for f in factors))
        for gone in dummies:
            if gone not in used:
                others = self._last(chain, dummies, gone, factors)
                size = Term("size", (), sort_of(gone))
                body = product((size, product(factors)))
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

    def _left(self, chain: Chain, others: Terms, body: Term, tactic: str) -> Normal:
        term = nested(others, body)
        rest = self._norm(term)
        line = (
            f"transitivity {self.names.show(term)}; [{self._under(others, tactic)}|"
            f"exact {rest.proof}]."
        )
        return self._lemma(chain.first, rest.polynomial, [*chain.tactics, line])

    def _last(self, chain: Chain, dummies: Terms, gone: Term, factors: Terms) -> Terms:
        """Bring one sum to the inside."""
        others = tuple(d for d in dummies if d != gone)
        self._permute(chain, dummies, (*others, gone), factors)
        return others

    def _permute(self, chain: Chain, old: Terms, new: Terms, factors: Terms) -> None:
        order = list(old)
        for place, wanted in enumerate(new):
            for at in range(order.index(wanted), place, -1):
                order[at - 1], order[at] = order[at], order[at - 1]
                chain.to(
                    nested(tuple(order), product(factors)),
                    self._under(order[: at - 1], "apply Sum_swap"),
                )

    def _delta(
        self, chain: Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms
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
            body = Term("multiply", (turned, product(rest)))
            chain.to(nested((*others, gone), body), self._under((*others, gone), swap + RING))
            function = f"(fun {name.variable(gone)} => {name.show(product(rest))})"
            left = replaced(product(rest), {gone: kept})
            return self._left(chain, others, left, f"exact ({lemma} {name.show(kept)} {function})")
        if fixed_delta((factor, *rest), frozenset(dummies)) is None:
            return None
        gone = max(factor.args, key=lambda a: a.key)
        kept = min(factor.args, key=lambda a: a.key)
        turned = Term("delta", (kept, gone), factor.data)
        swap = f"rewrite (delta_sym _ {name.show(one)} {name.show(two)}); " * (turned != factor)
        body = Term("multiply", (turned, product(rest)))
        chain.to(nested(dummies, body), self._under(dummies, swap + RING))
        function = f"(fun {name.variable(gone)} => {name.show(product(rest))})"
        put = f"exact (delta_put _ {name.show(kept)} {name.show(gone)} {function})"
        body = Term("multiply", (turned, replaced(product(rest), {gone: kept})))
        return self._left(chain, dummies, body, put)

    def _weight(
        self, chain: Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms
    ) -> Normal | None:
        if factor.op not in ("psi", "pi"):
            return None
        index, own = index_of(factor)
        if index not in dummies or any(index in f.free for f in (*own, *rest)):
            return None
        others = self._last(chain, dummies, index, factors)
        body = Term("multiply", (factor, product(rest)))
        chain.to(nested((*others, index), body), self._under((*others, index), RING))
        lemma = "weight_gone" if factor.op == "pi" else "psi_gone"
        return self._left(chain, others, product(rest), f"apply {lemma}")

    def _mean(
        self, chain: Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms
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
                tactic = f"rewrite (mean_responsibility {shown}); {RING}"
                return self._left(chain, dummies, product((*rest, weight)), tactic)
        for place, part in enumerate(parts):
            if part.op != "psi":
                continue
            index, own = index_of(part)
            others = parts[:place] + parts[place + 1 :]
            elsewhere = (*own, *others, *prefix, *rest)
            if index not in dummies or any(index in f.free for f in elsewhere):
                continue
            return self._mean_gone(chain, dummies, factors, factor, rest, part, others)
        return None

    def _mean_gone(
        self, chain: Chain, dummies: Terms, factors: Terms, factor: Term, rest: Terms,
        part: Term, others: Terms,
    ) -> Normal:  # fmt: skip
        index, _ = index_of(part)
        left = self._last(chain, dummies, index, factors)
        prefix = factor.args[:-1]
        kept = product(others)
        first = Term(factor.op, (*prefix, Term("multiply", (part, kept)) if others else part))
        body = Term("multiply", (first, product(rest)))
        old, new = self.names.show(factor), self.names.show(first)
        change = f"replace {old} with {new} by {SAME}; " * (first != factor)
        chain.to(nested((*left, index), body), self._under((*left, index), change + RING))
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
        return self._left(chain, left, Term("multiply", (then, product(rest))), tactic)

    def _canonical(self, term: Term, dummies: Terms, factors: Terms) -> Normal:
        """Clusters with the names and the order under which equal ones meet."""
        summed = frozenset(dummies)
        found: list[tuple[Term, Terms, Terms]] = []
        changed: dict[Term, tuple[Term, ...]] = {}
        for cluster in clusters_of(factors, summed):
            _, names = least_names(cluster, summed)
            order = tuple(sorted(names, key=lambda d: names[d]))
            inner = tuple(sorted(cluster, key=lambda f: skeleton(f, names)))
            for f in inner:
                changed[f] = towards_order(f, names)
            inner = tuple(changed[f][-1] for f in inner)
            found.append((nested(order, product(inner)), order, inner))
        found.sort(key=lambda c: c[0].key)
        order = tuple(d for _, part, _ in found for d in part)
        every = tuple(f for _, _, part in found for f in part)
        chain = Chain(self.names, term)
        self._permute(chain, dummies, order, factors)
        changes = ""
        for steps in changed.values():
            for before, after in pairwise(steps):
                if after != before:
                    shown = f"{self.names.show(before)} with {self.names.show(after)}"
                    changes += f"replace {shown} by {SAME}; "
        chain.to(nested(order, product(every)), self._under(order, changes + RING))
        clusters = tuple(cluster for cluster, _, _ in found)
        if len(found) > 1:
            chain.to(product(clusters), "symmetry; pull")
        key = tuple(cluster.key for cluster in clusters)
        normal = {key: (Fraction(1), clusters)}
        if not chain.tactics:
            return Normal(normal, "eq_refl")
        return self._lemma(term, normal, [*chain.tactics, "reflexivity."])
