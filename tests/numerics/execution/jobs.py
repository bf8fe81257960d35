"""What the tests of execution run in other processes: found there by its name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any


class OwnError(Exception):
    """An error of the work's own kind."""


def prepared(factor: int, log: str = "") -> Callable[[Any], Any]:
    """Return the work; leaves a line in the log whenever it is prepared."""
    if log:
        with open(log, "a", encoding="utf-8") as stream:
            stream.write(f"{os.getpid()}\n")

    def work(part: Any) -> Any:
        kind, number = part
        return KINDS[kind](factor * number)

    return work


def broken(factor: int) -> Callable[[Any], Any]:
    """Fail to prepare."""
    raise OwnError("not today")


def fail(number: int) -> int:
    raise OwnError(number)


def end(number: int) -> int:
    os._exit(9)


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def leave(number: int) -> int:
    raise SystemExit(3)


def spin(number: int) -> int:
    while True:
        pass


def sleep(number: int) -> int:
    time.sleep(600)
    return number


def pause(number: int) -> int:
    time.sleep(0.4)
    return number


def loud(number: int) -> int:
    print("noise")
    os.write(1, b"more noise")
    return number


def unsendable(number: int) -> Any:
    return lambda: number


KINDS: dict[str, Callable[[int], Any]] = {
    "value": int,
    "pause": pause,
    "loud": loud,
    "error": fail,
    "exit": end,
    "killed": die,
    "leaves": leave,
    "spins": spin,
    "sleeps": sleep,
    "unsendable": unsendable,
}


def identity() -> dict[str, str]:
    """What a worker has, as its environment says."""
    return {"colour": os.environ.get("TEST_COLOUR", "blue")}
