"""Errors planted in the evaluation must turn the tests red."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.forked import surviving
from tests.mutants.harness import Mutant, copy_of_the_packages, plant, run

AGREE = "tests/numerics/evaluation/test_backends_agree.py::test_many_components"
CLUSTERS = "tests/numerics/descent/test_cluster_step.py::test_differences_agree_with_full_digits"
MAJORANT = (
    "tests/numerics/quadrature/test_majorant.py"
    "::test_majorant_of_a_mixture_teacher_dominates_on_the_strip"
)
TEACHER = "tests/numerics/evaluation/test_mixture_teacher.py"
DESCENT = "tests/numerics/descent/test_mixture_teacher.py"
ESCAPE = "tests/numerics/fates/test_escape_region.py"
SLAVED = "tests/numerics/fates/test_slaved_flow.py"
PROOFS = "tests/proofs_check/proofs/test_proofs_forward.py"

ENSEMBLE = "tests/numerics/ensembles/test_one_gaussian.py"

NARROW = "tests/numerics/quadrature/test_narrow.py"
SLOPES = "tests/numerics/validated/test_slope_numbers.py"
OVER_BOXES = "tests/numerics/evaluation/test_over_boxes.py"

MUTANTS = [
    Mutant(
        "a cover of a box skips a half",
        "proofs_check/checks/boxes.py",
        "return [{**box, name: half} for half in halves]",
        "return [{**box, name: half} for half in halves[:1]]",
        ("tests/proofs_check/checks/test_boxes.py::test_all_beyond_a_bound_by_the_reciprocal",),
    ),
    Mutant(
        "mean value form with the wrong derivative in a weight",
        "derive/losses/parameter_derivatives.py",
        '(atom("delta_component", indices[0], component) - own)',
        '(atom("delta_component", indices[0], component) + own)',
        (f"{OVER_BOXES}::test_derivatives_agree_with_difference_quotients[forward-pi]",),
        on_disk=True,
    ),
    Mutant(
        "mean value form with the teacher's means left out",
        "derive/losses/parameter_derivatives.py",
        "replace(s, terms=(average, teacher))",
        "replace(s, terms=(average,))",
        (f"{OVER_BOXES}::test_slopes_from_the_equality_contain_every_point",),
        on_disk=True,
    ),
    Mutant(
        "product rule of slopes with the wrong factor",
        "numerics/validated/slope_numbers.py",
        "a * own + base * b for a, b in zip(self.total_slopes",
        "a * base + base * b for a, b in zip(self.total_slopes",
        (SLOPES,),
    ),
    Mutant(
        "only one sign of a deviation counts",
        "numerics/validated/slope_numbers.py",
        "bool(size - slope >= 0)",
        "bool(size + slope >= 0)",
        (f"{SLOPES}::test_both_signs_of_the_factor_count",),
    ),
    Mutant(
        "components left out of a window count for it",
        "numerics/quadrature/majorant.py",
        "least = arithmetic.cos(theta / 2) - share",
        "least = arithmetic.cos(theta / 2) + share",
        ("tests/numerics/quadrature/test_windows.py::test_a_near_component_cannot_be_left_out",),
    ),
    Mutant(
        "largest quotient of a box taken at the wrong corner",
        "numerics/quadrature/windows.py",
        "gap * (arithmetic.constant(high) - middle)",
        "gap * (arithmetic.constant(low) - middle)",
        ("tests/numerics/quadrature/test_windows.py::test_a_near_component_cannot_be_left_out",),
    ),
    Mutant(
        "a line's part of a logarithm forgotten in slabs",
        "numerics/quadrature/slabs.py",
        "value.log() + (constant + point)",
        "value.log() + point",
        ("tests/numerics/quadrature/test_slabs.py::test_slabs_sum_what_the_walk_sums",),
    ),
    Mutant(
        "a line cut by two balls counted twice",
        "numerics/quadrature/slabs.py",
        "if merged and begin <= merged[-1][1]:",
        "if merged and begin < merged[-1][0]:",
        ("tests/numerics/quadrature/test_slabs.py::test_slabs_count_every_node_of_the_balls_once",),
    ),
    Mutant(
        "normalisation of the Gaussian",
        "numerics/quadrature/line.py",
        "arithmetic.constant(abs(step)) / arithmetic.sqrt(2 * arithmetic.pi())",
        "arithmetic.constant(abs(step)) / arithmetic.sqrt(3 * arithmetic.pi())",
        (AGREE,),
    ),
    Mutant(
        "where two terms of the density are equal",
        "numerics/quadrature/line.py",
        "middle = (coordinate + first) / 2",
        "middle = (coordinate - first) / 2",
        (AGREE,),
    ),
    Mutant(
        "sign of the squared means in float64",
        "numerics/quadrature/float_grid.py",
        "constants = log_weights - (differences",
        "constants = log_weights + (differences",
        (AGREE,),
    ),
    Mutant(
        "directions perpendicular to the frame",
        "numerics/mixtures/frame.py",
        "complement = np.eye(dimension, dtype=int) - np.tensordot(axes, axes, axes=(0, 0))",
        "complement = np.eye(dimension, dtype=int) + np.tensordot(axes, axes, axes=(0, 0))",
        ("tests/numerics/evaluation/test_evaluate.py::test_two_components_in_five_dimensions",),
    ),
    Mutant(
        "discretisation bound with half the distance to the poles",
        "numerics/quadrature/trapezoid.py",
        "return 2 * line_integral / arithmetic.expm1(ratio)",
        "return 2 * line_integral / arithmetic.expm1(2 * ratio)",
        ("tests/numerics/quadrature/test_trapezoid.py",),
    ),
    Mutant(
        "radius that forgets the rounding of the printed midpoint",
        "numerics/numbers/decimal_balls.py",
        "total = radius + abs(scaled - rounded) * unit",
        "total = radius + 0 * abs(scaled - rounded) * unit",
        ("tests/numerics/numbers/test_decimal_balls.py",),
    ),
    Mutant(
        "secant upside down",
        "numerics/quadrature/majorant.py",
        "return (1 + share) / least",
        "return least / (1 + share)",
        ("tests/numerics/quadrature/test_majorant.py",),
    ),
    Mutant(
        "secant of the student for the teacher",
        "numerics/quadrature/majorant.py",
        '"psi_0, phi_0 = S, T"',
        '"psi_0, phi_0 = S, S"',
        (MAJORANT,),
    ),
    Mutant(
        "teacher's poles forgotten in the plan and in the bound",
        "numerics/quadrature/geometry.py",
        "spreads = (shape.spreads[axis], shape.teacher_spreads[axis])",
        "spreads = (shape.spreads[axis], shape.spreads[axis])",
        (f"{TEACHER}::test_the_teachers_poles_limit_the_strip",),
    ),
    Mutant(
        "weights of the teacher left out of its terms",
        "numerics/quadrature/line.py",
        "state.append(share / mixture.weights[0] * grown)",
        "state.append(grown)",
        (f"{TEACHER}::test_fifty_digits_agree_with_mpmath_quad",),
    ),
    Mutant(
        "logarithm of the teacher's first term",
        "numerics/quadrature/line.py",
        "value = arithmetic.log(mixture.weights[0]) + point * first - first * first / 2",
        "value = arithmetic.log(mixture.weights[0]) + point * first + first * first / 2",
        (f"{TEACHER}::test_fifty_digits_agree_with_mpmath_quad",),
    ),
    Mutant(
        "teacher that does not move with the student's coordinates",
        "numerics/quadrature/geometry.py",
        "teacher = replace(teacher, coordinates=moved(teacher.coordinates))",
        "teacher = replace(teacher, coordinates=teacher.coordinates)",
        (f"{TEACHER}::test_the_origin_of_the_input_does_not_matter",),
    ),
    Mutant(
        "weight under a mixture teacher without its other terms",
        "numerics/kernels/straight_line.py",
        'return [*lines, "w = weight*total" if student else "w = weight*teacher_total"]',
        'return [*lines, "w = weight*total" if student else "w = weight"]',
        (f"{TEACHER}::test_fifty_digits_agree_with_mpmath_quad",),
    ),
    Mutant(
        "teacher not scaled by the noise",
        "numerics/descent/gradient_source.py",
        "scale = problem.paper.scale(arithmetic)",
        "scale = 1 + 0 * problem.paper.scale(arithmetic)",
        (f"{DESCENT}::test_noise_shrinks_the_teacher_too",),
    ),
    Mutant(
        "symmetries that the teacher does not have",
        "numerics/mixtures/reduction.py",
        "if kept and -1 not in images:",
        "if -1 not in images:",
        (f"{DESCENT}::test_a_symmetric_run_stays_symmetric_and_the_teacher_decides_what_is",),
    ),
    Mutant(
        "nodes kept where a turning frame had the teacher",
        "numerics/evaluation/float_engine.py",
        'self.fixed = self.base == "teacher" and not (self.mixture and self.rotated)',
        'self.fixed = self.base == "teacher"',
        (f"{DESCENT}::test_frames_that_turn_get_nodes_where_the_teacher_is",),
    ),
    Mutant(
        "cells of unknown sign that count for nothing",
        "numerics/studies/total_variation.py",
        "return arb(value, reach), bool(abs(value) > reach)",
        "return arb(value, reach), bool(abs(value) >= 0)",
        ("tests/numerics/studies/test_total_variation.py::test_symmetric_pair_by_its_roots",),
    ),
    Mutant(
        "remainder of the Taylor form left out",
        "numerics/studies/total_variation.py",
        "reach += abs(p * v * (whole * v - v * v / 2).exp()) * scale",
        "reach += 0 * scale",
        (
            "tests/numerics/studies/test_total_variation.py::test_short_expansions_are_wide_and_not_wrong",
        ),
    ),
    Mutant(
        "sign of a pivot",
        "numerics/validated/inertia.py",
        "if bool(rest[k][k] > 0) else",
        "if bool(rest[k][k] < 0) else",
        ("tests/numerics/validated/test_inertia.py",),
    ),
    Mutant(
        "right side of the flow off by 1e-20",
        "numerics/gradient_flow/multiprecision.py",
        "factors = -mpmath.exp(s) * rates",
        'factors = -mpmath.exp(s) * rates * (1 + mpmath.mpf("1e-20"))',
        (
            "tests/numerics/gradient_flow/test_multiprecision.py::test_coincident_means_have_a_closed_form",
        ),
    ),
    Mutant(
        "merged components that move at the rate of one",
        "numerics/gradient_flow/unknowns.py",
        "Fraction(1, int(multiplicities[index]))",
        "Fraction(1, 1 + 0 * int(multiplicities[index]))",
        (
            "tests/numerics/gradient_flow/test_multiprecision.py::test_coincident_means_have_a_closed_form",
        ),
    ),
    Mutant(
        "compiled descent: sign of the squared means",
        "numerics/kernels/numba_loop.py",
        "log_weights[{j}] - (",
        "log_weights[{j}] + (",
        ("tests/numerics/kernels/test_numba_loop.py",),
    ),
    Mutant(
        "compiled descent: what rounding loses counted a million times",
        "numerics/kernels/numba_loop.py",
        'yield f"e_{i} += (g_{i} - (t - z)) + (s_{i} - z)"',
        'yield f"e_{i} += 1e6 * ((g_{i} - (t - z)) + (s_{i} - z))"',
        ("tests/numerics/kernels/test_numba_loop.py",),
    ),
    Mutant(
        "a leap over a monitored iterate",
        "numerics/descent/gradient_source.py",
        "ahead = unit - step % unit",
        "ahead = unit + 1 - step % unit",
        ("tests/numerics/kernels/test_numba_loop.py",),
    ),
    Mutant(
        "the wrong sign in the swap of two near-coincident components",
        "numerics/descent/cluster_step.py",
        "hessian[i, :, i, :] / own - hessian[i, :, k, :] / other",
        "hessian[i, :, i, :] / own + hessian[i, :, k, :] / other",
        (CLUSTERS,),
    ),
    Mutant(
        "a centre that moves once for every member",
        "numerics/descent/cluster_step.py",
        "share = step / self._totals[number]",
        "share = step",
        (CLUSTERS,),
    ),
    Mutant(
        "deviations that are not divided by the size of their cluster",
        "numerics/descent/cluster_step.py",
        "moved.append(total / self._totals[number])",
        "moved.append(total / 2)",
        (
            "tests/numerics/descent/test_cluster_step.py::test_three_in_the_plane_agree_with_full_digits",
        ),
    ),
    Mutant(
        "a remainder of Gauss-Hermite rules without its factorial",
        "numerics/quadrature/narrow.py",
        "arithmetic.constant(math.factorial(rule.nodes)) * size",
        "arithmetic.constant(rule.nodes) * size",
        (f"{NARROW}::test_the_bound_is_the_one_of_the_proof",),
    ),
    Mutant(
        "weights at a node of a narrow axis without their squares",
        "numerics/quadrature/narrow.py",
        "gaps = [(value - column[0], (value + column[0]) / 2) for value in column]",
        "gaps = [(value - column[0], 0 * value) for value in column]",
        (f"{NARROW}::test_balls_agree_with_those_of_grids[sizes4-centre4-4]",),
    ),
    Mutant(
        "a bound of derivatives that forgets the responsibilities",
        "numerics/quadrature/slopes.py",
        "responsibility = _Bounded(arb(1), arb(0), arb(1) / 2)",
        "responsibility = _Bounded(arb(1), arb(0), arb(0))",
        ("tests/numerics/descent/test_cluster_step.py::test_derivative_bound_of_a_responsibility",),
    ),
    Mutant(
        "an amplification 1% too small",
        "numerics/studies/amplification.py",
        "gain = float(amplification_law(objective).gain * step_size / components)",
        "gain = float(amplification_law(objective).gain * step_size / components) * 0.99",
        ("tests/numerics/studies/threshold/test_search.py", "-k", "lambda"),
    ),
    Mutant(
        "a group that moves at the rate of one component",
        "numerics/studies/threshold/search.py",
        "factor = np.array([[eta], [eta / (n - 1)]])",
        "factor = np.array([[eta], [eta]])",
        ("tests/numerics/studies/threshold/test_search.py", "-k", "certified_bracket"),
    ),
    Mutant(
        "the converging end on the wrong side",
        "numerics/studies/threshold/certified.py",
        'side = -1 if wanted == "converged" else 1',
        'side = 3 if wanted == "converged" else 1',
        ("tests/numerics/studies/threshold/test_search.py", "-k", "certified_bracket"),
    ),
    Mutant(
        "rounding rule: sign of the gradient's rounding",
        "numerics/studies/precision/rounding_rule.py",
        "(1 + 2 * centre**2)",
        "(1 - 2 * centre**2)",
        ("tests/numerics/studies/precision/test_study.py::test_rule_against_hand_sums",),
    ),
    Mutant(
        "plain descent: sign of the squared means",
        "numerics/studies/precision/plain_descent.py",
        "(logs[j] - square * self.half)",
        "(logs[j] + square * self.half)",
        (
            "tests/numerics/studies/precision/test_study.py::test_plain_gradient_against_the_careful_one",
        ),
    ),
    Mutant(
        "precision study: fates compared without regard to which component has them",
        "numerics/studies/precision/study.py",
        "run.names == truth.fates",
        "sorted(run.names) == sorted(truth.fates)",
        ("tests/numerics/studies/precision/test_study.py::test_judgement_and_ladder",),
    ),
    Mutant(
        "kernel bound that subtracts terms",
        "numerics/fates/escape_kernel.py",
        "_sum(statement, known, abs)",
        "_sum(statement, known)",
        (f"{ESCAPE}::test_kernel_bound_and_loop_agree_with_the_interpreter",),
    ),
    Mutant(
        "a cover that may have holes",
        "numerics/fates/escape_region.py",
        "return apart and sum(Fraction(1, 2 ** len(path)) for path in ordered) == 1",
        "return apart",
        (f"{PROOFS}::test_planted_error_fails[E: a box left out]",),
    ),
    Mutant(
        "which side of the hyperplane between two means is visible",
        "numerics/ensembles/one_gaussian.py",
        "gap - distances**2 / 2)",
        "gap + distances**2 / 2)",
        (ENSEMBLE + "::test_components_are_dropped_only_where_they_cannot_be_seen",),
    ),
    Mutant(
        "the exponent of the responsibilities of an ensemble",
        "numerics/ensembles/one_gaussian.py",
        "yield f\"    l_{j} = -({' + '.join(shifts)})/2\"",
        "yield f\"    l_{j} = -({' + '.join(shifts)})/1.9\"",
        (ENSEMBLE + "::test_gradients_are_those_of_the_evaluator",),
    ),
    Mutant(
        "a weight of the embedded pair of the flow",
        "numerics/ensembles/fates.py",
        "moved = self.means - h * (2 * one + 3 * two + 4 * three) / 9",
        "moved = self.means - h * (2 * one + 3 * two + 4 * three) / 4",
        (ENSEMBLE + "::test_the_flow_is_followed_to_the_right_time",),
    ),
    Mutant(
        "the logarithm of what a step amplifies by",
        "numerics/studies/amplification.py",
        "math.log1p(gain * centre * centre)",
        "math.log1p(gain * centre)",
        (
            "tests/numerics/studies/test_sources_experiment.py::test_the_amplification_is_the_stated_sum",
        ),
    ),
    Mutant(
        "half of the confidence on each side",
        "proofs_check/sampling/confidence.py",
        "tail = (1 - level) / 2",
        "tail = 1 - level",
        (
            "tests/proofs_check/checks/test_frequencies.py::test_intervals_are_those_of_scipy_rounded_outwards",
        ),
    ),
    Mutant(
        "undecided starts that refute",
        "proofs_check/checks/frequencies.py",
        "clopper_pearson(count + undecided, total, LEVEL)",
        "clopper_pearson(count, total, LEVEL)",
        (
            "tests/proofs_check/checks/test_frequencies.py::test_a_count_says_no_more_than_its_interval",
        ),
    ),
    Mutant(
        "the first mean slaved with the sign of the integral turned",
        "numerics/fates/slaved_flow.py",
        "pulled = share + q / 2 - turned",
        "pulled = share - q / 2 - turned",
        (f"{SLAVED}::test_the_flow_points_inwards",),
    ),
    Mutant(
        "the loss without the cross term",
        "numerics/fates/slaved_flow.py",
        "rho = second + 2 * gamma * first + 2 * (share * share + across) * long",
        "rho = second + 2 * (share * share + across) * long",
        (f"{SLAVED}::test_the_integrals_are_loss_and_gradients",),
    ),
    Mutant(
        "the pace without the first mean's gradient",
        "numerics/fates/slaved_flow.py",
        "rate = _square(found.f) + _square(2 * share + found.q - found.f) + beside",
        "rate = _square(found.f) + beside",
        (f"{SLAVED}::test_constants_that_are_too_good_are_not_shown",),
    ),
    Mutant(
        "the line through both means that turns away from the truth",
        "numerics/fates/slaved_flow.py",
        "return rest, 2 * piece.ball() * self.across * self.size * rest",
        "return rest, -2 * piece.ball() * self.across * self.size * rest",
        (f"{SLAVED}::test_off_a_line",),
    ),
    Mutant(
        "a control that is no longer refuted",
        "proofs_check/report/changes.py",
        "worse = known.refuted or control.verdict > known.verdict",
        "worse = control.verdict < known.verdict",
        ("tests/proofs_check/report/test_changes.py::test_what_counts_as_worse",),
    ),
]


PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants_are_caught(part: int) -> None:
    assert surviving("tests.mutants.test_numerics_mutants", "MUTANTS", part, PARTS) == []


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.on_disk], ids=lambda m: m.name)
def test_mutant_of_what_is_stored_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    root = copy_of_the_packages(tmp_path)
    plant(root, mutant)
    done = run(root, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests)
    assert done.returncode == 1, done.stdout[-2000:]
