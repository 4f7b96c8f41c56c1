"""The one boundary between a user's file and what reads it: whatever comes out is one sentence."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from datagen.base.files import in_words
from datagen.errors import NotNow, OddgenError

OURS = (AssertionError, NameError, NotImplementedError, SyntaxError)  # of the program, not the file
MOMENT = (
    *(errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO),
    *(errno.EROFS, errno.EAGAIN, errno.ENOLCK, errno.ESTALE),
)
LONGEST = 160  # characters of a reader's own words
_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object")
PACKAGES = {
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libgomp.so.1": "libgomp1",
    "libX11.so.6": "libx11-6", "libXrender.so.1": "libxrender1", "libXxf86vm.so.1": "libxxf86vm1",
    "libXfixes.so.3": "libxfixes3", "libXi.so.6": "libxi6", "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6", "libICE.so.6": "libice6", "libusb-1.0.so.0": "libusb-1.0-0",
}  # fmt: skip


@contextmanager
def reading(path: object, remedy: str, kind: type[OddgenError] = OddgenError) -> Iterator[None]:
    """What a reader of the file raises comes out as `kind`, a sentence with the remedy.

    Sentences pass as they are, and so do errors of the program itself. Faults of the moment come
    out as NotNow.
    """
    try:
        yield
    except (OddgenError, *OURS):
        raise
    except ImportError as error:
        raise library_missing(error) from error
    except MemoryError as error:
        raise NotNow(
            f"{path}: memory ran out while it was read; free some and run again."
        ) from error
    except OSError as error:
        if error.errno in MOMENT:
            raise NotNow(
                f"{path}: {in_words(error)} while it was read; mend that and run again."
            ) from error
        words = in_words(error)
        words = f"cannot be read ({words})" if error.errno is None else words
        raise kind(f"{path}: {words}; {remedy}.") from error
    except Exception as error:
        raise kind(f"{path}: cannot be read ({told(error)}); {remedy}.") from error


def told(error: BaseException) -> str:
    """What an error says, short, on one line, without decoration."""
    lines = str(error).strip().splitlines()
    words = " ".join((lines[-1] if lines else "").split()).removeprefix("Error: ")
    words = words.replace(", see console for detail", "").rstrip(".")
    if isinstance(error, KeyError) or not words:
        words = f"{type(error).__name__} {words}".strip()
    return words if len(words) <= LONGEST else words[:LONGEST] + " ..."


def library_missing(error: ImportError) -> NotNow | ImportError:
    """A sentence for a system library that is not there; another ImportError as it is."""
    found = _LIBRARY.search(str(error))
    if found is None:
        return error
    name = found.group(1)
    package = PACKAGES.get(name)
    install = f"apt-get install {package}" if package else "install the package that has it"
    return NotNow(f"{name} is missing on this machine; {install}, and run again.")
