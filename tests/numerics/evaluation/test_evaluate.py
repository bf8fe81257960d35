"""`numerics.evaluate` and `Evaluator` against integrals typed from the definition of the losses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics
from derive.algebra.index import atom, dot
from derive.losses.objectives import Objective, score_error
from numerics import Evaluation, Evaluator, InputError, NodeLimitError, evaluate
from numerics.evaluation.float_once import MAX_NODES
from numerics.numbers import balls as flint_context
from tests.numerics import reference_losses as reference

OBJECTIVES = ("forward", "reverse", "kl")
QUANTITIES = ("loss", "gradient", "hessian")
MIXTURE = {"means": [["-1/2"], ["5/4"]], "weights": ["1/4", "3/4"]}


def float64(objective: Any, means: Any, **options: Any) -> Evaluation:
    result = evaluate(objective, means, **options)
    assert isinstance(result, Evaluation)
    assert np.isfinite(result.value).all()
    assert np.isfinite(result.error).all()
    return result


def close(value: Any, expected: Any, tolerance: float) -> bool:
    expected = np.asarray(expected, dtype=float)
    return bool((np.abs(value - expected) <= tolerance * np.maximum(1, np.abs(expected))).all())


# --------------------------------------------------------------------------- independent values

LINE_CASES = [
    (["-0.75", "2.125"], ["1/2", "1/2"], {"means": [["0"]]}),
    (["-0.75", "2.125"], ["1/5", "4/5"], {"means": [["0.5"]]}),
    (["0", "4", "4.5"], ["1/2", "1/4", "1/4"], {"means": [["0"]]}),
    (["1.5"], ["1"], {"means": [["0.25"]]}),
    (["-1", "1.5"], ["1/3", "2/3"], MIXTURE),
]


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("means", "weights", "teacher"), LINE_CASES)
def test_line_against_mpmath_quad_and_diff(
    objective: str, means: list[str], weights: list[str], teacher: dict[str, Any]
) -> None:
    rows = [[m] for m in means]
    theta = [Fraction(row[0]) for row in teacher["means"]]
    rho = [Fraction(x) for x in teacher.get("weights", ["1"])]
    exact = [Fraction(m) for m in means], [Fraction(w) for w in weights], theta, rho
    with mpmath.workdps(20):
        arguments = [[mpmath.mpf(x.numerator) / x.denominator for x in part] for part in exact]
        expected = {"loss": [reference.loss_mp(objective, *arguments)]}
        if len(means) == 2:
            expected["gradient"] = reference.gradient_mp(objective, *arguments)
    for quantity, numbers in expected.items():
        result = float64(objective, rows, quantity=quantity, weights=weights, teacher=teacher)
        assert result.met
        value, error = np.ravel(result.value), np.ravel(result.error)
        # The error bar holds; mpmath.diff of an integral is good to a part of the digits.
        slack = 1e-17 if quantity == "loss" else 1e-15
        for v, e, x in zip(value, error, numbers, strict=True):
            assert abs(mpmath.mpf(v) - x) <= e + slack * max(1, abs(x))


SPACE_CASES: list[tuple[Any, Any, Any]] = [
    ([[0.3, -0.2], [1.5, 1.0], [-1.0, 0.8]], None, None),  # rank 2 in the plane
    ([[0.0, 1.0], [2.0, 1.0]], [0.25, 0.75], None),  # rank 1 and a perpendicular part
    ([[1.0, 1.0], [2.0, 2.0], [-1.0, -1.0]], None, None),  # on a line through the teacher
    ([[0.7, -0.4], [0.7, -0.4]], [0.25, 0.75], None),  # coincident: no integral at all
    ([[0.5, 0.0], [-0.5, 1.0]], None, [[0.0, 0.0], [1.5, -0.5]]),  # mixture teacher
    ([[0.5, 0.25]], None, [[0.0, 0.0], [1.0, 0.0], [0.0, -1.0]]),
]


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("means", "weights", "theta"), SPACE_CASES)
def test_plane_against_the_unreduced_integral(
    objective: str, means: Any, weights: Any, theta: Any
) -> None:
    teacher = None if theta is None else {"means": theta}
    arguments = (objective, means, weights, theta)
    options = {"weights": weights, "teacher": teacher}
    loss = float64(objective, means, **options)
    gradient = float64(objective, means, quantity="gradient", **options)
    assert loss.met
    assert gradient.met
    assert close(loss.value, reference.loss(*arguments).real, 1e-12)
    assert close(gradient.value, reference.gradient(*arguments), 1e-11)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("means", "weights", "theta"), [SPACE_CASES[0], SPACE_CASES[4]])
def test_hessians_in_the_plane(objective: str, means: Any, weights: Any, theta: Any) -> None:
    teacher = None if theta is None else {"means": theta}
    result = float64(objective, means, quantity="hessian", weights=weights, teacher=teacher)
    expected = reference.hessian(objective, means, weights, theta, panels=8)
    assert result.value.shape == expected.shape
    assert close(result.value, expected, 2e-8)


def reflection(d: int) -> list[list[Fraction]]:
    """A rational orthogonal matrix without zeros."""
    u = [Fraction(k + 1) for k in range(d)]
    square = sum(x * x for x in u)
    return [[(i == k) - 2 * u[i] * u[k] / square for k in range(d)] for i in range(d)]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_two_components_in_five_dimensions(objective: str) -> None:
    """Embedded by a rational reflection: every axis of the frame is needed, silent ones too."""
    plane = [["1/2", "1"], ["-3/2", "1/4"]]
    weights = ["1/3", "2/3"]
    turn = reflection(5)
    embedded = [
        [sum(Fraction(row[a]) * turn[k][a] for a in range(2)) for k in range(5)] for row in plane
    ]
    numbers = [[float(Fraction(x)) for x in row] for row in plane]
    shares = [1 / 3, 2 / 3]
    matrix = np.array([[float(x) for x in row] for row in turn])

    loss = float64(objective, embedded, weights=weights)
    assert loss.rank == 1
    assert close(loss.value, reference.loss(objective, numbers, shares).real, 1e-12)

    gradient = float64(objective, embedded, weights=weights, quantity="gradient")
    flat = np.zeros((2, 5))
    flat[:, :2] = reference.gradient(objective, numbers, shares)
    assert close(gradient.value, flat @ matrix.T, 1e-11)

    hessian = float64(objective, embedded, weights=weights, quantity="hessian")
    full = np.zeros((2, 5, 2, 5))
    full[:, :2, :, :2] = reference.hessian(objective, numbers, shares).reshape(2, 2, 2, 2)
    padded = [[*row, 0.0] for row in numbers]  # one of the three silent axes
    for j, k in ((0, 0), (0, 1), (1, 1)):
        entry = reference.second(objective, padded, (j, 2), (k, 2), shares, panels=4)
        for axis in (2, 3, 4):
            full[j, axis, k, axis] = full[k, axis, j, axis] = entry
    turned = np.einsum("ia,jakb,lb->jikl", matrix, full, matrix).reshape(10, 10)
    assert close(hessian.value, turned, 1e-6)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    ("n", "d", "teachers"), [(3, 2, 1), (2, 5, 1), (4, 3, 1), (3, 3, 2), (6, 5, 1), (4, 4, 3)]
)
def test_monte_carlo(objective: str, n: int, d: int, teachers: int) -> None:
    """Within 5.5 standard errors (false alarm 4e-8) of plain sampling in d dimensions."""
    generator = np.random.default_rng(7 * n + d)
    means = generator.normal(size=(n, d))
    weights = generator.dirichlet([2.0] * n)
    theta = generator.normal(size=(teachers, d))
    rho = generator.dirichlet([2.0] * teachers)
    result = float64(
        objective,
        means,
        weights=list(weights),
        teacher={"means": theta, "weights": list(rho)},
        digits=5,
        max_nodes=1 << 17 if n + teachers > 5 else None,
    )
    mean, deviation = reference.monte_carlo(objective, means, weights, theta, rho, 200_000, 3)
    assert abs(result.value - mean) <= 5.5 * deviation + result.error


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_central_differences_tie_the_quantities_together(objective: str) -> None:
    means = np.array([[0.0, 0.5, 1.0], [1.0, -0.5, 0.25], [0.5, 1.5, -1.0]])
    weights = ["1/2", "1/3", "1/6"]
    gradient = float64(objective, means, weights=weights, quantity="gradient").value
    hessian = float64(objective, means, weights=weights, quantity="hessian").value
    h = 2.0**-12
    for index in np.ndindex(3, 3):
        step = np.zeros((3, 3))
        step[index] = h
        ends = [float64(objective, means + s, weights=weights) for s in (step, -step)]
        slope = (ends[0].value - ends[1].value) / (2 * h)
        assert abs(slope - gradient[index]) < 1e-6
        slopes = [
            float64(objective, means + s, weights=weights, quantity="gradient").value
            for s in (step, -step)
        ]
        row = hessian[3 * index[0] + index[1]]
        assert close(row, ((slopes[0] - slopes[1]) / (2 * h)).ravel(), 1e-6)
    assert np.array_equal(hessian, hessian.T) or close(hessian, hessian.T, 1e-15)


def test_values_known_in_closed_form() -> None:
    # One component: every loss is a multiple of |v|^2.
    for objective, expected in (("forward", 5.0), ("reverse", 5.0), ("kl", 2.5)):
        assert float64(objective, [[1, 2]]).value == expected
    # A far component is simply absent from the forward loss, and KL loses the log of its weight.
    assert float64("kl", [[0], [30]], weights=["1/4", "3/4"]).value == pytest.approx(np.log(4.0))
    assert float64("forward", [[0], [30]]).value < 1e-30
    # E_{N(u,1)}[x tanh(u x)] = u, so E_q|m|^2 of (u, -u) under the teacher u is 2 u^2 - 2 u^2 ...
    # by the other route: E[tanh(u x)^2] = E[tanh(u x)] under N(u, 1).
    u = 1.3
    with mpmath.workdps(25):
        tanh = mpmath.quad(
            lambda x: mpmath.tanh(u * x) * mpmath.npdf(x, u, 1), mpmath.linspace(-12, 14, 9)
        )
    value = float64("forward", [[u], [-u]], teacher=[u]).value
    assert value == pytest.approx(float(u * u * (1 - tanh)), abs=1e-15)


# --------------------------------------------------------------------------- backends and digits


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize(
    "means",
    [
        [["-3/4"], ["17/8"]],
        [[0, 1, 0, 0, 2], [1, "1/3", 0, 0, 1]],
        [[0], ["1e-300"]],
        [[0, 0], [1, 1], [2, 2]],
        [["1e-300", 1], ["2e-300", 1]],
        [[1, 1], [1, 1]],
        [[0, 0], [0, 0]],
    ],
)
def test_three_backends_agree(objective: str, quantity: str, means: Any) -> None:
    machine = float64(objective, means, quantity=quantity)
    multiple = evaluate(objective, means, quantity=quantity, backend="mpmath", digits=25)
    enclosure = evaluate(objective, means, quantity=quantity, backend="ball", digits=25)
    assert isinstance(multiple, Evaluation)
    assert not isinstance(enclosure, Evaluation)
    assert machine.met
    assert multiple.met
    assert enclosure.met
    assert machine.rank == multiple.rank == enclosure.rank
    mids, rads = np.ravel(np.array(enclosure.mid)), np.ravel(np.array(enclosure.rad))
    values = np.ravel(np.array(multiple.value, dtype=object))
    errors = np.ravel(np.array(multiple.error, dtype=object))
    with mpmath.workdps(40):
        for mid, rad, value, error, near, bar in zip(
            mids,
            rads,
            values,
            errors,
            np.ravel(machine.value),
            np.ravel(machine.error),
            strict=True,
        ):
            assert abs(mpmath.mpf(str(mid)) - value) <= mpmath.mpf(str(rad)) + error
            assert abs(mpmath.mpf(str(mid)) - near) <= bar
    assert np.shape(enclosure.mid) == np.shape(machine.value)
    assert mpmath.mp.prec == 53
    assert flint.ctx.prec == 53


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_digits_asked_for_are_delivered(objective: str, quantity: str) -> None:
    """Coarse requests use fewer nodes and still keep their promise."""
    means = [[0, "1/2"], [2, 0], ["-1/3", 3]]
    best = float64(objective, means, quantity=quantity)
    nodes = []
    for digits in (1, 3, 5, 7, 9, 11, 13, 15):
        result = float64(objective, means, quantity=quantity, digits=digits)
        assert result.met
        nodes.append(result.nodes)
        difference = np.abs(result.value - best.value)
        assert (difference <= result.error + best.error).all()
        assert (difference <= 10.0**-digits * np.maximum(1, np.abs(best.value))).all()
    assert nodes == sorted(nodes)
    assert nodes[0] < nodes[-1] / 4


@settings(max_examples=15)
@given(
    st.lists(st.fractions(-6, 6, max_denominator=20), min_size=2, max_size=4),
    st.sampled_from(OBJECTIVES),
    st.sampled_from(["loss", "gradient"]),
)
def test_the_error_bar_holds_against_enclosures(
    points: list[Fraction], objective: str, quantity: str
) -> None:
    means = [[x] for x in points]
    machine = float64(objective, means, quantity=quantity)
    truth = evaluate(objective, means, quantity=quantity, backend="ball", digits=25)
    assert machine.met
    pairs = zip(
        np.ravel(machine.value),
        np.ravel(machine.error),
        np.ravel(np.array(truth.mid)),  # type: ignore[union-attr]
        strict=True,
    )
    for value, error, mid in pairs:
        with mpmath.workdps(30):
            assert abs(mpmath.mpf(value) - mpmath.mpf(str(mid))) <= error


# --------------------------------------------------------------------------- extremes


EXTREMES: list[dict[str, Any]] = [
    {"means": [["1e50"]]},
    {"means": [["1e6"], ["1e6"]]},
    {"means": [["1e6"], ["1000001"]]},
    {"means": [["1e50", 0], ["1e50", 1]]},
    {"means": [[0, 0], ["1e-300", 0], [0, "1e-400"]]},
    {"means": [["1e-4000"], ["2e-4000"]]},
    {"means": [[0], [1]], "weights": ["1e-5000", 1 - Fraction(1, 10**5000)]},
    {"means": [[40], [40 + 1e-12]]},
    {"means": [[1, 2, 3]] * 4},
    {"means": [[1]], "teacher": ["1e30"]},
    {"means": [[0], [1]], "teacher": {"means": [[0], [0]]}},
]


@pytest.mark.parametrize("case", range(len(EXTREMES)))
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.filterwarnings("error")
def test_extremes_are_met(case: int, objective: str, quantity: str) -> None:
    assert float64(objective, quantity=quantity, **EXTREMES[case]).met


def test_far_components_are_right_or_refused() -> None:
    result = float64("reverse", [[0], ["1e4"]], quantity="gradient")
    assert result.met
    assert close(result.value, [[0], [1e4]], 1e-15)
    with pytest.raises(NodeLimitError, match="max_nodes"):
        evaluate("reverse", [["-1e6"], ["1e6"]])
    with pytest.raises(NodeLimitError):
        evaluate("forward", [["-1e50"], ["1e50"]])
    with pytest.raises(InputError, match='backend "ball"'):
        evaluate("forward", [["1e70"]])
    assert evaluate("forward", [["1e70"]], backend="ball").met


def test_a_mixture_of_one_repeated_teacher_is_that_teacher() -> None:
    for objective in OBJECTIVES:
        for quantity in QUANTITIES:
            one = float64(objective, [[0], [2]], quantity=quantity, teacher=["1/2"])
            two = float64(
                objective, [[0], [2]], quantity=quantity, teacher={"means": [["1/2"], ["1/2"]]}
            )
            assert close(two.value, one.value, 1e-15)


# --------------------------------------------------------------------------- more than three dims


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_quasi_monte_carlo_covers_a_value_known_by_symmetry(objective: str) -> None:
    """Orthogonal means of equal length: grad_j is the same up to permutation of coordinates."""
    means = 2 * np.eye(5)
    result = float64(objective, means, quantity="gradient", digits=3, seed=5)
    assert result.rank == 4
    diagonal = np.diag(result.value)
    spread = result.error.max()
    assert np.ptp(diagonal) <= 2 * spread
    again = float64(objective, means, quantity="gradient", digits=3, seed=5)
    other = float64(objective, means, quantity="gradient", digits=3, seed=6)
    assert np.array_equal(result.value, again.value)
    assert not np.array_equal(result.value, other.value)
    assert (np.abs(result.value - other.value) <= result.error + other.error).all()


def test_quasi_monte_carlo_agrees_with_the_product_rule() -> None:
    """A fourth direction of length 1e-9 changes nothing to eight digits but forces sampling."""
    base = np.array([[0, 0, 0, 0], [2, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], dtype=float)
    product = float64("forward", base, digits=8, teacher=[0.5, 0, 0, 0])
    means = np.concatenate([base, [[1.0, 0.0, 0.0, 1e-9]]])
    weights = [0.25, 0.25, 0.25, 0.125, 0.125]
    sampled = float64("forward", means, weights=weights, teacher=[0.5, 0, 0, 0], digits=2)
    assert product.rank == 3
    assert sampled.rank == 4
    flat = means.copy()
    flat[4, 3] = 0.0
    exact = float64("forward", flat, weights=weights, teacher=[0.5, 0, 0, 0], digits=6)
    assert abs(sampled.value - exact.value) <= sampled.error + exact.error + 1e-8


# --------------------------------------------------------------------------- the public interface


def test_results_have_the_documented_shapes_and_types() -> None:
    loss = float64("forward", [[0, 1], [1, 0], [2, 2]])
    assert type(loss.value) is float
    assert type(loss.error) is float
    gradient = float64("forward", [[0, 1], [1, 0], [2, 2]], quantity="gradient")
    assert gradient.value.shape == gradient.error.shape == (3, 2)
    assert gradient.value.dtype == np.float64
    hessian = float64("forward", [[0, 1], [1, 0], [2, 2]], quantity="hessian")
    assert hessian.value.shape == hessian.error.shape == (6, 6)
    assert (loss.objective, loss.quantity, loss.backend, loss.rank) == (
        "forward",
        "loss",
        "float64",
        2,
    )


@pytest.mark.parametrize(
    ("argument", "options"),
    [
        ("objective", {"objective": "backward"}),
        ("objective", {"objective": 3}),
        ("quantity", {"quantity": "jacobian"}),
        ("backend", {"backend": "gpu"}),
        ("digits", {"digits": 0}),
        ("digits", {"digits": 2.5}),
        ("digits", {"digits": True}),
        ("digits", {"digits": 10_001, "backend": "mpmath"}),
        ("max_nodes", {"max_nodes": 0}),
        ("max_nodes", {"max_nodes": 10}),
        ("seed", {"seed": -1}),
        ("means", {"means": [[float("nan")], [1]]}),
        ("means", {"means": [[1, 2], [3]]}),
        ("means", {"means": []}),
        ("weights", {"weights": [0.5, 0.6]}),
        ("teacher", {"teacher": [0, 0]}),
        ("means", {"means": np.eye(5, 4), "backend": "ball"}),
    ],
)
def test_bad_arguments_are_named(argument: str, options: dict[str, Any]) -> None:
    call: dict[str, Any] = {"objective": "forward", "means": [[0], [1]], **options}
    with pytest.raises(InputError) as caught:
        evaluate(call.pop("objective"), call.pop("means"), **call)
    assert caught.value.argument.startswith(argument)
    assert "\n" not in str(caught.value)


def test_sixteen_digits_name_the_other_backends() -> None:
    with pytest.raises(InputError, match=r"mpmath.*ball"):
        evaluate("forward", [[0], [1]], digits=16)


def test_the_node_limit_is_predicted_before_any_work() -> None:
    generator = np.random.default_rng(0)
    means = 50 * generator.normal(size=(4, 3))
    with pytest.raises(NodeLimitError) as caught:
        evaluate("forward", means)
    assert caught.value.predicted > MAX_NODES == caught.value.limit


def test_public_names_load_lazily() -> None:
    for name in numerics.__all__:
        assert getattr(numerics, name) is not None
    assert set(numerics.__all__) <= set(dir(numerics))
    with pytest.raises(AttributeError):
        numerics.missing  # noqa: B018


def test_a_user_objective_is_derived_and_evaluated() -> None:
    """KL(student || teacher), and E_q |m|^4, which no file of the project mentions elsewhere."""
    flipped = Objective(
        "flipped", "student", atom("log_student") - atom("log_teacher"), "KL(p || T)", "test"
    )
    error = score_error()
    quartic = Objective("quartic", "teacher", dot(error, error) ** 2, "E |m|^4", "test")
    means = [[-0.5], [1.25]]
    x, w = reference.panel_rule(-12, 12, 40)
    points = x[:, None]
    v, shares = np.array(means), np.array([0.5, 0.5])
    origin, one = np.zeros((1, 1)), np.ones(1)
    p, student = reference.density_and_score(points, v, shares)
    q, teacher = reference.density_and_score(points, origin, one)
    ratio = reference.log_density(points, v, shares) - reference.log_density(points, origin, one)
    expected = {
        "flipped": (w * p * ratio).sum(),
        "quartic": (w * q * (student - teacher)[:, 0] ** 4).sum(),
    }
    for objective in (flipped, quartic):
        result = float64(objective, means)
        assert result.objective == objective.name
        assert abs(result.value - expected[objective.name]) < 1e-13
        gradient = float64(objective, means, quantity="gradient").value
        h = 1e-4
        for j in range(2):
            ends = []
            for sign in (1, -1):
                moved = np.array(means)
                moved[j, 0] += sign * h
                ends.append(float64(objective, moved).value)
            assert abs((ends[0] - ends[1]) / (2 * h) - gradient[j, 0]) < 1e-7


# --------------------------------------------------------------------------- Evaluator


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (2, 1), (2, 2), (2, 5), (3, 2), (3, 4)])
def test_evaluator_equals_evaluate(objective: str, n: int, d: int) -> None:
    generator = np.random.default_rng(10 * n + d)
    evaluator = Evaluator(objective, QUANTITIES, n=n, dimension=d, digits=12)
    for scale in (1.0, 1.4, 1e-9):
        means = scale * generator.normal(size=(n, d)) + 0.5
        found = evaluator(means)
        for quantity in QUANTITIES:
            expected = float64(objective, means, quantity=quantity, digits=13)
            assert np.shape(found[quantity]) == np.shape(expected.value)
            assert close(found[quantity], expected.value, 2e-12)
            assert (
                np.abs(found[quantity] - expected.value) <= evaluator.error + expected.error
            ).all()


def test_evaluator_keeps_its_grid_while_the_means_hardly_move() -> None:
    evaluator = Evaluator("forward", ("gradient",), n=2, dimension=1)
    evaluator(np.array([[0.0], [2.0]]))
    grid = evaluator.grid
    assert grid is not None
    evaluator(np.array([[0.05], [1.95]]))
    assert evaluator.grid is grid
    evaluator(np.array([[0.0], [3.0]]))
    assert evaluator.grid is not grid


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_evaluator_on_the_scalar_backends(objective: str) -> None:
    rows = [["0.25", "1"], ["-1.5", "0.5"]]
    expected = {q: float64(objective, rows, quantity=q) for q in ("loss", "gradient")}
    for backend in ("mpmath", "ball"):
        evaluator = Evaluator(
            objective, ("loss", "gradient"), n=2, dimension=2, digits=20, backend=backend
        )
        number: Any = flint.arb if backend == "ball" else mpmath.mpf
        found = evaluator([[number(x) for x in row] for row in rows])
        assert abs(float(found["loss"]) - expected["loss"].value) < 1e-15
        gradient = np.array([[float(x) for x in row] for row in found["gradient"]])
        assert close(gradient, expected["gradient"].value, 1e-15)
        assert float(evaluator.error) < 1e-19
        assert evaluator.nodes > 20


def test_evaluator_encloses_every_point_of_a_box() -> None:
    evaluator = Evaluator("forward", ("gradient",), n=2, dimension=1, digits=15, backend="ball")
    box = evaluator([[flint.arb(0, "0.01")], [flint.arb(2, "0.01")]])["gradient"]
    for left in (-0.01, 0.0, 0.01):
        for right in (1.99, 2.0, 2.01):
            point = float64("forward", [[left], [right]], quantity="gradient").value
            for ball, value in zip(box.flat, point.flat, strict=True):
                assert (
                    ball.contains(flint.arb(float(value)))
                    or abs(float(ball.mid()) - value) <= float(ball.rad()) + 1e-14
                )


def test_evaluator_above_rank_three_uses_common_random_numbers() -> None:
    evaluator = Evaluator("forward", ("loss", "gradient"), n=6, dimension=5, seed=4)
    means = np.random.default_rng(2).normal(size=(6, 5))
    first, second = evaluator(means), evaluator(means)
    assert first["loss"] == second["loss"]
    exact = float64("forward", means, digits=3)
    assert exact.rank == 5
    assert abs(first["loss"] - exact.value) <= evaluator.error + exact.error


def test_evaluator_refuses_bad_arguments() -> None:
    with pytest.raises(InputError, match="rank"):
        Evaluator("forward", ("loss",), n=2, dimension=3, rank=2)
    with pytest.raises(InputError, match="digits"):
        Evaluator("forward", ("loss",), n=2, dimension=1, digits=20)
    with pytest.raises(InputError, match="rank"):
        Evaluator("forward", ("loss",), n=5, dimension=4, digits=20, backend="ball")
    evaluator = Evaluator("forward", ("loss",), n=2, dimension=1)
    with pytest.raises(InputError, match="means"):
        evaluator(np.array([[np.nan], [1.0]]))


FAR = [
    ([["1e6"], [2]], "nodes predicted"),
    ([["1e80"], [2]], r"about [0-9.]+e\+\d+ nodes predicted"),
    ([["1e80"], [2], [3]], r"about [0-9.]+e\+\d+ nodes predicted"),
    ([["1e300", 0], [2, 1], [3, "1e300"]], "nodes predicted|beyond the range of floats"),
    ([["1e9999"], [2]], "beyond the range of floats"),
]
#: The ball backend needs no nodes for a far pair of which one component is near, without logarithm.
REFUSED = [
    (backend, objective, means, named)
    for backend in ("mpmath", "ball")
    for objective in ("forward", "reverse", "kl")
    for means, named in FAR
    if backend == "mpmath" or objective == "kl" or len(means) > 2
]
REFUSED.append(("ball", "forward", [["-1e80"], ["1e80"]], "nodes predicted"))


@pytest.mark.parametrize(("backend", "objective", "means", "named"), REFUSED)
def test_means_too_far_apart_are_refused_at_once(backend, objective, means, named):
    with pytest.raises(InputError, match=named):
        evaluate(objective, means, backend=backend)


@pytest.mark.parametrize("far", ["1e6", "1e80", "-1e9999"])
def test_a_pair_far_apart_needs_no_nodes(far):
    """Under the teacher only the nearer component counts, under the student each at its place."""
    forward = evaluate("forward", [[far], [2]], digits=20, backend="ball")
    reverse = evaluate("reverse", [[far], [2]], digits=20, backend="ball")
    assert (forward.nodes, reverse.nodes) == (1, 1)
    assert (forward.met, reverse.met) == (True, True)
    with flint_context.precision(200):
        assert forward.balls.overlaps(flint.arb(4))
        assert reverse.balls.overlaps((flint.arb(far) ** 2 + 4) / 2)
