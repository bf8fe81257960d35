"""Locks on what a command writes: a second writer is refused and told who the first is.

The lock is on a file beside the one that is written (``.NAME.lock``; in a folder
``.proofs-check.lock``), held by the system for as long as the process lives: nobody has to clear up
after one that was killed. It is removed on release.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from numerics.errors import InputError, why
from numerics.files import remove_leftovers

#: Locks of this process, each with the thread that took it.
_held: dict[str, int] = {}
_LONGEST_NOTE = 1000
_PREFIX = "proofs-check-room-"
#: A folder younger than this may not have been locked yet.
_YOUNG_SECONDS = 10.0


class _ReplacedError(Exception):
    """The lock file was removed by its last holder after we had opened it."""


@contextmanager
def locked(
    argument: str, target: Path, *, folder: bool = False, tidy: bool = True
) -> Iterator[None]:
    """Hold the lock on a file, or on a folder's contents, that is going to be written.

    What a killed writer left of unfinished writing is removed. A device or a pipe is not locked,
    and what lies in no folder is left for its writer to refuse. Within a thread a lock may be taken
    again.

    Parameters
    ----------
    argument : str
        Name used in errors.
    target : Path
        The file, which need not exist; or a folder, which must.
    folder : bool
    tidy : bool
        Whether to remove what killed writers left: not of what is only going to be read.

    Raises
    ------
    InputError
        If another process, or thread, holds it (with its number and its command), or if nothing can
        be written there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as room:
    ...     with locked("--out", Path(room, "run.csv")):
    ...         held = os.listdir(room)
    ...     held, os.listdir(room)
    (['.run.csv.lock'], [])
    """
    path = _lock_path(target, folder)
    name = str(path)
    if path is None or _held.get(name) == threading.get_ident():
        yield
        return
    with _exclusive(path, argument, target):
        _held[name] = threading.get_ident()
        try:
            if tidy:
                remove_leftovers(
                    path.parent, None if folder else Path(os.path.realpath(target)).name
                )
            yield
        finally:
            del _held[name]


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that is removed on exit; those that killed processes left are removed first.

    Examples
    --------
    >>> with temporary_folder() as folder:
    ...     Path(folder, "notes").touch()
    >>> folder.exists()
    False
    """
    base = Path(tempfile.gettempdir())
    for other in base.glob(f"{_PREFIX}*"):
        with suppress(OSError, InputError):
            own = other.is_dir() and other.stat().st_uid == os.getuid()
            if own and time.time() - other.stat().st_mtime > _YOUNG_SECONDS:
                with locked("temporary folder", other, folder=True):
                    shutil.rmtree(other, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    try:
        with locked("temporary folder", folder, folder=True):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lock_path(target: Path, folder: bool) -> Path | None:
    try:
        real = Path(os.path.realpath(target))
        if folder:
            return real / ".proofs-check.lock" if real.is_dir() else None
        ordinary = real.is_file() or not real.exists()
        return real.with_name(f".{real.name}.lock") if ordinary and real.parent.is_dir() else None
    except (OSError, ValueError):
        return None


@contextmanager
def _exclusive(path: Path, argument: str, target: Path) -> Iterator[None]:
    """Hold the lock file; it is removed while it is still held."""
    import filelock

    def sign(descriptor: int) -> None:
        """Leave our name in the file, if it is still the one that others see."""
        try:
            if os.fstat(descriptor).st_ino != os.stat(path).st_ino:
                raise _ReplacedError
        except FileNotFoundError:
            raise _ReplacedError from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _signature().encode("utf-8", "surrogateescape"), 0)

    lock = filelock.FileLock(path, timeout=0, on_acquired=sign)
    while True:
        try:
            lock.acquire()
            break
        except _ReplacedError:
            continue
        except filelock.Timeout:
            allowed = f"a file that no other command is writing; {_holder(path)} is"
            raise InputError(argument, str(target), allowed) from None
        except OSError as error:
            allowed = f"a place that can be written ({why(error)})"
            raise InputError(argument, str(target), allowed) from error
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        lock.release()


def _signature() -> str:
    command = shlex.join([os.path.basename(sys.argv[0] or "python"), *sys.argv[1:]])
    return f"process {os.getpid()} ({command})"[:_LONGEST_NOTE]


def _holder(path: Path) -> str:
    """What the holder wrote; it may be about to."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            text = os.read(descriptor, 4 * _LONGEST_NOTE).decode("utf-8", "backslashreplace")
        finally:
            os.close(descriptor)
        note = " ".join(text.split())
        if note.startswith("process ") and note.isprintable():
            return note[:200]
    return "another process"
