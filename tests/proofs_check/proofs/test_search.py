"""Multipliers are found again, constants are the best, and only the kernel says so."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from functools import cache
from types import SimpleNamespace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check import cli
from proofs_check.proofs import catalogue, kernel, search
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.search import (
    NotFoundError,
    best,
    combination,
    combination_steps,
    premises_of,
    with_unknown,
)
from proofs_check.proofs.tactics.language import at_most, below, equal, nonnegative, positive, real
from proofs_check.proofs.tactics.script import replay
from proofs_check.proofs.tactics.steps import Combination
from proofs_check.proofs.theorem_k import theorem_k
from proofs_check.schemas import schema
from proofs_check.verdict import Verdict

BETTER, WORSE = Fraction(101, 100), Fraction(99, 100)
C, S, T, Y = real("c"), real("s"), real("t"), real("y")
STEPS = {
    "K": {"entry", "gradient bound", "one step", "rate"},
    "R": {
        *("entry", "range", "quarter diameter", "moments", "positive heaviest", "gradient bound"),
        *("one step", "next within", "start", "rate", "decay", "flow rate"),
    },
}


@cache
def premises(name):
    script = catalogue.proof(name)
    return premises_of(script, combination_steps(script))


def goal_of(name, step):
    return next(s.goal for s in catalogue.proof(name).steps if s.name == step)


def signs(**terms):
    return {name: kernel.assume(nonnegative(term)) for name, term in terms.items()}


@pytest.mark.parametrize("name", STEPS)
def test_the_multipliers_of_a_theorem_are_found_again(name):
    script = catalogue.proof(name)
    assert {step.name for step in combination_steps(script)} == STEPS[name]
    found = {}
    for step in combination_steps(script):
        used = premises(name)[step.name]
        found[step.name] = combination(step.goal, used)
        theorem = found[step.name].theorem
        assert theorem.record.conclusion == step.goal
        assert theorem.record.hypotheses <= frozenset().union(
            *(p.record.hypotheses for p in used.values())
        )
    steps = tuple(
        dataclasses.replace(step, tactic=Combination(found[step.name].products))
        if step.name in found
        else step
        for step in script.steps
    )
    assert replay(dataclasses.replace(script, steps=steps)).verdict is Verdict.PROVED


def test_stored_multipliers_are_not_read():
    script = catalogue.proof("K")
    chosen = combination_steps(script)[:1]
    steps = tuple(
        dataclasses.replace(s, tactic=Combination()) if s in chosen else s for s in script.steps
    )
    emptied = dataclasses.replace(script, steps=steps)
    assert replay(emptied).failed[0].step.name == chosen[0].name
    used = premises_of(emptied, combination_steps(emptied)[:1])
    assert combination(chosen[0].goal, used[chosen[0].name]).products


#: Number that stands in the goal, and the least and largest for which it can be shown.
BEST = {
    ("K", "gradient bound", 1): (1, None),
    ("K", "one step", 2): (None, 2),
    ("R", "gradient bound", 4): (4, None),
    ("R", "one step", 2): (None, 2),
    ("R", "flow rate", 4): (None, 4),
    ("F", "b P <= 1/4", Fraction(1, 4)): (Fraction(1, 4), None),
}


@pytest.mark.parametrize(("name", "step", "value"), BEST)
def test_the_best_constant_is_an_exact_rational(name, step, value):
    goal, used = with_unknown(goal_of(name, step), Fraction(value), C), premises(name)[step]
    found = best(goal, C, used)
    ends = (found.least, found.largest)
    assert tuple(end and end.constant for end in ends) == BEST[name, step, value]
    (end,) = (end for end in ends if end is not None)
    assert end.theorem.record.conclusion == replaced(goal, {C: number(end.constant)})
    tighter, weaker = (WORSE, BETTER) if found.least else (BETTER, WORSE)
    assert combination(replaced(goal, {C: number(end.constant * weaker)}), used)
    with pytest.raises(NotFoundError):
        combination(replaced(goal, {C: number(end.constant * tighter)}), used)


@pytest.mark.parametrize(
    ("script", "step"),
    [
        (theorem_k(gradient=WORSE), "gradient bound"),
        (theorem_k(largest_step=2 * BETTER), "one step"),
        (theorem_k(weights_at_most_one=False), "entry"),
    ],
)
def test_a_false_variant_is_not_found(script, step):
    chosen = [s for s in combination_steps(script) if s.name == step]
    with pytest.raises(NotFoundError):
        combination(chosen[0].goal, premises_of(script, chosen)[step])


def test_a_constant_that_was_not_sharp_is_improved():
    # b P <= 1, from 2 eta kappa <= 1 and 8 y P e^2 <= 1, the condition of Theorem F
    eta_kappa, y, e, p = S, T, Y, real("P")
    used = {
        **signs(eta_kappa=eta_kappa, y=y),
        "step": kernel.assume(at_most(2 * eta_kappa, 1)),
        "floor": kernel.assume(at_most(8 * y * p * e**2, 1)),
    }
    found = best(at_most(2 * eta_kappa * y * e**2 * p, C), C, used, 2)
    assert found.least.constant == Fraction(1, 8)
    assert found.largest is None


fractions = st.fractions(0, 5, max_denominator=7)


@given(st.lists(fractions, min_size=9, max_size=9), fractions.filter(bool))
def test_drawn_combinations_are_found_and_what_is_false_at_zero_is_not(values, less):
    used = {
        **signs(s=S, gap=T - S),
        "y": kernel.assume(positive(Y)),
        "other": kernel.assume(equal(C, S * T)),
    }
    gaps = [S, T - S, Y, S * S, S * (T - S), S * Y, (T - S) ** 2, (T - S) * Y, Y * Y]
    total = C - S * T
    for value, part in zip(values, gaps, strict=True):
        total = total + value * part
    found = combination(nonnegative(total), used, 2)
    assert found.theorem.record.conclusion == nonnegative(total)
    assert all(value > 0 for value, _ in found.products)
    with pytest.raises(NotFoundError):
        combination(nonnegative(total - less), used, 2)


def test_equations_and_strict_relations():
    same = {"same": kernel.assume(equal(S, T))}
    assert combination(equal(S * Y, T * Y), same).products == ()
    with pytest.raises(NotFoundError):
        combination(equal(S, T), signs(s=S, t=T))
    used = {"s": kernel.assume(nonnegative(S)), "t": kernel.assume(positive(T))}
    assert combination(positive(S + T), used).theorem.record.conclusion == positive(S + T)
    with pytest.raises(NotFoundError):
        combination(positive(S), used)
    assert combination(below(0, 1 + S), used).products == ((1, ()), (1, ("s",)))


def test_equations_with_fractions_are_used_with_multipliers_that_are_terms():
    used = {"half": kernel.assume(equal(S, Fraction(1, 2) * T)), **signs(y=Y)}
    goal = nonnegative(3 * Y + S * S - Fraction(1, 4) * T * T)
    assert combination(goal, used).products == ((3, ("y",)),)
    found = best(at_most(S * T, C * T * T), C, {**used, **signs(square=S * T)})
    assert found.least.constant == Fraction(1, 2)


def test_degrees_are_tried_from_below_and_end_where_told():
    used, cube = signs(s=S), nonnegative(S**3)
    assert combination(cube, used).products == ((1, ("s", "s", "s")),)
    with pytest.raises(NotFoundError, match="up to 2"):
        combination(cube, used, 2)


def test_floats_choose_only_which_products_are_used(monkeypatch):
    true = search.linprog

    def rounded(*args, **settings):
        found = true(*args, **settings)
        return (
            found if found.x is None else SimpleNamespace(status=0, x=[1.01 * c for c in found.x])
        )

    goal, used = nonnegative(Fraction(1, 3) * S + 2 * T), signs(s=S, t=T)
    exact = combination(goal, used)
    monkeypatch.setattr(search, "linprog", rounded)
    assert combination(goal, used).products == exact.products


@pytest.mark.parametrize("shown", [0.0, 1.0])
def test_a_wrong_optimum_finds_nothing(monkeypatch, shown):
    def wrong(costs, **settings):
        return SimpleNamespace(status=0, x=[shown] * len(costs))

    monkeypatch.setattr(search, "linprog", wrong)
    with pytest.raises(NotFoundError):
        combination(nonnegative(S - T), signs(s=S, t=T))


def test_only_the_kernel_accepts(monkeypatch):
    def refuses(*args):
        raise ProofError("refused")

    monkeypatch.setattr(search, "close", refuses)
    with pytest.raises(NotFoundError):
        combination(nonnegative(S + T), signs(s=S, t=T))
    with pytest.raises(NotFoundError):
        best(at_most(S, C * S), C, signs(s=S))


def test_an_unknown_is_linear_and_in_no_premise():
    with pytest.raises(ProofError, match="not stand linearly"):
        best(at_most(S, C * C * S), C, signs(s=S))
    with pytest.raises(ProofError, match="does not stand in the goal"):
        best(at_most(S, T), C, signs(s=S))
    with pytest.raises(ProofError, match="stands in a premise"):
        best(at_most(S, C), C, signs(c=C))
    with pytest.raises(NotFoundError, match="any constant"):
        best(at_most(S, C * T), C, signs(s=S, t=T))


# The command line.


def test_the_command_finds_every_step_of_k(capsys):
    assert cli.main(["prove", "K", "--search", "--json", "-"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    jsonschema.validate(found, schema("prove"))
    assert {entry["step"] for entry in found["searches"]} == STEPS["K"]
    assert captured.err.count("  found: ") == len(STEPS["K"])


def test_the_command_finds_the_best_constant(capsys):
    arguments = ["prove", "K", "--search", "one step", "--constant", "2"]
    assert cli.main([*arguments, "--json", "-"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    jsonschema.validate(found, schema("prove"))
    (entry,) = found["searches"][0]["found"]
    assert (entry["end"], entry["constant"]) == ("largest", "2")
    assert "largest constant 2: |V+|^2 <= |V|^2 - eta (2 - eta) L(V)" in captured.err


@pytest.mark.parametrize("changed", [{"gradient": WORSE}, {"largest_step": 2 * BETTER}])
def test_not_found_gives_exit_code_three(capsys, monkeypatch, changed):
    monkeypatch.setattr(catalogue, "proof", lambda name: theorem_k(**changed))
    step = "gradient bound" if "gradient" in changed else "one step"
    assert cli.main(["prove", "K", "--search", step]) == 3
    shown = capsys.readouterr().out
    assert "  not found among products of up to 3 premises" in shown
    assert "  found: " not in shown


def test_a_step_on_a_premise_that_fails_is_not_found(capsys, monkeypatch):
    broken = theorem_k(weights_at_most_one=False)
    monkeypatch.setattr(catalogue, "proof", lambda name: broken)
    assert cli.main(["prove", "K", "--search", "gradient bound"]) == 3
    assert "a premise does not hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["K", "--search", "loss"], "--search: got loss"),
        (["I1", "--search", "loss"], "--search: got loss; allowed: no step"),
        (["K", "--search", "--constant", "2"], "--search: got none"),
        (["K", "--constant", "2"], "--constant: got 2"),
        (["K", "--degree", "2"], "--degree: got 2"),
        (["K", "--search", "one step", "--constant", "x"], "--constant: got x"),
        (["K", "--search", "one step", "--constant", "7"], "--constant: got 7"),
        (["K", "--search", "one step", "--constant", "-1"], "--constant: got -1"),
        (["K", "--search", "one step", "--format", "latex"], "--search: got another output"),
        (["K", "--search", "one step", "--check", "coq"], "--search: got another output"),
        (["--search", "K"], "NAME: got none"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(capsys, arguments, named):
    assert cli.main(["prove", *arguments]) == 2
    assert named in capsys.readouterr().err
