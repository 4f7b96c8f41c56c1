"""Blender and Open3D: whether they load, each in a process of its own, and what renders."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from datagen.base.parallel import Died, WarmProcess
from datagen.base.reading import library_missing, told
from datagen.errors import NotNow
from datagen.machine.finding import Finding

SECONDS = 120.0  # from a cold disk


def program_findings() -> list[Finding]:
    """Of Blender, of what Cycles renders on, and of Open3D."""
    with ThreadPoolExecutor(2) as threads:
        blender, open3d = threads.map(_loaded, (_blender, _open3d))
    if isinstance(blender, Finding):
        first = [blender]
    else:
        number, device = blender
        first = [Finding("Blender", "ok", number), _device(device)]
    second = open3d if isinstance(open3d, Finding) else Finding("Open3D", "ok", open3d[0])
    return [*first, second]


def _device(line: str) -> Finding:
    backend, _, names = line.partition(": ")
    if backend != "CPU":
        return Finding("GPU", "ok", f"{names} ({backend})")
    remedy = "images are rendered on the CPU; install the GPU's driver if there is one"
    return Finding("GPU", "note", "none that Cycles can use", remedy)


def _loaded(load: Callable[[], tuple[str, ...]]) -> tuple[str, ...] | Finding:
    about, package = NAMES[load]
    process = WarmProcess("process", SECONDS, None)
    try:
        return process.call(load)
    except ModuleNotFoundError:
        return Finding(about, "wrong", "not installed", f"pip install {package}")
    except ImportError as error:
        sentence = library_missing(error)
        why = str(sentence).partition(";") if isinstance(sentence, NotNow) else None
        if why is not None:
            return Finding(about, "wrong", why[0], why[2].strip(" ."))
        again = f"pip install --force-reinstall {package}"
        return Finding(about, "wrong", f"cannot be loaded ({told(error)})", again)
    except Died as error:
        again = f"free memory, or pip install --force-reinstall {package}"
        return Finding(about, "wrong", f"cannot be loaded, {error}", again)
    except NotNow as error:
        return Finding(about, "wrong", "cannot be loaded", str(error).rstrip("."))
    finally:
        process.close()


def _blender() -> tuple[str, ...]:
    """Its version, and the line of what Cycles renders on."""
    from datagen.blender.cycles import find_device
    from datagen.blender.session import reset

    bpy = reset()
    return bpy.app.version_string, find_device(bpy)


def _open3d() -> tuple[str, ...]:
    """Its version."""
    import open3d

    return (open3d.__version__,)


NAMES = {_blender: ("Blender", "bpy"), _open3d: ("Open3D", "open3d")}
