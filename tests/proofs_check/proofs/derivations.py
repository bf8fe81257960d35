"""Random derivations: rules applied to drawn terms and to theorems that came out before."""

from __future__ import annotations

from fractions import Fraction

from derive.losses.objectives import FORWARD, KL, REVERSE
from proofs_check.proofs import kernel
from proofs_check.proofs.kernel.normal import normal, polynomial_term
from proofs_check.proofs.kernel.terms import POINT, STEP, ProofError, Term, number, replaced
from proofs_check.proofs.tactics import language as say
from tests.proofs_check.proofs.drawn import FREE, Drawer


class Derivation:
    """A pool of theorems that grows by rules applied at random."""

    def __init__(self, seed: int, size: int = 14) -> None:
        self.drawer = Drawer(seed)
        self.pool = []
        self.refused = 0
        kinds = [name for name in dir(self) if name.startswith("by_")]
        while len(self.pool) < size and self.refused < 20 * size:
            try:
                self.pool.append(getattr(self, self.drawer.choice(kinds))())
            except ProofError:
                self.refused += 1

    def term(self, depth=2):
        return self.drawer.real(FREE, depth)

    def theorem(self):
        return self.drawer.choice(self.pool)

    def relation(self):
        return self.drawer.choice([t for t in self.pool if t.record.conclusion.op != "forall"])

    def variable(self, *sorts):
        return self.drawer.choice([f for f in FREE if not sorts or f.sort in sorts])

    def by_assuming(self):
        formula = self.drawer.formula(FREE, 2)
        if self.drawer.random.random() < 0.4:
            formula = say.every(formula, self.variable())
        return kernel.assume(formula)

    def by_reflexivity(self):
        term = self.term(3)
        return kernel.combine(say.equal(term, polynomial_term(normal(term))))

    def by_claiming_equality(self):
        """Two terms that differ in one variable: refused, unless the normal forms agree."""
        term = self.term(3)
        variable = self.drawer.choice(sorted(term.free, key=lambda f: f.key))
        other = self.variable(variable.sort)
        return kernel.combine(say.equal(term, replaced(term, {variable: other})))

    def by_combining(self):
        draw = self.drawer
        products, total = [], number(0)
        for _ in range(int(draw.random.integers(1, 3))):
            theorems = tuple(self.relation() for _ in range(int(draw.random.integers(0, 3))))
            squared = (self.term(1),) if draw.random.random() < 0.4 else ()
            value = draw.choice([1, Fraction(1, 2), 0, -1])
            products.append((value, theorems, squared))
            part = number(value)
            for theorem in theorems:
                left, right = theorem.record.conclusion.args
                part = part * (right - left)
            for base in squared:
                part = part * base * base
            total = total + part
        equalities = []
        equations = [t for t in self.pool if t.record.conclusion.op == "equal"]
        if equations and draw.random.random() < 0.5:
            theorem, factor = draw.choice(equations), self.term(1)
            left, right = theorem.record.conclusion.args
            equalities.append((factor, theorem))
            total = total + factor * (right - left)
        if not draw.random.integers(3):
            products = []
            total = sum((f * (t.record.conclusion.args[1] - t.record.conclusion.args[0])
                         for f, t in equalities), number(0))  # fmt: skip
        left = self.term(1)
        relation = draw.choice(["equal", "at_most", "below"])
        goal = Term(relation, (left, polynomial_term(normal(left + total))))
        unfolded = draw.choice([None, frozenset()])
        return kernel.combine(goal, tuple(products), tuple(equalities), unfolded)

    def by_generalising(self):
        theorem = self.theorem()
        return kernel.generalise(theorem, self.variable())

    def by_specialising(self):
        theorem = self.drawer.choice([t for t in self.pool if t.record.conclusion.op == "forall"])
        return kernel.specialise(theorem, self.drawer.any(theorem.record.conclusion.data, FREE, 2))

    def by_substituting(self):
        values = {}
        for _ in range(2):
            variable = self.variable()
            values[variable] = self.drawer.any(variable.sort, FREE, 2)
        return kernel.substitute(self.theorem(), values)

    def by_cutting(self):
        return kernel.cut(self.theorem(), self.theorem())

    def by_cutting_what_is_assumed(self):
        lemma = self.theorem()
        users = [t for t in self.pool if lemma.record.conclusion in t.record.hypotheses]
        return kernel.cut(lemma, self.drawer.choice(users))

    def by_splitting(self):
        a, b = self.term(1), self.term(1)
        goal = self.drawer.choice(
            [say.nonnegative((b - a) ** 2), self.relation().record.conclusion]
        )
        cases = [kernel.assume(case) for case in (say.at_most(a, b), say.below(b, a))]
        if goal == say.nonnegative((b - a) ** 2):
            shown = [kernel.combine(goal, ((1, (case, case), ()),)) for case in cases]
        else:
            shown = [self.drawer.choice([kernel.assume(goal), self.theorem()]) for _ in cases]
        return kernel.split(a, b, *shown)

    def by_cases_of_a_term(self):
        a, b, s, t = (self.term(1) for _ in range(4))
        names = ("first case", "second case")
        first, second = (kernel.axiom(name, a, b, s, t) for name in names)
        return self.drawer.choice([first, second])

    def by_antisymmetry(self):
        return kernel.antisymmetry(self.relation(), self.relation())

    def by_monotony(self):
        draw = self.drawer
        op = draw.choice(["sum", "mean_teacher", "mean_student", "sum_steps", "sum_steps"])
        if op == "sum_steps":
            return kernel.monotone(self.relation(), self.variable(STEP), op, (draw.steps(FREE),))
        prefix = (draw.state(FREE, 1),) if op == "mean_student" else ()
        return kernel.monotone(self.relation(), self.variable(), op, prefix)

    def by_bounding(self):
        draw = self.drawer
        op = draw.choice(["largest", "least", "least_steps"])
        prefix = (draw.steps(FREE),) if op == "least_steps" else ()
        return kernel.bound(self.relation(), self.variable(), op, prefix)

    def by_membership(self):
        draw = self.drawer
        op = draw.choice(["largest", "least", "least_steps"])
        extreme = draw.bigger(op, FREE, 2)
        sort = extreme.data if op != "least_steps" else STEP
        return kernel.axiom("member", extreme, draw.any(sort, FREE, 1))

    def by_membership_and_its_sum(self):
        extreme = self.drawer.bigger("least_steps", FREE, 2)
        k = self.variable(STEP)
        theorem = kernel.axiom("member", extreme, k)
        return kernel.monotone(theorem, k, "sum_steps", extreme.args[:1])

    def by_axiom(self):
        draw = self.drawer
        name = draw.choice(
            ["responsibility", "weight", "components", "coordinates", "steps", "whole steps",
             "inverse", "root", "root sign", "exponential of a sum", "tangent", "density"]
        )  # fmt: skip
        one = {
            "responsibility": lambda: (draw.state(FREE, 1), draw.atom(say.COMPONENT, FREE),
                                       draw.atom(POINT, FREE)),
            "density": lambda: (draw.state(FREE, 1), draw.atom(say.COMPONENT, FREE),
                                draw.atom(POINT, FREE)),
            "weight": lambda: (draw.atom(say.COMPONENT, FREE),),
            "components": tuple,
            "coordinates": tuple,
            "steps": lambda: (draw.steps(FREE),),
            "whole steps": lambda: (draw.steps(FREE), draw.steps(FREE)),
            "exponential of a sum": lambda: (self.term(1), self.term(1)),
        }  # fmt: skip
        return kernel.axiom(name, *one.get(name, lambda: (self.term(1),))())

    def by_induction(self):
        draw, k = self.drawer, self.variable(STEP)
        claim = draw.choice([draw.formula(FREE, 2), self.relation().record.conclusion])
        start = kernel.assume(replaced(claim, {k: say.START}))
        following = replaced(claim, {k: say.following(k)})
        passage = kernel.cut(kernel.assume(claim), kernel.assume(following))
        if draw.random.random() < 0.7:
            passage = kernel.specialise(kernel.assume(say.every(following, k)), k)
        return kernel.induction(start, passage, claim, k)

    def by_counting(self):
        """``N t <= sum over the steps of t`` for a term without the step, by induction."""
        k = self.variable(STEP)
        goal = say.nonnegative(say.count(k))
        start = kernel.combine(replaced(goal, {k: say.START}))
        last = replaced(goal, {k: say.following(k)})
        passage = kernel.combine(last, ((1, (kernel.assume(goal),), ()), (1, (), ())))
        return kernel.induction(start, passage, goal, k)

    def by_stein(self):
        draw = self.drawer
        point = self.variable(POINT)
        state = (draw.state(FREE, 1),) if draw.choice(["teacher", "student"]) == "student" else ()
        a = draw.atom(say.COORDINATE, FREE)
        return kernel.stein(self.term(2), point, a, *state)

    def by_gradient(self):
        theorem = kernel.oracle("gradient", self.drawer.choice([FORWARD, REVERSE, KL]))
        values = {f: self.drawer.any(f.sort, FREE, 1) for f in theorem.record.conclusion.free}
        return kernel.substitute(theorem, values)
