"""Certified runs, their certificates, and the checker against planted corruptions."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flint import arb

from proofs_check.certificates import checker as certificate_checker
from proofs_check.certificates import file_format as certificate_file
from proofs_check.certificates import region as certificate_region
from proofs_check.cli import main
from proofs_check.schemas import schema

TOGETHER = ["--objective", "forward", "--means", '[["6.0000000000005"], ["5.9999999999995"]]']
APART = ["--objective", "forward", "--means", '[["6.0000005"], ["5.9999995"]]']
OTHERS = {
    "reverse": ["--objective", "reverse", "--means", "[[5, 1], [6, -1]]", "--step-size", "0.05"],
    "kl": [
        "--objective", "kl", "--means", '[["0.1"], [3], [-3]]',
        "--weights", '["0.2", "0.3", "0.5"]',
        "--step-size", "0:2.1,4:1",
    ],
    "plane": [
        "--objective", "forward", "--means", '[["6", "1e-3"], ["5.9999", "0"]]',
        "--time", "1/10", "--teacher-mean", '["1/3", "0"]',
    ],
    "groups": ["--objective", "forward", "--means", '[["6.00001", "0.1"], [6, 0], [6, 0]]'],
    "line": ["--objective", "forward", "--means", '[["1", "2"], ["-1/2", "-1"], ["1/4", "1/2"]]'],
    "three": [
        "--objective", "forward", "--means", '[["1", "0"], ["0.9", "0.2"], ["1", "-0.3"]]',
    ],
    "example": ["--objective", "forward", "--means", '[["-5.058"], [-6], [-6], [-6], [-6]]'],
    "merged": ["--objective", "forward", "--means", "[[2, 1], [2, 1]]"],
    "1e-300": ["--objective", "forward", "--means", f'[["6.{"0" * 299}5"], [6]]'],
    "1e-5000": ["--objective", "forward", "--means", '[["1"], ["1e-5000"]]'],
}  # fmt: skip

Document = dict[str, Any]


def produce(
    folder: Path, arguments: list[str], steps: int = 100, expected: int = 0
) -> tuple[Document, Path]:
    certificate, out = folder / "certificate.json", folder / "out.json"
    step = [] if "--step-size" in arguments else ["--step-size", "0.1"]
    code = main(
        ["descend", *arguments, *step, "--steps", str(steps), "--backend", "ball", "--certify",
         "--certificate", str(certificate), "--json", str(out)]
    )  # fmt: skip
    assert code == expected
    document: Document = json.loads(out.read_text())
    jsonschema.validate(document, schema("descend"))
    if document["certificate"] is not None:
        jsonschema.validate(document["certificate"], schema("certificate"))
        assert document["certificate"] == json.loads(certificate.read_text())
    return document, certificate


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Path]:
    return produce(tmp_path_factory.mktemp("together"), TOGETHER)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Path]:
    return produce(tmp_path_factory.mktemp("apart"), APART)


def test_spread_1e_12_converges(together: tuple[Document, Path]) -> None:
    document, path = together
    assert document["fates"] == ["converged", "converged"]
    assert document["criterion"]["name"] == "Theorem F"
    assert document["criterion"]["basis"] == "enclosure"
    assert document["stopped"] == "certified"
    assert document["certificate"]["escape_region"] is None
    assert main(["check-certificate", str(path)]) == 0


def test_spread_1e_6_escapes(
    apart: tuple[Document, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    document, path = apart
    assert document["fates"] == ["escaped", "converged"]
    assert document["criterion"]["name"] == "Lemma E"
    for row in document["means"]["rad"]:
        assert all(Fraction(radius) <= Fraction(1, 10**14) for radius in row)
    assert main(["check-certificate", str(path)]) == 0
    assert "accepted: Lemma E applies from step 68 on" in capsys.readouterr().out


@pytest.mark.parametrize("name", OTHERS)
def test_other_certificates(name: str, tmp_path: Path) -> None:
    document, path = produce(tmp_path, OTHERS[name])
    theorem = {
        "reverse": "Theorem R",
        "kl": "Theorem K",
        "plane": "Lemma E",
        "groups": "Region E",
        "example": "Region E",
    }
    assert document["certificate"]["theorem"] == theorem.get(name, "Theorem F")
    assert main(["check-certificate", str(path)]) == 0


def test_undecided_within_the_budget(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document, path = produce(tmp_path, APART, steps=20, expected=3)
    assert document["fates"] == ["undecided", "undecided"]
    assert document["certificate"] is None
    assert not path.exists()
    assert "no certificate" in capsys.readouterr().err


def first_ball(data: Document, key: str, value: str, which: int = -1) -> None:
    data["checkpoints"][which]["centred_means"][key][0][0] = value


def moved(data: Document, shift: Fraction, which: int = -1) -> None:
    middle = Fraction(data["checkpoints"][which]["centred_means"]["mid"][0][0])
    first_ball(data, "mid", f"{float(middle + shift):.17g}", which)


def later(data: Document) -> None:
    data["step"] += 1
    data["checkpoints"][-1]["step"] += 1


def region_e(document: Document, **changes: Any) -> None:
    """Change the region, under the theorem that admits others than Lemma E's."""
    document["theorem"] = "Region E"
    document["escape_region"].update(changes)


