"""Is a shape in two splits, or twice under other names?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from datagen.validate.checks import Finding
from datagen.validate.scene_checks import CheckedScene

SPLITS = {True: "seen", False: "unseen", None: "not known"}


def check_splits(scenes: Sequence[CheckedScene]) -> Iterator[Finding]:
    """Shapes that are in two splits or twice in one, of all scenes together.

    By the shapes' ids and by their content (geometry, UVs and materials).
    """
    by_id: dict[str, set[str]] = defaultdict(set)
    by_content: dict[str, set[str]] = defaultdict(set)
    ids: dict[str, set[str]] = defaultdict(set)
    for scene in scenes:
        if scene.shape is None:
            continue
        split = scene.shape.split or SPLITS[scene.shape.seen]
        by_id[scene.shape.id].add(split)
        if scene.content is not None:
            by_content[scene.content].add(split)
            ids[scene.content].add(scene.shape.id)
    for name, splits in sorted(by_id.items()):
        if len(splits) > 1:
            yield Finding("data.split-id", name, f"is in {' and in '.join(sorted(splits))}")
    for content, names in sorted(ids.items(), key=lambda item: sorted(item[1])):
        listed = ", ".join(sorted(names))
        if len(by_content[content]) > 1:
            told = f"have one content, in {' and in '.join(sorted(by_content[content]))}"
            yield Finding("data.split-content", listed, told)
        elif len(names) > 1:
            yield Finding("data.duplicate", listed, "are one shape under several ids")
