"""The one boundary between a user's file and what reads it: whatever comes out is one sentence."""

from __future__ import annotations

import errno
import re
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager

from datagen.base.files import in_words
from datagen.errors import NotNow, OddgenError

OURS = (AssertionError, NameError, NotImplementedError, SyntaxError)  # where our code raises them
PACKAGES = ("anomalies", "benchmark", "datagen", "model")
LIBRARIES = ("site-packages", "dist-packages", sysconfig.get_path("stdlib"), "<frozen")
MOMENT = (
    *(errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO),
    *(errno.EROFS, errno.EAGAIN, errno.ENOLCK, errno.ESTALE),
)
LONGEST = 160  # characters of a reader's own words
_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object")
DEBIAN = {
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libgomp.so.1": "libgomp1",
    "libX11.so.6": "libx11-6", "libXrender.so.1": "libxrender1", "libXxf86vm.so.1": "libxxf86vm1",
    "libXfixes.so.3": "libxfixes3", "libXi.so.6": "libxi6", "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6", "libICE.so.6": "libice6", "libusb-1.0.so.0": "libusb-1.0-0",
}  # fmt: skip


@contextmanager
def reading(path: object, remedy: str, kind: type[OddgenError] = OddgenError) -> Iterator[None]:
    """What a reader of the file raises comes out as `kind`, a sentence with the remedy.

    Sentences pass as they are, and so do errors that are the program's own. Faults of the moment
    come out as NotNow.
    """
    try:
        yield
    except OddgenError:
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
        if isinstance(error, OURS) and _is_ours(error):
            raise
        raise kind(f"{path}: cannot be read ({told(error)}); {remedy}.") from error


def _is_ours(error: BaseException) -> bool:
    """Whether it is a program's own fault, and no library gave up on a file so."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return True
    name, file = trace.tb_frame.f_globals.get("__name__"), trace.tb_frame.f_code.co_filename
    return str(name).partition(".")[0] in PACKAGES or not any(place in file for place in LIBRARIES)


def told(error: BaseException) -> str:
    """What an error says, short, on one line, without decoration."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("Location: ")]  # of Blender's scripts
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
    package = DEBIAN.get(name)
    install = f"apt-get install {package}" if package else "install the package that has it"
    return NotNow(f"{name} is missing on this machine; {install}, and run again.")
