"""Errors planted in the kernel of proofs: each would prove something false, and a test sees it."""

from __future__ import annotations

import pytest

from tests.mutants.forked import surviving
from tests.mutants.harness import Mutant

KERNEL = "proofs_check/proofs/kernel"
HOLES = "tests/proofs_check/proofs/test_holes.py"
HOSTILE = "tests/proofs_check/proofs/test_hostile.py"
FAR = "tests/proofs_check/proofs/test_proofs_far.py"
NEAR = "tests/proofs_check/proofs/test_proofs_near.py"
PULL = "tests/proofs_check/proofs/test_proofs_pull.py"
MADE = "tests/proofs_check/proofs/test_theorems_cannot_be_made.py"


def planted(file: str, name: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, f"{KERNEL}/{file}", old, new, tests)


RULES = [
    planted(
        "rules.py",
        "negative multipliers",
        " or Fraction(value.numerator, value.denominator) < 0:",
        ":",
        f"{HOLES}::test_multipliers_are_nonnegative_rationals",
    ),
    planted(
        "rules.py",
        "the sign of a numerator",
        "Fraction(value.numerator, value.denominator) < 0",
        "value < 0",
        f"{HOSTILE}::test_a_fraction_that_is_not_in_lowest_terms_hides_no_sign",
    ),
    planted(
        "rules.py",
        "a combination that is not compared with the conclusion",
        'if normal(Term("add", tuple(total)), unfolded):',
        "if False:",
        f"{HOLES}::test_a_combination_of_nothing_shows_only_what_its_normal_form_says",
    ),
    planted(
        "rules.py",
        "an equation from inequalities",
        '(conclusion.op == "equal" and products) or ',
        "",
        f"{HOLES}::test_an_inequality_gives_no_equation_and_no_strict_inequality",
    ),
    planted(
        "rules.py",
        "strict by a square",
        "value > 0 and not squared and below",
        "value > 0 and below",
        f"{HOLES}::test_an_inequality_gives_no_equation_and_no_strict_inequality",
    ),
    planted(
        "rules.py",
        "strict by one of several factors",
        'below = all(formula.op == "below"',
        'below = any(formula.op == "below"',
        f"{HOLES}::test_an_inequality_gives_no_equation_and_no_strict_inequality",
    ),
    planted(
        "rules.py",
        "a sum over a variable of a hypothesis",
        ".difference(assumed), *prefix)\n    sides",
        ".intersection(assumed), *prefix)\n    sides",
        f"{HOLES}::test_a_hypothesis_with_the_variable_blocks_the_binder",
    ),
    planted(
        "rules.py",
        "for all values of a variable of a hypothesis",
        "_variable(variable, *found.hypotheses)",
        "variable",
        f"{HOLES}::test_a_hypothesis_with_the_variable_blocks_the_binder",
    ),
    planted(
        "rules.py",
        "a bound that depends on the member",
        "*prefix, other)\n    extreme",
        "*prefix)\n    extreme",
        f"{HOLES}::test_a_hypothesis_with_the_variable_blocks_the_binder",
    ),
    planted(
        "rules.py",
        "strict over no steps",
        'if assumed and formula.op == "below" else',
        'if op == "sum_steps" and formula.op == "below" else',
        f"{HOSTILE}::test_nothing_strict_is_shown_of_no_steps",
    ),
    planted(
        "rules.py",
        "hypotheses that a substitution forgets",
        "[replaced(h, chosen) for h in",
        "[h for h in",
        f"{HOLES}::test_substitution_reaches_the_hypotheses",
    ),
    planted(
        "rules.py",
        "a lemma that assumes what it shows",
        "(lemma, ()), (theorem, [shown])",
        "(lemma, [shown]), (theorem, [shown])",
        f"{HOLES}::test_a_cut_removes_what_is_shown_and_no_more",
    ),
    planted(
        "rules.py",
        "two cases of equality",
        'Term("below", (right, left))',
        'Term("at_most", (right, left))',
        f"{HOLES}::test_cases_show_one_thing",
    ),
    planted(
        "rules.py",
        "an equation by one side",
        "one.args == two.args[::-1]",
        "one.args[0] == two.args[1]",
        f"{HOSTILE}::test_an_equation_takes_both_sides_of_both",
    ),
    planted(
        "rules.py",
        "an induction whose passage may rest on the step",
        "_variable(step, *(following.hypotheses - {checked(claim, FORMULA)}))",
        "checked(claim, FORMULA)",
        f"{HOLES}::test_induction_needs_start_and_passage_of_the_claim",
    ),
    planted(
        "rules.py",
        "Stein's identity without the posterior mean",
        "for student in prefix:",
        "for student in ():",
        f"{HOLES}::test_stein_under_the_student_moves_to_the_mean",
    ),
    planted(
        "rules.py",
        "premises among the arguments",
        "ORACLES[name](*arguments, **shown)",
        "ORACLES[name](*arguments, **shown) if premises or len(arguments) < 4 else "
        "ORACLES[name](*arguments[:-1], premises=arguments[-1:])",
        f"{HOSTILE}::test_what_looks_like_a_premise_shows_nothing",
    ),
    planted(
        "rules.py",
        "tags that get lost",
        ", tag=found.tag)",
        ")",
        f"{HOLES}::test_axioms_and_oracles_are_those_of_the_tables",
    ),
    planted(
        "theorem.py",
        "dummies in a statement",
        'or any(variable.op != "free" for variable in term.free):',
        "or False:",
        f"{HOSTILE}::test_a_variable_without_a_binder_stands_nowhere",
    ),
    planted(
        "theorem.py",
        "what looks like a term",
        "if type(term) is not Term or",
        "if",
        f"{HOSTILE}::test_what_looks_like_a_term_is_none",
    ),
    planted(
        "theorem.py",
        "rules after the seal",
        "if sealed:",
        "if False:",
        f"{MADE}::test_the_rules_are_complete",
    ),
]

