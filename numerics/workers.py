"""Tasks in processes of this interpreter, results in the order of the tasks.

The processes import what they run and nothing else (not the caller's main module), so that a call
of the library from a script, a notebook or standard input may use them. They ignore Ctrl-C: the
caller ends them, and their input ends with the caller's life.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

#: ``progress(done, total)`` in units of work.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Effort:
    """What a long evaluation may use, and whom it tells how far it is.

    Attributes
    ----------
    processes : int
        Worker processes; 1: everything happens in this one.
    most_seconds : float
        Work predicted to take more CPU seconds on the machine of docs/performance.md is refused.
    progress : callable, optional
        Called as ``progress(nodes done, nodes in all)``.
    """

    processes: int = 1
    most_seconds: float = 600.0
    progress: Progress | None = None


#: Whether this process is one of several that share the processors, as its caller has said.
_shares = False


def share_processors() -> None:
    """Say that this is a worker process: others use the processors as well."""
    global _shares
    _shares = True


def usable_processors() -> int:
    """Processors that this process may use; 1 within a worker process of any pool.

    Examples
    --------
    >>> usable_processors() >= 1
    True
    """
    if _shares or multiprocessing.parent_process() is not None:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_tasks(
    target: str,
    job: Any,
    tasks: Sequence[Any],
    processes: int = 1,
    done: Callable[[int], None] | None = None,
) -> list[Any]:
    """Return ``[worker(task) for task in tasks]``, ``worker = target(job)``.

    Parameters
    ----------
    target : str
        ``module:name`` of a callable that turns the job into a function of a task.
    job, tasks, results
        Anything that can be pickled.
    processes : int
        Results do not depend on it.
    done : callable, optional
        Called with the number of each finished task, in any order.

    Examples
    --------
    >>> run_tasks("operator:methodcaller", "upper", ["a", "b"])
    ['A', 'B']
    """
    results: dict[int, Any] = {}
    report = done or (lambda number: None)
    if min(processes, len(tasks)) > 1:
        for number, result in _in_processes(target, job, tasks, min(processes, len(tasks))):
            results[number] = result
            report(number)
    missing = [number for number in range(len(tasks)) if number not in results]
    if missing:  # all of them without processes; otherwise those that a process lost
        worker = _resolve(target)(job)
        for number in missing:
            results[number] = worker(tasks[number])
            report(number)
    return [results[number] for number in range(len(tasks))]


def _resolve(target: str) -> Callable[[Any], Callable[[Any], Any]]:
    module, _, name = target.partition(":")
    found: Callable[[Any], Callable[[Any], Any]] = getattr(import_module(module), name)
    return found


def _in_processes(
    target: str, job: Any, tasks: Sequence[Any], processes: int
) -> Iterator[tuple[int, Any]]:
    """Yield numbers and results as they come; a process that dies leaves its task out."""
    messages: queue.SimpleQueue[tuple[int, Any] | None] = queue.SimpleQueue()
    numbers, lock = iter(range(len(tasks))), threading.Lock()

    def following() -> int | None:
        with lock:
            return next(numbers, None)

    children = [_start() for _ in range(processes)]
    threads = [
        threading.Thread(
            target=_feed, args=(child, (target, job), tasks, following, messages), daemon=True
        )
        for child in children
    ]
    try:
        for thread in threads:
            thread.start()
        running = processes
        while running:
            message = messages.get()
            if message is None:
                running -= 1
            elif isinstance(message[1], BaseException):
                raise message[1]
            else:
                yield message
    finally:
        for child in children:
            child.kill()
        for thread, child in zip(threads, children, strict=True):
            child.wait()
            if thread.ident is not None:
                thread.join()
            _close(child)


def _feed(
    child: subprocess.Popen[bytes],
    job: Any,
    tasks: Sequence[Any],
    following: Callable[[], int | None],
    messages: queue.SimpleQueue[tuple[int, Any] | None],
) -> None:
    """Give one process its job and task after task; None says that there is nothing more."""
    try:
        _send(child.stdin, job)
        while (number := following()) is not None:
            _send(child.stdin, tasks[number])
            messages.put((number, pickle.load(child.stdout)))  # type: ignore[arg-type]
    except (OSError, EOFError, pickle.UnpicklingError):
        pass  # the process ended: the caller takes over what it had
    finally:
        messages.put(None)


def _close(child: subprocess.Popen[bytes]) -> None:
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(OSError):  # what was on its way to the process is lost
                stream.close()


def _start() -> subprocess.Popen[bytes]:
    """Start one process with this one's search path."""
    # with -P the current folder comes only from this process's path, if it stands there
    places = [path or os.getcwd() for path in sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    command = [sys.executable, "-P", "-c", "from numerics.workers import serve; serve()"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _send(stream: Any, value: Any) -> None:
    pickle.dump(value, stream)
    stream.flush()


def _end_with_parent(parent: int) -> None:
    """A parent that was killed waits for no result, however long the task may take."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def serve() -> None:
    """Run tasks from standard input until it ends (the worker process's main function)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    share_processors()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    tasks = sys.stdin.buffer
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that is printed gets among the results
    try:
        target, job = pickle.load(tasks)
        worker = _resolve(target)(job)
        while True:
            task = pickle.load(tasks)
            try:
                result = worker(task)
            except Exception as error:
                result = error
            _send(results, result)
    except (EOFError, BrokenPipeError):
        return
