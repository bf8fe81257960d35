"""Dask on the loopback: workers killed and stopped, the scheduler restarted, clients killed.

What comes out is what processes of this machine give, each part once. The long form
(``PROOFS_CHECK_TEST_MULTIPLIER=8``) repeats the faults at random moments.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from numerics.errors import InputError
from numerics.execution import Executor, Limits, SchedulerError, Task, executor
from numerics.execution import cluster as dask
from tests.faults import runs
from tests.faults.cluster import Cluster, gone
from tests.faults.test_kills import KILLS
from tests.numerics.execution import jobs

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals"),
]
LIMITS = Limits(cpu_seconds=0.5, waiting_seconds=1.0)
KINDS = ("value", "error", "exit", "pause", "value")
VERIFY = ["verify", "E6"]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster
    finally:
        cluster.end()


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    """A scheduler and two workers that answer, whatever the test before has done to them."""
    started.mend()
    with pool_of(started.address) as pool:
        while pool.slots != 2:
            list(pool.run(batches(1, ("value",))))
    return started


def pool_of(scheduler: str | None, **more: Any) -> Executor:
    return executor(scheduler, identity=jobs.identity, **more)


def batches(count: int, kinds: tuple[str, ...] = KINDS) -> list[Task]:
    parts = tuple((kind, number) for number, kind in enumerate(kinds))
    return [Task(f"{n}", jobs.prepared, (n,), parts, LIMITS) for n in range(count)]


def bare(outcomes: Any) -> list[tuple[Any, ...]]:
    """Outcomes without times, in the order of the tasks; none twice."""
    found = [
        (each.key, each.part, each.ended, each.value, repr(each.error), each.reason)
        for each in outcomes
    ]
    assert len({row[:2] for row in found}) == len(found)
    return sorted(found)


def test_a_cluster_gives_what_this_machine_gives(cluster: Cluster, capfd: Any) -> None:
    tasks = [*batches(2)[1:], *batches(1, ("value", "spins", "sleeps", "value"))]
    cheap = batches(2)
    with pool_of(None, processes=2) as here:
        wanted, wanted_cheap = bare(here.run(tasks)), bare(here.run(cheap))
    with pool_of(cluster.address) as there:
        assert bare(there.run(tasks)) == wanted
        assert there.slots == 2
    with pool_of("local", processes=2) as there:
        assert bare(there.run(cheap)) == wanted_cheap
    worker = psutil.Process(cluster.workers[0].pid)
    assert worker.status() != psutil.STATUS_ZOMBIE
    assert capfd.readouterr() == ("", "")


def test_stop_ends_what_runs_on_the_workers(cluster: Cluster) -> None:
    tasks = batches(2, ("value", "spins"))
    tasks = [Task(t.key, t.prepare, t.arguments, t.parts) for t in tasks]  # without limits
    outcomes: list[Any] = []
    with pool_of(cluster.address) as pool:
        for outcome in pool.run(tasks, lambda: len(outcomes) == 2):
            outcomes.append(outcome)
        children = [
            child
            for worker in cluster.workers
            for child in psutil.Process(worker.pid).children(recursive=True)
            if child.cpu_times().user > 1 and "execution.child" in " ".join(child.cmdline())
        ]
        assert len(outcomes) == 2
        assert gone(children)
        assert [o.value for o in pool.run(batches(1, ("value",)))] == [0]  # nothing is blocked


def faults(cluster: Cluster, generator: random.Random) -> None:
    """Kill a worker, stop another one and let it go on, restart the scheduler."""
    pause = lambda: time.sleep(generator.uniform(0.3, 1.2))  # noqa: E731
    pause()
    children = cluster.kill_worker()
    assert gone(children)
    cluster.stop_worker()
    cluster.start_worker()
    pause()
    cluster.continue_worker()
    pause()
    cluster.kill_scheduler()  # the workers leave when they notice
    cluster.start_scheduler()
    cluster.start_worker()
    cluster.start_worker()


def test_lost_workers_and_a_lost_scheduler_cost_time_only(cluster: Cluster) -> None:
    generator = random.Random(KILLS)
    for _ in range(max(1, KILLS // 2)):
        tasks = batches(8, ("value", "pause", "error", "pause", "pause"))
        with pool_of(None, processes=2) as here:
            wanted = bare(here.run(tasks))
        troubled: list[BaseException] = []
        failing = threading.Thread(target=noted, args=(troubled, cluster, generator))
        with pool_of(cluster.address) as pool:
            failing.start()
            assert bare(pool.run(tasks)) == wanted
        failing.join()
        assert not troubled
        cluster.mend()


def noted(troubled: list[BaseException], *arguments: Any) -> None:
    """Let `faults` happen, and keep what goes wrong with that for the test to see."""
    try:
        faults(*arguments)
    except BaseException as error:
        troubled.append(error)


def test_a_scheduler_that_stays_away_is_an_error_after_what_was_finished(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    def stop() -> bool:
        if len(found) >= 2 and cluster.scheduler_runs():
            cluster.kill_scheduler()
        return False

    with pool_of(cluster.address) as pool:
        monkeypatch.setattr(dask, "PATIENCE", 5.0)
        with pytest.raises(SchedulerError, match="it was lost"):
            found.extend(outcome.key for outcome in pool.run(batches(30, ("pause",)), stop))
    assert len(found) == len(set(found)) >= 2


def report(path: Path) -> Any:
    return runs.timeless(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.skipif(KILLS == 1, reason="long form; the short one kills a sweep")
def test_a_killed_client_goes_on_and_ends_as_here(cluster: Cluster, tmp_path: Path) -> None:
    runs.finished([*VERIFY, "--json", str(tmp_path / "here.json")])
    words = [*VERIFY, "--scheduler", cluster.address, "--resume", str(tmp_path / "state")]
    for moment in runs.moments(7, KILLS, 6.0):
        runs.ended(words, moment, signal.SIGKILL)
    process = runs.start([*words, "--json", str(tmp_path / "there.json")])
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert all(line.startswith("proofs-check: ") for line in errors.splitlines()), errors
    assert report(tmp_path / "there.json") == report(tmp_path / "here.json")
    again = runs.start([*words, "--json", str(tmp_path / "again.json")])
    _, errors = again.communicate(timeout=300)
    assert again.returncode == 0, errors
    assert report(tmp_path / "again.json") == report(tmp_path / "here.json")


def test_a_worker_that_is_lost_while_it_is_asked_has_no_other_version(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    import distributed
    from distributed.comm.core import CommClosedError

    asked = distributed.Client.run

    def run(client: Any, *arguments: Any, **more: Any) -> Any:
        first, *others = asked(client, *arguments, **more).items()
        return dict([(first[0], lost), *others])

    monkeypatch.setattr(distributed.Client, "run", run)
    lost: BaseException = CommClosedError("reset by peer")
    with pool_of(cluster.address) as pool:
        assert [o.value for o in pool.run(batches(1, ("value",)))] == [0]
    lost = ModuleNotFoundError("proofs_check")
    with pytest.raises(SchedulerError, match="has no such proofs-check"):
        pool_of(cluster.address)


def test_other_versions_are_named_before_work_is_sent(cluster: Cluster, tmp_path: Path) -> None:
    """A worker that finds another NumPy; and one that comes only when work is under way."""
    other = tmp_path / "other" / "numpy-0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 0.1\n")
    path = os.pathsep.join([str(other.parent), *(path for path in sys.path if path)])
    cluster.start_worker(PYTHONPATH=path)
    with executor(cluster.address, identity=jobs.identity) as pool:  # which says nothing of NumPy
        while pool.slots < 3:
            list(pool.run(batches(1, ("value",))))
            time.sleep(0.2)
    done = subprocess.run(
        [sys.executable, "-m", "proofs_check", *VERIFY, "--scheduler", cluster.address],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 2  # the plan, and the error
    assert "error: --scheduler: got" in done.stderr
    assert "numpy 0.1, not " in done.stderr
    with pool_of(cluster.address) as pool:
        cluster.start_worker(TEST_COLOUR="red")
        with pytest.raises(SchedulerError, match="colour red, not"):
            list(pool.run(batches(60, ("pause",))))


@pytest.mark.parametrize(
    ("scheduler", "allowed"),
    [
        ("", "an address such as"),
        ("tcp://", "an address such as"),
        ("host:8786", "an address such as"),
        ("tcp://127.0.0.1:1", "a scheduler that answers within"),
    ],
)
def test_addresses_that_are_none(
    scheduler: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "PATIENCE", 1.0)
    with pytest.raises(InputError, match=allowed):
        pool_of(scheduler)
