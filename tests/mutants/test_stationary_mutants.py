"""Errors planted in the search for stationary points must turn the tests red."""

from __future__ import annotations

import pytest

from tests.mutants.forked import surviving
from tests.mutants.harness import Mutant

CROSSING = "tests/numerics/stationary/test_pair_system.py"
KRAWCZYK = "tests/numerics/validated/test_krawczyk.py"
SUMS = "tests/numerics/stationary/test_line_sums.py"
TRIPLES = "tests/numerics/stationary/test_triple_classification.py"
HALVES = "tests/numerics/stationary/test_line_halves.py"
LISTS = "tests/numerics/stationary/test_lists.py"

MUTANTS = [
    Mutant(
        "a mean moves the crossing point the wrong way",
        "derive/two_components/crossing.py",
        "half = sympy.Rational(1, 2) + sign * L / A**2",
        "half = sympy.Rational(1, 2) - sign * L / A**2",
        (CROSSING,),
    ),
    Mutant(
        "product rule without its second term",
        "numerics/stationary/pair_system.py",
        '"F2a": (("m_a", "m_2"), ("m", "m_2a")),',
        '"F2a": (("m_a", "m_2"),),',
        (CROSSING,),
    ),
    Mutant(
        "a strip of twice the height in the error bound",
        "numerics/stationary/pair_system.py",
        "((2 * arb.pi() * y / h).exp() - 1)",
        "((4 * arb.pi() * y / h).exp() - 1)",
        (f"{CROSSING}::test_error_bound_covers_a_coarse_rule",),
    ),
    Mutant(
        "an image that only meets the box proves a zero",
        "numerics/validated/subdivision.py",
        "if image is not None and inside(image, box) else None",
        "if image is not None and meet(image, box) is not None else None",
        (KRAWCZYK,),
    ),
    Mutant(
        "zeros on the sides of boxes are dropped",
        "numerics/validated/subdivision.py",
        "return (zero,) if meet(zero.enclosure, box) is not None else ()",
        "return (zero,) if inside(zero.enclosure, box) else ()",
        (KRAWCZYK,),
    ),
    Mutant(
        "boxes of least width are dropped",
        "numerics/validated/krawczyk.py",
        'return (Undecided(box, "box of least width"),) if width < self.least else split(box)',
        "return () if width < self.least else split(box)",
        (f"{KRAWCZYK}::test_a_double_zero_stays_undecided",),
    ),
    Mutant(
        "splitting a group: the rest's entry is not divided",
        "numerics/stationary/line_system.py",
        "along[number][len(box)] / (count - 1)",
        "along[number][len(box)]",
        (LISTS, "-k", "signs_with_groups or family_has_index"),
    ),
    Mutant(
        "rotation the other way in the bordered system",
        "numerics/stationary/plane_system.py",
        "            hessian[k][k + 1] -= factor\n            hessian[k + 1][k] += factor\n",
        "            hessian[k][k + 1] += factor\n            hessian[k + 1][k] -= factor\n",
        (f"{LISTS}::test_bordered_jacobian_is_the_derivative_of_the_values",),
    ),
    Mutant(
        "the cone with the middle of the means for the crossing point",
        "numerics/stationary/pair_classification.py",
        "slope.ball() - ball(_HALF) + odds * square.ball()",
        "slope.ball() + odds * square.ball()",
        (f"{LISTS}::test_two_equal_components_are_classified",),
    ),
    Mutant(
        "tubes that forget how the gradient moves with the weights",
        "numerics/stationary/pair_branch.py",
        "            along + by\n",
        "            along + 0 * by\n",
        (f"{LISTS}::test_branch_against_newton_at_exact_weights",),
    ),
    Mutant(
        "half of a second derivative is half of the remainder",
        "numerics/stationary/triple_classification.py",
        "found.bend, half, half) / 2",
        "found.bend, half, half) / 8",
        (f"{SUMS}::test_the_remainder_covers_corners_of_boxes",),
    ),
    Mutant(
        "bounds over the box from responsibilities at its middle",
        "numerics/stationary/line_sums.py",
        "largest, least = _table()[np.maximum(offset - radius, 0)], _table()[offset + radius]",
        "largest, least = _table()[offset], _table()[offset]",
        (f"{SUMS}::test_symbols_stay_within_their_bounds",),
    ),
    Mutant(
        "1 - p differentiated like p",
        "derive/mixtures/line_derivatives.py",
        "table[Q[j]] = -table[P[j]]",
        "table[Q[j]] = table[P[j]]",
        ("tests/derive/mixtures/test_line_derivatives.py",),
    ),
    Mutant(
        "a rule with a strip of twice the height",
        "numerics/stationary/line_sums.py",
        "falls = 2 / ((2 * arb.pi() * height / step).exp() - 1)",
        "falls = 2 / ((4 * arb.pi() * height / step).exp() - 1)",
        (f"{SUMS}::test_errors_of_a_coarse_rule_are_covered",),
    ),
    Mutant(
        "boxes of least width are dropped",
        "numerics/stationary/triple_classification.py",
        "self.undecided += [_box(low[row], high[row]) for row in left[narrow]]",
        "self.undecided += []",
        (f"{TRIPLES}::test_what_is_not_isolated_is_reported",),
    ),
    Mutant(
        "an image beside the middle excludes a box",
        "numerics/stationary/triple_classification.py",
        "(np.abs(image) > half + spread)",
        "(np.abs(image) > half / 2)",
        (f"{TRIPLES}::test_a_box_with_a_point_is_never_excluded",),
    ),
    Mutant(
        "the odds of the halves the other way",
        "derive/mixtures/line_halves.py",
        "total += 2 * P[i] * P[k] * log_odds(right, left)",
        "total += 2 * P[i] * P[k] * log_odds(left, right)",
        ("tests/derive/mixtures/test_line_halves.py::test_every_step_verifies",),
    ),
    Mutant(
        "half of what crosses is taken from the push",
        "numerics/stationary/line_halves.py",
        "return (2 + between + odds) /",
        "return (1 + between + odds) /",
        (f"{HALVES}::test_the_loss_at_the_crossing_is_the_sum_of_its_parts",),
    ),
    Mutant(
        "the least weight of a half for that of the other",
        "numerics/stationary/line_halves.py",
        "one.whole / other.least",
        "one.whole / one.least",
        (f"{HALVES}::test_the_loss_at_the_crossing_is_the_sum_of_its_parts",),
    ),
    Mutant(
        "a spread of the second order only",
        "numerics/stationary/line_halves.py",
        "4 / (e**2 * radius) + 27 / (e * radius) ** 3",
        "4 / (e**2 * radius)",
        (f"{HALVES}::test_the_loss_by_spread_is_that_of_the_worst_distance",),
    ),
    Mutant(
        "boxes with one far mean are left out",
        "numerics/stationary/triple_bounds.py",
        "left &= least.min(axis=1) < int(ALL_FAR * UNITS)",
        "left &= least.max(axis=1) < int(ALL_FAR * UNITS)",
        (f"{TRIPLES}::test_what_is_left_out_is_near_the_truth_or_far_or_a_copy",),
    ),
    Mutant(
        "boxes that reach within the radius of a near mean are left out",
        "numerics/stationary/triple_bounds.py",
        "left &= (most.min(axis=1) > within)",
        "left &= (least.min(axis=1) > within)",
        (f"{TRIPLES}::test_what_is_left_out_is_near_the_truth_or_far_or_a_copy",),
    ),
    Mutant(
        "radii for near means that are not shown",
        "numerics/stationary/triple_bounds.py",
        "while not beyond(ball(rho), eps, COMPONENTS, 1) > 0:",
        "while not beyond(ball(rho), eps, COMPONENTS, 1) > -1:",
        (f"{TRIPLES}::test_means_beyond_the_radius_of_a_near_one_are_pushed_away",),
    ),
]


PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants_are_caught(part: int) -> None:
    assert surviving("tests.mutants.test_stationary_mutants", "MUTANTS", part, PARTS) == []
