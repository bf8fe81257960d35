"""A Dask scheduler and workers as processes of their own on the loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil


class Cluster:
    """Started and ended process by process.

    Parameters
    ----------
    folder : Path
        For the workers' files and everyone's log.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self._special: list[subprocess.Popen[bytes]] = []

    def mend(self, workers: int = 2) -> None:
        """Have a scheduler and so many ordinary workers, those that are there or new ones."""
        if not self.scheduler_runs():
            self.start_scheduler()
        self._end([worker for worker in self.workers if worker in self._special])
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        self._end(self.workers[workers:])
        del self.workers[workers:]
        while len(self.workers) < workers:
            self.start_worker()

    def start_scheduler(self) -> None:
        words = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard", "--no-show")
        self.scheduler = self._start("dask_scheduler", *words)

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        words = (self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
        worker = self._start(
            "dask_worker", *words, "--local-directory", str(self.folder), **environment
        )
        self.workers.append(worker)
        if environment:
            self._special.append(worker)
        return worker

    def scheduler_runs(self) -> bool:
        return self.scheduler is not None and self.scheduler.poll() is None

    def kill_scheduler(self) -> None:
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def kill_worker(self, number: int = 0) -> list[psutil.Process]:
        """Kill a worker, and return the processes that it had started."""
        worker = self.workers.pop(number)
        children = psutil.Process(worker.pid).children(recursive=True)
        worker.kill()
        worker.wait()
        return children

    def stop_worker(self, number: int = 0) -> None:
        self.workers[number].send_signal(signal.SIGSTOP)

    def continue_worker(self, number: int = 0) -> None:
        self.workers[number].send_signal(signal.SIGCONT)

    def end(self) -> None:
        self._end([*self.workers, *([self.scheduler] if self.scheduler else [])])
        self.workers.clear()

    @staticmethod
    def _end(processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.kill()
            process.wait()

    def _start(self, program: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(path for path in sys.path if path)
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *words],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": path, **environment},
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def gone(processes: list[psutil.Process], seconds: float = 60.0) -> bool:
    """Whether processes end within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(_runs(process) for process in processes):
            return True
        time.sleep(0.1)
    return False


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
