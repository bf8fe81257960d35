"""The dataset: the same bytes whichever way the same points got into it, and nothing lost."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet
import pytest

from numerics.errors import InputError
from numerics.sweeps import dataset as module
from numerics.sweeps.dataset import Dataset
from numerics.sweeps.points import Point
from numerics.sweeps.rows import COLUMNS, empty_row
from numerics.sweeps.run import missing, run_sweep
from numerics.sweeps.spec import Spec, parse_spec
from tests.numerics.sweeps.inline import Inline

COARSE = '[fixed]\nobjective = "kl"\n[grid]\ndistance = [2, 3]\nspread = {log=[1e-4, 1], count=3}'
FINE = COARSE.replace("count=3", "count=5")


def made(folder: Path, text: str, pool: Inline | None = None) -> Any:
    folder.mkdir(exist_ok=True)
    return run_sweep(parse_spec(text), Dataset(folder), pool or Inline())


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Many rows, cheaply, and small files."""
    monkeypatch.setattr(module, "FILE_ROWS", 50)
    monkeypatch.setattr(module.os, "fsync", lambda descriptor: None)
    spec = parse_spec("[grid]\nspread = {linear = [1, 2], count = 400}")
    return [empty_row(point) for point in spec.points()]


def test_one_row_a_point_for_anyone(tmp_path: Path) -> None:
    progress = made(tmp_path / "a", FINE)
    assert (progress.done, progress.known, progress.points) == (10, 0, 10)
    table = parquet.read_table(tmp_path / "a")
    assert table.num_rows == 10
    assert table.column_names == list(COLUMNS)
    assert set(table.column("theorem").to_pylist()) == {"Theorem K"}


def test_resumed_extended_and_merged_are_as_in_one_go(tmp_path: Path) -> None:
    made(tmp_path / "one", FINE)
    wanted = content(tmp_path / "one")
    for most in (1, 4, 8):
        folder = tmp_path / f"resumed{most}"
        first = made(folder, FINE, Inline(most)).done
        assert most <= parquet.read_table(folder).num_rows == first < 10
        again = made(folder, FINE)
        assert (again.known, again.done) == (first, 10 - first)
        assert content(folder) == wanted
    made(tmp_path / "extended", COARSE)
    extended = made(tmp_path / "extended", FINE)
    assert (extended.known, extended.done) == (6, 4)
    assert content(tmp_path / "extended") == wanted
    made(tmp_path / "left", COARSE)
    made(tmp_path / "right", FINE.replace("[2, 3]", "[3, 2]"), Inline(7))
    (tmp_path / "merged").mkdir()
    merged = Dataset(tmp_path / "merged")
    for name in ("left", "right", "extended", "left"):
        merged.add(Dataset(tmp_path / name).rows())
    merged.compact()
    assert content(tmp_path / "merged") == wanted


def test_nothing_is_computed_twice(tmp_path: Path) -> None:
    made(tmp_path / "a", FINE)
    pool = Inline()
    made(tmp_path / "a", FINE, pool)
    assert pool.count == 0


def test_lost_points_are_named_and_computed_by_the_next_run(tmp_path: Path) -> None:
    text = FINE.replace("count=5", "count=15")

    def lost(point: Point) -> bool:
        return point.values["spread"] == 1

    progress = made(tmp_path / "a", text, Inline(lost=lost))
    assert progress.done == 28
    assert len(progress.failures) == 2
    assert all("its process ended" in text and '"distance"' in text for text in progress.failures)
    assert made(tmp_path / "a", text).done == 2


