"""Each kind of way to fool a proof checker, as a family of drawn attempts."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest

from derive.losses.objectives import FORWARD, KL, REVERSE
from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.axioms import AXIOMS
from proofs_check.proofs.kernel.normal import normal, polynomial_term
from proofs_check.proofs.kernel.oracles.gradients import kernel_objective
from proofs_check.proofs.kernel.oracles.table import ORACLES
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    SHAPES,
    STATE,
    STEP,
    closed,
    number,
    replaced,
)
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics import language as say
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.language import A, B, J, K, V, X
from proofs_check.proofs.tactics.score import covariance, forward_loss, m, square
from proofs_check.proofs.tactics.steps import Lemma
from proofs_check.proofs.theorem_k import theorem_k
from tests.proofs_check.proofs.drawn import FREE, LOSSES, Drawer, assignment, drawn_model

K_, N = say.step("k"), say.step("N")
T = say.real("t")
SEEDS = range(40)


def refused(goal: Term, products=(), equations=(), *, rewriting=True) -> None:
    with pytest.raises(ProofError):
        close(goal, products, equations, rewriting=rewriting)


def drawn_terms(seed: int, count: int, depth: int = 1):
    """Terms of the drawer's scope that can stand anywhere."""
    drawer, found = Drawer(seed), []
    while len(found) < count:
        try:
            found.append(drawer.real(FREE, depth))
        except ProofError:
            continue
    return found


# Case distinctions.


@pytest.mark.parametrize("seed", SEEDS)
def test_cases_that_do_not_cover_stay_hypotheses(seed):
    a, b, c, d = drawn_terms(seed, 4)
    goal = say.equal(T, 0)
    cases = [say.at_most(a, b), say.below(c, d)]
    assert kernel.split(a, b, *(kernel.assume(goal),) * 2).record.hypotheses == {goal}
    # what rests on a case is discharged only if it is one of the two of this split
    first, second = (_resting_on(case) for case in cases)
    found = kernel.split(a, b, first, second)
    complete = cases[1] == say.below(b, a)
    assert found.record.hypotheses == (frozenset() if complete else {cases[1]})
    swapped = kernel.split(b, a, first, second)
    assert cases[0] in swapped.record.hypotheses or cases[0] == say.at_most(b, a)


def _resting_on(case: Term) -> Theorem:
    """``0 <= 1`` from the case."""
    return kernel.combine(say.at_most(0, 1), ((1, (), ()), (0, (kernel.assume(case),), ())))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_product_with_a_factor_of_unknown_sign_gives_nothing(seed):
    (q,) = drawn_terms(seed, 1)
    product = kernel.assume(say.equal(T * q, 0))
    if normal(q):
        refused(say.equal(q, 0), equations=[product])
        refused(say.at_most(q, 0), ((1, (product,), ()),))
    for sign in (say.nonnegative(T), say.below(T, 0), say.equal(T, 1)):
        with pytest.raises(ProofError):
            facts.cancel(kernel.assume(sign), product, say.equal(q + T, T + 1))


# Definitions.


@pytest.mark.parametrize("seed", SEEDS)
def test_definitions_of_one_name_are_different_things(seed):
    drawer = Drawer(seed)
    values = [drawer.fraction() for _ in range(2)]
    first, second = (say.define("y", number(value)) for value in values)
    goal = say.equal(first(), second())
    if values[0] == values[1]:
        assert close(goal).record.conclusion == goal
    else:
        refused(goal)
        refused(say.equal(0, 1), equations=[kernel.combine(say.equal(first(), values[0]))])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_definition_under_another_name_is_the_same_thing(seed):
    body = say.v(V, J, A) * Drawer(seed).fraction()
    one, two = say.define("one", body, V, J, A), say.define("two", body, V, J, A)
    after = LOSSES[seed % 3].after(V)
    assert close(say.equal(one(after, J, A), two(after, J, A)))
    # it moves with the state, whatever it is called
    if body.args[1] != number(0):
        refused(say.equal(one(after, J, A), two(V, J, A)), rewriting=False)


def test_definitions_are_written_out_as_asked():
    """All, some or none: what stays closed is the same thing only where its arguments are."""
    y = say.real("y")
    one, two = say.define("one", T + 1, T), say.define("two", 2 * T, T)
    goals = {one: say.equal(one(y), y + 1), two: say.equal(two(y), 2 * y)}
    for chosen in (None, frozenset(), frozenset({one}), frozenset({two}), frozenset({one, two})):
        for definition, goal in goals.items():
            if chosen is None or definition in chosen:
                assert kernel.combine(goal, (), (), chosen).record.conclusion == goal
            else:
                with pytest.raises(ProofError):
                    kernel.combine(goal, (), (), chosen)
        again = say.equal(two(one(y) + 1), two(1 + one(y)))
        assert kernel.combine(again, (), (), chosen).record.conclusion == again
        with pytest.raises(ProofError):
            kernel.combine(say.equal(two(one(y)), one(two(y))), (), (), chosen)


# Induction.


@pytest.mark.parametrize("seed", SEEDS)
def test_induction_needs_start_and_passage_of_the_claim(seed):
    drawer = Drawer(seed)
    claim = say.at_most(say.count(K_) * drawer.fraction(), T)
    other = say.at_most(say.count(K_) * drawer.fraction(), T + 1)
    at = {
        name: [kernel.assume(replaced(formula, {K_: step})) for formula in (claim, other)]
        for name, step in (("start", say.START), ("next", say.following(K_)), ("k", K_))
    }
    start, passage = at["start"][0], at["next"][0]
    with pytest.raises(ProofError):  # the passage rests on k + 1 itself: a hypothesis with k
        kernel.induction(start, passage, claim, K_)
    for pair in ((at["k"][0], passage), (start, at["k"][0]), (start, start)):
        with pytest.raises(ProofError):
            kernel.induction(*pair, claim, K_)
    if claim != other:
        with pytest.raises(ProofError):
            kernel.induction(at["start"][1], passage, claim, K_)
    for wrong in (N, T, V, number(1)):
        with pytest.raises(ProofError):
            kernel.induction(start, passage, claim, wrong)


