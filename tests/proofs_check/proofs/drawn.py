"""Drawn terms of every sort, with every kind of dependence under every binder, and drawn models."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from derive.losses.objectives import FORWARD, KL, REVERSE
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    REAL,
    STATE,
    STEP,
    ProofError,
    Term,
    closed,
    number,
)
from proofs_check.proofs.tactics import language as say
from proofs_check.proofs.tactics.semantics import Model, draw

LOSSES = [say.Descent(objective) for objective in (FORWARD, REVERSE, KL)]
FREE = [
    *(say.component(name) for name in ("j", "k")),
    *(say.coordinate(name) for name in ("a", "b")),
    *(say.state(name) for name in ("V", "W")),
    *(say.step(name) for name in ("k", "N")),
    *(say.real(name) for name in ("t", "0", "P*x")),
    *(say.point(name) for name in ("x", "y")),
]


class Drawer:
    """Draws terms whose free variables are in a scope."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.fresh = 0

    def choice(self, options):
        if not options:
            raise ProofError("nothing to choose from")
        return options[int(self.random.integers(len(options)))]

    def variable(self, sort):
        self.fresh += 1
        # names that collide with others of other sorts, and with each other in other scopes
        return Term("free", (), (self.choice("jkxVtN") + str(self.fresh % 3), sort))

    def atom(self, sort, scope):
        return self.choice([one for one in scope if one.sort is sort])

    def state(self, scope, depth):
        if depth > 0 and self.random.random() < 0.25:
            run = self.choice(LOSSES)
            size = number(1) * self.choice([number(0), number(1) * self.fraction()])
            before = self.state(scope, depth - 1)
            if self.random.random() < 0.5:
                return Term("descended", (size, before), run.loss)
            return Term("run", (size, before, self.steps(scope)), run.loss)
        return self.atom(STATE, scope)

    def fraction(self):
        return Fraction(int(self.random.integers(-3, 4)), int(self.choice([1, 2, 5])))

    def steps(self, scope):
        step = self.choice([say.START, self.atom(STEP, scope)])
        return say.following(step) if self.random.random() < 0.3 else step

    def real(self, scope, depth):
        """A real term; raises where a mean would be of something that is not tame."""
        r = self.random.random()
        if depth <= 0 or r < 0.25:
            return self.leaf(scope, depth)
        if r < 0.45:
            return self.real(scope, depth - 1) * self.real(scope, depth - 1)
        if r < 0.6:
            return self.real(scope, depth - 1) + self.real(scope, depth - 1)
        kind = self.choice(
            ["sum", "sum", "sum", "mean_teacher", "mean_student", "largest", "least", "sum_steps",
             "least_steps", "apply", "case", "inverse", "root", "exponential"]
        )  # fmt: skip
        return self.bigger(kind, scope, depth)

    def bigger(self, kind, scope, depth):
        if kind in ("sum", "largest", "least"):
            index = self.variable(self.choice([COMPONENT, COORDINATE]))
            return Term(kind, (self.body([*scope, index], index, depth),), index.sort)
        if kind.endswith("_steps"):
            k = self.variable(STEP)
            return Term(kind, (self.steps(scope), self.body([*scope, k], k, depth)))
        if kind.startswith("mean"):
            x = self.variable(POINT)
            prefix = (self.state(scope, 0),) if kind == "mean_student" else ()
            return Term(kind, (*prefix, self.body([*scope, x], x, depth)))
        if kind == "apply":
            sorts = (COMPONENT, COORDINATE, STATE, REAL, POINT, STEP)
            arguments = [self.variable(sort) for sort in sorts]
            meant = closed(self.real(arguments, depth - 1), *arguments)
            alias = say.Definition("L", "L", sorts, meant)
            return alias(*(self.any(a.sort, scope, depth - 2) for a in arguments))
        if kind == "case":
            return Term("case", tuple(self.real(scope, depth - 2) for _ in range(4)))
        return Term(kind, (self.real(scope, depth - 2),))

    def body(self, scope, variable, depth):
        """The variable is drawn often, so that it occurs."""
        return closed(self.real([*scope, variable, variable, variable], depth - 1), variable)

    def any(self, sort, scope, depth):
        if sort is REAL:
            return self.real(scope, depth)
        if sort is STATE:
            return self.state(scope, 1)
        return self.steps(scope) if sort is STEP else self.atom(sort, scope)

    def leaf(self, scope, depth):
        j, a = self.atom(COMPONENT, scope), self.atom(COORDINATE, scope)
        state = self.state(scope, 1 if depth > 0 else 0)
        options = [
            number(self.fraction()),
            self.atom(REAL, scope),
            say.v(state, j, a),
            say.v(state, j, a),
            say.pi(j),
            say.delta(j, self.atom(COMPONENT, scope)),
            say.delta(a, self.atom(COORDINATE, scope)),
            say.count(self.steps(scope)),
            say.psi(state, j, self.atom(POINT, scope)),
            say.psi(state, j, self.atom(POINT, scope)),
            say.psi(state, self.atom(COMPONENT, scope), self.atom(POINT, scope)),
            say.entry(self.atom(POINT, scope), a),
            Term("log_ratio", (state, self.atom(POINT, scope))),
            self.choice([say.N_, say.D_]),
        ]
        if self.random.random() < 0.1:
            return self.choice(LOSSES).gradient(self.atom(STATE, scope), j, a)
        return self.choice(options)

    def formula(self, scope, depth):
        sides = (self.real(scope, depth), self.real(scope, depth))
        return Term(self.choice(["equal", "at_most", "below"]), sides)


def drawn_model(random, *formulas):
    """A mixture; a small one where a formula has runs in it, whose gradients take long."""
    runs = sum(f.key.count("run<") + f.key.count("descended<") for f in formulas)
    n, d = int(random.integers(1, 4)), int(random.choice([1, 1, 2]))
    if runs > 2:
        n, d = min(n, 2), 1
    weights = random.dirichlet(np.ones(n) * 2) + 0.05
    return Model(weights / weights.sum(), d, (24 if runs > 2 else 40) if d == 1 else 18)


def assignment(model, free, random):
    return {variable: draw(model, variable.sort, random, 0.5) for variable in free}
