"""The runner: time limits, crashes, Ctrl-C, and results that do not depend on the pool."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import jsonschema
import psutil
import pytest

from numerics.errors import InputError
from proofs_check import registry, runner
from proofs_check.claim import Context
from proofs_check.report import formats as report
from proofs_check.run import plan as planning
from proofs_check.run.limits import Grace
from proofs_check.run.plan import plan
from proofs_check.run.resume import Progress, sources_digest
from proofs_check.schemas import schema
from proofs_check.store.results import claim_to_data
from proofs_check.verdict import CheckResult, ControlResult, Method, Verdict, inconclusive
from tests.proofs_check import demo_claims

MODULES = (demo_claims.MODULE,)


def run(*identifiers: str, **options):
    return runner.run(identifiers, Context(), modules=MODULES, **options)


def verdicts(result) -> list[str]:
    return [str(part.verdict) for part in (*result.checks, *result.controls)]


@pytest.fixture(scope="module")
def whole():
    """T1 in one process of its own, and the parts it reported."""
    finished = []
    outcome = run("T1", report=lambda identifier, part: finished.append((identifier, part)))
    return outcome, finished


def test_a_claim_gets_its_verdicts_and_the_control_a_confirmed_witness(whole):
    outcome, finished = whole
    (result,) = outcome.results
    assert verdicts(result) == ["PROVED", "SUPPORTED", "REFUTED"]
    assert result.verdict is Verdict.SUPPORTED
    assert result.method == "generated"
    assert result.checks[1].cases >= 200
    assert any("rejected" in note for note in result.checks[1].notes)
    assert result.controls[0].result.witness.digits == 30
    assert finished == [("T1", "I1"), ("T1", "numbers"), ("T1", "factor 1.02")]
    jsonschema.validate(report.document(outcome, Context()), schema("verify"))
    assert outcome.exit_code == 0


def test_the_result_does_not_depend_on_the_process(whole, monkeypatch):
    """One process for the claim, one for each piece of it, or none."""
    monkeypatch.setattr(planning, "recorded", lambda budget: {"T1": {"I1": 50.0, "numbers": 50.0}})
    assert len(plan([registry.get("T1")], "quick", 2).tasks) == 2
    (cut,) = run("T1", jobs=2).results
    here = runner.run_claim("T1", Context())

    def bare(result):
        checks = [dataclasses.replace(check, seconds=0.0) for check in result.checks]
        controls = [dataclasses.replace(c.result, seconds=0.0) for c in result.controls]
        return checks, controls

    (pooled,) = whole[0].results
    assert bare(pooled) == bare(cut) == bare(here)


@pytest.mark.parametrize(
    ("identifier", "expected", "reason"),
    [
        ("T3", ["PROVED", "INCONCLUSIVE", "PROVED", "REFUTED"], "hangs: stopped after 5 s"),
        ("T9", ["INCONCLUSIVE", "PROVED", "REFUTED"], "stopped after the limit of 0.5 s of CPU"),
    ],
)
def test_a_check_that_does_not_end_is_inconclusive_and_takes_no_other_with_it(
    identifier, expected, reason
):
    outcome = run(identifier, "T2", jobs=1, grace=Grace(cpu_seconds=3.0, wall_seconds=5.0))
    endless, good = outcome.results
    assert verdicts(endless) == expected
    (notes,) = (check.notes for check in endless.checks if check.method is Method.NONE)
    assert reason in notes[0]
    assert good.verdict is Verdict.PROVED
    assert outcome.exit_code == 3
    assert dataclasses.replace(outcome, stopped="interrupted").exit_code == 130


@contextmanager
def neighbours(count: int):
    """Processes that spin, beside what is measured."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def words(outcome) -> list[str]:
    """All that a run says, but for its times."""
    results = [claim_to_data(result, "") for result in outcome.results]
    for data in results:
        for part in (data, *data["checks"], *data["controls"]):
            del part["seconds"]
    return [json.dumps(data, sort_keys=True) for data in results]