@pytest.mark.parametrize("least", [0, 1, Fraction(7, 2), -3])
def test_a_sound_half_of_an_induction_shows_nothing(least):
    """``c <= k``: the passage holds for every ``c``, the start for those up to 0."""
    claim = say.at_most(least, say.count(K_))
    nothing = kernel.combine(say.at_most(0, 1), ((1, (), ()),))
    passage = kernel.combine(
        replaced(claim, {K_: say.following(K_)}), ((1, (kernel.assume(claim),), ()), (1, (), ()))
    )
    for other in (nothing, passage, kernel.assume(claim), kernel.axiom("steps", say.START)):
        if other.record.conclusion != replaced(claim, {K_: say.START}):
            with pytest.raises(ProofError):
                kernel.induction(other, passage, claim, K_)
    upper = say.at_most(say.count(K_), max(least, 0))
    start = kernel.combine(replaced(upper, {K_: say.START}), ((max(least, 0), (), ()),))
    for other in (nothing, start, kernel.assume(upper), kernel.axiom("steps", K_)):
        with pytest.raises(ProofError):
            kernel.induction(start, other, upper, K_)
    if least <= 0:
        start = kernel.combine(replaced(claim, {K_: say.START}), ((-Fraction(least), (), ()),))
        assert kernel.induction(start, passage, claim, K_).record.conclusion == claim


# Names.


@pytest.mark.parametrize(
    "name",
    ["|V|^2", "pi_j", "0", "1", "P*x", "x^2", "the same at step 0", "", "dummy", "#0", "'0", "x'",
     "number<1>()", "multiply<>(free<'t' real>())", "a" * 3000],
)  # fmt: skip
def test_a_name_says_nothing(name):
    y = say.real(name)
    refused(say.nonnegative(y))
    refused(say.equal(y, 0))
    refused(say.equal(y, square(V)))
    refused(say.at_most(y, 1))
    with pytest.raises(ProofError):
        facts.by_form(y)
    alias = say.define(name, -(say.psi(V, J, X)), V, J, X)
    refused(say.nonnegative(alias(V, J, X)), ((1, (kernel.axiom("responsibility", V, J, X),), ()),))
    for sort, of in ((COMPONENT, say.pi), (STEP, say.count), (STATE, square)):
        one, two = (Term("free", (), (label, sort)) for label in (name, name + "'"))
        refused(say.equal(of(one), of(two)))


@pytest.mark.parametrize("sign", ["=", "<=", ">=", "<", "!=", "at_least", "above", ""])
def test_a_sign_is_one_of_three(sign):
    with pytest.raises(ProofError):
        Term(sign, (number(0), number(1)))


LABELS = ["a", "a7777", "a#0", "a!0", "j", "'0", "x'", "k", "component0", "coordinate0", "point0"]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_collides_with_nothing(label):
    """Free labels of any name against the labels that rules, oracles and tactics use inside."""
    a, j, x = (Term("free", (), (label, sort)) for sort in (COORDINATE, COMPONENT, POINT))
    mixed = say.mean_q(say.entry(X, a) * m(V, X, B))
    assert close(say.equal(mixed, say.mean_q(covariance(V, X, a, B))))
    refused(say.equal(mixed, say.mean_q(covariance(V, X, a, a))))
    refused(say.equal(say.total(say.psi(V, J, X), J), 1 - say.delta(a, B)))
    refused(say.equal(say.total(say.v(V, J, a), a), say.v(V, J, a)))
    # a step size that depends on the label: the state inside an oracle's sum must keep it
    run = say.Descent(KL, say.v(say.state("W"), j, a) * say.entry(x, a))
    after = run.after(V)
    for name, arguments in (
        ("log-Sobolev", (after,)),
        ("Pinsker", (after,)),
        ("floor", (after, j)),
    ):
        found = kernel.oracle(name, *arguments)
        assert {a, j, x} <= found.record.conclusion.free
    for axiom in (
        kernel.axiom("density", after, j, x),
        kernel.axiom("responsibility", after, j, x),
    ):
        assert {a, j, x} <= axiom.record.conclusion.free
    other = say.point("other point")
    stein = kernel.stein(say.psi(after, j, other), other, a, after)
    assert {a, j, x} <= stein.record.conclusion.free
    values = dict.fromkeys((V,), after)
    gradient = kernel.substitute(kernel.oracle("gradient", KL), values)
    assert x in gradient.record.conclusion.free


# Runs.


@pytest.mark.parametrize("seed", SEEDS)
def test_two_dynamics_are_two_things(seed):
    drawer = Drawer(seed)
    first, second = (
        say.Descent(drawer.choice([FORWARD, REVERSE, KL]), number(drawer.fraction()))
        for _ in range(2)
    )
    goal = say.equal(square(first.at(K_)), square(second.at(K_)))
    same = first.loss == second.loss and first.size == second.size
    if same:
        assert close(goal)
    else:
        refused(goal)
    start = kernel.combine(say.at_most(square(first.at(say.START)), square(first.start)))
    claim = say.at_most(square(second.at(K_)), square(second.start))
    passage = kernel.assume(replaced(claim, {K_: say.following(K_)}))
    with pytest.raises(ProofError):
        kernel.induction(start, passage, claim, K_)


def test_the_value_at_step_0_is_the_start_s_and_nothing_else_is():
    run = LOSSES[0]
    assert close(say.equal(square(run.at(say.START)), square(run.start)))
    refused(say.equal(2 * square(run.at(say.START)), square(run.start)), rewriting=False)
    refused(say.equal(square(run.at(K_)), square(run.start)), rewriting=False)
    refused(say.equal(square(run.after(V)), square(V)), rewriting=False)
    at_k, later = run.at(K_), run.at(say.following(K_))
    down = say.v(at_k, J, A) - run.size * run.gradient(at_k, J, A)
    for one, two in (
        (square(later), square(run.after(at_k))),
        (say.v(later, J, A), down),
        (say.v(run.at(say.following(say.START)), J, A), say.v(run.after(run.start), J, A)),
    ):
        assert kernel.combine(say.equal(one, two))
        with pytest.raises(ProofError):
            kernel.combine(say.equal(one, two + 1))
    no_step = say.Descent(FORWARD, number(0))
    assert close(say.equal(square(no_step.after(V)), square(V)))


@pytest.mark.parametrize("op", ["sum_steps", "least_steps"])
def test_steps_are_counted_by_the_number_of_steps_only(op):
    for j in (J, A, V, T):
        with pytest.raises(ProofError):
            Term(op, (j, closed(T, K_)))
    # with N = 0 a sum is 0 and the least is not bounded by anything
    losses = say.total_steps(forward_loss(LOSSES[0].at(K_)), K_, say.START)
    assert close(say.equal(losses, 0))
    least = say.least_steps(forward_loss(LOSSES[0].at(K_)), K_, say.START)
    refused(say.nonnegative(least))
    lower = kernel.combine(say.at_most(0, 1), ((1, (), ()),))
    found = kernel.bound(lower, K_, "least_steps", (say.START,))
    assert found.record.hypotheses == {say.below(0, say.count(say.START))}


