"""The runner: time limits, crashes, Ctrl-C, and results that do not depend on the pool."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import jsonschema
import pytest

from proofs_check import report, runner
from proofs_check.claim import Context
from proofs_check.schemas import schema
from proofs_check.verdict import Verdict
from tests.proofs_check import demo_claims

MODULES = (demo_claims.MODULE,)


def run(*identifiers: str, **options):
    return runner.run(identifiers, Context(), modules=MODULES, **options)


def verdicts(result) -> list[str]:
    return [str(part.verdict) for part in (*result.checks, *result.controls)]


def test_a_claim_gets_its_verdicts_and_the_control_a_confirmed_witness():
    finished = []
    outcome = run("T1", report=lambda identifier, part: finished.append((identifier, part)))
    (result,) = outcome.results
    assert verdicts(result) == ["PROVED", "SUPPORTED", "REFUTED"]
    assert result.verdict is Verdict.SUPPORTED
    assert result.method == "generated"
    assert result.checks[1].cases >= 200
    assert any("rejected" in note for note in result.checks[1].notes)
    assert result.controls[0].result.witness.digits == 30
    assert finished == [("T1", "I1"), ("T1", "numbers"), ("T1", "factor 1.02")]
    jsonschema.validate(report.document(outcome, Context()), schema("verify"))
    assert report.exit_code(outcome) == 0


def test_the_result_does_not_depend_on_the_process():
    (pooled,) = run("T1", jobs=2).results
    here = runner.run_claim("T1", Context())

    def bare(result):
        checks = [dataclasses.replace(check, seconds=0.0) for check in result.checks]
        controls = [dataclasses.replace(c.result, seconds=0.0) for c in result.controls]
        return checks, controls

    assert bare(pooled) == bare(here)


def test_a_claim_over_its_limit_is_inconclusive_and_keeps_what_is_finished():
    start = time.monotonic()
    outcome = run("T3", "T2", jobs=1, grace=4.0)
    assert time.monotonic() - start < 60
    slow, good = outcome.results
    assert verdicts(slow) == ["PROVED", "INCONCLUSIVE", "INCONCLUSIVE", "INCONCLUSIVE"]
    assert "time limit of 0.5 s" in slow.checks[1].notes[0]
    assert good.verdict is Verdict.PROVED
    assert report.exit_code(outcome) == 1  # the slow claim's control was not refuted
    interrupted = dataclasses.replace(outcome, interrupted=True)
    assert report.exit_code(interrupted, strict=True) == 130  # ... but had it had the time?


def test_a_crash_and_an_exception_are_inconclusive_with_their_reason():
    crashed, failed = run("T4", "T5").results
    assert verdicts(crashed) == ["PROVED", "INCONCLUSIVE", "INCONCLUSIVE"]
    assert "code 7" in crashed.checks[1].notes[0]
    assert verdicts(failed) == ["INCONCLUSIVE", "PROVED", "REFUTED"]
    assert failed.checks[0].notes == ("RuntimeError: no such luck",)


@pytest.mark.parametrize(
    ("identifier", "code", "strict"),
    [("T2", 0, 0), ("T5", 0, 1), ("T6", 1, 1), ("T7", 1, 1)],
)
def test_exit_codes(identifier, code, strict):
    outcome = run(identifier)
    assert report.exit_code(outcome) == code
    assert report.exit_code(outcome, strict=True) == strict


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
                ["T2", "T8"], Context(), modules=(demo_claims.MODULE,), jobs=1,
                report=lambda identifier, part: print(identifier, part, flush=True),
            )
            print(outcome.interrupted)
            for result in outcome.results:
                print(*[check.verdict for check in result.checks])
        """)
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    )
    for line in process.stdout:
        if line == "T8 check 0\n":  # T8 sleeps in its second check now
            process.send_signal(signal.SIGINT)
            break
    output, _ = process.communicate(timeout=60)
    assert output.splitlines() == ["True", "PROVED", "PROVED INCONCLUSIVE"]