def test_words_do_not_depend_on_what_else_the_machine_does():
    """A check of T10 takes half its limit of CPU time; beside neighbours, more than it in time."""
    alone = run("T10", jobs=1)
    with neighbours(2 * (os.cpu_count() or 1)):
        beside = run("T10")
    (result,) = beside.results
    assert verdicts(result) == ["PROVED", "SUPPORTED", "REFUTED"]
    assert words(alone) == words(beside)


def ended(pid: int) -> bool:
    """Whether a process is gone; init may not have waited for it yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_check_whose_child_computes_ends_by_the_limit_with_all_its_descendants(
    tmp_path, monkeypatch
):
    """Its process only waits, in wall time far beyond what a hanging check is granted."""
    log = tmp_path / "log"
    monkeypatch.setenv("DEMO_LOG", str(log))
    (result,) = run("T13", jobs=1, grace=Grace(cpu_seconds=3.0, wall_seconds=3.0)).results
    assert verdicts(result) == ["INCONCLUSIVE", "PROVED", "REFUTED"]
    assert result.checks[0].notes == ("time ran out: stopped after the limit of 0.5 s of CPU time",)
    pids = [int(pid) for pid in log.read_text().split()]
    assert len(pids) == 2
    assert all(ended(pid) for pid in pids)


def test_a_check_sees_the_time_of_a_running_child():
    (result,) = run("T14", jobs=1).results
    assert verdicts(result) == ["INCONCLUSIVE", "REFUTED"]
    assert result.checks[0].notes == ("time ran out",)


def test_a_process_that_is_stopped_does_not_hang():
    """It is stopped for eight seconds; three of waiting would be too long."""
    (result,) = run("T15", jobs=1, grace=Grace(wall_seconds=3.0)).results
    assert verdicts(result) == ["PROVED", "REFUTED"]


def test_what_is_no_result_of_a_check_is_an_error_that_names_the_check():
    (result,) = run("T12").results
    assert verdicts(result) == ["INCONCLUSIVE"] * 3
    assert len(result.checks) == 2
    for part, name in zip(
        (*result.checks, result.controls[0].result),
        ("misplaced", "check 1", "control"),
        strict=True,
    ):
        assert f"check '{name}'" in part.notes[0]
        assert "returned ControlResult, not CheckResult" in part.notes[0]


def test_a_crash_and_an_exception_are_inconclusive_with_their_reason():
    crashed, failed = run("T4", "T5").results
    assert verdicts(crashed) == ["PROVED", "INCONCLUSIVE", "REFUTED"]
    assert "code 7" in crashed.checks[1].notes[0]
    assert verdicts(failed) == ["INCONCLUSIVE", "PROVED", "REFUTED"]
    assert failed.checks[0].notes == ("RuntimeError: no such luck",)


@pytest.mark.parametrize(
    ("identifier", "code"), [("T2", 0), ("T4", 3), ("T5", 2), ("T6", 1), ("T7", 1)]
)
def test_exit_codes(identifier, code):
    """Fine, its process ends, an error in a check, a control that stands, a refuted check."""
    outcome = run(identifier)
    assert outcome.exit_code == code
    assert report.document(outcome, Context())["exit_code"] == code


def test_any_refuted_check_refutes_the_claim():
    assert run("T7").results[0].verdict is Verdict.REFUTED


def test_ctrl_c_keeps_what_is_finished(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        if __name__ == "__main__":
            from proofs_check import runner
            from proofs_check.claim import Context
            from tests.proofs_check import demo_claims
            outcome = runner.run(
                ["T2", "T8"], Context(), modules=(demo_claims.MODULE,), jobs=2,
                report=lambda identifier, part: print(identifier, part, flush=True),
            )
            print(outcome.stopped)
            for result in outcome.results:
                print(*[check.verdict for check in result.checks])
        """)
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    )
    expected = {"T2 check 0\n", "T2 control\n", "T8 check 0\n"}
    while expected:
        expected.remove(process.stdout.readline())
    process.send_signal(signal.SIGINT)  # T8 sleeps in its second check now
    output, _ = process.communicate(timeout=300)
    assert output.splitlines() == ["interrupted", "PROVED", "PROVED INCONCLUSIVE"]