# Dependence: whatever a term depends on, the binder of it reaches.


def _dependent(seed: int, variable: Term) -> list[Term]:
    """Terms in which a variable occurs, in every way the drawer finds."""
    drawer, found = Drawer(seed), []
    while len(found) < 6:
        try:
            term = drawer.real([*FREE, variable, variable, variable], 2)
        except ProofError:
            continue
        if variable in term.free:
            found.append(term)
    return found


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("op", "variable", "prefix"),
    [
        ("sum", J, ()),
        ("sum", A, ()),
        ("largest", J, ()),
        ("least", A, ()),
        ("mean_teacher", X, ()),
        ("mean_student", X, (V,)),
        ("sum_steps", K_, (N,)),
        ("least_steps", K_, (N,)),
    ],
)
def test_a_hypothesis_with_the_variable_blocks_the_binder(seed, op, variable, prefix):
    for term in _dependent(seed, variable):
        hypothesis = kernel.assume(say.at_most(0, term))
        rule = kernel.bound if op.startswith(("largest", "least")) else kernel.monotone
        with pytest.raises(ProofError):
            rule(hypothesis, variable, op, prefix)
        with pytest.raises(ProofError):
            kernel.generalise(hypothesis, variable)
        # a bound that depends on the member is no bound
        if rule is kernel.bound:
            upper = kernel.combine(say.at_most(term, term))
            with pytest.raises(ProofError):
                kernel.bound(upper, variable, op, prefix)


@pytest.mark.parametrize("largest", [True, False])
def test_the_largest_of_a_family_at_x_is_no_constant_under_a_mean(largest):
    y = say.point("y")
    make = say.largest if largest else say.least
    extreme, at_y = (make(say.psi(V, J, x), J) for x in (X, y))
    member = kernel.axiom("member", extreme, J)
    average = kernel.monotone(member, X, "mean_teacher")
    mean = say.mean_q(say.psi(V, J, X))
    sides = (mean, at_y) if largest else (at_y, mean)
    refused(say.at_most(*sides), ((1, (average,), ()),))
    refused(say.at_most(*sides), ((1, (member,), ()),))


def test_a_number_by_cases_on_the_state_moves_with_the_step():
    at_k = square(LOSSES[0].at(K_))
    number_ = say.case(at_k, 1, at_k, 1)
    total = say.total_steps(number_, K_, N)
    refused(say.equal(total, say.count(N) * number_))
    constant = say.case(square(V), 1, square(V), 1)
    assert close(say.equal(say.total_steps(constant, K_, N), say.count(N) * constant))


# Substitution under binders.


@pytest.mark.parametrize("op", ["sum", "largest", "least"])
@pytest.mark.parametrize("seed", range(20))
def test_substitution_captures_nothing(op, seed):
    drawer = Drawer(seed)
    w = say.real("w")
    body = w + say.v(V, J, A)
    theorem = kernel.assume(say.at_most(w, Term(op, (closed(body, J),), COMPONENT)))
    value = drawer.choice([say.v(V, J, A), say.pi(J), say.psi(V, J, X)])
    found = kernel.substitute(theorem, {w: value})
    left, right = found.record.conclusion.args
    assert left == value
    # the label of the value is the outer one: it is still free inside
    assert J in right.free
    refused(say.equal(right, Term(op, (closed(value + say.v(V, J, A), J),), COMPONENT)))
    swapped = kernel.substitute(kernel.assume(say.equal(say.pi(J), say.pi(K))), {J: K, K: J})
    assert swapped.record.conclusion == say.equal(say.pi(K), say.pi(J))


@pytest.mark.parametrize("value", [say.pi(J), V, K_, number(1)])
def test_substitution_respects_sorts(value):
    variable = X if value.sort is not POINT else T
    with pytest.raises(ProofError):
        kernel.substitute(kernel.combine(say.equal(T, T)), {variable: value})


# Lemmas.


def test_a_lemma_about_one_descent_says_nothing_about_another():
    run = say.Descent(FORWARD)
    rate = run.size * (2 - run.size)
    at_k, after = run.at(K_), run.at(say.following(K_))
    goal = say.at_most(square(after), square(at_k) - rate * forward_loss(at_k))
    with pytest.raises(ProofError):
        Lemma(theorem_k, "each step").prove(goal, {})


# Means of what has none.


@pytest.mark.parametrize("seed", range(20))
def test_only_tame_functions_have_means(seed):
    size = say.total(say.entry(X, A) ** 2, A)
    values = {
        "exponential": say.exponential(size),
        "inverse": say.inverse(say.entry(X, A)),
        "logarithm": say.logarithm(size),
        "a run from a step size that depends on x": say.psi(say.Descent(KL, size).after(V), J, X),
        "a definition": say.define("e", say.exponential(T * say.entry(X, A)), T, X, A)(T, X, A),
    }
    drawer = Drawer(seed)
    for wild in values.values():
        term = drawer.choice(
            [wild, wild * say.psi(V, J), say.total(wild, J), say.case(0, T, wild, 0)]
        )
        for mean in (say.mean_q, lambda t: say.mean_p(V, t)):
            with pytest.raises(ProofError):
                mean(term)
        with pytest.raises(ProofError):
            kernel.monotone(kernel.combine(say.equal(term, term)), X, "mean_teacher")


# Small cases, and numbers.


def test_sizes_are_at_least_one_and_nothing_more():
    for size in (say.N_, say.D_):
        refused(say.at_most(2, size))
        refused(say.equal(size, 1))
        assert close(
            say.at_most(1, size),
            ((1, (kernel.axiom("components" if size == say.N_ else "coordinates"),), ()),),
        )
    # true for n = 1 only
    refused(say.equal(say.psi(V, J), 1))
    refused(say.equal(say.pi(J), 1))
    refused(say.equal(say.v(V, J, A), say.v(V, J, B)))


@pytest.mark.parametrize("value", [-1, Fraction(-1, 7), 0.5, True, 1.0, "1", np.float64(2)])
def test_multipliers_are_nonnegative_rationals(value):
    """The sum would be the conclusion, if the multiplier were allowed."""
    premise = kernel.axiom("steps", K_)
    exact = Fraction(value)
    goal = say.at_most(0, exact * say.count(K_))
    with pytest.raises((ProofError, TypeError)):
        kernel.combine(goal, ((value, (premise,), ()),))
    with pytest.raises((ProofError, TypeError)):
        kernel.combine(say.at_most(0, exact * T * T), ((value, (), (T,)),))
    if exact > 0:
        assert kernel.combine(goal, ((exact, (premise,), ()),))


