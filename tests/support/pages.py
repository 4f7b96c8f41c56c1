"""A reader of the pages that the tool writes."""

from __future__ import annotations

import json
from html.parser import HTMLParser


class Page(HTMLParser):
    """What a page refers to, its scenes, and whether every tag is closed."""

    VOID = {"meta", "link", "img", "input", "br"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.scenes: list[dict] = []
        self.open: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.references += [facts[key] for key in ("src", "href", "data", "action") if key in facts]
        if tag not in self.VOID:
            self.open.append(tag)
        self.inside = facts.get("class", "") if tag == "script" else tag

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.inside == "scene" and self.open and self.open[-1] == "script":
            self.scenes.append(json.loads(data))
        if self.inside == "style":
            assert "url(" not in data and "@import" not in data
