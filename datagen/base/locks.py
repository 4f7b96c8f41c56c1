"""One run at a time in a folder, where its file system knows locks."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from datagen.errors import OddgenError

UNKNOWN = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # of a file system without locks


class NoLocks(UserWarning):
    """A file system knows no locks, so that a second run is not kept out."""


@contextmanager
def alone(path: Path, busy: str) -> Iterator[None]:
    """Holds the lock file; the system ends that with the process, however that ends.

    Without locks, all goes on and a NoLocks warning says so. busy: the sentence of the OddgenError
    where another process holds it. Raises OSError where the lock file cannot be written.
    """
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise OddgenError(busy) from error
    except (NotImplementedError, OSError) as error:
        if not knows_none(error):
            raise
        warnings.warn(
            f"{path.parent}: this file system knows no locks; start no second run in this folder.",
            NoLocks,
            stacklevel=3,
        )
    try:
        yield
    finally:
        lock.release()


def knows_none(error: Exception) -> bool:
    """Whether the error says that the file system has no locks."""
    return isinstance(error, NotImplementedError) or getattr(error, "errno", None) in UNKNOWN