def test_an_inequality_gives_no_equation_and_no_strict_inequality():
    low = kernel.assume(say.at_most(0, T))
    strict = kernel.assume(say.below(0, T))
    equal = kernel.assume(say.equal(T, 0))
    for goal, products, equations in (
        (say.equal(0, T), ((1, (low,), ()),), ()),
        (say.below(0, T), ((1, (low,), ()),), ()),
        (say.below(0, T * T), ((1, (), (T,)),), ()),
        (say.below(0, T * T), ((1, (strict, low), ()),), ()),
        (say.below(0, 0), ((0, (strict,), ()),), ()),
        (say.below(0, T), ((1, (equal,), ()),), ()),
        (say.at_most(0, T), (), ((number(1), low),)),
        (say.equal(0, T), (), ((number(1), strict),)),
    ):
        with pytest.raises(ProofError):
            kernel.combine(goal, products, equations)
    squared = kernel.combine(say.below(0, T * T), ((1, (strict, strict), ()),))
    assert squared.record.conclusion.op == "below"


def test_antisymmetry_needs_both_sides():
    one, two = kernel.assume(say.at_most(T, 0)), kernel.assume(say.at_most(0, T))
    assert kernel.antisymmetry(one, two).record.conclusion == say.equal(T, 0)
    strict = kernel.assume(say.below(0, T))
    for pair in (
        (one, one),
        (one, strict),
        (strict, two),
        (one, kernel.assume(say.at_most(0, -T))),
    ):
        with pytest.raises(ProofError):
            kernel.antisymmetry(*pair)


def test_strict_sums_over_steps_may_be_empty():
    strict = kernel.combine(say.below(0, 1), ((1, (), ()),))
    assert kernel.monotone(strict, K_, "sum_steps", (N,)).record.conclusion.op == "at_most"
    assert kernel.monotone(strict, J).record.conclusion.op == "below"
    assert kernel.monotone(strict, X, "mean_teacher").record.conclusion.op == "below"


def test_what_is_assumed_of_a_step_is_discharged_for_its_own_sum_only():
    least = say.least_steps(forward_loss(LOSSES[0].at(K_)), K_, N)
    member = kernel.axiom("member", least, K_)
    assert member.record.hypotheses == {say.below(say.count(K_), say.count(N))}
    summed = kernel.monotone(member, K_, "sum_steps", (N,))
    assert not summed.record.hypotheses
    for last in (say.step("M"), say.following(N), say.START, K_):
        with pytest.raises(ProofError):
            kernel.monotone(member, K_, "sum_steps", (last,))
    # a number of steps that is the step itself: the hypothesis holds at no step
    never = kernel.assume(say.below(say.count(K_), say.count(K_)))
    vacuous = kernel.combine(say.at_most(0, 1), ((1, (), ()), (0, (never,), ())))
    for rule, op in ((kernel.monotone, "sum_steps"), (kernel.bound, "least_steps")):
        with pytest.raises(ProofError):
            rule(vacuous, K_, op, (K_,))
    # an equation between counts is no order
    same = kernel.assume(say.equal(say.count(K_), say.count(N)))
    with pytest.raises(ProofError):
        kernel.monotone(same, K_, "sum_steps", (N,))


@pytest.mark.parametrize("op", ["sum", "largest", "mean_teacher", "mean_student", "forall", "x"])
def test_bounds_are_of_the_largest_or_least(op):
    theorem = kernel.combine(say.at_most(0, 1), ((1, (), ()),))
    if op == "largest":
        assert kernel.bound(theorem, J, op)
        with pytest.raises(ProofError):
            kernel.bound(kernel.combine(say.equal(0, 0)), J, op)
        with pytest.raises(ProofError):
            kernel.bound(theorem, X, op)
    else:
        with pytest.raises(ProofError):
            kernel.bound(theorem, J, op)


def test_axioms_and_oracles_are_those_of_the_tables():
    for rule in (kernel.axiom, kernel.oracle):
        with pytest.raises(ProofError):
            rule("whatever follows")
    assert set(ORACLES) >= {"gradient", "log-Sobolev", "Pinsker", "floor", "gradient flow"}
    with pytest.raises(ProofError):
        kernel.oracle("gradient", "kl")
    for name in ("log-Sobolev", "Pinsker", "floor"):
        found = kernel.oracle(name, *((V,) if name != "floor" else (V, J)))
        assert all(tag.startswith("cited: ") for tag in found.record.tags)
        assert found.record.tags


def test_tags_are_never_lost():
    tagged = kernel.oracle("log-Sobolev", V)
    plain = kernel.combine(say.at_most(0, 1), ((1, (), ()),))
    tags = tagged.record.tags
    formula = tagged.record.conclusion
    uses = [
        kernel.generalise(tagged, V),
        kernel.specialise(kernel.generalise(tagged, V), say.state("W")),
        kernel.substitute(tagged, {V: say.state("W")}),
        kernel.cut(tagged, kernel.assume(formula)),
        kernel.cut(plain, tagged),
        kernel.split(T, number(0), tagged, kernel.assume(formula)),
        kernel.split(T, number(0), kernel.assume(formula), tagged),
        kernel.monotone(tagged, X, "mean_teacher"),
        kernel.bound(tagged, J, "largest"),
        kernel.combine(say.at_most(0, 1), ((1, (), ()), (0, (tagged,), ()))),
    ]
    assert all(theorem.record.tags >= tags for theorem in uses)
    claim = formula
    assert kernel.induction(tagged, tagged, claim, K_).record.tags >= tags


def test_the_flow_needs_the_decrease_at_every_state():
    run = say.Descent(REVERSE)
    objective = run.loss
    loss = say.mean_p(V, objective.integrand(V, X))
    along = say.total(say.v(V, J, A) * run.gradient(V, J, A), J, A)
    wanted = say.at_most(number(4) * loss, number(2) * along)
    arguments = (objective, V, run.start, say.real("T"), number(4))
    with pytest.raises(ProofError):  # it is assumed at one state
        kernel.oracle("gradient flow", *arguments, premises=(kernel.assume(wanted),))
    every = kernel.specialise(kernel.assume(say.every(wanted, V)), V)
    found = kernel.oracle("gradient flow", *arguments, premises=(every,))
    assert say.every(wanted, V) in found.record.hypotheses
    for changed in (
        (objective, say.state("W"), *arguments[2:]),
        (say.Descent(FORWARD).loss, *arguments[1:]),
        (*arguments[:4], number(5)),
    ):
        with pytest.raises(ProofError):
            kernel.oracle("gradient flow", *changed, premises=(every,))


