"""The system libraries that Blender, Open3D and the CAD importers load."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from datagen.base.reading import DEBIAN
from datagen.machine.finding import Finding

LOADED = {
    "bpy": "__init__*.so",
    "open3d": "cpu/pybind*.so",
    "cascadio": "*.so*",
    "lib3mf": "*.so*",
}  # package, and which of its files load system libraries
SECONDS = 20.0
_NOT_FOUND = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)


def library_finding() -> Finding:
    """Which of them are missing, and the packages of Debian and Ubuntu that hold them."""
    about = "system libraries"
    if shutil.which("ldd") is None:
        return Finding(about, "note", "not looked for, as there is no ldd here")
    missing = sorted({name for file in _files() for name in _not_found(file)})
    if not missing:
        return Finding(about, "ok", f"all that {', '.join(LOADED)} load are there")
    packages = sorted({DEBIAN[name] for name in missing if name in DEBIAN})
    unknown = [name for name in missing if name not in DEBIAN]
    remedies = [f"apt-get install {' '.join(packages)}"] if packages else []
    remedies += [f"install what holds {', '.join(unknown)}"] if unknown else []
    return Finding(about, "wrong", f"{', '.join(missing)} missing", " and ".join(remedies))


def _files() -> list[Path]:
    found = []
    for package, pattern in LOADED.items():
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found += sorted(Path(folder).glob(pattern))
    return found


def _not_found(file: Path) -> list[str]:
    try:
        told = subprocess.run(
            ["ldd", str(file)], capture_output=True, text=True, errors="replace", timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return _NOT_FOUND.findall(told.stdout)
