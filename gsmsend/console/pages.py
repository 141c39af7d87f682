"""Templates: every value in them is escaped, and what strangers wrote is made inert as on the terminal."""

from __future__ import annotations

import time
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gsmsend import __version__, inert
from gsmsend.cli.words import STATE_WORDS, bars, count, duration, level
from gsmsend.model import State

_PACKAGE = "gsmsend.console"


@cache
def environment() -> Environment:
    """Jinja2 with our filters; compiled templates are kept."""
    made = Environment(
        loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(
        inert=inert.plain, inert_line=inert.line, clock=_clock, moment=_moment, bars=bars, level=level,
        duration=duration, count=count, thousands=lambda number: f"{number:,}",
    )  # fmt: skip
    words = {state.value: told for state, told in STATE_WORDS.items()}
    made.globals.update(version=__version__, states=[state.value for state in State], state_words=words)
    return made


def render(template: str, **values: Any) -> str:
    """A page, or a piece of one."""
    return environment().get_template(template).render(**values)


@cache
def static_path() -> str:
    """Where the files of pages are."""
    return str(resources.files(_PACKAGE).joinpath("static"))


def _clock(at_s: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at_s))


def _moment(at_s: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at_s))