# Each rule's own conditions, one by one.


def test_substitution_reaches_the_hypotheses():
    found = kernel.substitute(kernel.assume(say.equal(T, 0)), {T: number(1)})
    assert found.record.hypotheses == {say.equal(1, 0)}
    every = kernel.assume(say.every(say.at_most(say.pi(J), T), J))
    found = kernel.substitute(every, {T: say.pi(J)})
    assert found.record.hypotheses == {found.record.conclusion}
    assert J in found.record.conclusion.free


def test_a_cut_removes_what_is_shown_and_no_more():
    p, q = say.equal(T, 0), say.at_most(T, 1)
    lemma = kernel.combine(q, ((1, (), ()),), ((number(1), kernel.assume(p)),))
    user = kernel.combine(say.at_most(T, 2), ((1, (kernel.assume(q),), ()), (1, (), ())))
    assert kernel.cut(lemma, user).record.hypotheses == {p}
    assert kernel.cut(kernel.assume(q), user).record.hypotheses == {q}
    assert kernel.cut(user, lemma).record.hypotheses == {p, q}


def test_cases_show_one_thing():
    one, two = kernel.assume(say.equal(T, 0)), kernel.assume(say.equal(T, 1))
    with pytest.raises(ProofError):
        kernel.split(T, number(0), one, two)
    # the second case is strict, the first is not
    first = _resting_on(say.at_most(T, 0))
    for case in (say.at_most(0, T), say.below(T, 0), say.below(0, T + 0)):
        assert case in kernel.split(T, number(0), first, _resting_on(case)).record.hypotheses
    assert not kernel.split(T, number(0), first, _resting_on(say.below(0, T))).record.hypotheses


@pytest.mark.parametrize(("op", "low"), [("largest", False), ("least", True)])
def test_a_bound_is_on_the_side_of_the_extreme(op, low):
    member = say.psi(V, J)
    below = kernel.combine(
        say.at_most(0, member), ((1, (kernel.axiom("responsibility", V, J, X),), ()),)
    )
    above = kernel.assume(say.every(say.at_most(member, 1), J))
    above = kernel.specialise(above, J)
    make = say.least if low else say.largest
    right, wrong = (below, above) if low else (above, below)
    found = kernel.bound(right, J, op)
    sides = (number(0), make(member, J)) if low else (make(member, J), number(1))
    assert found.record.conclusion == say.at_most(*sides)
    with pytest.raises(ProofError):  # the bound would be the member
        kernel.bound(wrong, J, op)
    with pytest.raises(ProofError):
        kernel.axiom("member", say.total(member, J), J)
    found = kernel.axiom("member", make(member, J), K).record.conclusion
    other = say.psi(V, K)
    assert found == (
        say.at_most(make(member, J), other) if low else say.at_most(other, make(member, J))
    )


def test_stein_under_the_student_moves_to_the_mean():
    entry = say.entry(X, A)
    assert close(say.equal(say.mean_p(V, entry), say.mean_p(V, m(V, X, A))))
    refused(say.equal(say.mean_p(V, entry), 0))
    assert close(say.equal(say.mean_q(entry), 0))
    refused(say.equal(say.mean_q(entry), say.mean_q(m(V, X, A))))
    second = say.entry(X, A) * say.entry(X, B)
    assert close(say.equal(say.mean_q(second), say.delta(A, B)))
    refused(say.equal(say.mean_q(second), 1))
    refused(say.equal(say.mean_q(second), 0))
    with pytest.raises(ProofError):
        kernel.stein(number(1), X, A, V, V)
    with pytest.raises(ProofError):
        kernel.stein(number(1), X, A, J)
    with pytest.raises(ProofError):
        kernel.stein(say.largest(say.psi(V, J), J), X, A)


@pytest.mark.parametrize("index", [J, A, K, B], ids=lambda t: t.key)
def test_an_index_is_itself(index):
    same, other = say.delta(index, index), say.delta(index, Term("free", (), ("o", index.sort)))
    assert close(say.equal(same, 1))
    assert close(say.equal(other * same, other))
    assert close(say.equal(other**2, other))
    for wrong in (say.equal(same, 0), say.equal(other, 1), say.equal(other * same, 1)):
        refused(wrong)


@pytest.mark.parametrize("sort", [COMPONENT, COORDINATE], ids=lambda sort: sort.value)
def test_delta_contracts(sort):
    """A sum over an index that is another's is the term at the other, whatever their names are."""
    for one, two, three in permutations("ijk"):
        i, j, k = (Term("free", (), (name, sort)) for name in (one, two, three))

        def f(index: Term) -> Term:
            return say.pi(index) ** 2 if index.sort is COMPONENT else say.v(V, J, index) ** 2

        for same in (say.delta(i, j), say.delta(j, i)):
            assert kernel.combine(say.equal(say.total(same * f(i), i), f(j)))
            assert kernel.combine(say.equal(say.total(same * f(j), i), f(j)))
            assert kernel.combine(
                say.equal(say.total(same * f(i) * f(k), i, j), f(k) * say.total(f(i), i))
            )
            assert kernel.combine(say.equal(same * f(i), same * f(j)))
            assert kernel.combine(say.equal(same, say.delta(j, i)))
            assert kernel.combine(say.equal(say.total(same * say.delta(j, k) * f(i), i, j), f(k)))
            for wrong in (
                say.equal(say.total(same * f(i), i), f(i)),
                say.equal(say.total(same * f(k), i), say.total(f(k), i)),
                say.equal(same * f(i), f(j)),
                say.equal(same * f(k), f(k)),
                say.equal(say.total(same * say.delta(j, k) * f(i), i), f(k)),
            ):
                with pytest.raises(ProofError):
                    kernel.combine(wrong)


