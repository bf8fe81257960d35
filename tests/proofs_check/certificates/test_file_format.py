"""A certificate's text means one thing or is refused, whatever is changed in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proofs_check.certificates.file_format import (
    ESCAPES,
    FORMAT,
    LOSS_BARRIER,
    THEOREMS,
    MalformedError,
    parse_certificate,
    read_certificate,
)

Document = dict[str, Any]


def document(**changes: Any) -> Document:
    """Three components in the plane, two checkpoints, a schedule of two stretches."""
    rows = [["0.5", "-1"], ["2", "1e-3"], ["-0.25", "0"]]
    return {
        "format": FORMAT,
        "version": 1,
        "objective": "kl",
        "means": [["1/2", "-1"], ["2", "0"], ["-1/4", "7"]],
        "weights": ["1/2", "1/3", "1/6"],
        "teacher_mean": ["0", "3/7"],
        "time": "1/10",
        "step_size": [{"from_step": 0, "in_mu": "1/5"}, {"from_step": 4, "in_mu": "1/3"}],
        "step": 9,
        "theorem": "Theorem K",
        "fates": ["converged", "escaped", "converged"],
        "checkpoints": [
            {"step": 3, "centred_means": {"mid": rows, "rad": [["0", "1e-9"]] * 3}},
            {"step": 9, "centred_means": {"mid": rows[::-1], "rad": [["1", "2.5E+1"]] * 3}},
        ],
        "escape_region": None,
        **changes,
    }


def escape(**changes: Any) -> Document:
    region = {"near": "3/20", "far": "31/10", "boxes": ["0", "10", "11"], **changes}
    return document(theorem="Region E", objective="forward", escape_region=region)


def barrier(**changes: Any) -> Document:
    level = {"mid": "0.125", "rad": "1e-9"}
    fates = ["undecided", "escaped", "undecided"]
    fields = {"theorem": LOSS_BARRIER, "objective": "forward", "fates": fates, "loss": level}
    return document(**{**fields, **changes})


def parsed(data: Document) -> Any:
    return parse_certificate(json.dumps(data))


def refused(data: Any) -> None:
    with pytest.raises(MalformedError) as failure:
        parse_certificate(data if isinstance(data, str) else json.dumps(data))
    assert str(failure.value)


def test_what_is_read_is_what_stands_there() -> None:
    found = parsed(document())
    assert found.objective == "kl"
    assert found.means == (
        (Fraction(1, 2), Fraction(-1)), (Fraction(2), Fraction(0)), (Fraction(-1, 4), Fraction(7))
    )  # fmt: skip
    assert found.weights == (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
    assert found.teacher_mean == (Fraction(0), Fraction(3, 7))
    assert found.time == Fraction(1, 10)
    assert (found.starts, found.sizes) == ((0, 4), (Fraction(1, 5), Fraction(1, 3)))
    assert (found.step, found.theorem) == (9, "Theorem K")
    assert found.fates == ("converged", "escaped", "converged")
    assert found.region is None
    (early, first), (last, second) = found.checkpoints
    assert (early, last) == (3, 9)
    tiny = Fraction(1, 10**9)
    assert first == (
        ((Fraction(1, 2), Fraction(0)), (Fraction(-1), tiny)),
        ((Fraction(2), Fraction(0)), (Fraction(1, 1000), tiny)),
        ((Fraction(-1, 4), Fraction(0)), (Fraction(0), tiny)),
    )
    assert [row[0] for row in second] == [
        (Fraction(-1, 4), 1), (Fraction(2), 1), (Fraction(1, 2), 1)
    ]  # fmt: skip
    assert {row[1][1] for row in second} == {Fraction(25)}
    region = parsed(escape()).region
    assert (region.near, region.far) == (Fraction(3, 20), Fraction(31, 10))
    assert region.boxes == ("0", "10", "11")


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (3, 1), (2, 2)])
def test_any_number_of_components_and_coordinates(n: int, d: int) -> None:
    means = [[f"{i}/{a + 1}" for a in range(d)] for i in range(n)]
    ball = {"mid": [["1"] * d] * n, "rad": [["0"] * d] * n}
    data = document(
        means=means, weights=[f"1/{n}"] * n, teacher_mean=["0"] * d, fates=["converged"] * n,
        step=0, checkpoints=[{"step": 0, "centred_means": ball}],
    )  # fmt: skip
    found = parsed(data)
    assert found.means == tuple(tuple(Fraction(i, a + 1) for a in range(d)) for i in range(n))
    assert found.checkpoints == ((0, (((1, 0),) * d,) * n),)
    for changes in ({"teacher_mean": ["0"] * (d + 1)}, {"fates": ["converged"] * (n + 1)}):
        refused({**data, **changes})


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every value stands."""
    if path:
        yield path
    inside = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in inside:
        yield from places(value, (*path, key))


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