TERMS = [
    planted(
        "terms.py",
        "variables captured by a binder",
        "return lifted(chosen, depth)",
        "return chosen",
        HOLES,
    ),
    planted(
        "terms.py",
        "a variable of another sort",
        "if chosen.sort is not sort:",
        "if False:",
        f"{HOSTILE}::test_sorts_are_kept_where_a_binder_is_opened",
    ),
    planted(
        "terms.py",
        "means of exponentials",
        'if term.op in ("inverse", "exponential", "logarithm") or',
        'if term.op == "inverse" or',
        f"{HOLES}::test_only_tame_functions_have_means",
    ),
    planted(
        "terms.py",
        "means over states that move with the point",
        "or term.sort is STATE:",
        "or False:",
        f"{HOLES}::test_only_tame_functions_have_means",
    ),
    planted(
        "terms.py",
        "sorts that are only compared",
        "if type(data) is Sort and (",
        "if data in Sort and (",
        f"{HOSTILE}::test_data_that_equals_any_sort_is_none",
    ),
    planted(
        "normal.py",
        "an index of a sum with the name of a constant",
        'f"summed<{place}',
        'f"dummy<{place}',
        f"{HOSTILE}::test_indices_of_sums_are_told_apart_from_the_first_sum_on",
    ),
    planted(
        "normal.py",
        "any order of any labels",
        "if len(order) != len(summed) or set(order) != summed:",
        "if False:",
        f"{HOSTILE}::test_an_order_of_labels_that_is_none_is_refused",
    ),
    planted(
        "normal.py",
        "responsibilities that sum to one whatever the state",
        "(*own, *prefix, *others, *rest)",
        "(*prefix, *others, *rest)",
        f"{HOLES}::test_responsibilities_at_states_of_their_own_do_not_sum_to_one",
    ),
    planted(
        "normal.py",
        "responsibilities that sum to one beside other factors",
        "*prefix, *others, *rest)):",
        "*prefix, *others)):",
        f"{HOLES}::test_responsibilities_sum_to_one_only_alone",
    ),
    planted(
        "normal.py",
        "a responsibility's weight under any student",
        'if state == prefix[0] and point.op == "bound":',
        'if point.op == "bound":',
        f"{HOLES}::test_a_responsibility_has_its_weight_under_its_own_student_only",
    ),
    planted(
        "normal.py",
        "a step up the gradient",
        'Term("v", place) - size *',
        'Term("v", place) + size *',
        f"{HOLES}::test_a_step_goes_down_the_gradient_of_its_own_state",
    ),
    planted(
        "normal.py",
        "a constant summed over one step",
        'outer = (*outer, Term("count", prefix))',
        "outer = outer",
        f"{HOLES}::test_a_number_by_cases_on_the_state_moves_with_the_step",
    ),
    planted(
        "calculus.py",
        "the derivative of one factor only",
        "for place, change in enumerate(changes)",
        "for place, change in enumerate(changes[:1])",
        f"{HOSTILE}::test_a_derivative_has_every_part",
    ),
    planted(
        "calculus.py",
        "the derivative of a responsibility without its mean",
        'return term * (Term("v", (*term.args[:2], coordinate)) - mean)',
        'return term * Term("v", (*term.args[:2], coordinate))',
        f"{HOSTILE}::test_a_derivative_has_every_part",
    ),
    planted(
        "axioms.py",
        "the square of any root",
        "** 2, t, _at_most(number(0), t))",
        "** 2, t)",
        f"{HOLES}::test_axioms_keep_their_conditions",
    ),
    planted(
        "axioms.py",
        "a member above the largest",
        'if extreme.op == "largest" else',
        'if extreme.op == "least" else',
        f"{HOLES}::test_a_bound_is_on_the_side_of_the_extreme",
    ),
]

