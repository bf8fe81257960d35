"""``proofs-check sweep`` as a user meets it."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pyarrow.parquet as parquet
import pytest

from numerics.sweeps.parameters import PARAMETERS, STARTS
from numerics.sweeps.rows import COLUMNS
from numerics.sweeps.spec import KEYS
from proofs_check.cli import main
from proofs_check.schemas import schema
from tests.proofs_check.commands import refusal

SPEC = """
conditions = ["spread < distance"]
[fixed]
steps = 400
[grid]
distance = [3, 4, 5, 6]
spread = [1e-8, 1e-3, 0.1, 1]
[[zip]]
step_size = [0.2, 0.3]
digits = [10, 12]
"""
PAGE = Path(__file__).parents[3] / "docs" / "sweeps.md"
COMMAND = [sys.executable, "-m", "proofs_check", "sweep"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished sweep, by two processes."""
    room = tmp_path_factory.mktemp("sweep")
    (room / "spec.toml").write_text(SPEC)
    assert main(["sweep", str(room / "spec.toml"), "--out", str(room / "out"), "--jobs", "2"]) == 0
    return room / "out"


def test_example_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--example"]) == 0
    assert capsys.readouterr().out.startswith("# A sweep")


def test_status(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "status", str(results)]) == 0
    text = capsys.readouterr().out
    assert "32 points in" in text
    assert "0 missing" in text
    assert main(["sweep", "status", str(results), "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema("sweep-status"))
    assert found["rows"] == 32
    assert sum(found["fate"].values()) == 32
    assert set(found["status"]) == {"certified"}


def test_show_answers_sql(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = "fate = 'escaped' and digits = 12"
    assert main(["sweep", "show", str(results), "--where", where, "--limit", "2"]) == 0
    text = capsys.readouterr().out
    assert "Lemma E" in text
    assert "2 shown" in text
    words = ["--columns", "distance,fates,steps", "--csv"]
    assert main(["sweep", "show", str(results), "--where", where, *words]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header == "distance,fates,steps"
    assert len(lines) == sum(
        row["fate"] == "escaped" and row["digits"] == 12
        for row in parquet.read_table(results).to_pylist()
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "fates"], "certified"),
        (["--kind", "threshold"], "k = "),
        (["--kind", "rates", "--where", "fate = 'converged'"], "rate = "),
        (["--kind", "rates", "--x", "step_size"], "x = step_size"),
    ],
)
def test_plots(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    target = tmp_path / "figure.svg"
    assert main(["sweep", "plot", str(results), *words, "--out", str(target)]) == 0
    assert said in capsys.readouterr().out
    first = target.read_text()
    assert first.count("<svg") == 1
    assert main(["sweep", "plot", str(results), *words, "--out", str(target)]) == 0
    assert target.read_text() == first


def points_in(folder: Path) -> int:
    """Points with a row; after a kill some may stand in two files."""
    there = list(folder.glob("[!._]*.parquet"))
    return len(set(parquet.read_table(folder)["key"])) if there else 0


def test_kill_loses_nothing_and_the_bytes_are_the_same(results: Path, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC)
    out = tmp_path / "out"
    for there in ("_spec.toml", "*segment-*"):  # at its start, and with rows
        process = subprocess.Popen(
            [*COMMAND, str(spec), "--out", str(out), "--jobs", "1"], start_new_session=True
        )
        while process.poll() is None and not list(out.glob(there)):
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    known = points_in(out)
    done = subprocess.run([*COMMAND, str(spec), "--out", str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{known} were there" in done.stdout
    assert (out / "points-all.parquet").read_bytes() == (
        results / "points-all.parquet"
    ).read_bytes()
    assert sorted(path.name for path in out.iterdir()) == ["_spec.toml", "points-all.parquet"]


def test_stopped_by_its_time_it_keeps_what_is_done(tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text("[grid]\nspread = {log = [1e-9, 1], count = 4000}\n")
    done = subprocess.run(
        [*COMMAND, str(spec), "--out", str(tmp_path / "out"), "--jobs", "1", "--max-seconds", "4"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 124
    assert done.stderr == "stopped; the same command goes on\n"
    points = re.match(r"(\d+) points computed, 0 were there, 0 could not", done.stdout)
    assert points
    assert points_in(tmp_path / "out") == int(points[1])


def test_merge(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "half.toml"
    spec.write_text(SPEC.replace("[3, 4, 5, 6]", "[5, 7]"))
    assert main(["sweep", str(spec), "--out", str(tmp_path / "half"), "--jobs", "1"]) == 0
    words = [str(results), str(tmp_path / "half"), "--out", str(tmp_path / "all")]
    assert main(["sweep", "merge", *words]) == 0
    assert "40 points" in capsys.readouterr().out
    assert parquet.read_table(tmp_path / "all").num_rows == 40


def test_own_objectives(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from derive.losses.objectives import OBJECTIVES as KNOWN, Objective\n"
        "from dataclasses import replace\n"
        'OBJECTIVES = (replace(KNOWN["forward"], name="mine"),)\n'
    )
    spec = tmp_path / "spec.toml"
    spec.write_text(
        'from = "mine.py"\n[fixed]\ndistance = 0.25\nspread = 0.1\nsteps = 60\n'
        '[grid]\nobjective = ["mine", "forward"]\n'
    )
    assert main(["sweep", str(spec), "--out", str(tmp_path / "out"), "--jobs", "1"]) == 0
    rows = {row["objective"]: row for row in parquet.read_table(tmp_path / "out").to_pylist()}
    assert rows["mine"]["status"] == "numerical"  # no theorem is about it
    assert rows["forward"]["status"] == "certified"
    assert rows["mine"]["fate"] == rows["forward"]["fate"] == "converged"


def test_refusals(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text("[grid]\nspred = [1]\n")
    figure = str(tmp_path / "a.svg")
    for words, said in (
        ([], "status DIR"),
        (["status"], "status DIR"),
        ([str(spec)], "--out"),
        ([str(spec), "--out", str(tmp_path / "o")], "error: spec.toml: grid.spred: got"),
        ([str(tmp_path / "none.toml"), "--out", str(tmp_path / "o")], "No such file"),
        ([str(spec), "--out", str(tmp_path / "o"), "--where", "a"], "--where"),
        (["show", str(results), "--out", "x"], "--out"),
        (["show", str(results), "--where", "fat = 3"], "--where"),
        (["show", str(results), "--columns", "fat"], "--columns"),
        (["show", str(tmp_path)], "a folder with results"),
        (["show", str(tmp_path / "none")], "the folder of a sweep"),
        (["plot", str(results), "--out", figure], "--kind"),
        (["plot", str(results), "--kind", "fates", "--out", "a.png"], ".svg"),
        (["plot", str(results), "--kind", "fates", "--x", "fate", "--out", figure], "--x"),
        (
            ["plot", str(results), "--kind", "fates", "--where", "steps < 0", "--out", figure],
            "no rows",
        ),
        (["merge", str(results), "--out", "x"], "merge DIR DIR"),
    ):
        assert said in refusal(capsys, "sweep", *words)
    assert not (tmp_path / "o").exists()


def test_without_the_extra_it_is_named(
    results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    assert 'install "proofs-check[sweep]"' in refusal(capsys, "sweep", "show", str(results))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert 'install "proofs-check[sweep]"' in refusal(capsys, "sweep", "status", str(results))


def test_page_has_every_key_parameter_and_column() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (*KEYS, *PARAMETERS, *STARTS, *COLUMNS):
        assert f"`{name}`" in page, name


def test_status_executes_nothing_of_a_dataset(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "received"
    shutil.copytree(results, folder)
    (folder / "x.py").write_text("from pathlib import Path\nPath(__file__ + '.run').touch()\n")
    (folder / "_spec.toml").write_text(
        'from = "x.py"\n' + SPEC.replace("[grid]", '[grid]\nobjective = ["mine", "forward"]')
    )
    assert main(["sweep", "status", str(folder)]) == 0
    said = capsys.readouterr()
    assert "32 points in" in said.out
    assert "points of own objectives (of 'x.py') are not counted" in said.err
    assert not (folder / "x.py.run").exists()


def test_planning_counts_as_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(
        'conditions = ["spread > distance"]\n[grid]\n'
        "distance = {linear = [3, 4], count = 10000}\n"
        'spread = {linear = ["1/10", 1], count = 10000}'
    )
    words = [str(spec), "--out", str(tmp_path / "out"), "--jobs", "1"]
    assert main(["sweep", *words, "--max-seconds", "2"]) == 124
    assert main(["sweep", "status", str(tmp_path / "out"), "--max-seconds", "1"]) == 124
    assert "0 rows" in capsys.readouterr().out
    spec.write_text(spec.read_text().replace("10000", "10"))
    capsys.readouterr()
    assert "no point" in refusal(capsys, "sweep", *words)


def test_failed_rows_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text('[fixed]\nsteps = 3\ncertify = "never"\n[grid]\ndistance = ["1e400"]\n')
    assert main(["sweep", str(spec), "--out", str(tmp_path / "out"), "--jobs", "1"]) == 3
    assert "1 rows failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "where",
    [
        "1=1 LIMIT 1",
        "count(*) > 3",
        "distance",
        "1=1",
        "fate = 'escaped'; select 1",
        "1=1) or (1=1",
        "UNNEST(fates) = 'x'",
    ],
)
def test_where_is_one_condition(
    results: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    assert "--where" in refusal(capsys, "sweep", "show", str(results), "--where", where)


def test_failed_merges_leave_nothing(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "points-all.parquet").write_bytes(b"PAR1")
    words = ["merge", str(results), str(broken), "--out", str(tmp_path / "all")]
    assert "remove points-all.parquet" in refusal(capsys, "sweep", *words)
    assert not (tmp_path / "all").exists()


def test_merge_changes_nothing_in_its_sources(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    shutil.copytree(results, source)
    for name in (".new-points-0.parquet", "._spec.toml.abcd1234.part", "segment-0-notes.txt"):
        (source / name).write_text("left")
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    for number, allowed in enumerate((True, False)):
        with monkeypatch.context() as patched:
            patched.setattr(os, "access", lambda *given, answer=allowed: answer)
            words = ["merge", str(source), str(source), "--out", str(tmp_path / f"all{number}")]
            assert main(["sweep", *words]) == 0
        assert {path.name: path.read_bytes() for path in source.iterdir()} == before


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows at two noise times that are one in the centred means, and with other weights."""
    room = tmp_path_factory.mktemp("families")
    scale = math.exp(0.5)
    (room / "spec.toml").write_text(
        "[grid]\nspread = {log = [1e-9, 1], per_decade = 2}\n"
        f'[[zip]]\ntime = [0, 0.5, 0]\ndistance = [5, "{5 * scale}", 5]\n'
        f'step_size = [0.1, "{0.1 * scale**2}", 0.1]\n'
        'weights = ["uniform", ["1/2", "1/2"], ["1/3", "2/3"]]\n'
    )
    assert main(["sweep", str(room / "spec.toml"), "--out", str(room / "out"), "--jobs", "1"]) == 0
    return room / "out"


def test_threshold_takes_the_noise_time_and_refuses_other_weights(
    families: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["plot", str(families), "--kind", "threshold", "--out", str(tmp_path / "a.svg")]
    assert "weights 1/3 2/3" in refusal(capsys, "sweep", *words)
    assert main(["sweep", *words, "--where", "weights = 'uniform'"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == ["time = 0", "time = 0.5"]
    constants = [float(re.findall(r"k = ([0-9.-]+)", line)[0]) for line in lines]
    # one law: brackets are half a decade wide
    assert abs(constants[0] - constants[1]) < math.log(10) / 2


def test_weights_and_time_tell_panels_apart(
    families: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["plot", str(families), "--kind", "fates", "--out", str(tmp_path / "a.svg")]
    assert main(["sweep", *words]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert main(["sweep", "show", str(families), "--limit", "1"]) == 0
    assert "| weights" in capsys.readouterr().out
    assert "draw: no row has one" in refusal(capsys, "sweep", *words, "--x", "draw")