PLACES = [
    pytest.param(kind, path, id=".".join(map(str, (kind.__name__, *path))))
    for kind in (document, escape)
    for path in places(kind())
]
WRONG = [None, True, False, 1, -1, 0.5, "", "x", " 1", [], {}, [[]], [None], {"a": 1}, "nan", "1/0"]


@pytest.mark.parametrize(("kind", "path"), PLACES)
def test_nothing_else_may_stand_anywhere(kind: Any, path: tuple[Any, ...]) -> None:
    """Another kind of value, a list that is longer or shorter, a key that is gone or too many."""
    before = at(kind(), path)
    for value in WRONG:
        if value is before or type(value) is type(before) is int:
            continue
        changed = kind()
        at(changed, path[:-1])[path[-1]] = value
        if not (value == "" and "boxes" in path[:-1]):  # the whole square is one box
            refused(changed)
    holder = at(kind(), path[:-1])
    changed = kind()
    inner = at(changed, path[:-1])
    if isinstance(holder, dict):
        del inner[path[-1]]
        refused(changed)
        inner.update({path[-1]: before, "more": before})
        refused(changed)
    elif path[0] not in ("step_size", "checkpoints", "escape_region") or "centred_means" in path:
        inner.append(copy.deepcopy(before))
        refused(changed)
        del inner[-2:]
        refused(changed)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("-0", 0), ("007", 7), ("-12", -12), ("1/3", Fraction(1, 3)),
        ("6/4", Fraction(3, 2)),
        ("-3/9", Fraction(-1, 3)), ("0/5", 0), ("1" * 20000, None),
        ("-7/" + "0" * 19999 + "2", Fraction(-7, 2)),
    ],
)  # fmt: skip
def test_rational_numbers(text: str, value: Any) -> None:
    found = parsed(document(teacher_mean=["1", text])).teacher_mean
    assert found[0] == 1
    assert found[1] == ((10**20000 - 1) // 9 if value is None else value)


@pytest.mark.parametrize(
    "text",
    [
        "+1", " 1", "1 ", "1\n", "1/", "/2", "1/-2", "1//2", "1/2/3", "1.5", "1e3", "1/0", "0/0",
        "1/00", "--1", "-", "", "\u0663", "1_0", "0x1", "1" * 20001, "1/" + "1" * 20001, "nan",
        "inf", "1/2\n", "\u22121",
    ],
)  # fmt: skip
def test_what_is_no_rational_number(text: str) -> None:
    for changes in ({"teacher_mean": ["1", text]}, {"time": text}, {"means": [["1", text]] * 3}):
        refused(document(**changes))
    refused(document(step_size=[{"from_step": 0, "in_mu": text}]))
    refused(document(weights=[text, "1/2", "1/2"]))
    refused(escape(near=text))
    refused(escape(far=text))


def with_ball(middle: Any, radius: Any) -> Document:
    data = document()
    for key, value in (("mid", middle), ("rad", radius)):
        data["checkpoints"][0]["centred_means"][key] = [["1", value], ["1", "1"], ["1", "1"]]
    return data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("12", 12), ("1.", 1), ("1.25", Fraction(5, 4)), ("0.001", Fraction(1, 1000)),
        ("1e5", 10**5), ("1E5", 10**5), ("2e+3", 2000), ("25e-1", Fraction(5, 2)),
        ("1.5e-3", Fraction(3, 2000)), ("0012.50E2", 1250), ("1e00002", 100),
        ("1e-99999", Fraction(1, 10**99999)), ("0." + "0" * 19999 + "1", Fraction(1, 10**20000)),
    ],
)  # fmt: skip
def test_decimal_numbers(text: str, value: Any) -> None:
    for sign in ("", "-"):
        found = parsed(with_ball(sign + text, text)).checkpoints[0][1][0]
        assert found == ((1, 1), (-value if sign else value, value))


@pytest.mark.parametrize(
    "text",
    [
        "+1", " 1", "1 ", "1\n", ".5", "1e", "e5", "1e1.5", "1/2", "1,5", "nan", "inf", "-inf",
        "1e100000", "1e++5", "1e 5", "0x1", "1.2.3", "", "-", ".", "1_0", "\u0663", "1e\u0663",
        "9" * 20001, "1." + "0" * 20001,
    ],
)  # fmt: skip
def test_what_is_no_decimal_number(text: str) -> None:
    refused(with_ball(text, "1"))
    refused(with_ball("1", text))


@pytest.mark.parametrize("radius", ["-1", "-1e-9", "-0.0001"])
def test_no_radius_is_negative(radius: str) -> None:
    for which in (0, 1):
        for row in range(3):
            for column in range(2):
                data = document()
                radii = [["1", "1"] for _ in range(3)]
                radii[row][column] = radius
                data["checkpoints"][which]["centred_means"]["rad"] = radii
                refused(data)
    assert parsed(with_ball("-1", "-0")).checkpoints[0][1][0][1] == (-1, 0)


