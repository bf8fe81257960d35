"""The end game of two equal components: bounds against quadrature, and planted errors."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from derive.catalogue import derivation
from derive.two_components import end_game_pair as of

NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(80)
NODE_WEIGHTS = NODE_WEIGHTS / np.sqrt(2 * np.pi)
COORDINATES = st.floats(-0.6, 0.6)


def loss(centre: np.ndarray, half: np.ndarray) -> float:
    """``E|m|^2`` from the definition, in the plane, on a product of Gauss-Hermite nodes."""
    points = np.stack(np.meshgrid(NODES, NODES, indexing="ij"), axis=-1)
    weights = NODE_WEIGHTS[:, None] * NODE_WEIGHTS[None, :]
    means = np.stack([centre - half, centre + half])
    exponents = points @ means.T - (means**2).sum(axis=1) / 2
    shares = np.exp(exponents - exponents.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    score = shares @ means
    return float((weights * (score**2).sum(axis=-1)).sum())


def slope(centre: np.ndarray, half: np.ndarray, moved: str) -> float:
    """``c.dL/dc`` or ``y.dL/dy``, by a central difference of fourth order along the scaling."""
    step = 1e-3

    def at(factor: float) -> float:
        return loss(centre * factor, half) if moved == "c" else loss(centre, half * factor)

    near = at(1 + step) - at(1 - step)
    far = at(1 + 2 * step) - at(1 - 2 * step)
    return (8 * near - far) / (12 * step)


def bound(polynomial: sympy.Expr, q: float, s2: float) -> float:
    return float(polynomial.subs({of.Q: q, of.S2: s2}))


@given(st.lists(COORDINATES, min_size=4, max_size=4))
def test_the_bounds_enclose_quadrature(entries: list[float]) -> None:
    centre, half = np.array(entries[:2]), np.array(entries[2:])
    q, s2, c2 = float(half @ half), float(centre @ half) ** 2, float(centre @ centre)
    found = {
        "pace": slope(centre, half, "y"),
        "excess": loss(centre, half) - c2,
        "turn": slope(centre, half, "c") - 2 * c2,
    }
    for name, value in found.items():
        build = getattr(of, name)
        assert bound(build("lower"), q, s2) <= value + 1e-9, name
        assert value <= bound(build("upper"), q, s2) + 1e-9, name


def test_the_bounds_of_the_functions_hold_and_touch() -> None:
    places = np.concatenate([np.linspace(-4, 4, 2001), [-30.0, 30.0]])
    for name, function in of.FUNCTIONS.items():
        values = sympy.lambdify(of.U, function, "numpy")(places)
        below, above = (
            sympy.lambdify(of.W, side, "numpy")(places**2) + 0 * places for side in of.BOUNDS[name]
        )
        assert np.all(below <= values + 1e-12), name
        assert np.all(values <= above + 1e-12), name
        if name != "(t t')'":  # it is bounded by its range
            at = np.abs(places) < 0.05
            assert np.max(np.abs(below - values)[at]) < 2e-2 * 0.05


def test_the_means_of_powers() -> None:
    q, s = 0.3, 0.7
    for power in (1, 2):
        inner = NODE_WEIGHTS @ (np.sqrt(q) * NODES + s) ** (2 * power)
        assert bound(of.mean(of.W**power), q, s**2) == pytest.approx(inner)
        shares, share_weights = np.polynomial.legendre.leggauss(8)
        spread = [
            NODE_WEIGHTS @ (np.sqrt(q) * NODES + share * s) ** (2 * power) for share in shares
        ]
        expected = share_weights @ np.array(spread) / 2
        assert bound(of.mean(of.W**power, spread=True), q, s**2) == pytest.approx(expected)


#: All but the upper bound of (t t')', which no stated polynomial uses.
USED = [(name, side) for name in of.BOUNDS for side in (0, 1) if (name, side) != ("(t t')'", 1)]


@pytest.mark.parametrize(("name", "side"), USED)
def test_a_changed_bound_breaks_the_derivation(
    monkeypatch: pytest.MonkeyPatch, name: str, side: int
) -> None:
    entry = list(of.BOUNDS[name])
    entry[side] += of.W / 10
    monkeypatch.setattr(of, "BOUNDS", {**of.BOUNDS, name: tuple(entry)})
    assert not of.end_game_pair().verify()


def test_a_changed_loss_breaks_the_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    assert derivation("end-game-pair").verify()
    square = of._square
    monkeypatch.setattr(of, "_square", lambda share, factor: square(share, factor) + of.S * share)
    assert [step.verify() for step in of.end_game_pair().steps[2:5]] == [False, True, False]
