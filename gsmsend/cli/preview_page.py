"""The preview as one HTML page for a supervisor: it loads nothing, runs nothing, and prints."""

from __future__ import annotations

from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from gsmsend import __version__
from gsmsend.cli.preview_words import dear_words, people, trial_words
from gsmsend.cli.words import STATE_WORDS
from gsmsend.inert import plain


def page(found: dict[str, Any], *, unmasked: bool) -> str:
    """The page of what `preview --json` says. Everything in it is escaped."""
    source = resources.files("gsmsend").joinpath("data", "preview.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    shown = _inert(found)
    for kind in shown["kinds"]:
        kind["seen"] = people(kind["texts"])
    for several in ("kinds", "answers"):
        for reading, told in zip(shown[several], found[several], strict=True):
            _spell(reading, told)
    if found["fallback"] is not None:
        _spell(shown["fallback"], found["fallback"])
        shown["fallback"]["trial_words"] = plain(trial_words(found["fallback"]))
    words = {state.value: told for state, told in STATE_WORDS.items()}
    return environment.from_string(source).render(
        **shown, state_words=words, version=__version__, unmasked=unmasked
    )


def _spell(reading: dict[str, Any], told: dict[str, Any]) -> None:
    for dear, as_told in zip(reading["dear"], told["dear"], strict=True):
        dear["words"] = dear_words(as_told)  # of the character itself, not of what stands for it here


def _inert(value: Any) -> Any:
    """The same without characters that could turn round or hide what stands beside them."""
    match value:
        case str():
            return plain(value)
        case dict():
            return {key: _inert(one) for key, one in value.items()}
        case list():
            return [_inert(one) for one in value]
    return value
