"""Small claims that exercise the runner; registered by importing this module."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from functools import partial

from flint import arb

from proofs_check.checks import BallCheck, Enclosed, FunctionCheck, GeneratedCheck, IdentityCheck
from proofs_check.claim import Claim, Context, Control
from proofs_check.registry import register
from proofs_check.sampling import Cases
from proofs_check.statements import Mixture, Relation, dot, scaled
from proofs_check.verdict import CheckResult, ControlResult, Method, Verdict, inconclusive

MODULE = __name__


def de_bruijn(factor: Fraction) -> Relation:
    return Relation(
        f"sum_j v_j . grad_j K = {factor} L",
        lambda at: dot(at.means, at.gradient("kl")),
        "=",
        lambda at: scaled(factor, at.loss("forward")),
    )


SMALL = Cases(components=(1, 2), dimensions=(1, 1))


def sleep(context: Context) -> Enclosed:
    time.sleep(600)
    return proved(context)


def spin(context: Context) -> CheckResult:
    """Compute without a look at the limit."""
    while True:
        pass


def work(context: Context) -> CheckResult:
    """Compute for a second of CPU time, and say whether that was within the limit."""
    start = time.process_time()
    while time.process_time() < start + 1.0:
        pass
    return inconclusive("", "time ran out") if context.expired else proved(context)


def python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a process of this interpreter."""
    return subprocess.Popen([sys.executable, "-c", code, *arguments])


def spin_in_a_child(context: Context) -> CheckResult:
    """Wait for a child that computes, and for its child, which sleeps and ignores SIGTERM."""
    idle = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    code = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]])\n"
        "with open(os.environ['DEMO_LOG'], 'w') as log: print(os.getpid(), child.pid, file=log)\n"
        "while True: pass"
    )
    python(code, idle).wait()
    return proved(context)


def look_while_a_child_spins(context: Context) -> CheckResult:
    """Look at the limit while a child computes."""
    child = python("while True: pass")
    try:
        while not context.expired:
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()
    return inconclusive("", "time ran out")


def stopped_for_a_while(context: Context) -> CheckResult:
    """Stop this process, to be continued eight seconds later."""
    code = "import os, sys, time; time.sleep(8); os.kill(int(sys.argv[1]), int(sys.argv[2]))"
    helper = python(code, str(os.getpid()), str(int(signal.SIGCONT)))
    os.kill(os.getpid(), signal.SIGSTOP)
    helper.wait()
    return proved(context)


def misplaced(context: Context) -> ControlResult:
    """A refuted control, of all things."""
    return ControlResult("", "everything", refuted(context))


class Misplaced:
    """A check that returns what is none."""

    name = "misplaced"

    def run(self, context: Context) -> ControlResult:
        return misplaced(context)


def crash(context: Context) -> CheckResult:
    os._exit(7)


def fail(context: Context) -> CheckResult:
    raise RuntimeError("no such luck")


def proved(context: Context) -> Enclosed:
    return Enclosed("pi < 22/7", lambda digits: arb.pi(), "<", "22/7", "one number")


def logged(context: Context) -> CheckResult:
    """Leave a line in a file whenever this runs."""
    with open(os.environ["DEMO_LOG"], "a", encoding="utf-8") as log:
        log.write("ran\n")
    return proved(context)


def waiting(context: Context) -> CheckResult:
    """Sleep where the environment says so."""
    if os.environ.get("DEMO_WAIT"):
        time.sleep(600)
    return proved(context)


def refuted(context: Context) -> CheckResult:
    return CheckResult("", Verdict.REFUTED, Method.NUMERICAL, "one case", margin="1")


def as_check(name, given):
    """A check as it stands, or one of a function."""
    return given if hasattr(given, "run") else FunctionCheck(name, partial(act, given))


def act(function, context: Context):
    """What all checks here have in common, so that a control is related to its claim's checks."""
    return function(context)


def claim(identifier: str, *functions, control=refuted, quick: float = 60.0) -> Claim:
    return register(
        Claim(
            identifier,
            f"demo {identifier}",
            "nothing in particular",
            "",
            "tests",
            (),
            tuple(as_check(f"check {k}", f) for k, f in enumerate(functions)),
            (Control("control", "everything", as_check("control", control)),),
            {"quick": quick, "full": quick},
        )
    )


DEMO = register(
    Claim(
        "T1",
        "de Bruijn's identity",
        "sum_j v_j . grad_j K = L",
        r"\sum_j v_j \cdot \nabla_j K = L",
        "tests",
        ("unit covariances",),
        (IdentityCheck("I1"), GeneratedCheck("numbers", de_bruijn(Fraction(1)), SMALL)),
        (
            Control(
                "factor 1.02",
                "L multiplied by 1.02",
                GeneratedCheck("numbers 1.02", de_bruijn(Fraction(51, 50)), SMALL),
            ),
        ),
    )
)
GOOD = claim("T2", proved)
SLOW = claim("T3", proved, sleep, proved, quick=0.5)
CRASHING = claim("T4", proved, crash)
FAILING = claim("T5", fail, proved)
BLIND = claim("T6", proved, control=proved)
FALSE = claim("T7", proved, refuted)
LONG = claim("T8", proved, sleep, quick=500)
WORKING = claim(
    "T10",
    work,
    BallCheck("numbers", de_bruijn(Fraction(1)), (Mixture.of([["0"], ["2"]]),)),
    control=GeneratedCheck("numbers 1.02", de_bruijn(Fraction(51, 50)), SMALL),
    quick=2.0,
)
SPINNING = claim("T9", spin, proved, quick=0.5)
RESUMABLE = claim("T11", logged, waiting, quick=500)
MISPLACED = claim("T12", Misplaced(), misplaced, control=misplaced)
PARENT = claim("T13", spin_in_a_child, proved, quick=0.5)
LOOKING = claim("T14", look_while_a_child_spins, quick=0.5)
STOPPED = claim("T15", stopped_for_a_while, quick=0.1)
