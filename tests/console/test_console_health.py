"""How well lines do: on the wall, for eyes and for ears, and with its reasons on the page of routes."""

from __future__ import annotations

import re
import time
from dataclasses import replace

from gsmsend import config
from gsmsend.console.finding import gather
from gsmsend.console.sentence import sentence
from gsmsend.model import State

from .conftest import Browser, words
from .scene import Scene, struggle


def test_a_sick_line_is_told_in_form_in_words_and_with_its_reasons(scene: Scene, browser: Browser) -> None:
    with scene.store() as store:
        struggle(store, scene.lines[1], time.time(), 6)
    browser.by_key("DC Operator")
    with scene.running():
        wall, routes = browser.get("/"), words(browser.get("/routes"))
    assert re.search("\u25a0 health 1[0-9] of 100, sick", words(wall))
    assert "3 of 3 lines in use, 1 in poor health" in words(wall)
    assert words(wall).count("6 of the last 6 texts were refused by the network (CMS 38)") >= 2
    assert "\u25cf health 100 of 100, well" in words(wall)
    assert "6 of the last 6 texts were refused by the network (CMS 38)" in routes


def test_without_a_run_nobody_is_shown_as_sick(scene: Scene, browser: Browser) -> None:
    with scene.store() as store:
        struggle(store, scene.lines[1], time.time(), 6)
    browser.by_key("DC Operator")
    assert "of 100, sick" not in words(browser.get("/"))


def test_one_sick_line_of_many_is_for_its_tile_and_more_are_for_the_sentence(scene: Scene) -> None:
    settings = config.load(scene.folder)
    with scene.store() as store, scene.running():
        struggle(store, scene.lines[1], time.time(), 6)
        found = gather(settings, store, time.time())
    assert [line.sick != "" for line in found.lines].count(True) == 1
    assert any(alert.words.startswith("Line sim-") and "works badly" in alert.words for alert in found.alerts)
    calm = replace(found, dangers=0, totals={**found.totals, State.UNCERTAIN: 0})
    assert sentence(calm).words == "1 of 3 lines in poor health"
    assert "6 of the last 6 texts were refused" in sentence(calm).more
    many = replace(calm, lines=(*calm.lines, *(line for line in calm.lines if not line.sick)))
    assert "poor health" not in sentence(many).words