def test_responsibilities_sum_to_one_only_alone():
    step = say.v(say.state("W"), J, A)
    moved = say.Descent(KL, step).after(V)
    weighted = say.v(V, J, A)
    sums = {
        "another factor": say.total(say.psi(V, J) * weighted, J),
        "a square": say.total(say.psi(V, J) ** 2, J),
        "its own state": say.total(say.psi(moved, J), J),
        "under a mean, with another factor": say.total(say.mean_q(say.psi(V, J)) * weighted, J),
        "under a mean, with a factor inside": say.total(say.mean_q(say.psi(V, J) ** 2), J),
        "under a mean, its own state": say.total(say.mean_q(say.psi(moved, J)), J),
        "under a mean of a state of its own": say.total(say.mean_p(moved, say.psi(V, J)), J),
        "the weight as well": say.total(say.psi(V, J) * say.pi(J), J),
        "weights squared": say.total(say.pi(J) ** 2, J),
        "over coordinates": say.total(say.psi(V, J), A),
    }
    accepted = []
    for what, found in sums.items():
        try:
            close(say.equal(found, 1))
        except ProofError:
            continue
        accepted.append(what)
    assert not accepted
    assert close(say.equal(say.total(say.psi(V, J), J), 1))
    assert close(say.equal(say.total(say.mean_q(say.psi(V, J) * say.entry(X, A)), J), 0))
    assert close(say.equal(say.total(1, J), say.N_))
    assert close(say.equal(say.total(say.psi(V, K), J), say.N_ * say.psi(V, K)))


def test_a_responsibility_has_its_weight_under_its_own_student_only():
    other = say.state("W")
    assert close(say.equal(say.mean_p(V, say.psi(V, J)), say.pi(J)))
    for mean in (
        say.mean_q(say.psi(V, J)),
        say.mean_p(other, say.psi(V, J)),
        say.mean_p(V, say.psi(V, J, say.point("y"))),
        say.mean_p(V, say.psi(V, J) ** 2),
    ):
        refused(say.equal(mean, say.pi(J)))


def test_sums_over_the_steps():
    at_k = forward_loss(LOSSES[0].at(K_))
    total = say.total_steps(at_k, K_, say.following(N))
    last = forward_loss(LOSSES[0].at(N))
    assert close(say.equal(total, say.total_steps(at_k, K_, N) + last))
    for wrong in (number(0), at_k):
        refused(say.equal(total, say.total_steps(at_k, K_, N) + wrong), rewriting=False)
    later = forward_loss(LOSSES[0].at(say.following(N)))
    refused(say.equal(total, say.total_steps(at_k, K_, N) + later), rewriting=False)
    assert close(say.equal(say.total_steps(T, K_, N), T * say.count(N)))
    refused(say.equal(say.total_steps(T, K_, N), T))
    assert close(say.equal(say.total_steps(1, K_, say.START), 0))


def test_a_step_goes_down_the_gradient_of_its_own_state():
    run = say.Descent(FORWARD)
    moved = say.v(run.after(V), J, A)
    assert close(say.equal(moved, say.v(V, J, A) - run.size * run.gradient(V, J, A)))
    refused(say.equal(moved, say.v(V, J, A) + run.size * run.gradient(V, J, A)), rewriting=False)
    twice = say.v(run.after(run.after(V)), J, A)
    late = run.gradient(run.after(V), J, A)
    assert close(say.equal(twice, moved - run.size * late))
    refused(say.equal(twice, moved - run.size * run.gradient(V, J, A)), rewriting=False)
    other = say.Descent(KL)
    refused(say.equal(moved, say.v(V, J, A) - run.size * other.gradient(V, J, A)), rewriting=False)


@pytest.mark.parametrize(
    ("name", "terms", "condition"),
    [
        ("inverse", (T,), say.below(0, T)),
        ("logarithm", (T,), say.below(0, T)),
        ("root", (T,), say.at_most(0, T)),
        ("root sign", (T,), say.at_most(0, T)),
        ("first case", (T, number(0), number(1), number(2)), say.at_most(T, 0)),
        ("second case", (T, number(0), number(1), number(2)), say.below(0, T)),
        ("whole steps", (K_, N), say.below(say.count(K_), say.count(N))),
    ],
)
def test_axioms_keep_their_conditions(name, terms, condition):
    assert kernel.axiom(name, *terms).record.hypotheses == {condition}


def test_axioms_say_what_they_say():
    y, z = say.real("y"), say.real("z")
    case = say.case(T, y, z, T * z)
    largest, least = (make(say.psi(V, J), J) for make in (say.largest, say.least))
    first = say.least_steps(T * say.count(K_), K_, N)
    says = {
        ("weight", J): say.below(0, say.pi(J)),
        ("responsibility", V, J, X): say.below(0, say.psi(V, J)),
        ("components",): say.at_most(1, say.N_),
        ("coordinates",): say.at_most(1, say.D_),
        ("steps", K_): say.at_most(0, say.count(K_)),
        ("whole steps", K_, N): say.at_most(say.count(say.following(K_)), say.count(N)),
        ("inverse", T): say.equal(T * say.inverse(T), 1),
        ("root", T): say.equal(say.root(T) * say.root(T), T),
        ("root sign", T): say.at_most(0, say.root(T)),
        ("exponential of a sum", T, y): say.equal(
            say.exponential(T + y), say.exponential(T) * say.exponential(y)
        ),
        ("logarithm", T): say.equal(say.exponential(say.logarithm(T)), T),
        ("tangent", T): say.at_most(1 + T, say.exponential(T)),
        ("first case", T, y, z, T * z): say.equal(case, z),
        ("second case", T, y, z, T * z): say.equal(case, T * z),
        ("member", largest, K): say.at_most(say.psi(V, K), largest),
        ("member", least, K): say.at_most(least, say.psi(V, K)),
        ("member", first, say.START): say.at_most(first, T * say.count(say.START)),
    }
    for (name, *about), conclusion in says.items():
        assert kernel.axiom(name, *about).record.conclusion == conclusion, name
    assert {name for name, *_ in says} | {"density"} == set(AXIOMS)
    refused(say.equal(T * say.inverse(T), 1))
    refused(say.equal(say.root(T) ** 2, T))


@pytest.mark.parametrize("seed", range(4))
def test_the_density_is_that_of_the_mixture(seed):
    """``psi_j p/q`` as it is written, and in numbers."""
    density = kernel.axiom("density", V, J, X).record.conclusion
    own = say.v(V, J, A)
    exponent = say.total(say.entry(X, A) * own - Fraction(1, 2) * own**2, A)
    left = say.psi(V, J) * say.exponential(say.log_ratio(V))
    assert close(say.equal(density.args[0], left))
    assert close(say.equal(density.args[1], say.pi(J) * say.exponential(exponent)))
    assert not density.loose
    assert density.free == {V, J, X}
    random = np.random.default_rng(seed)
    model = drawn_model(random)
    values = assignment(model, [V, J, X], random)
    assert abs(model.gap(density, values)) < 1e-9
    # arguments with the names that the kernel would take
    other = {J: say.component("coordinate0"), X: say.point("coordinate0"), V: say.state("x")}
    named = kernel.axiom("density", *(other[a] for a in (V, J, X))).record.conclusion
    assert named == replaced(density, other)


