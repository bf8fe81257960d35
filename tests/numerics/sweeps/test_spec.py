"""Specs: what they declare, and what is refused with which words."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.sweeps.axes import geometric
from numerics.sweeps.example import EXAMPLE
from numerics.sweeps.parameters import PARAMETERS
from numerics.sweeps.points import Point
from numerics.sweeps.spec import KEYS, parse_spec


def values(text: str, name: str) -> list[Any]:
    return [point.values[name] for point in parse_spec(text).points()]


def test_example_is_a_spec() -> None:
    points = list(parse_spec(EXAMPLE).points())
    assert len(points) == len({point.key for point in points}) == 374
    assert all(point.values["spread"] < point.values["distance"] for point in points)


def test_numbers_are_exact() -> None:
    text = '[grid]\nspread = [1e-400, 0.1, "1/3"]'
    assert values(text, "spread") == [Fraction(1, 10**400), Fraction(1, 10), Fraction(1, 3)]


def test_grid_is_a_product_and_zips_go_together() -> None:
    text = """
    [grid]
    distance = [3, 4]
    draw = {range = [0, 1]}
    [fixed]
    start = "normal"
    [[zip]]
    components = [2, 3]
    weights = ["uniform", ["1/2", "1/4", "1/4"]]
    """
    points = list(parse_spec(text).points())
    assert len(points) == 8
    pairs = {(point.values["components"], len(point.weights or (1, 1))) for point in points}
    assert pairs == {(2, 2), (3, 3)}


def test_points_that_differ_in_nothing_that_matters_are_one() -> None:
    assert len(values("[grid]\ndraw = {range = [0, 9]}", "start")) == 1
    assert len(values('[grid]\ndraw = {range = [0, 9]}\n[fixed]\nstart = "normal"', "draw")) == 10


def test_finer_logarithmic_axis_has_the_points_of_a_coarser_one() -> None:
    coarse = values('[grid]\nspread = {log = ["1e-12", "1"], per_decade = 1}', "spread")
    fine = values('[grid]\nspread = {log = ["1e-12", "1"], per_decade = 3}', "spread")
    assert coarse == [Fraction(1, 10**k) for k in range(12, -1, -1)]
    assert set(coarse) < set(fine)
    assert len(fine) == 37


@given(st.integers(-300, 300), st.integers(1, 300), st.integers(1, 99))
def test_geometric_values(low: int, decades: int, share: int) -> None:
    least = Fraction(10) ** low
    value = geometric(least, least * Fraction(10) ** decades, Fraction(share, 100))
    exponent = Fraction(share * decades, 100)
    ratio = value / least
    # value^100 = 10^(share * decades), up to 12 digits
    assert abs(float(ratio**100 / Fraction(10) ** (100 * exponent)) - 1) < 1e-8


def test_sample_is_drawn_and_does_not_depend_on_its_length() -> None:
    def sample(draws: int) -> list[Point]:
        return list(
            parse_spec(
                f"[sample]\nseed = 3\ndraws = {draws}\ndistance = {{uniform = [2, 4]}}\n"
                "spread = {log_uniform = [1e-9, 1]}\nobjective = {choice = ['kl', 'forward']}"
            ).points()
        )

    few, many = sample(5), sample(40)
    assert few == many[:5]
    assert all(2 <= point.values["distance"] <= 4 for point in many)
    assert {point.values["objective"] for point in many} == {"kl", "forward"}


def test_content_and_starts() -> None:
    given_means = Point.of({"start": "means", "means": ((Fraction(1),), (Fraction(2, 3),))})
    assert json.loads(given_means.content)["means"] == [["1"], ["2/3"]]
    spaced = Point.of({"start": "spaced", "components": 3, "spread": Fraction(1, 2)})
    assert spaced.means == ((Fraction(23, 4),), (Fraction(6),), (Fraction(25, 4),))
    apart = Point.of({"components": 4, "dimension": 2, "spread": Fraction(1, 2)}).means
    assert [row[1] for row in apart] == [0, 0, 0, 0]
    assert apart[1] == apart[2] == apart[3]
    assert apart[1][0] - apart[0][0] == Fraction(1, 2)
    assert sum(row[0] for row in apart) == 24
    drawn = Point.of({"start": "normal", "draw": 1, "spread": Fraction(1, 10**30)})
    assert (
        drawn.means == Point.of({"start": "normal", "draw": 1, "spread": Fraction(1, 10**30)}).means
    )
    assert (
        drawn.means != Point.of({"start": "normal", "draw": 2, "spread": Fraction(1, 10**30)}).means
    )


def test_weights_do_not_move_the_key_of_another_point() -> None:
    keys = {
        Point.of(change).key
        for change in (
            {},
            {"spread": Fraction(2)},
            {"steps": 9},
            {"digits": 11},
            {"time": Fraction(1)},
            {"step_size": "1/5"},
            {"objective": "kl"},
            {"weights": (Fraction(1, 3), Fraction(2, 3))},
            {"certify": "never"},
        )
    }
    assert len(keys) == 9


#: A spec, the place that its error names, and a word of what is allowed.
REFUSED = (
    ("nonsense", "TOML", "a TOML file"),
    ("steps = 3", "steps", "grid"),
    ("title = 3", "title", "text"),
    ("[grid]\nspred = [1]", "grid.spred", "spread"),
    ("[fixed]\nspread = -1", "fixed.spread", "at least 0"),
    ("[fixed]\nspread = nan", "fixed.spread", "number"),
    ("[fixed]\nspread = inf", "fixed.spread", "number"),
    ('[fixed]\nspread = "1/0"', "fixed.spread", "number"),
    ("[fixed]\nspread = true", "fixed.spread", "at least 0"),
    ("[fixed]\nspread = [1]", "fixed.spread", "number"),
    ("[fixed]\ncomponents = 0", "fixed.components", "1 to 500"),
    ('[fixed]\ncomponents = "2"', "fixed.components", "integer"),
    ("[fixed]\ncomponents = 2.0", "fixed.components", "integer"),
    ("[fixed]\ncomponents = 1", "components", "at least 2"),
    ("[fixed]\nstep_size = 0", "fixed.step_size", "positive"),
    ('[fixed]\nstep_size = "5:0.1"', "fixed.step_size", "first step"),
    ('[fixed]\nobjective = "backward"', "objective", "forward, reverse, kl"),
    ("[fixed]\nobjective = 3", "fixed.objective", "forward"),
    ('[fixed]\nstart = "far"', "fixed.start", "spaced"),
    ('[fixed]\nstart = "means"', "means", "list of means"),
    ('[fixed]\nstart = "means"\nmeans = [[1], [1, 2]]', "fixed.means[1]", "one entry"),
    ('[fixed]\nweights = ["1/2", "1/3"]', "fixed.weights", "sum"),
    ('[fixed]\nweights = ["1/2", "1/4", "1/4"]', "weights", "2"),
    ("[fixed]\ndigits = 0", "fixed.digits", "1 to 1000"),
    ("[fixed]\ncertify = true", "fixed.certify", "auto"),
    ("[grid]\nspread = []", "grid.spread", "list of values"),
    ("[grid]\nspread = 3", "grid.spread", "list of values"),
    ("[grid]\nspread = [1, 1.0]", "grid.spread[1]", "once"),
    ("[grid]\nspread = [1, -1]", "grid.spread[1]", "at least 0"),
    ("[grid]\nspread = {log = [0, 1], count = 3}", "grid.spread.log", "0 < least"),
    ("[grid]\nspread = {log = [2, 1], count = 3}", "grid.spread.log", "least < largest"),
    ("[grid]\nspread = {log = [1, 2]}", "grid.spread.count", "integer"),
    ("[grid]\nspread = {linear = [1], count = 3}", "grid.spread.linear", "two numbers"),
    ("[grid]\nspread = {linear = [1, 2], count = 1}", "grid.spread.count", "2 to"),
    ("[grid]\nspread = {lin = [1, 2], count = 3}", "grid.spread", "linear"),
    ("[grid]\nspread = {log = [1e-9999, 1], per_decade = 1000}", "grid.spread", "at most"),
    ("[grid]\ndraw = {range = [3, 1]}", "grid.draw.range", "first <= last"),
    ("[grid]\ndraw = {range = [0, 1.5]}", "grid.draw.range", "two integers"),
    ("[grid]\ndraw = {range = [0, 10000000000]}", "grid.draw.range", "at most"),
    ("[grid]\nspread = [1]\n[fixed]\nspread = 2", "spread", "one table"),
    ("[[zip]]\nspread = [1, 2]\ndistance = [1]", "zip[0]", "equally many"),
    ("zip = 3", "zip", "tables"),
    ("grid = 3", "grid", "table"),
    ("[sample]\nspread = {uniform = [0, 1]}", "sample.draws", "number of draws"),
    ("[sample]\ndraws = 3\nspread = [1]", "sample.spread", "uniform"),
    ("[sample]\ndraws = 3\nspread = {uniform = [-2, 1]}", "sample.spread.uniform", "at least 0"),
    ("[sample]\ndraws = 3\nspread = {normal = [0, 1]}", "sample.spread", "log_uniform"),
    ("[sample]\ndraws = 3\nspread = {choice = []}", "sample.spread.choice", "one value"),
    ("[sample]\ndraws = 3\nspread = {choice = 3}", "sample.spread.choice", "list of values"),
    ("[sample]\ndraws = 0", "sample.draws", "1 to"),
    ('conditions = "spread < 1"', "conditions", "list"),
    ('conditions = ["spread"]', "conditions[0]", "comparison"),
    ('conditions = ["spred < 1"]', "conditions[0]", "spread"),
    ("conditions = [\"__import__('os') == 1\"]", "conditions[0]", "comparison"),
    ('conditions = ["spread < 1 +"]', "conditions[0]", "comparison"),
    ('conditions = ["spread < 1/0"]', "conditions[0]", "numbers"),
    ('conditions = ["objective < 1"]', "conditions[0]", "numbers"),
    ('conditions = ["seed < 1"]', "conditions[0]", "every point"),
    ("seconds_per_point = 0", "seconds_per_point", "integer"),
    ("from = 3", "from", "claims file"),
)


@pytest.mark.parametrize(("text", "place", "allowed"), REFUSED)
def test_refusals_name_key_value_and_what_is_allowed(text: str, place: str, allowed: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_spec(text)
    assert refused.value.argument == place
    assert allowed in str(refused.value)


_SCALARS = st.one_of(
    st.none().map(lambda _: '""'),
    st.booleans().map(lambda b: str(b).lower()),
    st.integers(-(10**30), 10**30).map(str),
    st.sampled_from(["nan", "-inf", "1e999999", "-0.5", '"x"', '"1/0"', "1979-05-27", "[]", "{}"]),
    st.lists(st.integers(-3, 3).map(str), max_size=3).map(lambda v: f"[{', '.join(v)}]"),
)


@given(
    st.sampled_from(sorted(PARAMETERS)),
    _SCALARS,
    st.sampled_from(["fixed", "grid", "sample", "zip"]),
)
def test_any_value_is_read_or_refused_in_words(name: str, value: str, table: str) -> None:
    head = "[[zip]]" if table == "zip" else f"[{table}]"
    more = "draws = 2\n" if table == "sample" else ""
    try:
        points = list(parse_spec(f"{head}\n{more}{name} = {value}").points())
    except InputError as error:
        said = str(error)
    else:
        said = f"{len(points)} points"
    assert said not in ("", "0 points")
    assert len(said) < 3000


def test_keys_of_the_page_are_those_of_the_code() -> None:
    assert set(KEYS) >= {"fixed", "grid", "zip", "sample", "conditions"}


def test_digest_of_an_own_objective_is_of_loss_and_gradient() -> None:
    from dataclasses import replace

    from derive.losses.objectives import OBJECTIVES
    from numerics.sweeps.points import objective_digest

    forward = OBJECTIVES["forward"]
    assert objective_digest(replace(forward, name="mine")) != objective_digest(OBJECTIVES["kl"])
    shifted = replace(forward, integrand=forward.integrand + 7)
    assert objective_digest(shifted) != objective_digest(forward)


def test_unknown_objectives_are_passed_over_on_request() -> None:
    text = 'from = "x.py"\n[grid]\nobjective = ["mine", "kl"]\ndistance = [2, 3]'
    points = list(parse_spec(text, known_only=True).points())
    assert {point.values["objective"] for point in points} == {"kl"}
    assert len(points) == 2


@given(st.integers(1, 9), st.integers(1, 9), st.integers(-20, 20), st.integers(2, 9))
def test_decades_are_exact_in_every_form(a: int, b: int, power: int, decades: int) -> None:
    low = Fraction(a, b) * Fraction(10) ** power
    for k in range(decades + 1):
        wanted = low * 10**k
        assert geometric(low, 10 * low, Fraction(k)) == wanted
        assert geometric(low, low * 10**decades, Fraction(k, decades)) == wanted


def test_values_nobody_wrote_are_not_called_repeated() -> None:
    with pytest.raises(InputError, match="fewer values"):
        parse_spec('[grid]\nspread = {log = ["1", "1.0000000000001"], count = 9}')
    with pytest.raises(InputError, match="1 to 1000000000"):
        parse_spec("[fixed]\nsteps = true")
