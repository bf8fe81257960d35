"""Tasks on the workers of a Dask scheduler.

The scheduler is given whole tasks. A worker hands each to a process of its own, which is ended at
the limits as one of this machine is (`numerics.execution.local`), so that nothing blocks a worker.
Outcomes travel as events soon after they are there, and once more together when their task ends;
what arrives twice, because a worker was lost or thought to be, is dropped. When the connection to
the scheduler is lost, the unfinished tasks are sent again after it is back.
"""

from __future__ import annotations

import logging
import pickle
import queue
import re
import time
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from numerics.errors import InputError, shorten
from numerics.execution.local import Packed, Stop, in_order, packed, unpacked
from numerics.execution.on_worker import OtherVersionsError, versions_here, work_on
from numerics.execution.tasks import Outcome, SchedulerError, Task

#: Wall seconds in which the scheduler, and its first worker, must be found, and found again.
PATIENCE = 30.0
#: Tasks sent beyond those that run, so that no worker waits for the next.
_AHEAD = 2
#: Seconds between questions whether to stop, and between looks at the workers.
_ASK, _LOOK = 0.2, 2.0
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:[0-9]{1,5}|(tcp|tls)://\[[0-9a-fA-F:]+\]:[0-9]{1,5}")
#: ``--scheduler`` with this word starts a scheduler and workers on this machine.
LOCAL_CLUSTER = "local"
_ALLOWED = f'"{LOCAL_CLUSTER}", or an address such as tcp://host:8786'


@dataclass
class _Sent:
    """A task that the scheduler has."""

    task: Packed
    future: Any
    missing: set[int] = field(init=False)  # parts without an outcome

    def __post_init__(self) -> None:
        self.missing = {number for number, _ in self.task.parts}


