"""CPU time with running children, each counted once."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from proofs_check.cpu_time import cpu_seconds, passed

#: A child computes, waits for its own that does, and says so; then both wait to be ended.
SPIN = """
import subprocess, sys, time
def spin():
    while time.process_time() < 0.5:
        pass
spin()
if len(sys.argv) > 1:
    subprocess.run([sys.executable, "-c", sys.argv[1]], stdin=subprocess.DEVNULL)
print(flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("generations", [1, 2])
def test_a_child_counts_once_while_it_runs_and_after(generations):
    before, deadline = cpu_seconds(), cpu_seconds() + 0.4 * generations
    command = [sys.executable, "-c", SPIN, *[SPIN] * (generations - 1)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        for _ in range(generations):
            child.stdout.readline()
        spent = sum(psutil.Process(child.pid).cpu_times()[:4])
        running = cpu_seconds()
        child.stdin.close()
    ended = cpu_seconds()
    assert spent > 0.4 * generations
    assert spent - 0.05 < running - before < spent + 0.4  # clocks tick in hundredths
    assert -0.05 < ended - running < 0.4
    assert passed(deadline)
