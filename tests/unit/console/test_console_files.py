"""The files that the pages are made of: colours that can be read, and what others wrote, unchanged."""

from __future__ import annotations

import re
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from gsmsend.console.pages import environment, static_path

STATIC = Path(static_path())
CSS = (STATIC / "console.css").read_text(encoding="utf-8")
_LIGHT, _DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)
_MARKS = ("edge", "focus", "sent", "delivered")
"""Borders and lines, which need 3:1 (WCAG 2.2, 1.4.11)."""


def ratio(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2, relative luminance)."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [_LIGHT, _DARK], ids=["light", "dark"])
def test_what_is_written_can_be_read(colours: dict[str, str]) -> None:
    assert len(colours) > 20
    for name, colour in colours.items():
        ground, _, _ = name.partition("-")
        if "-" in name:
            assert ratio(colour, colours[ground]) >= 4.5, name
        if name in _MARKS:
            assert min(ratio(colour, colours["paper"]), ratio(colour, colours["soft"])) >= 3, name


def test_dark_has_every_colour_that_light_has() -> None:
    assert _LIGHT.keys() == _DARK.keys()
    outside = re.sub(r":root \{.*?\}", "", CSS, flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-f]{3,8}\b(?=[;, ])", outside)


def test_files_of_others_are_as_they_were_published() -> None:
    known = tomllib.loads((STATIC / "vendored.toml").read_text(encoding="utf-8"))
    for name, row in known.items():
        assert sha256((STATIC / name).read_bytes()).hexdigest() == row["sha256"], name
        assert sha256((STATIC / row["licence_file"]).read_bytes()).hexdigest() == row["licence_sha256"], name
        assert row["version"] in row["tarball"]
    scripts = {file.name for file in STATIC.glob("*.js")} - {"console.js"}
    assert scripts == set(known)


def test_nothing_is_loaded_from_elsewhere() -> None:
    texts = [CSS, (STATIC / "console.js").read_text(encoding="utf-8")]
    made = environment()
    assert made.loader is not None
    texts += [made.loader.get_source(made, name)[0] for name in made.list_templates()]
    for text in texts:
        assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text), text[:200]
    assert made.autoescape is True