def test_the_time_of_the_whole_run_ends_it_and_keeps_what_is_finished(monkeypatch):
    """It is up when T8 sleeps in its second check and all before that has come."""
    awaited = {("T2", "check 0"), ("T2", "control"), ("T8", "check 0")}

    def clock():
        return time.monotonic() + (0.0 if awaited else 1e6)

    monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=clock))
    outcome = run(
        *("T2", "T8"), jobs=2, max_seconds=1e5, report=lambda *part: awaited.discard(part)
    )
    assert outcome.stopped == "max-seconds"
    good, slow = outcome.results
    assert good.verdict is Verdict.PROVED
    assert verdicts(slow) == ["PROVED", "INCONCLUSIVE", "INCONCLUSIVE"]
    assert slow.checks[1].notes == ("the time of the run was up",)
    assert outcome.exit_code == 124
    document = report.document(outcome, Context())
    assert document["complete"] is False
    assert document["errors"] == [
        {"claim": "", "part": "", "message": "stopped early: max-seconds"}
    ]
    cases = ElementTree.fromstring(report.junit(outcome)).iter("testcase")
    assert [case.get("name") for case in cases if case.find("error") is not None] == ["complete"]
    jsonschema.validate(report.document(outcome, Context()), schema("verify"))


RESUMED = """
    import json, sys
    if __name__ == "__main__":
        from proofs_check import runner
        from proofs_check.claim import Context
        from proofs_check.run.resume import Progress
        from tests.proofs_check import demo_claims
        modules = (demo_claims.MODULE,)
        outcome = runner.run(
            ["T11"], Context(), modules=modules, jobs=1, progress=Progress(sys.argv[1], Context()),
            report=lambda identifier, part: print(part, flush=True),
        )
        (result,) = outcome.results
        print(outcome.stopped or "complete", outcome.resumed)
        print(*[part.verdict for part in (*result.checks, *result.controls)])
"""


def test_ctrl_c_and_resume_do_only_the_rest(tmp_path):
    script, kept, log = tmp_path / "script.py", tmp_path / "kept.json", tmp_path / "log"
    script.write_text(textwrap.dedent(RESUMED))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "DEMO_LOG": str(log)}
    command = [sys.executable, str(script), str(kept)]
    first = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**environment, "DEMO_WAIT": "1"}
    )
    assert first.stdout.readline() == "check 0\n"
    first.send_signal(signal.SIGINT)
    output, _ = first.communicate(timeout=300)
    assert output.splitlines() == ["interrupted 0", "PROVED INCONCLUSIVE INCONCLUSIVE"]
    second = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert second.stdout.splitlines() == [
        "check 0",  # from the file, at once
        "check 1",
        "control",
        "complete 1",
        "PROVED PROVED REFUTED",
    ]
    assert log.read_text() == "ran\n"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["settings"].update(budget="full"), "same settings (budget quick, not full)"),
        (lambda d: d["settings"].update(seed=4), "same settings (seed 0, not 4)"),
        (lambda d: d["versions"].update(numpy="0.1"), "same versions (numpy"),
        (lambda d: d.update(sources="0" * 64), "these sources: they have changed since"),
        (
            lambda d: d.pop("claims"),
            "a file that --resume wrote, or a new one ('claims' is a required property)",
        ),
        (
            lambda d: d["claims"]["F1"][0].update(method="generated"),
            "method 'generated' cannot prove",
        ),
    ],
)
def test_a_file_of_another_run_is_refused(tmp_path, change, expected):
    path = tmp_path / "kept.json"
    proved = CheckResult("I3", Verdict.PROVED, Method.SYMBOLIC, "all n, d")
    Progress(str(path), Context()).add("F1", proved)
    assert Progress(str(path), Context()).finished("F1") == {"I3": proved}
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=re.escape(expected)):
        Progress(str(path), Context())