CORRUPTIONS: dict[str, tuple[Callable[[Document], Any], int]] = {
    "step size": (lambda d: d["step_size"][0].update(in_mu="11/100"), 1),
    "step too large for the theorem": (lambda d: d["step_size"].append(
        {"from_step": d["step"], "in_mu": "3/5"}), 1),
    "weights": (lambda d: d.update(weights=["2/5", "3/5"]), 1),
    "a mean": (lambda d: d["means"][0].__setitem__(0, "6000001/1000000"), 1),
    "one step later": (later, 1),
    "enclosure shifted": (lambda d: moved(d, Fraction(1, 10**9)), 1),
    "an early enclosure shifted": (lambda d: moved(d, Fraction(1, 10**9), 2), 1),
    "radius too small": (lambda d: first_ball(d, "rad", "1e-40"), 1),
    "theorem of another objective": (lambda d: d.update(
        theorem="Theorem K", escape_region=None), 1),
    "objective": (lambda d: d.update(objective="reverse"), 1),
    "fates swapped": (lambda d: d.update(fates=d["fates"][::-1]), 1),
    "teacher": (lambda d: d.update(teacher_mean=["1/1000000"]), 1),
    "time": (lambda d: d.update(time="1/1000"), 1),
    "a box missing": (lambda d: d["escape_region"]["boxes"].pop(), 1),
    "a box twice": (lambda d: d["escape_region"]["boxes"].append(
        d["escape_region"]["boxes"][0]), 1),
    "not Lemma E's region": (lambda d: d["escape_region"].update(far="3"), 1),
    "region too large": (lambda d: region_e(d, far="5/2"), 1),
    "boxes too coarse": (lambda d: region_e(d, boxes=["0", "1"], far="27/10"), 1),
    "radius nan": (lambda d: first_ball(d, "rad", "nan"), 2),
    "radius negative": (lambda d: first_ball(d, "rad", "-1e-9"), 2),
    "weights do not sum to 1": (lambda d: d.update(weights=["1/2", "1/3"]), 2),
    "version": (lambda d: d.update(version=2), 2),
    "format": (lambda d: d.update(format="something else"), 2),
    "unknown key": (lambda d: d.update(trust="me"), 2),
    "missing key": (lambda d: d.pop("weights"), 2),
    "unknown theorem": (lambda d: d.update(theorem="Theorem Z"), 2),
    "step beyond the checkpoints": (lambda d: d.update(step=d["step"] + 1), 2),
    "a float": (lambda d: d.update(time=0.0), 2),
    "denominator 0": (lambda d: d.update(time="0/0"), 2),
    "ragged means": (lambda d: d["means"].append(["1", "2"]), 2),
}  # fmt: skip


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_corruptions_are_rejected(
    name: str, apart: tuple[Document, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corrupt, code = CORRUPTIONS[name]
    data = copy.deepcopy(apart[0]["certificate"])
    corrupt(data)
    path = tmp_path / "corrupt.json"
    path.write_text(json.dumps(data))
    assert main(["check-certificate", str(path)]) == code
    captured = capsys.readouterr()
    assert captured.out.startswith("rejected: ") if code == 1 else captured.err.count("\n") == 1


def test_corrupt_convergence_is_rejected(
    together: tuple[Document, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "corrupt.json"
    data = copy.deepcopy(together[0]["certificate"])
    data["step_size"].append({"from_step": data["step"], "in_mu": "1/4"})
    path.write_text(json.dumps(data))
    assert main(["check-certificate", str(path)]) == 1
    assert "hypotheses of Theorem F" in capsys.readouterr().out
    data = copy.deepcopy(together[0]["certificate"])
    data["fates"] = ["escaped", "converged"]
    path.write_text(json.dumps(data))
    assert main(["check-certificate", str(path)]) == 1


def test_broken_files(apart: tuple[Document, Path], tmp_path: Path) -> None:
    text = apart[1].read_text()
    path = tmp_path / "broken.json"
    for broken in (
        text[: len(text) // 2],
        "",
        "[" * 100_000,
        text.replace('"step":', '"step": 0, "step":', 1),
        text.replace('"time": "0"', '"time": NaN'),
        "\ud800".join(["{", "}"]).encode("utf-8", "surrogatepass").decode("latin-1"),
    ):
        path.write_text(broken, encoding="utf-8")
        assert main(["check-certificate", str(path)]) == 2
    path.write_bytes(b"\xff\xfe{}")
    assert main(["check-certificate", str(path)]) == 2
    assert main(["check-certificate", str(tmp_path / "none.json")]) == 2
    assert main(["check-certificate", str(tmp_path)]) == 2


@pytest.mark.parametrize("name", ["apart", "plane", "line"])
def test_the_checker_encloses(name: str, apart: tuple[Document, Path], tmp_path: Path) -> None:
    """At 20 digits its balls contain those at 60: rounding is carried along and amplified."""
    path = apart[1] if name == "apart" else produce(tmp_path, OTHERS[name])[1]
    certificate = certificate_file.read_certificate(path)
    ends = {}
    for digits in (20, 60):
        with certificate_checker.working_precision(digits):
            trajectory = certificate_checker.Trajectory(certificate, digits)
            for _ in range(25):
                trajectory.advance(arb(1) / 10)
            ends[digits] = [value for row in trajectory.state for value in row]
    with certificate_checker.working_precision(60):
        for coarse, fine in zip(ends[20], ends[60], strict=True):
            assert coarse.contains(fine)
            assert fine.rad() < 1e-40


def test_the_checker_shares_only_the_ball_kernels() -> None:
    allowed = {
        "numerics.evaluation.scalar_backend",
        "numerics.numbers.balls",
        "numerics.quadrature.inputs",
        "numerics.kernels",
    }
    allowed |= {"numerics.documents", "numerics.errors", "numerics.files"}  # they compute nothing
    for module in (certificate_checker, certificate_file, certificate_region):
        tree = ast.parse(Path(str(module.__file__)).read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("numerics"):
                assert node.module in allowed
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("numerics") for alias in node.names)


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        (["--backend", "mpmath", "--certify"], "certify"),
        (["--backend", "ball", "--certificate", "c.json"], "--certificate"),
        (["--backend", "ball", "--certify", "--certificate", "/no/such/c.json"], "--certificate"),
        (["--backend", "ball", "--certify", "--certificate", "-", "--json", "-"], "--certificate"),
    ],
)
def test_bad_options(extra: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["descend", *TOGETHER, "--step-size", "0.1", "--steps", "9", *extra])
    assert code == 2
    assert word in capsys.readouterr().err
