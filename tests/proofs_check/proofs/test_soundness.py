"""What the kernel accepts is true in a model that is evaluated in numbers.

Normal forms of drawn terms have the value of the term; every theorem that random rules make holds
wherever its hypotheses do; drawn statements that are false in numbers are refused.
"""

from __future__ import annotations

import numpy as np
import pytest

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.kernel.normal import normal, polynomial_term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics import language as say
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.rendering import statement
from proofs_check.proofs.tactics.semantics import draws
from tests.proofs_check.proofs.derivations import Derivation
from tests.proofs_check.proofs.drawn import FREE, Drawer, assignment, drawn_model

CLOSE = 3e-5


def drawn_terms(seeds, depth):
    for seed in seeds:
        drawer = Drawer(seed)
        try:
            yield drawer, drawer.real(FREE, depth)
        except ProofError:
            continue


def agree(first, second) -> bool:
    first, second = np.broadcast_arrays(first, second)
    finite = np.isfinite(first) & np.isfinite(second)
    room = CLOSE * (1 + np.maximum(np.abs(first), np.abs(second)))
    return bool(np.all(~finite | (np.abs(first - second) <= room)))


@pytest.mark.parametrize("block", range(4))
def test_a_normal_form_has_the_value_of_the_term(block):
    merged = 0
    for drawer, term in drawn_terms(range(block * 150, block * 150 + 150), 4):
        form = normal(term)
        back = polynomial_term(form)
        assert normal(back).keys() == form.keys()
        model = drawn_model(drawer.random)
        values = assignment(model, FREE, drawer.random)
        with np.errstate(all="ignore"):
            found = model.value(term, values)
            assert agree(found, model.value(back, values)), term
            # one variable for another: equal forms only where the values are equal
            for variable in sorted(term.free, key=lambda f: f.key)[:3]:
                others = [f for f in FREE if f.sort is variable.sort and f is not variable]
                try:
                    changed = replaced(term, {variable: drawer.choice(others)})
                except ProofError:
                    continue
                if not normal(term - changed):
                    merged += 1
                    assert agree(found, model.value(changed, values)), (term, changed)
    assert merged > 5


@pytest.mark.parametrize("seed", [seed for seed in range(28) if seed != 16])
def test_what_random_rules_derive_is_true(seed):
    """Seed 16 draws a sum over runs in runs, which takes minutes to evaluate."""
    derivation = Derivation(seed, size=10)
    random = derivation.drawer.random
    for theorem in derivation.pool:
        formulas = (*theorem.record.hypotheses, theorem.record.conclusion)
        free = frozenset().union(*(f.free for f in formulas))
        for _ in range(3):
            model = drawn_model(random, *formulas)
            values = assignment(model, free, random)
            sample = draws(model, int(random.integers(10**6)))
            with np.errstate(all="ignore"):
                if all(model.holds(h, values, sample, 0) for h in theorem.record.hypotheses):
                    shown = model.holds(theorem.record.conclusion, values, sample, CLOSE)
                    assert shown, statement(theorem)


@pytest.mark.parametrize("block", range(4))
def test_drawn_false_statements_are_refused(block):
    """Relations between drawn terms, and true ones with a planted change, 2,000 in all."""
    false = 0
    seeds = range(10_000 * block, 10_000 * block + 10_000)
    for drawer, term in drawn_terms(seeds, 2):
        if false >= 500:
            break
        try:
            other = _other(drawer, term)
        except ProofError:
            continue
        relation = drawer.choice([say.equal, say.at_most, say.below])
        goal = relation(term, other)
        model = drawn_model(drawer.random)
        values = assignment(model, FREE, drawer.random)
        with np.errstate(all="ignore"):
            if model.holds(goal, values, draws(model, 0), 1e-3):
                continue
        false += 1
        squares = tuple((1, (), (base,)) for base in (term, other))
        for products in ((),) if relation is say.equal else ((), squares):
            with pytest.raises(ProofError):
                close(goal, products, rewriting=false % 10 == 0)
    assert false >= 500


def _other(drawer, term):
    """Another term, or nearly the same."""
    kind = int(drawer.random.integers(4))
    if kind == 0:
        return drawer.real(FREE, 2)
    if kind == 1:
        return polynomial_term(normal(term)) + drawer.fraction()
    if kind == 2:
        return term * drawer.fraction()
    variable = drawer.choice(sorted(term.free, key=lambda f: f.key))
    others = [f for f in FREE if f.sort is variable.sort and f is not variable]
    return replaced(term, {variable: drawer.choice(others)})


def test_the_model_refutes_a_planted_theorem():
    """The comparison above can fail: statements that no rule gives are false in the model."""
    random = np.random.default_rng(5)
    model = drawn_model(random)
    values = assignment(model, FREE, random)
    for wrong in (
        say.equal(say.total(say.pi(say.J), say.J), 2),
        say.below(say.N_, 1),
        say.at_most(1, say.mean_q(say.psi(say.V, say.J) * 0)),
        say.equal(kernel.combine(say.equal(0, 0)).record.conclusion.args[0], 1),
    ):
        values_of = {**values, say.J: 0}
        assert not model.holds(wrong, values_of, draws(model, 0))
