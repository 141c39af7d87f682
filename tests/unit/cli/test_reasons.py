"""A reason is kept in clear: one with a phone number in it is not taken, on any command that asks for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.cli.reasons import refuse_number
from gsmsend.errors import UsageError

from .conftest import Call

NUMBER = "07700 900123"


@pytest.mark.parametrize(
    "words",
    ["rang 07700900123 about it", "rang 07700 900 123", "+447700900123 complained", "0044 7700 900123 said so",
     "(07700) 900123", "07700-900-123", "+44 (0)20 7946 0018 is the landline", "+1 650-253-0000 said so"],
)  # fmt: skip
def test_a_number_is_found_however_it_is_written(words: str) -> None:
    with pytest.raises(UsageError, match="--because has a phone number in it") as caught:
        refuse_number(words, "--because", "GB")
    assert "by its id" in caught.value.remedy
    assert "900" not in str(caught.value)


@pytest.mark.parametrize(
    "words",
    ["", "a complaint", "message 1042 bounced", "CAD 4711/22112026", "on 2026-11-22 at 08:07", "ICCID ...0123"],
)
def test_other_figures_may_be_said(words: str) -> None:
    refuse_number(words, "--because", "GB")


@pytest.mark.parametrize(
    "command",
    [("pause",), ("resume",), ("cancel", "--yes"), ("forget", "main"), ("resolve", "1", "--as", "sent"),
     ("inbox", "seen", "1"), ("verify", "--accept-older")],
)  # fmt: skip
def test_each_command_refuses_it(call: Call, operation: Path, command: tuple[str, ...]) -> None:
    done = call(*command, "--because", f"rang {NUMBER}", "--operation", operation)
    assert done.exit_code == 2, done.output
    assert "has a phone number in it" in done.stderr
    assert NUMBER not in done.output


def test_a_list_of_people_is_no_place_for_one_either(call: Call, operation: Path) -> None:
    done = call("suppress", "add", "+447700900001", "--reason", f"as {NUMBER}", "--operation", operation)
    assert done.exit_code == 2
    assert NUMBER not in done.output
