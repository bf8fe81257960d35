"""Lemma F', the a-priori bound and Theorem L: proved, and refused with a constant too good."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.proofs import kernel
from proofs_check.proofs.critical_near import critical_near
from proofs_check.proofs.critical_plane import critical_plane
from proofs_check.proofs.critical_points import critical_points
from proofs_check.proofs.hessian_bound import hessian_bound
from proofs_check.proofs.hessian_words import M
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.proofs.kernel.oracles import descent_lemma
from proofs_check.proofs.kernel.oracles.gaussian_integrals import exponential_bound
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.lemma_far import lemma_far
from proofs_check.proofs.level_words import L0
from proofs_check.proofs.tactics.language import (
    A,
    B,
    J,
    V,
    X,
    at_most,
    entry,
    every,
    pi,
    point,
    psi,
    real,
    state,
)
from proofs_check.proofs.tactics.printing import statements
from proofs_check.proofs.tactics.script import Script
from proofs_check.proofs.tactics.semantics import Model
from proofs_check.proofs.theorem_l import theorem_l
from proofs_check.verdict import Verdict
from tests.proofs_check.proofs.changed import fails_without, notices
from tests.proofs_check.proofs.replays import replayed
from tests.proofs_check.proofs.test_proofs_clusters import first_failure

WORSE, BETTER = Fraction(99, 100), Fraction(101, 100)
GAUSSIAN = {
    "cited: Gaussian integral",
    "cited: Gaussian tail",
    "cited: independence across a direction",
    "derive: gradient of forward",
}
TAYLOR = {"cited: Taylor's formula along a step (derive: Hessian of forward)"}
SYMMETRY = {"cited: symmetry of the Gaussian"}
TAGS = {
    "F-far": GAUSSIAN,
    "L-critical": GAUSSIAN,
    "N-critical": GAUSSIAN,
    "P-critical": {"derive: gradient of forward"},
    "L-hessian": SYMMETRY,
    "L": GAUSSIAN | SYMMETRY | TAYLOR,
}


@pytest.mark.parametrize("name", TAGS)
def test_a_theorem_about_far_components_is_proved(name):
    found = replayed(name)
    assert found.verdict is Verdict.PROVED, [(o.step.name, o.detail) for o in found.failed]
    assert set(found.tags) == TAGS[name]
    assert set(found.theorems) == set(found.proof.conclusions)
    assert found.instance().startswith("all hold for n = ")


def test_lemma_f_reads_as_it_is_claimed():
    (shown,) = statements(replayed("F-far"))
    assert shown.startswith("for all n, d >= 1, all positive weights with sum 1; every component j")
    assert "d + 4 <= |v_j|^2(V)" in shown
    assert "(beta - nu_j(|v_j|(V))) <= -v_j.grad_j L(V)" in shown


def test_theorem_l_reads_as_it_is_claimed():
    falls, beyond, grows, time = statements(replayed("L"))
    assert all("n pi_j = 1" not in shown for shown in (falls, beyond, grows, time))
    condition = "eta M(L_0,omega,K_A,c_A,c_B,K_B,K_V) <= 2"
    assert all(condition in shown and "L(V_0) <= L_0" in shown for shown in (falls, grows, time))
    assert "L(V_(k+1)) <= L(V_k)" in falls
    assert "rho" not in falls
    assert "nu_j(rho) < beta_j(rho)" in beyond
    assert ": rho <= |v_j|(V_k)" in beyond
    assert "|v_j|^2(V_k) < |v_j|^2(V_(k+1))" in grows
    assert "k <= B^2 - rho^2" in time


def test_critical_points_are_bounded_for_all_weights():
    (shown,) = statements(replayed("L-critical"))
    assert "n pi_j = 1" not in shown
    assert "exp(u) pi_j = 1" in shown
    assert ": |v_j|(V) < rho" in shown


def test_a_near_mean_bounds_the_others_of_a_critical_point():
    (shown,) = statements(replayed("N-critical"))
    assert "n pi_j = 1" in shown
    assert "|v_i|^2(V) <= e^2" in shown
    assert "n - 2 <= 2 gamma exp(gamma + 1)" in shown
    assert ": |v_j|(V) < rho" in shown


def test_hyperplanes_through_the_means_contain_the_truth():
    (shown,) = statements(replayed("P-critical"))
    assert "n pi_j = 1" not in shown
    assert shown.split(": h = 0")[0].endswith("sum_a v_ia(W) v_ja(V) = h")


PLANTED: dict[str, tuple[str, Callable[[], Script], str]] = {
    "|v_j|^2 >= d + 3.96": ("F-far", lambda: lemma_far(room=4 * WORSE), "Q >= 1"),
    "first tail": ("F-far", lambda: lemma_far(moments=(WORSE, 2, 6)), "tail 1"),
    "second tail": ("F-far", lambda: lemma_far(moments=(1, 2 * WORSE, 6)), "tail 2"),
    "third tail": ("F-far", lambda: lemma_far(moments=(1, 2, 6 * WORSE)), "tail 3"),
    "beta": ("L-critical", lambda: critical_points(share=BETTER / 8), "bracket"),
    "gamma": ("L-critical", lambda: critical_points(part=WORSE), "gamma at l_j - f"),
    "not stationary": ("L-critical", lambda: critical_points(stationary=False), "grad_j L"),
    "beta by a near mean": ("N-critical", lambda: critical_near(share=BETTER / 8), "bracket"),
    "n - 2.02": (
        "N-critical",
        lambda: critical_near(others=2 * BETTER),
        "sum over k",
    ),
    "nothing vanishes": ("N-critical", lambda: critical_near(stationary=False), "grad_j L"),
    "no gradient vanishes": (
        "P-critical",
        lambda: critical_plane(stationary=False),
        "no gradient",
    ),
    "one mean in the plane": ("P-critical", lambda: critical_plane(one_plane=False), "height"),
    "constant K": ("L-hessian", lambda: hessian_bound(parts={"K": WORSE}), "K: parabola"),
    "constant eps": ("L-hessian", lambda: hessian_bound(parts={"eps": WORSE}), "eps: parabola"),
    "constant zeta": ("L-hessian", lambda: hessian_bound(parts={"zeta": WORSE}), "zeta: parabola"),
    "constant A": ("L-hessian", lambda: hessian_bound(parts={"A": WORSE}), "A: parabola"),
    "constant B": ("L-hessian", lambda: hessian_bound(parts={"B": WORSE}), "B: parabola"),
    "constant V": ("L-hessian", lambda: hessian_bound(parts={"V": WORSE}), "V: parabola"),
    "constant c_A": ("L-hessian", lambda: hessian_bound(parts={"c_A": WORSE}), "c_A >= 0"),
    "constant K_A and a_A": (
        "L-hessian",
        lambda: hessian_bound(parts={"K_A and a_A": WORSE}),
        "K_A at j, times exp",
    ),
    "constant K_B and a_B": (
        "L-hessian",
        lambda: hessian_bound(parts={"K_B and a_B": WORSE}),
        "K_B at j, times exp",
    ),
    "constant K_B and K_A": (
        "L-hessian",
        lambda: hessian_bound(parts={"K_B and K_A": WORSE}),
        "part at 4: one case",
    ),
    "constant K_V and K_A": (
        "L-hessian",
        lambda: hessian_bound(parts={"K_V and K_A": WORSE}),
        "part beyond, above: the other",
    ),
    "eta M <= 2.02": ("L", lambda: theorem_l(largest=2 * BETTER), "eta M <= 2"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_constant_that_is_one_percent_too_good_fails(what):
    name, build, step = PLANTED[what]
    assert first_failure(name, build()) == step


def test_weaker_constants_hold():
    assert first_failure("F-far", lemma_far(room=4 * BETTER)) == ""
    assert first_failure("L", theorem_l(largest=2 * WORSE)) == ""


LEFT_OUT = {
    ("F-far", "kappa"): "pi_j and pi_k",
    ("F-far", "far"): "|v_j|^2 > 0",
    ("F-far", "beta"): "beta at x",
    ("L-critical", "gamma"): "gamma at l_j - f",
    ("L-critical", "rho"): "beta at rho > 0",
    ("L-critical", "rho >= sqrt(L_0)"): "beta grows",
    ("N-critical", "near"): "(v_i.v_j)^2 and eps",
    ("N-critical", "apart"): "others",
    ("N-critical", "gamma"): "sum over k",
    ("N-critical", "rho"): "beta at rho > 0",
    ("N-critical", "rho >= eps"): "beta grows",
    ("P-critical", "stationary"): "no gradient",
    ("P-critical", "plane"): "height",
    ("L-hessian", "weights"): "pi_k and omega",
    ("L-hessian", "ratio"): "pi_i and pi_k",
    ("L-hessian", "split A"): "(a_A - 1)(b_A - 1)",
    ("L-hessian", "c_A <= c_B"): "integrand",
    ("L-hessian", "K_V >= 0"): "part beyond, above: one case",
    ("L", "loss at 0"): "level at 0",
    ("L", "beyond at 0"): "start beyond",
    ("L", "largest step"): "eta M <= 2",
}


@pytest.mark.parametrize(("name", "hypothesis"), LEFT_OUT)
def test_no_hypothesis_is_idle(name, hypothesis):
    assert fails_without(name, hypothesis) == LEFT_OUT[name, hypothesis]


NOTICING = {
    "F-far": ("entropy", "psi_j from below", "near integral", "across", "far integral", "lemma"),
    "L-critical": ("line", "I2", "lbar and psi_j", "bracket", "rho^2", "nu falls"),
    "N-critical": ("pair", "bracket", "margin"),
    "L-hessian": (
        "own: pair of j",
        "eps: pairs",
        "deep tail",
        "part at 0: one case",
        "part at 4: the other",
        "part beyond, above: the other",
        "Var h by pairs",
        "hbar^2",
        "form at 0",
        "integrand",
        "mean of the integrand",
    ),
    "L": ("descent", "growth", "gain below B"),
}


@pytest.mark.parametrize(("name", "step"), [(n, s) for n, steps in NOTICING.items() for s in steps])
def test_a_step_notices_a_changed_conclusion(name, step):
    assert notices(name, step)


WEIGHTS = np.array([0.3, 0.7])
PREMISE = every(exponential_bound(V, J, psi(V, J), X, pi(J)), X)
LOG_TWO = real("s")


def near(**changes: object) -> kernel.Theorem:
    given = {
        "state": V, "component": J, "function": psi(V, J), "point": X, "factor": pi(J),
        "log_two": LOG_TWO,
    } | changes  # fmt: skip
    return kernel.oracle("near half-space", *given.values(), premises=(kernel.assume(PREMISE),))


def test_the_near_integral_is_the_mean_of_the_exponential():
    """Exactly, with T for its positive part: by quadrature."""
    left, _ = near().record.conclusion.args
    for mean in (np.array([1.3]), np.array([0.7, -1.6])):
        model = Model(WEIGHTS, len(mean), 60)
        nodes, weights = model._rule
        square, along = mean @ mean, nodes @ mean
        tilt = np.exp(along - square / 2 - (nodes**2).sum(1) / 2)
        value = model.value(left, {V: np.array([0 * mean, mean]), J: 1, LOG_TWO: np.log(2)})
        assert value == pytest.approx(WEIGHTS[1] * (weights @ (tilt * (square - along))), rel=1e-6)


def test_the_gaussian_integrals_hold_in_numbers():
    """By quadrature, of functions with a kink: to three digits."""
    found = [near(), kernel.oracle("across", V, J)]
    found += [kernel.oracle("odd", B, number(limit)) for limit in (-1, 1, 3)]
    found += [kernel.oracle("tail moment", V, J, B, k) for k in (1, 2, 3)]
    random = np.random.default_rng(0)
    for dimension in (1, 2):
        model = Model(WEIGHTS, dimension, 90)
        for size in (0.3, 1.0, 2.0):
            means = random.normal(size=(2, dimension)) * size
            values = {V: means, J: 1, B: 0, LOG_TWO: np.log(2)}
            for theorem in found:
                formula = theorem.record.conclusion
                gap = model.gap(formula, values)
                scale = 1e-6 + abs(model.value(formula.args[1], values))
                assert gap >= -0.03 * scale, (formula.key[:80], means)
                if formula.op == "equal":
                    assert abs(gap) <= 0.03 * scale


def test_the_tail_is_sharp_up_to_its_order():
    model = Model(np.array([1.0]), 1, 120)
    theorem = kernel.oracle("tail moment", V, J, B, 1)
    values = {V: np.array([[4.0]]), J: 0, B: 0}
    left, right = (model.value(side, values) for side in theorem.record.conclusion.args)
    assert 0.5 * right < left < right


REFUSED: dict[str, dict[str, object]] = {
    "another function": {"function": psi(V, J) * Fraction(1, 2)},
    "another weight": {"factor": 2 * pi(J)},
    "a factor that varies": {"factor": entry(X, A)},
    "another component's mean": {"component": Term("free", (), ("k", J.sort))},
    "another point": {"point": point("y")},
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_integral_of_something_else_is_refused(what):
    with pytest.raises(ProofError):
        near(**REFUSED[what])


@pytest.mark.parametrize("power", [0, 4, -1, True, Fraction(1), 1.0])
def test_a_power_that_is_none_is_refused(power):
    with pytest.raises(ProofError):
        kernel.oracle("tail moment", V, J, B, power)


@pytest.mark.parametrize("given", [(J, number(1)), (B, V), (B, X), (B, 1), (V, number(1))])
def test_symmetry_is_about_a_coordinate_and_a_number(given):
    with pytest.raises(ProofError):
        kernel.oracle("odd", *given)


def test_symmetry_binds_no_point_of_its_limit():
    """A limit may vary with other points, also with one called x: it is a constant there."""
    limit = entry(X, A)
    mean, zero = kernel.oracle("odd", A, limit).record.conclusion.args
    assert zero == number(0)
    assert X in mean.free
    model = Model(WEIGHTS, 1, 90)
    values = {A: 0, X: np.array([0.7])}
    assert model.value(mean, values) == pytest.approx(0, abs=1e-12)


U, W, SIZE = state("U"), state("W"), real("eta")


def test_the_hessian_is_the_second_difference_of_the_loss():
    model = Model(WEIGHTS, 2, 40)
    random = np.random.default_rng(1)
    loss, hessian = descent_lemma.loss(V), descent_lemma.hessian(V, U)
    for _ in range(2):
        means, direction = random.normal(size=(2, 2, 2))
        step = 1e-3
        around = [model.value(loss, {V: means + s * step * direction}) for s in (1, 0, -1)]
        second = (around[0] - 2 * around[1] + around[2]) / step**2
        assert model.value(hessian, {V: means, U: direction}) == pytest.approx(second, abs=1e-4)


def step_of(
    premise: kernel.Theorem, level: Term, most: Term, other: Term, direction: Term
) -> kernel.Theorem:
    return kernel.oracle(
        "descent step", W, SIZE, level, most, other, direction, premises=(premise,)
    )


def test_the_descent_lemma_takes_the_bound_that_is_proved():
    shown = step_of(replayed("L-hessian").theorems["bound"], L0, M, V, U)
    assert shown.record.conclusion.op == "at_most"
    assert at_most(descent_lemma.loss(W), L0) in shown.record.hypotheses


@pytest.mark.parametrize(
    ("level", "most", "other", "direction"),
    [
        (2 * L0, M, V, U),
        (L0, Fraction(99, 100) * M, V, U),
        (L0, M, W, U),
        (L0, M, U, V),
        (L0, M, V, V),
        (descent_lemma.loss(V), M, V, U),
    ],
)
def test_another_bound_of_the_hessian_is_refused(level, most, other, direction):
    with pytest.raises(ProofError):
        step_of(replayed("L-hessian").theorems["bound"], level, most, other, direction)


def test_a_bound_that_is_assumed_at_one_state_is_refused():
    with pytest.raises(ProofError):
        step_of(kernel.assume(descent_lemma.bounded(V, U, L0, M)), L0, M, V, U)


def test_the_level_and_the_step_are_left_to_show():
    found = replayed("L")
    theorem = next(o.theorem for o in found.outcomes if o.step.name == "descent")
    named = {h.name for h in found.proof.hypotheses if h.formula in theorem.record.hypotheses}
    assert {"level", "largest step", "eta > 0"} <= named
