"""Writing files whole or not at all, and reading them within bounds."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_SUFFIX = ".part"
#: Bytes of a file's name that stand in those of its temporary files.
_LONGEST = 200
_LEFTOVER = re.compile(r"\.(.+)\.[a-z0-9_]{8}\.part", re.DOTALL)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that readers see the old content or the new, never a part.

    An existing file keeps its permissions.

    Parameters
    ----------
    path : Path
    content : str or bytes
        Text is encoded in UTF-8.

    Raises
    ------
    OSError
        If the file cannot be written; nothing is left behind.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "run.json"), "{}")
    ...     [file.name for file in Path(folder).iterdir()]
    ['run.json']
    """
    data = content.encode() if isinstance(content, str) else content
    descriptor, temporary = tempfile.mkstemp(
        prefix=f".{_short(path.name)}.", suffix=_SUFFIX, dir=path.parent
    )
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):  # interrupted just after it took its place
            os.unlink(temporary)
        raise


def remove_leftovers(folder: Path, name: str | None = None) -> None:
    """Remove what killed writers of a file (by default: of any in the folder) have left.

    Only for who holds the lock (`numerics.locks.locked`).

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, ".run.json.ab3d_f7h.part").touch()
    ...     remove_leftovers(Path(folder), "run.json")
    ...     list(Path(folder).iterdir())
    []
    """
    wanted = None if name is None else _short(name)
    with suppress(OSError):
        for entry in os.scandir(folder):
            found = _LEFTOVER.fullmatch(entry.name)
            if found and wanted in (None, found[1]) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    os.unlink(entry.path)


def read_bounded(path: Path, most_bytes: int) -> str:
    """Read a regular file of UTF-8 text that is not larger than it should be.

    Raises
    ------
    OSError
        If it cannot be read, or is a folder, a device or a pipe.
    ValueError
        If it is larger, or no UTF-8 text.

    Examples
    --------
    >>> read_bounded(Path("/dev/zero"), 100)
    Traceback (most recent call last):
    ...
    OSError: [Errno 22] not a regular file: '/dev/zero'
    """
    # a pipe without a writer would block
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(22, "not a regular file", str(path))
        data = stream.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise ValueError(f"larger than {most_bytes} bytes")
    return data.decode("utf-8")


def _short(name: str) -> str:
    """A name that leaves room for more, where systems have 255 bytes: a digest of a long one."""
    data = os.fsencode(name)
    return name if len(data) <= _LONGEST else hashlib.sha256(data).hexdigest()[:32]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
