"""A process that runs tasks and reports each part as it is done.

It is started as ``python -c`` with the search path of the process that started it and imports what
its tasks need, never the script that asked for them: a script without a guard cannot start itself
again. It ignores Ctrl-C, which its starter handles, and ends with its starter.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Literal

from numerics.errors import shorten
from numerics.execution.processors import share_processors
from numerics.execution.tasks import Work

_CODE = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "from numerics.execution.child import serve; serve({number})"
)


@dataclass(frozen=True)
class Order:
    """Parts for a process.

    Attributes
    ----------
    prepared : bytes
        Pickled ``(prepare, arguments)``.
    parts : sequence of bytes
        Pickled, each by itself.
    """

    prepared: bytes
    parts: Sequence[bytes]


@dataclass(frozen=True)
class Message:
    """What a process says: an order begins, a part is done or has failed, the order is through.

    Attributes
    ----------
    kind : {"begun", "done", "error", "through"}
    pickled : bytes
        The value, or the exception.
    reason : str
        The exception in words.
    seconds : float
        Wall time of the part.
    """

    kind: Literal["begun", "done", "error", "through"]
    pickled: bytes = b""
    reason: str = ""
    seconds: float = 0.0


def start(folder: str) -> tuple[subprocess.Popen[bytes], Connection]:
    """Start a process with a folder for its temporary files; returns it, and the line to it."""
    here, there = Pipe()
    # with -P the current folder comes only from this process's path, if it stands there
    places = [path or os.getcwd() for path in sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    number = there.fileno()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE.format(number=number)],
        stdin=subprocess.DEVNULL,
        stdout=_error_stream(),
        pass_fds=(number,),
        env=environment,
    )
    there.close()  # only the child holds it now: its death ends the stream
    with suppress(OSError):  # it has ended already, which is noticed when it is listened to
        here.send(folder)
    return process, here


def _error_stream() -> int | None:
    """What is printed elsewhere does not get between the lines of this process's output."""
    try:
        os.fstat(2)
    except OSError:
        return subprocess.DEVNULL
    return 2


def serve(number: int) -> None:
    """Run the orders that arrive on a descriptor (the process's main function)."""
    share_processors()
    connection = Connection(number)
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    try:
        tempfile.tempdir = connection.recv()
    except (EOFError, OSError):
        return
    threading.Thread(target=_listen, args=(connection, orders), daemon=True).start()
    known: tuple[bytes, Work | Exception] = (b"", OSError())
    with suppress(OSError):  # the starter has ended
        while True:
            order = orders.get()
            connection.send(Message("begun"))
            began = time.monotonic()
            if known[0] != order.prepared:
                known = order.prepared, _prepared(order.prepared)
            for part in order.parts:
                connection.send(_worked(known[1], part, began))
                began = time.monotonic()
            connection.send(Message("through"))


def _listen(connection: Connection, orders: queue.SimpleQueue[Order]) -> None:
    """Take orders, also while one is carried out; without the starter nothing is worth doing."""
    try:
        while True:
            orders.put(connection.recv())
    except (EOFError, OSError):
        os._exit(1)


def _prepared(pickled: bytes) -> Work | Exception:
    try:
        prepare, arguments = pickle.loads(pickled)
        work: Work = prepare(*arguments)
    except Exception as error:
        return error
    return work


def _worked(work: Work | Exception, part: bytes, began: float) -> Message:
    """Do one part."""
    try:
        if isinstance(work, Exception):
            raise work
        value = pickle.dumps(work(pickle.loads(part)))
    except Exception as error:
        reason = shorten(f"{type(error).__name__}: {error}", 300)
        return Message("error", _pickled(error, reason), reason, time.monotonic() - began)
    return Message("done", value, "", time.monotonic() - began)


def _pickled(error: Exception, reason: str) -> bytes:
    """The exception, if it survives; else its text."""
    try:
        text = pickle.dumps(error)
        pickle.loads(text)
    except Exception:
        return pickle.dumps(RuntimeError(reason))
    return text