def test_a_hypothesis_without_the_variable_stays_and_blocks_nothing():
    signs = (kernel.assume(say.nonnegative(T)), kernel.axiom("responsibility", V, J, X))
    body = T * say.psi(V, J)
    found = kernel.combine(say.nonnegative(body), ((1, signs, ()),))
    every = kernel.generalise(found, J).record
    assert every.conclusion == say.every(say.nonnegative(body), J)
    summed = kernel.monotone(found, J).record
    assert summed.conclusion == say.at_most(say.total(0, J), say.total(body, J))
    mean = kernel.monotone(found, X, "mean_teacher").record
    assert mean.conclusion == say.at_most(say.mean_q(0), say.mean_q(body))
    least = kernel.bound(found, J, "least").record
    assert least.conclusion == say.nonnegative(say.least(body, J))
    put = kernel.substitute(found, {J: K}).record
    assert put.conclusion == say.nonnegative(T * say.psi(V, K))
    grows = say.nonnegative(T * say.count(K_))
    start = kernel.combine(say.nonnegative(T * say.count(say.START)))
    passage = kernel.combine(
        replaced(grows, {K_: say.following(K_)}),
        ((1, (kernel.assume(grows),), ()), (1, signs[:1], ())),
    )
    always = kernel.induction(start, passage, grows, K_).record
    assert always.conclusion == grows
    for record in (every, summed, mean, least, put, always):
        assert record.hypotheses == {say.nonnegative(T)}


@pytest.mark.parametrize("op", sorted(SHAPES))
def test_only_what_binds_is_monotone(op):
    """``1/t``, ``-t`` and the like are not, and the variable need not occur."""
    less = kernel.combine(say.at_most(1, 2), ((1, (), ()),))
    binders = {
        "sum": (J, A), "mean_teacher": (X,), "mean_student": (X,), "sum_steps": (K_,),
        "least": (J, A), "largest": (J, A), "least_steps": (K_,),
    }  # fmt: skip
    for variable in (J, A, X, K_, V, T):
        for prefix in ((), (number(-1),), (V,), (N,), (number(0), number(1), number(1))):
            own = {"mean_student": (V,), "sum_steps": (N,), "least_steps": (N,)}.get(op, ())
            if variable in binders.get(op, ()) and prefix == own:
                assert kernel.monotone(less, variable, op, prefix)
            else:
                with pytest.raises((ProofError, TypeError)):
                    kernel.monotone(less, variable, op, prefix)


@pytest.mark.parametrize("index", [J, A], ids=lambda t: t.sort.value)
@pytest.mark.parametrize("head", ["root", "inverse", "exponential", "logarithm", "case", "least"])
def test_a_function_of_a_sum_is_no_sum_of_functions(head, index):
    """Sums in the arguments of what is not linear stay there, whatever their indices are called."""
    make = {
        "root": say.root, "inverse": say.inverse, "exponential": say.exponential,
        "logarithm": say.logarithm,
        "case": lambda t: say.case(t, 1, t, 0),
        "least": lambda t: say.least(t * say.pi(say.component("l")), say.component("l")),
    }[head]  # fmt: skip
    other = Term("free", (), ("o", index.sort))
    entry, own = (say.v(V, *((i, A) if index is J else (J, i))) ** 2 for i in (other, index))
    inside = make(say.total(own, index))
    assert close(say.equal(inside, make(say.total(entry, other))))
    assert not polynomial_term(normal(inside)).free - inside.free
    for wrong in (say.total(make(own), index), make(own), make(say.total(own, index, other))):
        refused(say.equal(inside, wrong))


def test_equal_terms_are_equal_under_every_binder():
    """Normal forms reach the bodies of what is not linear, and sums and means inside of them."""
    y, k, w = say.point("y"), say.step("k"), say.state("W")
    u, v = say.v(V, J, A), say.v(w, J, A)
    squares = say.total(u**2, A) + 2 * say.total(v * u, A) + say.total(v**2, A)
    pairs = [
        (say.total((u + v) ** 2, A), squares),
        (say.total(say.delta(J, K) * u, J) + v, say.v(V, K, A) + v),
        (say.mean_q(2 * u * say.psi(V, J, y), y), 2 * u * say.mean_q(say.psi(V, J))),
        (say.mean_p(V, say.psi(V, J)) * T, T * say.pi(J)),
        (say.total(say.psi(V, K), K) * u * T, T * u),
        (say.total_steps(u * say.count(k), k, N), u * say.total_steps(say.count(K_), K_, N)),
        (say.root((u + v) * 2), say.root(2 * v + 2 * u)),
        (say.case(u + v, T, v, u), say.case(v + u, T, v, u)),
        (say.largest(u * v, A), say.largest(v * u, A)),
    ]
    binders = [
        lambda t: say.largest(t, J),
        lambda t: say.least(say.largest(t, A), J),
        lambda t: say.least_steps(t * say.count(K_), K_, N),
        lambda t: say.exponential(say.total(t, J)),
        lambda t: say.mean_q(say.root(t * say.psi(V, J) ** 2)),
        lambda t: say.largest(say.total(say.psi(V, J) * t, J), A),
    ]
    for one, two in pairs:
        for bind in binders:
            goal = say.equal(bind(one), bind(two))
            assert kernel.combine(goal).record.conclusion == goal
            with pytest.raises(ProofError):
                kernel.combine(say.equal(bind(one), bind(two + 1)))


@pytest.mark.parametrize("sort", [COMPONENT, COORDINATE], ids=lambda sort: sort.value)
@pytest.mark.parametrize("heads", ["PQR", "PPQ"])
def test_sums_are_equal_if_their_indices_link_the_same_factors(heads, sort):
    """All products of a few functions of one or two indices, each summed over three."""
    names = "ijk"
    index = {name: Term("free", (), (name, sort)) for name in names}
    single = say.pi if sort is COMPONENT else (lambda a: say.v(V, J, a))
    make = {
        "P": lambda a, b: say.case(single(a), 0, single(b), 0),
        "Q": lambda a: say.root(single(a)),
        "R": lambda a: say.exponential(single(a)),
    }
    arity = {"P": 2, "Q": 1, "R": 1}
    met: dict[tuple[str, ...], set[object]] = {}
    for word in product(names, repeat=sum(arity[head] for head in heads)):
        letters, parts = iter(word), []
        for head in heads:
            parts.append((head, tuple(next(letters) for _ in range(arity[head]))))
        term = number(1)
        for head, labels in parts:
            term = term * make[head](*(index[label] for label in labels))
        summed = normal(say.total(term, *index.values()))
        renamed = (
            tuple(sorted((head, tuple(new[old] for old in labels)) for head, labels in parts))
            for order in permutations(names)
            for new in [dict(zip(names, order, strict=True))]
        )
        met.setdefault(min(renamed), set()).add(frozenset(summed))
    assert all(len(keys) == 1 for keys in met.values())
    assert len({key for keys in met.values() for key in keys}) == len(met)


