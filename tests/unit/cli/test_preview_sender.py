"""preview says it where a fallback's sender may be the number of a line, for all that is known."""

from __future__ import annotations

import json

import pytest

from gsmsend import config

from .approval_desk import Desk

TABLES = """
[fallback.main]
route = "notify"
text = "Example Police: help at https://example.org/help or 0808 157 0123. STOP to opt out."
sender = "+447700900777"
trial = "07700 900990"
segment = 0.03
budget = 50

[driver.notify]
key = "env:GSMSEND_TEST_CLOUD"
template = "f33517ff-2a88-4f6e-b855-c550268ce08a"
"""
LINE = '\n[line.red-phone]\niccid = "8944000000000000017"\n'
WORDS = "That may be the number of the line red-phone, which is not known"


@pytest.mark.parametrize(
    ("number", "sender", "told"),
    [("", "+447700900777", True), ("+447700900901", "+447700900777", False), ("", "ExamplePol", False)],
)
def test_a_sender_that_may_be_a_lines_number_is_pointed_out(
    desk: Desk, number: str, sender: str, told: bool
) -> None:
    line = LINE + (f'number = "{number}"\n' if number else "")
    with (desk.folder / config.FILE).open("a", encoding="utf-8") as file:
        file.write(TABLES.replace("+447700900777", sender) + line)
    desk.bring_in(3)
    page = desk.folder.parent / "page.html"
    shown = desk.call("preview", "--html", page).stdout
    assert (WORDS in " ".join(shown.split())) is told
    assert (WORDS in page.read_text(encoding="utf-8")) is told
    found = json.loads(desk.call("preview", "--json").stdout)["fallback"]
    assert found["unnumbered_line"] == ("red-phone" if told else None)