@pytest.mark.parametrize("key", ["mid", "rad"])
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    "shape", [(2, 2), (4, 2), (3, 1), (3, 3), (2, 3), (1, 6), (6, 1), (3, None)], ids=str
)
def test_enclosures_have_the_shape_of_the_means(key: str, which: int, shape: Any) -> None:
    rows, columns = shape
    data = document()
    matrix = [["1"] * (columns or 2) for _ in range(rows)]
    if columns is None:
        matrix[-1] = ["1"]
    data["checkpoints"][which]["centred_means"][key] = matrix
    refused(data)


@pytest.mark.parametrize(
    "weights",
    [
        ["1/2", "1/3", "1/7"], ["1", "1", "-1"], ["1/2", "1/2", "0"], ["0", "0", "1"],
        ["1/2", "1/2"], ["1/4"] * 4, ["1"], ["3/2", "-1/4", "-1/4"], ["2", "1", "1"],
    ],
    ids=str,
)  # fmt: skip
def test_weights_are_positive_and_sum_to_one(weights: list[str]) -> None:
    refused(document(weights=weights))


@pytest.mark.parametrize(
    ("time", "right"),
    [("0", True), ("10000", True), ("-1/100", False), ("10001", False), ("100001/10", False)],
)
def test_the_time_is_bounded(time: str, right: bool) -> None:
    if right:
        assert parsed(document(time=time)).time == Fraction(time)
    else:
        refused(document(time=time))


def certified_at(step: int) -> Document:
    """The same claim at another step."""
    return {"step": step, "checkpoints": [{**document()["checkpoints"][0], "step": step}]}


@pytest.mark.parametrize(
    ("stretches", "right"),
    [
        ([(0, "1")], True), ([(0, "1"), (1, "2")], True), ([(0, "2"), (10**18, "1")], True),
        ([(0, "9"), (1, "1"), (2, "5"), (3, "4")], True), ([(0, "1"), (1, "2"), (3, "3")], True),
        ([(1, "1")], False), ([(0, "0")], False), ([(0, "-1")], False),
        ([(0, "1"), (0, "1")], False),
        ([(0, "1"), (5, "1"), (4, "1")], False), ([(0, "1"), (5, "1"), (5, "1")], False),
        ([(0, "1"), (2, "0")], False), ([(0, "1"), (10**18 + 1, "1")], False),
        ([(-1, "1")], False),
        ([(0, "1"), (-3, "1")], False), ([(True, "1")], False), ([(0, "1"), (True, "1")], False),
        ([(False, "1")], False), ([("0", "1")], False), ([], False), ([(4, "1"), (0, "1")], False),
    ],
    ids=str,
)  # fmt: skip
def test_a_schedule_starts_at_zero_and_grows(stretches: list[Any], right: bool) -> None:
    data = document(step_size=[{"from_step": start, "in_mu": size} for start, size in stretches])
    if not right:
        refused(data)
        return
    found = parsed(data)
    assert list(zip(found.starts, found.sizes, strict=True)) == [
        (start, Fraction(size)) for start, size in stretches
    ]
    ends = [start for start, _ in stretches[1:]]
    for step in range(4):
        used = [Fraction(size) for start, size in stretches if start <= step]
        assert found.step_at(step) == used[-1]
        later = zip([*ends, step + 1], found.sizes, strict=True)
        largest = parsed({**data, **certified_at(step)}).largest_step
        assert largest == max(size for end, size in later if end > step)


@pytest.mark.parametrize(
    ("steps", "last", "right"),
    [
        ([9], 9, True), ([0], 0, True), ([0, 1, 2], 2, True), ([10**6], 10**6, True),
        ([10**6 + 1], 10**6 + 1, False), ([3], 9, False), ([9, 9], 9, False), ([9, 3], 3, False),
        ([3, 9], 3, False), ([4, 3, 9], 9, False), ([3, 3, 9], 9, False), ([], 9, False),
        ([-1, 9], 9, False), ([True, 9], 9, False), ([9], True, False), ([1], True, False),
        ([9], -1, False), ([9], "9", False), (["3", "9"], 9, False), ([9], 10, False),
    ],
    ids=str,
)  # fmt: skip
def test_checkpoints_end_with_the_certified_step(steps: list[Any], last: Any, right: bool) -> None:
    data = document(step=last)
    one = data["checkpoints"][0]
    data["checkpoints"] = [{**one, "step": step} for step in steps]
    if right:
        found = parsed(data)
        assert [step for step, _ in found.checkpoints] == steps
        assert found.step == last
    else:
        refused(data)


