"""The float64 backend's parts: compiled kernels, softmax, grids, strip bounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.program import INPUT_HEADS, Assignment, Factor, Program, Term, kind
from numerics.errors import InputError
from numerics.evaluation.evaluate import evaluate
from numerics.evaluation.float_once import build_scene, rounding_error
from numerics.kernels import load_program
from numerics.kernels.arrays import ArrayKernel, log_array, to_array, wide_dtype
from numerics.kernels.shifted import centred
from numerics.mixtures.problem import Problem
from numerics.quadrature.float_grid import ProductGrid, Sum, responsibilities
from numerics.quadrature.float_plan import Extent, StripBound, plan_grid
from numerics.quadrature.trapezoid import AxisPlan

NAMES = [
    (objective, quantity, teacher)
    for objective in ("forward", "reverse", "kl")
    for quantity in ("loss", "gradient", "hessian")
    for teacher in ("single", "mixture")
]


def interpret(program: Program, inputs: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """The program at one node, read literally, one scalar at a time."""
    tables: dict[str, dict[tuple[int, ...], float]] = {}

    def factor(head: str, index: tuple[int, ...]) -> float:
        if head in tables:
            return tables[head][index]
        if head.startswith("delta"):
            return float(index[0] == index[1])
        return float(inputs[head][index])

    for statement in program.statements:
        table = {}
        for index in itertools.product(*(range(sizes[kind(x)]) for x in statement.indices)):
            total = 0.0
            for term in statement.terms:
                for extra in itertools.product(*(range(sizes[kind(x)]) for x in term.sums)):
                    at = dict(zip((*statement.indices, *term.sums), (*index, *extra), strict=True))
                    total += float(term.coefficient) * math.prod(
                        factor(f.head, tuple(at[x] for x in f.indices)) for f in term.factors
                    )
            table[index] = total
        tables[statement.target] = table
    shape = tuple(sizes[kind(x)] for x in program.output.indices)
    return np.array([tables[program.output.target][i] for i in np.ndindex(*shape)]).reshape(shape)


def random_inputs(n: int, s: int, k: int, nodes: int, seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    return {
        "psi": generator.dirichlet(np.ones(n), size=nodes).T,
        "phi": generator.dirichlet(np.ones(k), size=nodes).T,
        "v": generator.normal(size=(n, s)),
        "theta": generator.normal(size=(k, s)),
        "pi": generator.dirichlet(np.ones(n)),
        "rho": generator.dirichlet(np.ones(k)),
        "log_student": generator.normal(size=nodes),
        "log_teacher": generator.normal(size=nodes),
        "dimension": np.array(float(s)),
    }


def at_node(inputs: Mapping[str, Any], node: int) -> dict[str, Any]:
    moving = ("psi", "phi", "log_student", "log_teacher")
    return {h: a[..., node] if h in moving else a for h, a in inputs.items()}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("n", "s", "k"), [(1, 1, 1), (2, 1, 2), (1, 2, 2), (3, 2, 2), (2, 2, 1)])
def test_compiled_kernels_equal_the_program_read_literally(
    name: tuple[str, str, Any], n: int, s: int, k: int
) -> None:
    program = load_program(*name)
    inputs = random_inputs(n, s, k, 2, seed=n + 10 * s)
    values = ArrayKernel(program, n, s, k, s, np.float64)(inputs)
    assert values.shape == (*values.shape[:-1], 2)
    for node in range(2):
        expected = interpret(program, at_node(inputs, node), {"j": n, "a": s, "t": k})
        assert values[..., node] == pytest.approx(expected, rel=1e-11, abs=1e-11)


def term(coefficient: Any, *factors: tuple[str, ...], sums: tuple[str, ...] = ()) -> Term:
    return Term(Fraction(coefficient), tuple(Factor(h, tuple(i)) for h, *i in factors), sums)


@pytest.mark.parametrize(("n", "s"), [(1, 1), (2, 1), (1, 3), (3, 2)])
def test_unusual_programs(n: int, s: int) -> None:
    """Constants, traces, free sums, missing labels, transposed targets, thirds."""
    statements = (
        Assignment("trace", (), (term("1/3", ("delta_coordinate", "a1", "a1"), sums=("a1",)),)),
        Assignment(
            "outer", ("a0", "a1"), (term(1, ("v", "j0", "a1"), ("v", "j0", "a0"), sums=("j0",)),)
        ),
        Assignment("free", ("a0",), (term(2, ("pi", "j1"), sums=("j1", "j2")), term("-1/7"))),
        Assignment("constant", ("j0", "a0"), (term("5/3"),)),
        Assignment(
            "result",
            ("a0", "j0"),
            (
                term(1, ("psi", "j0"), ("outer", "a0", "a1"), ("free", "a1"), sums=("a1",)),
                term("-2/3", ("trace",), ("dimension",), ("constant", "j0", "a0")),
                term(1, ("outer", "a1", "a1"), sums=("a1",)),
                term(1, ("psi", "j0"), ("psi", "j0"), ("log_student",)),
                term(3, ("delta_component", "j0", "j1"), ("psi", "j1"), sums=("j1",)),
            ),
        ),
    )
    program = Program("unusual", "teacher", statements, 1)
    inputs = random_inputs(n, s, 1, 3, seed=1)
    values = ArrayKernel(program, n, s, 1, s, np.float64)(inputs)
    assert values.shape == (s, n, 3)
    for node in range(3):
        expected = interpret(program, at_node(inputs, node), {"j": n, "a": s, "t": 1})
        assert values[..., node] == pytest.approx(expected, rel=1e-13)


def test_a_program_without_nodes_is_repeated_at_every_node() -> None:
    program = Program("still", "teacher", (Assignment("r", ("j0",), (term(2, ("pi", "j0")),)),))
    inputs = random_inputs(2, 1, 1, 4, seed=0)
    values = ArrayKernel(program, 2, 1, 1, 1, np.float64)(inputs)
    assert np.array_equal(values, 2 * np.repeat(inputs["pi"][:, None], 4, axis=1))


def test_thirds_are_divided_in_the_working_type() -> None:
    program = Program("third", "teacher", (Assignment("r", (), (term("1/3", ("log_student",)),)),))
    one = {"psi": np.ones((1, 1)), "log_student": np.ones(1, dtype=wide_dtype())}
    value = ArrayKernel(program, 1, 1, 1, 1, wide_dtype())(one)[0]
    assert value == wide_dtype()(1) / wide_dtype()(3)


@pytest.mark.parametrize("name", NAMES)
def test_centring_changes_no_exact_value_and_helps_far_clusters(name: tuple[str, str, Any]) -> None:
    program = load_program(*name)
    n, s, k = 3, 2, 2
    inputs = random_inputs(n, s, k, 1, seed=5)
    anchor = np.array([0.5, -2.0])
    given_too = {**inputs, "v_shifted": inputs["v"] - anchor, "v_anchor": anchor}
    kernel = ArrayKernel(program, n, s, k, s, np.float64)
    assert kernel(given_too) == pytest.approx(kernel(inputs), rel=1e-11, abs=1e-11)
    if name[1] == "gradient":
        assert len(centred(program).statements) > len(program.statements)


def test_input_heads_are_all_known_to_the_compiler() -> None:
    for head, kinds in INPUT_HEADS.items():
        indices = tuple(f"{letter}{i}" for i, letter in enumerate(kinds))
        program = Program(
            head, "teacher", (Assignment("r", indices, (term(1, (head, *indices)),)),), 1
        )
        values = ArrayKernel(program, 2, 3, 2, 3, np.float64)(random_inputs(2, 3, 2, 5, seed=0))
        assert values.shape[-1] == 5


# --------------------------------------------------------------------------- rounding input


def test_rationals_are_rounded_once_in_both_types() -> None:
    third = Fraction(1, 3)
    assert to_array([third], np.float64)[0] == 1 / 3
    wide = wide_dtype()
    assert to_array([third], wide)[0] == wide(1) / wide(3)
    with pytest.raises(InputError, match="1e\\+60"):
        to_array([Fraction(10) ** 61], np.float64)


@given(st.fractions(min_value=Fraction(1, 10**40), max_value=1).filter(lambda x: x > 0))
def test_logarithms_of_weights(weight: Fraction) -> None:
    with mpmath.workdps(40):
        expected = mpmath.log(mpmath.mpf(weight.numerator) / weight.denominator)
        found = log_array([weight], wide_dtype())[0]
        high = float(found)
        value = mpmath.mpf(high) + mpmath.mpf(float(found - wide_dtype()(high)))
        assert abs(value - expected) <= 4 * float(np.finfo(wide_dtype()).eps) * max(
            1, abs(expected)
        )


# --------------------------------------------------------------------------- responsibilities


@settings(max_examples=60)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5),
    st.lists(st.floats(-40, 40), min_size=1, max_size=4),
    st.integers(0, 4),
)
def test_responsibilities_against_mpmath(
    means: list[float], points: list[float], pick: int
) -> None:
    n = len(means)
    v = np.array(means)[:, None]
    reference = pick % n
    logs = np.log(np.arange(1, n + 1) / (n * (n + 1) / 2))
    psi, log_density = responsibilities(np.array([points]), v, v - v[reference], reference, logs)
    assert np.isfinite(psi).all()
    assert np.abs(psi.sum(axis=0) - 1).max() < 1e-15 * (n + 1)
    with mpmath.workdps(30):
        for k, x in enumerate(points):
            terms = [
                (j + 1) * mpmath.exp(mpmath.mpf(x) * m - mpmath.mpf(m) ** 2 / 2)
                for j, m in enumerate(means)
            ]
            size = 1 + max(abs(m) for m in means) ** 2 + 40 * max(abs(m) for m in means)
            for j in range(n):
                assert abs(psi[j, k] - terms[j] / sum(terms)) < 1e-15 * size
            exact = mpmath.log(sum(terms) / (n * (n + 1) // 2))
            assert abs(log_density[k] - exact) < 1e-15 * size


@pytest.mark.filterwarnings("error")
def test_responsibilities_never_overflow() -> None:
    v = np.array([[-1e150], [0.0], [1e150]])
    psi, log_density = responsibilities(
        np.array([[-1e150, 0.0, 3.0, 1e150]]), v, v - v[1], 1, np.zeros(3)
    )
    assert psi.T.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert np.isfinite(log_density).all()


# --------------------------------------------------------------------------- grids


def uniform_grid(step: Fraction, reach: float, centres: Any) -> ProductGrid:
    centres = np.atleast_2d(np.asarray(centres, dtype=float))
    plans = []
    for axis in range(centres.shape[1]):
        low, high = Fraction(centres[:, axis].min()), Fraction(centres[:, axis].max())
        first = math.floor((low - Fraction(reach)) / step)
        plans.append(AxisPlan(step, first, math.ceil((high + Fraction(reach)) / step), 1.0))
    count = len(centres)
    return ProductGrid(tuple(plans), centres, np.full(count, -math.log(count)))


@pytest.mark.parametrize("dtype", [np.float64, wide_dtype()])
@pytest.mark.parametrize(
    "centres",
    [
        [[0.0]],
        [[-1.0], [2.5]],
        [[0.0], [300.0]],
        [[0.0, 0.0]],
        [[1.0, 0.0], [-1.0, 2.0], [40.0, 40.0]],
        [[0.0, 0.5, -0.5]],
        [[0.0, 0.0, 0.0], [1.0, 2.0, 0.0]],
    ],
)
def test_pruned_grids_integrate_moments(dtype: Any, centres: Any) -> None:
    rank = len(centres[0])
    grid = uniform_grid(Fraction(1, 4) if rank < 3 else Fraction(1, 2), 7.0, centres)
    total, first, second, count = dtype(0), np.zeros(rank, dtype), np.zeros((rank, rank), dtype), 0
    for points, weights in grid.chunks(5000, dtype):
        assert points.shape == (rank, len(weights))
        assert points.dtype == weights.dtype == dtype
        total += weights.sum()
        first += points @ weights
        second += (points * weights) @ points.T
        count += len(weights)
    c = np.array(centres)
    tail = 1e-9 * (1 + (c**2).max())
    assert abs(total - 1) < tail
    assert np.abs(first - c.mean(axis=0)).max() < tail
    assert np.abs(second - np.eye(rank) - c.T @ c / len(c)).max() < 10 * tail
    assert count <= grid.predicted_nodes()
    if rank == 1:
        assert count == grid.predicted_nodes()


def test_gaps_between_far_centres_cost_nothing() -> None:
    near = uniform_grid(Fraction(1, 8), 8.0, [[0.0], [1.0]]).predicted_nodes()
    far = uniform_grid(Fraction(1, 8), 8.0, [[0.0], [1e9]]).predicted_nodes()
    assert far < 2.2 * near


def test_windows_are_exact_beyond_the_resolution_of_floats() -> None:
    grid = uniform_grid(Fraction(1, 8), 8.0, [[0.0], [1e30]])
    (a, b), (c, d) = grid.windows(0)
    assert d - c == pytest.approx(b - a, abs=1)
    assert grid.predicted_nodes() == (b - a + 1) + (d - c + 1)


# --------------------------------------------------------------------------- the bound on strips


@pytest.mark.parametrize("name", NAMES)
def test_the_strip_bound_holds_at_complex_points(name: tuple[str, str, Any]) -> None:
    """|kernel(x + iy)| for random real x and every y up to near the poles, both axes."""
    teacher = {"means": [[0, 0], [1, -2]]} if name[2] == "mixture" else None
    problem = Problem.from_user([[0, "1/2"], [2, 1], ["-3/2", 3]], ["1/2", "1/3", "1/6"], teacher)
    program = load_program(*name)
    scene = build_scene(problem, program.base, np.float64)
    k, rank = len(problem.teacher.means), problem.rank
    kernel: Any = ArrayKernel(program, 3, 2, k, 2, np.complex128)  # type: ignore[arg-type]
    bound = StripBound([program], [2], 3, k, 2)
    centres, _ = scene.base_mixture(program.base)
    extent = Extent.of(scene, centres)
    generator = np.random.default_rng(0)
    for axis in range(rank):
        spread = max(extent.student_spreads[axis], extent.teacher_spreads[axis])
        for fraction in (0.0, 0.3, 0.7, 0.95):
            strip = fraction * math.pi / spread
            x = generator.normal(size=(rank, 400)) * 2 + generator.choice(
                centres, size=400
            ).T.astype(complex)
            x[axis] += 1j * strip * np.where(np.arange(400) % 2, 1.0, generator.uniform(size=400))
            inputs = scene_inputs(scene, x)
            values = np.abs(kernel(inputs))
            # Logarithms enter the bound through their mean over the base: a node may lie further.
            far = 1.0 if program.log_degree == 0 else 2.0
            assert values.max() <= far * math.exp(bound.log_bound(extent, axis, strip)) * (1 + 1e-9)
        assert bound.log_bound(extent, axis, math.pi / spread) == math.inf


def scene_inputs(scene: Any, x: Any) -> dict[str, Any]:
    """Complex continuation of the kernel's inputs, from the exponentials themselves."""

    def soft(means: Any, logs: Any) -> tuple[Any, Any]:
        terms = np.exp(logs[:, None] + means @ x - (means**2).sum(1)[:, None] / 2)
        return terms / terms.sum(0), np.log(terms.sum(0))

    psi, log_student = soft(scene.span, scene.log_weights)
    phi, log_teacher = soft(scene.teacher_span, scene.teacher_log_weights)
    return {
        "psi": psi,
        "phi": phi,
        "v": scene.means.astype(complex),
        "theta": scene.teacher_means.astype(complex),
        "log_student": log_student,
        "log_teacher": log_teacher,
    }