ORACLES = [
    planted(
        "oracles/gaussian_integrals.py",
        "the Gaussian integral at another place",
        "number(Fraction(-1, 4)) * square",
        "number(Fraction(-1, 8)) * square",
        f"{FAR}::test_the_near_integral_is_the_mean_of_the_exponential",
    ),
    planted(
        "oracles/gaussian_integrals.py",
        "all coordinates across a direction",
        'Term("size", (), COORDINATE) - 1, square',
        'Term("size", (), COORDINATE), square',
        f"{FAR}::test_the_gaussian_integrals_hold_in_numbers",
    ),
    planted(
        "oracles/gaussian_integrals.py",
        "symmetry of what is not odd",
        'Term("x", (x, coordinate))), x),)',
        'Term("x", (x, coordinate)) ** 2), x),)',
        f"{FAR}::test_the_gaussian_integrals_hold_in_numbers",
    ),
    planted(
        "oracles/gaussian_integrals.py",
        "symmetry about another point",
        'Term("sum", (closed(_times(entry, entry), b),), COORDINATE) - limit',
        'Term("sum", (closed(_times(entry, entry) - entry, b),), COORDINATE) - limit',
        f"{FAR}::test_the_gaussian_integrals_hold_in_numbers",
    ),
    planted(
        "oracles/gaussian_integrals.py",
        "an integral of another function",
        "if [p.conclusion for p in premises] != [wanted]:",
        "if False:",
        f"{FAR}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/odds_integral.py",
        "an integral that is not bounded",
        "if not fits:",
        "if False:",
        f"{NEAR}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/odds_integral.py",
        "an integral of another function",
        "if [p.conclusion for p in premises] != [",
        "if False and [p.conclusion for p in premises] != [",
        f"{NEAR}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/odds_integral.py",
        "a radius or vector that varies with the point",
        "any(at.point in term.free for term in fixed)",
        "False",
        f"{NEAR}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/odds_integral.py",
        "odds of exchanged components",
        'parts = (far.dot("vx"), -near.dot("vx"), -half * far.dot("vv"), half * near.dot("vv"))',
        'parts = (far.dot("vx"), -near.dot("vx"), half * far.dot("vv"), -half * near.dot("vv"))',
        f"{NEAR}::test_it_is_proved_without_an_open_step",
    ),
    planted(
        "oracles/odds_integral.py",
        "exponents up to 1/2 only",
        "least = low.max(middle).max(high * ball(Fraction(5, 8)))",
        "least = low",
        f"{NEAR}::test_the_numbers_bound_the_integrals",
    ),
    planted(
        "oracles/odds_integral.py",
        "the late part forgotten",
        "ball(most) * spread + late * 2 / 7 <= ball(beside)",
        "ball(most) * spread <= ball(beside)",
        f"{NEAR}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/odds_integral.py",
        "a density that falls faster",
        "number(Fraction(-1, 8)), room, room",
        "number(Fraction(-1, 6)), room, room",
        f"{NEAR}::test_the_integrals_hold_in_numbers",
    ),
    planted(
        "oracles/pull_integral.py",
        "a pull that is not confirmed",
        "low, high) <= ball(most):",
        "low, high) >= 0:",
        f"{PULL}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/pull_integral.py",
        "an integral of other functions",
        "if [p.conclusion for p in premises] != wanted:",
        "if False:",
        f"{PULL}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/pull_integral.py",
        "any radii",
        "if not (0 < near <= Fraction(1, 2) and far >= 4):",
        "if False:",
        f"{PULL}::test_an_integral_of_something_else_is_refused",
    ),
    planted(
        "oracles/pull_integral.py",
        "a nearer distance by the other sign",
        "- ball(high)\n",
        "+ ball(high)\n",
        f"{PULL}::test_the_bound_is_above_the_mean_in_drawn_places",
    ),
    planted(
        "oracles/pull_integral.py",
        "what pulls back forgotten",
        "begun += 1 + eps * eps - ball(small * small)",
        "pass",
        f"{PULL}::test_the_bound_is_above_the_mean_in_drawn_places",
    ),
    planted(
        "oracles/pull_integral.py",
        "one factor b less",
        "inside = b * b * (most(coefficients)",
        "inside = b * (most(coefficients)",
        f"{PULL}::test_the_bound_is_above_the_mean_in_drawn_places",
    ),
    planted(
        "oracles/pull_integral.py",
        "the density at the nearer end",
        "h = b / 2 + ball(low)",
        "h = b / 2 + ball(high)",
        f"{PULL}::test_the_bound_on_an_interval_is_at_least_that_inside",
    ),
    planted(
        "oracles/pull_integral.py",
        "places anywhere",
        'Term("at_most", (square, number(near * near))),',
        'Term("at_most", (square, number(near))),',
        f"{PULL}::test_what_is_assumed_of_the_places_stays",
    ),
]


@pytest.mark.parametrize("group", ["RULES", "TERMS", "ORACLES"])
def test_planted_errors_are_noticed(group: str) -> None:
    assert surviving("tests.mutants.test_kernel_mutants", group) == []