def test_canonical_form_does_not_depend_on_the_order(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    forms = []
    for number, size in enumerate((400, 40, 150)):
        folder = tmp_path / str(number)
        folder.mkdir()
        shuffled = list(rows)
        random.Random(number).shuffle(shuffled)
        dataset = Dataset(folder)
        for start in range(0, 400, size):
            dataset.append(shuffled[start : start + size])
            dataset.append(shuffled[start : start + 2])  # some twice
            assert len(dataset.files) < 3 * module.MOST_SEGMENTS
            if start == 150:
                dataset.compact()
        dataset.compact()
        forms.append(content(folder))
    assert forms[0] == forms[1] == forms[2]
    first = sorted({row["key"][0] for row in rows})
    assert sorted(forms[0]) == [f"points-{digit}.parquet" for digit in first]
    keys = parquet.read_table(tmp_path / "0").column("key").to_pylist()
    assert keys == sorted({row["key"] for row in rows})


@pytest.mark.parametrize("stage", [0, 9, 17])
def test_a_kill_between_any_two_changes_of_files_loses_nothing(
    tmp_path: Path, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, stage: int
) -> None:
    """Every rename and removal may be the last."""
    left = stage

    class Killed(BaseException):
        pass

    def counted(method: Any) -> Any:
        def call(self: Path, *arguments: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return method(self, *arguments, **more)

        return call

    dataset = Dataset(tmp_path)
    dataset.append(rows[:100])
    dataset.compact()
    dataset.append(rows[100:])
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", counted(Path.replace))
        patched.setattr(Path, "unlink", counted(Path.unlink))
        with suppress(Killed):
            dataset.compact()
    after = Dataset(tmp_path)
    after.recover()
    assert len(after.keys()) == 400
    after.compact()
    assert parquet.read_table(tmp_path).num_rows == 400
    assert not list(tmp_path.glob(".*"))


def test_no_file_where_no_key_begins_so(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    chosen = [row for row in rows if row["key"][0] in "07f"]
    assert len(chosen) > module.FILE_ROWS
    dataset = Dataset(tmp_path)
    dataset.append(chosen)
    dataset.compact()
    assert [path.stem[-1] for path in dataset.files] == ["0", "7", "f"]
    assert len(dataset.keys()) == len(chosen)


def test_growing_keeps_few_files(
    tmp_path: Path, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SEGMENTS", 3)
    dataset = Dataset(tmp_path)
    for row in rows[:30]:
        dataset.append([row])
        assert len(dataset.files) <= 8  # two on each of four levels
    assert len(dataset.keys()) == 30


@pytest.mark.parametrize("size", [3, 5])
def test_no_segment_is_larger_than_a_file(
    tmp_path: Path, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(module, "MOST_SEGMENTS", 3)
    monkeypatch.setattr(module, "FILE_ROWS", 16)
    dataset = Dataset(tmp_path)
    for start in range(0, 60, size):
        dataset.append(rows[start : start + size])
        sizes = [parquet.read_metadata(path).num_rows for path in dataset.files]
        assert max(sizes) <= 16
        assert len([rows for rows in sizes if rows <= 8]) <= 8  # the others are merged no further
    assert len(dataset.keys()) == 60
    dataset.compact()
    assert len(dataset.keys()) == 60


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder of a sweep"):
        Dataset(tmp_path / "none")
    (tmp_path / "points-all.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InputError, match=r"a Parquet file.*remove points-all"):
        Dataset(tmp_path).keys()
    import pyarrow

    parquet.write_table(pyarrow.table({"key": ["a"]}), tmp_path / "points-all.parquet")
    with pytest.raises(InputError, match="version of the package"):
        list(Dataset(tmp_path).rows())
    (tmp_path / "_replace.json").write_text('{"new": ["../x.parquet"], "old": []}')
    with pytest.raises(InputError, match="journal"):
        Dataset(tmp_path).recover()


@pytest.mark.parametrize(
    "key", [None, "", "\u03b7" * 32, "0" * 31, "0" * 33, "0" * 31 + "g", "A" * 32]
)
def test_rows_without_a_key_are_refused(tmp_path: Path, key: str | None) -> None:
    (row,) = [empty_row(point) for point in parse_spec("").points()]
    table = pyarrow.Table.from_pylist([{**row, "key": key}], schema=module.schema())
    parquet.write_table(table, tmp_path / "points-all.parquet")
    dataset = Dataset(tmp_path)
    for read in (dataset.keys, dataset.compact, lambda: list(dataset.rows())):
        with pytest.raises(InputError, match="32 hex digits"):
            read()


def test_missing_points_are_found_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from numerics.sweeps import run

    monkeypatch.setattr(run, "_CHUNK", 7)
    spec: Spec = parse_spec("[grid]\nspread = {linear = [1, 2], count = 50}")
    points = list(spec.points())
    known = np.sort(np.array([point.key for point in points[::3]], dtype="S32"))
    progress = run.Progress()
    left = list(missing(spec, known, progress))
    assert left == [point for number, point in enumerate(points) if number % 3]
    assert (progress.known, progress.points) == (17, 50)
    assert isinstance(left[0], Point)


def unlike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "loss": 0.5 + number / 7} for number, row in enumerate(rows)]


def test_unlike_rows_of_a_key_are_chosen_by_content(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    forms = []
    for number, parts in enumerate(((rows, unlike(rows)), (unlike(rows), rows))):
        folder = tmp_path / str(number)
        folder.mkdir()
        dataset = Dataset(folder)
        for part in parts:
            dataset.append(part)
        dataset.compact()
        assert dataset.unlike == {row["key"] for row in rows}
        forms.append(content(folder))
    assert forms[0] == forms[1]
    alike = Dataset(tmp_path / "0")
    alike.add(list(alike.rows()))
    alike.compact()
    assert not alike.unlike


def test_a_row_with_results_wins_over_one_that_failed(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    dataset = Dataset(tmp_path)
    dataset.append([{**row, "status": "failed"} for row in rows[:9]])
    dataset.append([{**row, "status": "numerical"} for row in rows[:9]])
    dataset.compact()
    assert set(parquet.read_table(tmp_path).column("status").to_pylist()) == {"numerical"}


def test_flipped_bits_of_the_data_are_noticed(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    dataset = Dataset(tmp_path)
    dataset.append(rows[:60])
    dataset.compact()
    path = tmp_path / "points-0.parquet"
    whole = path.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    before = [table.to_pylist() for table in dataset.rows()]
    drawn = random.Random(1)
    for _ in range(60):
        place = drawn.randrange(4, len(whole) - footer)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << drawn.randrange(8)
        path.write_bytes(damaged)
        with suppress(InputError):  # what is read all the same is in no way changed
            assert [table.to_pylist() for table in dataset.rows()] == before


def test_adding_is_all_or_nothing(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    source, target = Dataset(tmp_path / "source"), Dataset(tmp_path / "target")
    source.append(rows[:10])
    source.append(rows[10:20])
    before = content(source.folder)
    (tmp_path / "source" / "segment-0-000002.parquet").touch()
    with pytest.raises(InputError, match=r"remove segment-0-000002.parquet"):
        target.add(source.tables())
    assert not list(target.folder.iterdir())
    (tmp_path / "source" / "segment-0-000002.parquet").unlink()
    target.add(source.tables())
    assert len(target.keys()) == 20
    assert content(source.folder) == before


def test_unfinished_replacements_are_read_without_a_change(
    tmp_path: Path, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(tmp_path)
    dataset.append(rows)
    with monkeypatch.context() as patched:
        patched.setattr(Dataset, "_finish", lambda self, new, old: None)
        dataset.compact()
    before = content(tmp_path)
    found = [key for table in dataset.tables() for key in table.column("key").to_pylist()]
    assert sorted(found) == sorted(row["key"] for row in rows)
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["segment-0-notes.txt", "segment-0-000000.parquet.bak", "points-x.parquet", "a.parquet"]
)
def test_files_of_others_are_left_alone(
    tmp_path: Path, rows: list[dict[str, Any]], name: str
) -> None:
    (tmp_path / name).write_text("mine")
    dataset = Dataset(tmp_path)
    dataset.append(rows[:5])
    dataset.append(rows[5:9])
    dataset.compact()
    assert len(dataset.keys()) == 9
    assert (tmp_path / name).read_text() == "mine"


def test_a_search_without_a_point_can_be_stopped() -> None:
    import numpy as np

    from numerics.sweeps import run

    spec = parse_spec(
        'conditions = ["spread > distance"]\n[grid]\n'
        "distance = {linear = [3, 4], count = 10000}\n"
        'spread = {linear = ["1/10", 1], count = 10000}'
    )
    answers = iter([False, False])
    progress = run.Progress()
    none = np.empty(0, dtype="S32")
    assert not list(missing(spec, none, progress, lambda: next(answers, True)))
    assert progress.points == 0