def test_plans_are_finer_for_more_digits_and_wider_spreads() -> None:
    def nodes(means: Any, target: float) -> int:
        problem = Problem.from_user(means)
        program = load_program("forward", "gradient")
        scene = build_scene(problem, "teacher", np.float64)
        bound = StripBound([program], [len(problem.frame.axes)], 2, 1, problem.dimension)
        centres, logs = scene.base_mixture("teacher")
        return plan_grid(bound, Extent.of(scene, centres), centres, logs, target).predicted_nodes()

    assert nodes([[0], [2]], 1e-5) < nodes([[0], [2]], 1e-10) < nodes([[0], [2]], 1e-15)
    assert nodes([[0], [2]], 1e-15) < nodes([[0], [8]], 1e-15) < nodes([[0], [30]], 1e-15)
    assert nodes([[0], [2]], 1e-16) < 200


def test_rounding_is_measured_by_the_narrower_type() -> None:
    high = Sum(np.array([1.0]), np.array([1.0]), 10)
    low = Sum(np.array([1.0 + 1e-7], dtype=np.float32), np.array([1.0]), 10)
    overflowed = Sum(np.array([np.inf], dtype=np.float32), np.array([np.inf]), 10)
    small = rounding_error(high, low, np.float64)
    assert 1e-16 < small[0] < 1e-14
    assert rounding_error(high, overflowed, np.float64)[0] > small[0]


@pytest.mark.parametrize(
    ("objective", "quantity", "mean", "weights"),
    [
        ("kl", "loss", "2.1742e-5", ["2/7", "5/7"]),
        ("kl", "loss", "1e-300", ["1/1000001", "1000000/1000001"]),
        ("kl", "loss", "1.02e-3", ["3/11", "8/11"]),
        ("forward", "hessian", "19.0823257", ["2/9", "7/9"]),
        ("forward", "hessian", "-17.31", ["1/3", "2/3"]),
        ("reverse", "hessian", "18.77", ["4/9", "5/9"]),
    ],
)
def test_the_error_of_coincident_means_covers_rounding(objective, quantity, mean, weights):
    means = [[mean]] * 2
    found = evaluate(objective, means, quantity=quantity, weights=weights, digits=3)
    exact = evaluate(
        objective, means, quantity=quantity, weights=weights, digits=40, backend="ball"
    )
    values, errors = np.ravel(found.value).tolist(), np.ravel(found.error).tolist()
    with mpmath.workdps(60):
        for value, error, middle in zip(values, errors, np.ravel(exact.mid), strict=True):
            assert abs(mpmath.mpf(value) - mpmath.mpf(middle)) <= error