HEADS = {
    "root": say.root,
    "inverse": say.inverse,
    "exponential": say.exponential,
    "logarithm": say.logarithm,
    "case": lambda t: say.case(T, t, t, 1),
    "least": lambda t: say.least(t * say.pi(K), K),
    "largest": lambda t: say.largest(t + say.pi(K), K),
    "mean": lambda t: say.mean_q(say.root(t + say.psi(V, J))),
    "defined": lambda t: say.define("d", say.root(T), T)(t),
}


@pytest.mark.parametrize("head", HEADS)
def test_functions_are_equal_if_their_arguments_are(head):
    """Sums of none, one, two and more terms, products of sums and their like."""
    y, b = say.real("y"), say.coordinate("b")
    f, g = say.v(V, J, A), say.v(say.state("W"), J, b)
    one, two = say.total(f, A), say.total(g, b)
    square = say.total(f * say.v(V, J, b), A, b)
    arguments = [
        [number(0), T - T, 0 * y, say.total(T - T, A)], [number(1), T**0, number(1) * 1],
        [T, 1 * T, T + 0], [T + 1, 1 + T], [T - 1, -1 + T], [2 * T, T + T], [-T, T - 2 * T], [y],
        [T + y, y + T], [T - y, -y + T], [T * y, y * T], [T * y + T, T * (1 + y)],
        [T + y + 1, 1 + y + T], [T * T, T**2], [one, say.total(say.v(V, J, b), b)], [two],
        [one * two, two * one, say.total(f * g, A, b), say.total(f * g, b, A)], [one * one, square],
        [one + two, two + one], [say.D_ * one, say.total(f, A, b)], [say.D_**2 * one * two],
        [one * two * T + one, one * (1 + T * two)], [one * two + 1, 1 + two * one],
    ]  # fmt: skip
    keys = []
    for same in arguments:
        terms = [HEADS[head](t) for t in same]
        found = normal(terms[0])
        for term in terms:
            assert not normal(term - terms[0])
            # a normal form is its own normal form, however often it is taken
            assert normal(polynomial_term(normal(term))) == found
            assert not normal(say.total(say.delta(J, K) * term, J) - replaced(term, {J: K}))
        keys.append((frozenset(found), frozenset(value for value, _ in found.values())))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("sort", [COMPONENT, COORDINATE], ids=lambda sort: sort.value)
def test_the_order_of_sums_is_free_inside_functions(sort):
    i, j = (Term("free", (), (name, sort)) for name in "ij")
    f = say.pi if sort is COMPONENT else (lambda a: say.v(V, J, a))
    for body in (
        say.root(f(i) + 2 * f(j)), say.root(say.delta(i, j) + f(i)), say.root(f(i) * f(j) ** 2),
        say.exponential(f(i) - f(j) + say.delta(i, j)),
        say.case(f(i) + 3 * f(j), say.delta(j, i), f(i) * f(j), 0),
    ):  # fmt: skip
        assert not normal(say.total(body, i, j) - say.total(body, j, i))
        turned = replaced(body, {i: j, j: i})
        assert not normal(say.total(body, i, j) - say.total(turned, i, j))
        assert normal(say.total(body, i) - say.total(turned, i))


@pytest.mark.parametrize("value", [0, 1, -1])
def test_only_weights_and_responsibilities_have_a_known_sum(value):
    """Over each index of whatever has one."""
    run = say.Descent(FORWARD)
    sums = [
        say.total(say.v(V, J, A), J), say.total(say.v(V, J, A), A),
        say.total(say.entry(X, A), A), say.total(run.gradient(V, J, A), J),
        say.total(run.gradient(V, J, A), A), say.total(say.mean_q(say.entry(X, A) ** 2), A),
        say.total(say.root(say.pi(J)), J), say.total(say.largest(say.v(V, J, A), A), J),
        say.total(say.v(V, J, A) * say.psi(V, J), J), say.total(say.mean_q(say.psi(V, J) ** 2), J),
        say.total(say.delta(J, K) * say.pi(J), J), say.total(say.delta(J, K) * say.pi(J), K),
    ]  # fmt: skip
    for found in sums:
        assert normal(found - value)
        assert normal(found * T - value * T)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_weights_and_responsibilities_sum_to_one(power):
    """Once for each factor, under means too."""
    y, states = say.point("y"), (V, say.state("W"))
    for sums in (
        say.total(say.pi(J), J),
        say.total(say.psi(V, K), K),
        say.total(say.mean_p(V, say.psi(V, J)), J),
        say.total(say.mean_q(say.psi(V, J, y), y), J),
        say.total(say.psi(states[1], J), J) * say.total(say.pi(K), K),
    ):
        assert kernel.combine(say.equal(sums**power, 1))
        assert kernel.combine(say.equal(sums**power * T, T))
        with pytest.raises(ProofError):
            kernel.combine(say.equal(sums**power, say.N_))


# What the mutants of the kernel must not survive.


@pytest.mark.parametrize("relation", ["equal", "at_most", "below"])
def test_a_combination_of_nothing_shows_only_what_its_normal_form_says(relation):
    with pytest.raises(ProofError):
        kernel.combine(Term(relation, (number(1), number(0))))
    assert kernel.combine(Term("at_most", (number(0), number(0)))).record.hypotheses == frozenset()


@pytest.mark.parametrize("objective", [FORWARD, REVERSE, KL], ids=lambda known: known.name)
def test_responsibilities_at_states_of_their_own_do_not_sum_to_one(objective):
    """``sum_j psi_j`` at one state is 1; with a step size that depends on j it need not be."""

    def total(size):
        state = Term("descended", (size, V), kernel_objective(objective))
        body = closed(Term("psi", (state, J, X)), J)
        return Term("equal", (Term("sum", (body,), COMPONENT), number(1)))

    assert kernel.combine(total(T)).record.conclusion == total(T)
    with pytest.raises(ProofError):
        kernel.combine(total(Term("pi", (J,))))
