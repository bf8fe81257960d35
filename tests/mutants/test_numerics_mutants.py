"""Errors planted in the evaluation must turn the tests red."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.harness import Mutant, copy_of_the_packages, plant, run

AGREE = "tests/numerics/test_backends_agree.py::test_many_components"
CLUSTERS = "tests/numerics/test_cluster_step.py::test_differences_agree_with_full_digits"

MUTANTS = [
    Mutant(
        "normalisation of the Gaussian",
        "numerics/backends/sweep.py",
        "arithmetic.constant(abs(step)) / arithmetic.sqrt(2 * arithmetic.pi())",
        "arithmetic.constant(abs(step)) / arithmetic.sqrt(3 * arithmetic.pi())",
        (AGREE,),
    ),
    Mutant(
        "where two terms of the density are equal",
        "numerics/backends/sweep.py",
        "middle = (coordinate + first) / 2",
        "middle = (coordinate - first) / 2",
        (AGREE,),
    ),
    Mutant(
        "sign of the squared means in float64",
        "numerics/nodes.py",
        "constants = log_weights - (differences",
        "constants = log_weights + (differences",
        (AGREE,),
    ),
    Mutant(
        "directions perpendicular to the frame",
        "numerics/ambient.py",
        "complement = np.eye(dimension, dtype=int) - np.tensordot(axes, axes, axes=(0, 0))\n"
        "        block =",
        "complement = np.eye(dimension, dtype=int) + np.tensordot(axes, axes, axes=(0, 0))\n"
        "        block =",
        ("tests/numerics/test_evaluate.py::test_two_components_in_five_dimensions",),
    ),
    Mutant(
        "discretisation bound with half the distance to the poles",
        "numerics/quadrature.py",
        "return 2 * line_integral / arithmetic.expm1(ratio)",
        "return 2 * line_integral / arithmetic.expm1(2 * ratio)",
        ("tests/numerics/test_quadrature.py",),
    ),
    Mutant(
        "radius that forgets the rounding of the printed midpoint",
        "numerics/enclosure.py",
        "total = radius + abs(scaled - rounded) * unit",
        "total = radius + 0 * abs(scaled - rounded) * unit",
        ("tests/numerics/test_enclosure.py",),
    ),
    Mutant(
        "secant upside down",
        "numerics/majorant.py",
        "return 1 / arithmetic.cos(theta / 2)",
        "return arithmetic.cos(theta / 2)",
        ("tests/numerics/test_majorant.py",),
    ),
    Mutant(
        "sign of a pivot",
        "numerics/signature.py",
        "if bool(rest[k][k] > 0) else",
        "if bool(rest[k][k] < 0) else",
        ("tests/numerics/test_signature.py",),
    ),
    Mutant(
        "right side of the flow off by 1e-20",
        "numerics/precise_flow.py",
        "factors = -mpmath.exp(s) * rates",
        'factors = -mpmath.exp(s) * rates * (1 + mpmath.mpf("1e-20"))',
        ("tests/numerics/test_precise_flow.py::test_coincident_means_have_a_closed_form",),
    ),
    Mutant(
        "merged components that move at the rate of one",
        "numerics/flow_unknowns.py",
        "Fraction(1, int(multiplicities[index]))",
        "Fraction(1, 1 + 0 * int(multiplicities[index]))",
        ("tests/numerics/test_precise_flow.py::test_coincident_means_have_a_closed_form",),
    ),
    Mutant(
        "compiled descent: sign of the squared means",
        "numerics/backends/compiled.py",
        "log_weights[{j}] - (",
        "log_weights[{j}] + (",
        ("tests/numerics/test_compiled.py",),
    ),
    Mutant(
        "compiled descent: what rounding loses counted a million times",
        "numerics/backends/compiled.py",
        'yield f"e_{i} += (g_{i} - (t - z)) + (s_{i} - z)"',
        'yield f"e_{i} += 1e6 * ((g_{i} - (t - z)) + (s_{i} - z))"',
        ("tests/numerics/test_compiled.py",),
    ),
    Mutant(
        "a leap over a monitored iterate",
        "numerics/leaps.py",
        "ahead = unit - step % unit",
        "ahead = unit + 1 - step % unit",
        ("tests/numerics/test_compiled.py",),
    ),
    Mutant(
        "the wrong sign in the swap of two near-coincident components",
        "numerics/cluster_step.py",
        "hessian[first, :, first, :] - hessian[first, :, second, :]",
        "hessian[first, :, first, :] + hessian[first, :, second, :]",
        (CLUSTERS,),
    ),
    Mutant(
        "a centre that moves once for every member",
        "numerics/cluster_step.py",
        "share = step / self._counts[number] / len(members)",
        "share = step / self._counts[number]",
        (CLUSTERS,),
    ),
    Mutant(
        "deviations that are not divided by the size of their cluster",
        "numerics/cluster_step.py",
        "moved.append(total / len(deviations))",
        "moved.append(total / 2)",
        ("tests/numerics/test_cluster_step.py::test_three_in_the_plane_agree_with_full_digits",),
    ),
    Mutant(
        "a slope that forgets the responsibilities",
        "numerics/slopes.py",
        "responsibility = _Sloped(arb(1), arb(0), arb(1) / 2)",
        "responsibility = _Sloped(arb(1), arb(0), arb(0))",
        ("tests/numerics/test_cluster_step.py::test_slope_of_a_responsibility",),
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_mutant_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    root = copy_of_the_packages(tmp_path)
    plant(root, mutant)
    done = run(root, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests)
    assert done.returncode == 1, done.stdout[-2000:]
