"""Covers of boxes: true relations are proved, false ones refuted or left open, never proved."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.program import Program
from numerics.errors import InputError
from numerics.kernels import load_program
from proofs_check.checks import BallCheck, BoxCheck, GeneratedCheck, boxes
from proofs_check.claim import Context
from proofs_check.cpu_time import cpu_seconds
from proofs_check.sampling import Cases
from proofs_check.statements import Relation, as_ball, scaled
from proofs_check.statements.family import Family
from proofs_check.verdict import Method, Verdict

SQUARE = {"s": ("0", "1"), "t": ("0", "1")}
COARSE = Context(digits=10)


def pair(s: Any, t: Any) -> dict[str, Any]:
    return {"means": [[s], [-s]], "teacher_means": [[t], [-t]]}


def distance(at: Any) -> Any:
    (first,), (second,) = at.gradient("kl")
    return abs(at.parameters["s"] - first + second - at.parameters["t"])


def contraction(factor: Any) -> Relation:
    """``|M - t| <= factor |s - t|``; near ``s = t = 1`` the true factor is 0.26."""
    return Relation(
        f"|M - t| <= {factor} |s - t|",
        distance,
        "<=",
        lambda at: scaled(Fraction(factor), abs(at.parameters["s"] - at.parameters["t"])),
    )


def near(relation: Relation, width: str = "1/16", **options: Any) -> BoxCheck:
    end = 1 + Fraction(width)
    return BoxCheck(
        "contraction",
        relation,
        {"s": (1, end), "t": (1, end)},
        pair,
        touching=lambda s, t: s - t,
        **options,
    )


def test_a_contraction_is_proved_up_to_and_on_the_equality() -> None:
    result = near(contraction("1/2")).run(COARSE)
    assert result.verdict is Verdict.PROVED
    assert result.method is Method.BALL
    assert result.scope == "all s in [1, 17/16], t in [1, 17/16]"
    assert "divided out" in result.notes[1]


def test_its_control_is_refuted_by_an_exact_point_of_the_box() -> None:
    result = near(contraction("1/5")).run(COARSE)
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None
    named = dict(result.witness.mixture.parameters)
    assert all(1 <= value <= Fraction(17, 16) for value in named.values())
    assert "s = " in str(result.witness)


def test_without_the_touching_set_the_boxes_that_stay_open_are_shown() -> None:
    relation = contraction("1/2")
    check = BoxCheck("c", relation, {"s": (1, "17/16"), "t": (1, "17/16")}, pair, most_boxes=40)
    result = check.run(COARSE)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "are undecided (too many boxes): s in [" in result.notes[0]


def polynomial(coefficients: list[int], at: Any) -> Any:
    s, t = at.parameters["s"], at.parameters["t"]
    a, b, c, d, e = coefficients
    return a * s * s + b * s * t + c * t**2 + d * s + e * (t * (s - t)).exp()


def least(coefficients: list[int]) -> Fraction:
    """A value that the polynomial takes at some point of the unit square (from above)."""
    a, b, c, d, e = coefficients
    grid = [Fraction(k, 8) for k in range(9)]
    points = [(s, t) for s in grid for t in grid if not t * (s - t)]
    return min(a * s * s + b * s * t + c * t * t + d * s + e for s, t in points)


@settings(max_examples=25)
@given(st.lists(st.integers(-4, 4), min_size=5, max_size=5), st.sampled_from(["<", "<="]))
def test_drawn_relations_false_somewhere_are_never_proved(
    coefficients: list[int], sign: Any
) -> None:
    """The bound is just above a value that is taken (at a point where exp is 1)."""
    bound = least(coefficients) + Fraction(1, 10**6)
    relation = Relation("bound", lambda at: bound, sign, lambda at: polynomial(coefficients, at))
    result = BoxCheck("false", relation, SQUARE, most_boxes=80).run(COARSE)
    assert result.verdict in (Verdict.REFUTED, Verdict.INCONCLUSIVE)


@settings(max_examples=25)
@given(st.lists(st.integers(-3, 3), min_size=5, max_size=5))
def test_drawn_relations_true_with_a_margin_are_proved(coefficients: list[int]) -> None:
    shift = Fraction(sum(map(abs, coefficients))) * 3 + 1
    relation = Relation("bound", lambda at: -shift, "<", lambda at: polynomial(coefficients, at))
    result = BoxCheck("true", relation, SQUARE).run(COARSE)
    assert result.verdict is Verdict.PROVED
    assert Fraction(result.margin or "0") > 0


@settings(max_examples=20)
@given(st.integers(1, 9), st.integers(0, 7), st.integers(0, 7))
def test_far_below_the_bound_but_for_one_spot_is_never_proved(height: int, i: int, k: int) -> None:
    """A narrow bump over ``(i, k)/7`` breaks the bound there and nowhere else."""
    x, y = as_ball(Fraction(i, 7)), as_ball(Fraction(k, 7))

    def bump(at: Any) -> Any:
        s, t = at.parameters["s"], at.parameters["t"]
        return height * (-400 * ((s - x) ** 2 + (t - y) ** 2)).exp()

    relation = Relation("bump", bump, "<=", lambda at: Fraction(99, 100) * height)
    result = BoxCheck("bump", relation, SQUARE, most_boxes=300).run(COARSE)
    assert result.verdict in (Verdict.REFUTED, Verdict.INCONCLUSIVE)
    higher = Relation("bump", bump, "<=", lambda at: Fraction(101, 100) * height)
    assert BoxCheck("bump", higher, SQUARE).run(COARSE).verdict is Verdict.PROVED


def test_three_parameters_weights_among_them() -> None:
    """The loss of any pair is at most the second moment; a tenth of it is too little."""

    def weighted(a: Any, b: Any, w: Any) -> dict[str, Any]:
        return {"means": [[a], [b]], "weights": [w, 1 - w]}

    def moment(at: Any) -> Any:
        return sum(weight * mean**2 for weight, (mean,) in zip(at.weights, at.means, strict=True))

    ends = {"a": ("-1", "-3/4"), "b": ("1/2", "3/4"), "w": ("1/4", "1/2")}
    for factor, verdict in (("1/2", Verdict.PROVED), ("1/10", Verdict.REFUTED)):
        relation = Relation(
            "K <= c E v^2",
            lambda at: at.loss("kl"),
            "<=",
            lambda at, factor=factor: scaled(Fraction(factor), moment(at)),
        )
        assert BoxCheck("k", relation, ends, weighted).run(COARSE).verdict is verdict


def test_one_relation_serves_at_points_and_over_boxes() -> None:
    relation = Relation(
        "K <= t^2",
        lambda at: at.loss("kl"),
        "<=",
        lambda at: at.parameters["t"] ** 2,
        tight=False,
    )
    family, ends = lambda t: [[t], [-t]], {"t": ("1/2", "3/4")}
    point = Family(family, ("t",)).mixture({"t": Fraction(1, 2)})
    assert BoxCheck("b", relation, ends, family).run(COARSE).verdict is Verdict.PROVED
    assert BallCheck("p", relation, (point,)).run(COARSE).verdict is Verdict.PROVED
    drawn = GeneratedCheck("g", relation, Cases(family=family, parameters=ends))
    assert drawn.run(COARSE).verdict is Verdict.SUPPORTED


def test_own_integrands_are_differentiated_too() -> None:
    program: Program = load_program("kl", "gradient", "mixture")
    relation = Relation(
        "E[program] = gradient",
        lambda at: abs(at.expectation(program)[0][0] - at.gradient("kl")[0][0]),
        "<=",
        lambda at: Fraction(1, 10),
    )
    ends = {"s": ("1", "17/16"), "t": ("2", "33/16")}
    assert BoxCheck("e", relation, ends, pair).run(COARSE).verdict is Verdict.PROVED


def test_a_cover_that_skips_a_part_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = boxes._bisected
    monkeypatch.setattr(boxes, "_bisected", lambda box, name: whole(box, name)[:1])
    with pytest.raises(AssertionError, match="gaps"):
        near(contraction("1/2")).run(COARSE)


def test_time_that_runs_out_is_said() -> None:
    result = near(contraction("1/2")).run(Context(digits=10, deadline=cpu_seconds() - 1))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "time ran out" in result.notes[0]


LESS = Relation("0 < 1", lambda at: 0, "<", lambda at: 1)
GIVEN = Relation("0 < 1", lambda at: 0, "<", lambda at: 1, given=lambda at: True)
EQUAL = Relation("0 = 0", lambda at: 0, "=", lambda at: 0)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"relation": EQUAL}, "identities prove equality"),
        ({"relation": "0 < 1"}, "a Relation"),
        ({"relation": GIVEN}, "only condition"),
        ({"touching": lambda s, t: s - t}, "strict"),
        ({"parameters": {}}, "parameters"),
        ({"parameters": {"s": ("1", "0"), "t": (0, 1)}}, r"parameters\['s'\]"),
        ({"parameters": {"s": (0.5, 1), "t": (0, 1)}}, "exact number"),
        ({"parameters": {"s": ("0", "1", "2"), "t": (0, 1)}}, "pair"),
        ({"parameters": {"s": "01", "t": (0, 1)}}, "pair"),
        ({"parameters": {"not a name": (0, 1)}}, "identifiers"),
        ({"family": lambda a: [[a]]}, "a function of s, t"),
        ({"family": [[1]]}, "a function of the parameters"),
        ({"most_boxes": 0}, "positive integer"),
        ({"most_boxes": True}, "positive integer"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], named: str) -> None:
    given: dict[str, Any] = {"relation": LESS, "parameters": SQUARE, **options}
    with pytest.raises(InputError, match=named):
        BoxCheck("bad", **given)


@pytest.mark.parametrize(
    ("family", "named"),
    [
        (lambda s, t: {"means": [[s], [t]], "weights": [s, t]}, "add up to 1 exactly"),
        (lambda s, t: {"mean": [[s], [t]]}, "means"),
        (lambda s, t: [[s], [0.5]], "exact number"),
    ],
)
def test_bad_families_are_named(family: Any, named: str) -> None:
    with pytest.raises(InputError, match=named):
        BoxCheck("bad", LESS, SQUARE, family).run(COARSE)


@pytest.mark.parametrize("touching", [lambda s, t: s * t, lambda s, t: 1, lambda s, t: s - s])
def test_touching_sets_are_affine(touching: Any) -> None:
    relation = Relation("0 <= 1", lambda at: 0, "<=", lambda at: 1)
    with pytest.raises(InputError, match="affine"):
        BoxCheck("bad", relation, SQUARE, touching=touching).run(COARSE)


@pytest.mark.parametrize(("share", "verdict"), [("1/2", Verdict.PROVED), ("9/10", Verdict.REFUTED)])
def test_all_beyond_a_bound_by_the_reciprocal(share: str, verdict: Verdict) -> None:
    """``a/(a + 1) <= 1 - share/a`` for all ``a >= 2``: in ``u = 1/a``, down to 0."""
    relation = Relation(
        "1/(1 + u) <= 1 - share u",
        lambda at: 1 / (1 + at.parameters["u"]),
        "<=",
        lambda at: 1 - scaled(Fraction(share), at.parameters["u"]),
    )
    check = BoxCheck("far", relation, {"u": ("0", "1/2")}, touching=lambda u: u)
    assert check.run(COARSE).verdict is verdict


@pytest.mark.parametrize(
    "condition",
    [
        lambda t: t == Fraction(3, 4),
        lambda t: t != Fraction(3, 4),
        lambda t: t in (Fraction(3, 4), 1),
        lambda t: {Fraction(3, 4): True}.get(t, False),
        lambda t: bool(t),
    ],
)
def test_single_parameters_cannot_be_singled_out(condition: Any) -> None:
    """A side that is another one at a single parameter would be missed by every box."""
    relation = Relation(
        "K <= t^4/4, but for one t",
        lambda at: at.loss("kl"),
        "<=",
        lambda at: -1 if condition(at.parameters["t"]) else at.parameters["t"] ** 4 / 4,
        tight=False,
    )
    check = BoxCheck("one", relation, {"t": ("1/2", "1")}, lambda t: [[t], [-t]])
    with pytest.raises(InputError):
        check.run(Context())
    inside = Relation("K <= 1", lambda at: at.loss("kl"), "<=", lambda at: 1, tight=False)
    family = lambda t: [[t], [9 if condition(t) else -t]]  # noqa: E731
    with pytest.raises(InputError):
        BoxCheck("family", inside, {"t": ("1/2", "1")}, family).run(Context())