@pytest.mark.parametrize(
    ("near", "far"), [("0", "1"), ("-1", "1"), ("1", "1"), ("2", "1"), ("1", "-3"), ("-2", "-1")]
)
def test_near_is_nearer_than_far(near: str, far: str) -> None:
    refused(escape(near=near, far=far))


@pytest.mark.parametrize(
    ("boxes", "right"),
    [
        ([""], True), (["0" * 60], True), (["0", "1"], True), (["0" * 61], False), (["2"], False),
        (["0\n"], False), ([0], False), ([None], False), ([], False), ("01", False), (["a"], False),
        (["0", 1], False), (["01 "], False),
    ],
    ids=str,
)  # fmt: skip
def test_boxes_are_paths(boxes: Any, right: bool) -> None:
    if right:
        assert parsed(escape(boxes=boxes)).region.boxes == tuple(boxes)
    else:
        refused(escape(boxes=boxes))


@pytest.mark.parametrize("theorem", THEOREMS)
def test_a_region_belongs_to_the_theorems_on_escape(theorem: str) -> None:
    level = {"loss": barrier()["loss"]} if theorem == LOSS_BARRIER else {}
    with_region = {**escape(), **level, "theorem": theorem}
    without = document(**level, theorem=theorem)
    right, wrong = (with_region, without) if theorem in ESCAPES else (without, with_region)
    found = parsed(right)
    assert found.theorem == theorem
    assert (found.region is not None) == (theorem in ESCAPES)
    refused(wrong)


@pytest.mark.parametrize("theorem", THEOREMS)
def test_a_loss_belongs_to_the_theorem_below_a_level(theorem: str) -> None:
    region = escape()["escape_region"] if theorem in ESCAPES else None
    without = document(theorem=theorem, escape_region=region)
    with_loss = {**without, "loss": barrier()["loss"]}
    right, wrong = (with_loss, without) if theorem == LOSS_BARRIER else (without, with_loss)
    assert (parsed(right).loss is not None) == (theorem == LOSS_BARRIER)
    refused(wrong)


def test_the_enclosure_of_a_loss_is_a_ball() -> None:
    assert parsed(barrier()).loss == (Fraction(1, 8), Fraction(1, 10**9))
    assert parsed(barrier(loss={"mid": "-2", "rad": "0"})).loss == (-2, 0)
    for loss in (
        None, "0.125", ["0.125", "0"], {"mid": "0.125"}, {"rad": "0"},
        {"mid": "0.125", "rad": "-1e-9"}, {"mid": "1/8", "rad": "0"}, {"mid": 1, "rad": "0"},
        {"mid": "0.125", "rad": "0", "unit": "1"}, {"mid": "nan", "rad": "0"},
    ):  # fmt: skip
        refused(barrier(loss=loss))


def test_every_choice_is_from_its_list() -> None:
    assert parsed(barrier()).fates == ("undecided", "escaped", "undecided")
    for objective in ("forward", "reverse", "kl"):
        assert parsed(document(objective=objective)).objective == objective
    for changes in (
        {"objective": "KL"}, {"objective": "Theorem K"}, {"theorem": "kl"},
        {"theorem": "Theorem Z"},
        {"fates": ["converged", "escaped", "lost"]}, {"fates": ["converged"] * 2},
        {"fates": ["converged"] * 4}, {"fates": ["kl"] * 3}, {"format": "x"}, {"version": 2},
        {"version": 0}, {"format": FORMAT + " "}, {"version": "1"},
    ):  # fmt: skip
        refused(document(**changes))


def test_a_key_stands_once() -> None:
    text = json.dumps(escape())
    for key in ("step", "time", "near", "mid", "in_mu", "format"):
        assert f'"{key}":' in text
        refused(text.replace(f'"{key}":', f'"{key}": 0, "{key}":', 1))


@pytest.mark.parametrize("number", ["1.0", "1e2", "NaN", "Infinity", "-Infinity", "0.0"])
def test_no_number_of_the_format_is_a_float(number: str) -> None:
    text = json.dumps(document())
    for old in ('"step": 9', '"version": 1', '"from_step": 0', '"time": "1/10"'):
        refused(text.replace(old, f"{old.partition(':')[0]}: {number}", 1))


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "1", '"x"', "[" * 10**5, "{}", "\x00", "[1,]", "\ufeff{}"]
)
def test_what_is_no_document(text: str) -> None:
    refused(text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(document()))
    assert read_certificate(path) == parsed(document())
    for content in (b"\xff\xfe{}", b"", b"{", json.dumps(document()).encode("utf-16")):
        path.write_bytes(content)
        with pytest.raises(MalformedError):
            read_certificate(path)
    for missing in (tmp_path / "none.json", tmp_path, tmp_path / "none" / "x.json"):
        with pytest.raises(MalformedError):
            read_certificate(missing)