def test_a_kept_outcome_of_the_other_kind_is_not_taken_for_a_check(tmp_path):
    """A refuted control under a check's name would leave the claim without that check."""
    path = str(tmp_path / "kept.json")
    refuted = ControlResult("check 0", "none", demo_claims.refuted(Context()))
    kept = Progress(path, Context(), MODULES)
    kept.add("T2", refuted)
    outcome = run("T2", progress=Progress(path, Context(), MODULES))
    assert outcome.resumed == 0
    assert verdicts(outcome.results[0]) == ["PROVED", "REFUTED"]


def test_controls_and_checks_do_not_change_places():
    demo = demo_claims.DEMO
    for change in ({"checks": (*demo.checks, demo.controls[0])}, {"controls": demo.checks}):
        with pytest.raises(ValueError, match="wrong kind"):
            dataclasses.replace(demo, **change)


def test_controls_that_are_not_refuted_are_named():
    outcome = run("T2", "T6")
    text = report.human(outcome)
    assert "1 of 2 controls REFUTED, as all should be." in text
    assert "T6 control is PROVED, not REFUTED: control." in text
    found = report.document(outcome, Context())
    assert found["not_refuted"] == [{"claim": "T6", "control": "control", "verdict": "PROVED"}]
    assert "a control should be REFUTED, is PROVED" in report.junit(outcome)
    good = dataclasses.replace(outcome, results=outcome.results[:1], found=outcome.found[:1])
    assert "1 of 1 controls REFUTED, as they should be." in report.human(good)
    assert report.document(good, Context())["not_refuted"] == []


def test_inconclusive_outcomes_are_tried_again(tmp_path):
    kept = Progress(str(tmp_path / "kept.json"), Context())
    kept.add("F1", inconclusive("I3", "time ran out"))
    assert kept.finished("F1") == {}


def test_a_changed_module_changes_the_sources(tmp_path, monkeypatch):
    module = tmp_path / "further_claims.py"
    module.write_text("CLAIMS = ()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = sources_digest(["further_claims"])
    assert before != sources_digest()
    module.write_text("CLAIMS = ( )\n")
    assert before != sources_digest(["further_claims"])


def test_the_longest_start_first_and_a_dominating_claim_is_cut():
    claims = [registry.get(name) for name in ("F1", "F2", "E6")]
    times = {
        claim.identifier: {part.name: seconds for part in claim.parts}
        for claim, seconds in zip(claims, (10.0, 1.0, 2.0), strict=True)
    }
    planned = plan(claims, "quick", 4, times=times)
    assert [task.seconds for task in planned.tasks] == sorted(
        (task.seconds for task in planned.tasks), reverse=True
    )
    by_claim = {}
    for task in planned.tasks:
        by_claim.setdefault(task.claim.identifier, []).extend(task.parts)
    assert {name: sorted(parts) for name, parts in by_claim.items()} == {
        claim.identifier: sorted(part.name for part in claim.parts) for claim in claims
    }
    assert sum(task.claim.identifier == "F1" for task in planned.tasks) == 4
    assert sum(task.claim.identifier == "F2" for task in planned.tasks) == 1
    total = 10.0 * len(claims[0].parts) + 1.0 * len(claims[1].parts) + 2.0 * len(claims[2].parts)
    assert planned.seconds == pytest.approx(max(total / 4, planned.tasks[0].seconds))
    assert len(plan(claims, "quick", 1, times=times).tasks) == 3
    assert planned.untimed == 0


def test_recorded_times_come_from_a_report(tmp_path):
    report_path, target = tmp_path / "report.json", tmp_path / "times.json"
    outcome = run("T2")
    report_path.write_text(json.dumps(report.document(outcome, Context(budget="full"))))
    planning.record(str(report_path), target)
    (found,) = json.loads(target.read_text())["full"].items()
    assert found[0] == "T2"
    assert set(found[1]) == {"check 0", "control"}
    stopped = report.document(run("T4"), Context(budget="full"))  # its process ends in check 1
    report_path.write_text(json.dumps(stopped))
    planning.record(str(report_path), target)
    recorded = json.loads(target.read_text())["full"]
    assert {name: set(parts) for name, parts in recorded.items()} == {
        "T2": {"check 0", "control"},
        "T4": {"check 0", "control"},
    }
    with pytest.raises(InputError, match="a report of proofs-check verify"):
        planning.record(str(target), target)