class DaskExecutor:
    """Runs tasks on the workers of a scheduler (`numerics.execution.executor` makes one).

    Parameters
    ----------
    scheduler : str
        Its address, or ``"local"``.
    processes : int
        Number of workers of a local one.
    identity : callable
        What workers must have in common with this process.
    """

    def __init__(
        self, scheduler: str, processes: int, identity: Callable[[], Mapping[str, str]]
    ) -> None:
        if scheduler != LOCAL_CLUSTER and not _ADDRESS.fullmatch(scheduler):
            raise InputError("--scheduler", scheduler, _ALLOWED)
        try:
            import distributed
        except ImportError as error:
            allowed = 'an installed Dask: pip install "proofs-check[cluster]"'
            raise InputError("--scheduler", scheduler, allowed) from error
        self.scheduler = scheduler
        self.identity = identity
        self.expected = dict(identity())
        self._messages: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._arrived: deque[Outcome] = deque()
        self._sent: dict[str, _Sent] = {}
        self._again: list[Packed] = []  # to be sent again
        self._topic = f"proofs-check-{uuid.uuid4().hex}"
        self._room = ExitStack()
        self._looked = 0.0
        self.slots = 0
        try:
            self._room.enter_context(_quiet())
            self._client = self._connect(distributed, processes)
            self._compare_versions()
            self._client.subscribe_topic(self._topic, self._heard)
        except BaseException:
            self._room.close()
            raise

    def run(self, tasks: Iterable[Task], stop: Stop = lambda: False) -> Iterator[Outcome]:
        """Yield outcomes (`numerics.execution.Executor`)."""
        source = map(packed, in_order(tasks))
        self._arrived.clear()  # of a run that was left
        try:
            while self._fill(source):
                self._listen()
                yield from self.arrived()
                if stop():
                    break
        except SchedulerError:
            yield from self.arrived()
            raise
        finally:
            self._cancel()
        yield from self.arrived()

    def arrived(self) -> Iterator[Outcome]:
        """Outcomes not yet yielded when a run was interrupted (`numerics.execution.Executor`)."""
        while self._arrived:
            yield unpacked(self._arrived.popleft())

    def close(self) -> None:
        """Leave the scheduler; end a local one."""
        self._cancel()
        self._room.close()

    def __enter__(self) -> DaskExecutor:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    # -- connection

    def _connect(self, distributed: Any, processes: int) -> Any:
        address = self.scheduler
        if address == LOCAL_CLUSTER:
            # in threads: what computes is in processes of its own anyway
            cluster = distributed.LocalCluster(
                n_workers=processes,
                threads_per_worker=1,
                processes=False,
                protocol="tcp://",
                host="127.0.0.1",
                dashboard_address=None,
            )
            self._room.callback(cluster.close)
            address = cluster
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError) as error:
            allowed = f"a scheduler that answers within {PATIENCE:g} s"
            raise SchedulerError(self.scheduler, allowed) from error
        self._room.callback(client.close, timeout=_LOOK)
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            allowed = f"a scheduler that has a worker within {PATIENCE:g} s"
            raise SchedulerError(self.scheduler, allowed) from error
        return client

    def _compare_versions(self) -> None:
        """Refuse workers that might compute something else; each checks itself again later."""
        from distributed.comm.core import CommClosedError

        answers = self._client.run(versions_here, self.identity, on_error="return")
        for worker, answer in answers.items():
            if isinstance(answer, CommClosedError):
                continue  # it was lost while it was asked
            if isinstance(answer, Exception):
                reason = f"it has no such proofs-check: {type(answer).__name__}: {answer}"
                raise self._other(worker, reason)
            if answer != self.expected:
                raise self._other(worker, differences(answer, self.expected))

    def _other(self, worker: str, reason: str) -> SchedulerError:
        allowed = f"workers with the versions here; {worker} differs: {reason}"
        return SchedulerError(self.scheduler, allowed)

    def _count_slots(self) -> None:
        """Workers come and go."""
        now = time.monotonic()
        if now - self._looked > _LOOK:
            self._looked = now
            with suppress(Exception):  # no answer: the last number stands
                threads = self._client.sync(self._client.scheduler.ncores, callback_timeout=_LOOK)
                self.slots = max(1, sum(threads.values()))

    # -- tasks

    def _fill(self, source: Iterator[Packed]) -> bool:
        """Send as many tasks as there is room for; returns whether any are out."""
        if self._client.status == "running":
            if self._again:
                self._client.subscribe_topic(self._topic, self._heard)  # it may know nothing of it
            while self._again:
                self._send(self._again.pop(0))
            self._count_slots()
            while len(self._sent) < self.slots + _AHEAD:
                task = next(source, None)
                if task is None:
                    break
                if task.key in self._sent:
                    raise ValueError(f"two tasks have the key {task.key}")
                if task.parts:
                    self._send(task)
        return bool(self._sent or self._again)

    def _send(self, task: Packed) -> None:
        key = f"{self._topic}-{task.key}-{uuid.uuid4().hex[:8]}"
        future = self._client.submit(
            work_on, task, self.identity, self.expected, self._topic, key=key, pure=False
        )
        self._sent[task.key] = _Sent(task, future)
        future.add_done_callback(lambda done: self._messages.put(("ended", (task.key, done))))

    def _heard(self, event: tuple[float, Any]) -> None:
        self._messages.put(("outcome", pickle.loads(event[1])))

    def _listen(self) -> None:
        """Wait for messages for a moment; then take all there are."""
        with suppress(queue.Empty):
            self._take(*self._messages.get(timeout=_ASK))
            while True:
                self._take(*self._messages.get_nowait())
        if self._client.status in ("closing", "closed"):
            allowed = f"a scheduler that stays, or is back within {PATIENCE:g} s: it was lost"
            raise SchedulerError(self.scheduler, allowed)

    def _take(self, kind: str, content: Any) -> None:
        if kind == "outcome":
            self._keep(*content)
            return
        key, future = content
        sent = self._sent.get(key)
        if sent is None or sent.future is not future:
            return  # of an earlier run, or of a task that was sent again
        if future.status == "error":
            self._failed(sent, future.exception())
        elif future.status != "finished" or not self._gathered(future):
            self._lost(sent)
        else:
            del self._sent[key]

    def _gathered(self, future: Any) -> bool:
        """Take what a finished task has returned; False if it went with its worker."""
        try:
            outcomes = future.result(timeout=PATIENCE)
        except Exception:  # of many kinds: of the connection, of the worker, cancelled
            return False
        self._keep(future.key, outcomes)
        return True

    def _keep(self, key: str, outcomes: Iterable[Outcome]) -> None:
        """Take outcomes, each once."""
        for outcome in outcomes:
            sent = self._sent.get(outcome.key)
            if sent is not None and sent.future.key == key and outcome.part in sent.missing:
                sent.missing.discard(outcome.part)
                self._arrived.append(outcome)

    def _failed(self, sent: _Sent, error: BaseException) -> None:
        del self._sent[sent.task.key]
        if isinstance(error, OtherVersionsError):
            raise self._other(error.worker, differences(error.found, self.expected))
        if type(error).__name__ != "KilledWorker":
            words = shorten(f"{type(error).__name__}: {error}", 300)
            raise SchedulerError(self.scheduler, f"workers that take tasks; one said {words}")
        reason = f"its workers were lost: {error}"
        for number in sorted(sent.missing):
            self._arrived.append(Outcome(sent.task.key, number, "lost", reason=reason))

    def _lost(self, sent: _Sent) -> None:
        """Have what is left of a task sent again: the scheduler was lost, or its memory."""
        del self._sent[sent.task.key]
        rest = tuple(part for part in sent.task.parts if part[0] in sent.missing)
        if rest:
            self._again.append(replace(sent.task, parts=rest))

    def _cancel(self) -> None:
        """Let the workers end what runs, keeping what has arrived."""
        with suppress(queue.Empty):
            while True:
                kind, content = self._messages.get_nowait()
                if kind == "outcome":
                    self._keep(*content)
        futures = [sent.future for sent in self._sent.values()]
        self._sent.clear()
        self._again.clear()
        if futures and self._client.status == "running":
            with suppress(Exception):  # nobody is there to be told
                self._client.cancel(futures, force=True)


def differences(found: Mapping[str, str], expected: Mapping[str, str]) -> str:
    """Name what differs.

    Examples
    --------
    >>> differences({"sympy": "1.0"}, {"sympy": "1.1"})
    'sympy 1.0, not 1.1'
    """
    names = [name for name in expected if found.get(name) != expected[name]]
    return ", ".join(f"{name} {found.get(name)}, not {expected[name]}" for name in names)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own words from standard error; what matters is said by an exception."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            warnings.filterwarnings("ignore", message="Sending large graph")
            yield
    finally:
        logger.setLevel(level)
