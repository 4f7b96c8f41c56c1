"""Finished scenes into shards and index.json; knows what a restart still has to make."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datagen.errors import OddgenError
from datagen.spec import Settings, scene_name
from datagen.write import FORMAT, FORMAT_VERSION, pack_shard, write_json


@dataclass
class Collector:
    """The output folder of one run; create with open_output."""

    out: Path
    settings: Settings
    scenes: int
    shards: dict[int, dict[str, Any]] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        return self.out / "work"

    def done(self) -> set[int]:
        """Indices of the scenes that need not be made again."""
        packed = {int(name[-6:]) for entry in self.shards.values() for name in entry["scenes"]}
        loose = {int(path.stem[-6:]) for path in self.work.glob("scene-*.h5")}
        return packed | loose

    def add(self, index: int, reason: str | None) -> None:
        """One scene is finished or failed; packs its shard once all of its scenes are."""
        if reason is None:
            self.failures.pop(index, None)
        else:
            self.failures[index] = reason
        shard = index // self.settings.scenes_per_shard
        if set(self._members(shard)) <= self.done() | set(self.failures):
            self._pack(shard)

    def finish(self) -> None:
        """Pack what is left over from an earlier kill."""
        for shard in range(-(-self.scenes // self.settings.scenes_per_shard)):
            if any(self._loose(index).exists() for index in self._members(shard)):
                self._pack(shard)
        self._write_index()
        shutil.rmtree(self.work, ignore_errors=True)

    def _members(self, shard: int) -> range:
        size = self.settings.scenes_per_shard
        return range(shard * size, min((shard + 1) * size, self.scenes))

    def _loose(self, index: int) -> Path:
        return self.work / f"{scene_name(index)}.h5"

    def _pack(self, shard: int) -> None:
        path = self.out / "shards" / f"shard-{shard:05d}.h5"
        old = set(self.shards[shard]["scenes"]) if shard in self.shards else set()
        parts = []
        for index in self._members(shard):
            if scene_name(index) in old:
                parts.append((path, scene_name(index)))
            elif self._loose(index).exists():
                parts.append((self._loose(index), scene_name(index)))
        if parts:
            self.shards[shard] = pack_shard(path, parts)
        self._write_index()
        for index in self._members(shard):
            self._loose(index).unlink(missing_ok=True)

    def _write_index(self) -> None:
        write_json(
            self.out / "index.json",
            {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "config": self.settings.to_json(),
                "fingerprint": self.settings.fingerprint(),
                "source": self.settings.source,
                "shards": [self.shards[key] for key in sorted(self.shards)],
                "failures": [
                    {"scene": scene_name(key), "reason": self.failures[key]}
                    for key in sorted(self.failures)
                ],
            },
        )


def open_output(out: Path, settings: Settings, scenes: int) -> Collector:
    """Start or resume; raises OddgenError where the folder cannot or must not be written."""
    collector = Collector(out, settings, scenes)
    try:
        index_file = out / "index.json"
        if index_file.exists():
            index = json.loads(index_file.read_text())
            if index.get("fingerprint") != settings.fingerprint():
                changed = _changed(index.get("config", {}), settings.to_json())
                raise OddgenError(
                    f"{out}: made with other settings ({changed}); "
                    "choose another --out, or repeat the first command's options to go on."
                )
            for entry in index["shards"]:
                number = int(Path(entry["file"]).stem[-5:])
                if (out / entry["file"]).exists():
                    collector.shards[number] = entry
        elif out.exists() and any(out.iterdir()):
            raise OddgenError(f"{out}: not empty and not ours; choose another --out.")
        collector.work.mkdir(parents=True, exist_ok=True)
        for leftover in collector.work.glob("*.part"):
            leftover.unlink()
        if not os.access(out, os.W_OK):
            raise PermissionError(13, "Permission denied")
        if not index_file.exists():
            collector._write_index()
    except json.JSONDecodeError as error:
        raise OddgenError(f"{index_file}: not readable ({error}); choose another --out.") from error
    except OSError as error:
        raise OddgenError(
            f"{out}: {error.strerror}; choose an --out folder that can be written."
        ) from error
    return collector


def _changed(old: dict[str, Any], new: dict[str, Any]) -> str:
    keys = [key for key in new if old.get(key) != new[key]]
    return ", ".join(f"{key} {old.get(key)} -> {new[key]}" for key in keys) or "unknown"
