"""What officers see of a fallback before they sign, and what is said of a trial phone or budget that cannot be."""

from __future__ import annotations

import json

import pytest

from gsmsend import config

from .approval_desk import TEXT, Desk
from .test_fallback_command import OTHER, TABLES


@pytest.fixture(autouse=True)
def tables(desk: Desk) -> None:
    with (desk.folder / config.FILE).open("a", encoding="utf-8") as file:
        file.write(TABLES)


def _in_one(text: str) -> str:
    """Without the line ends of the screen."""
    return " ".join(text.replace("|", " ").split())


def test_who_signs_sees_the_fallback_word_for_word(desk: Desk) -> None:
    desk.bring_in(3)
    desk.add("DC Example")
    result = desk.approve("DC Example")
    assert result.exit_code == 0, result.output
    shown = _in_one(result.output)
    assert OTHER in shown
    assert "go over notify, from ExamplePol" in shown
    assert "a line has no network, for more than 30 minutes" in shown
    assert "It costs at most 0.09 GBP (all 3 texts at 0.03 a segment, budget 50.00)" in shown
    assert "It carries nothing yet: no trial text was sent to +447*****0990." in shown


def test_a_recipient_is_no_phone_for_the_trial(desk: Desk) -> None:
    desk.settle("07700 900990", "+44 7700 900002")
    desk.bring_in(3)
    result = desk.call("fallback", "trial", "--yes")
    assert result.exit_code == 5
    assert "(+447*****0002) is that of a recipient of campaign main" in result.output
    desk.add("DC Example")
    refused = desk.approve("DC Example")
    assert refused.exit_code == 5
    assert "is that of a recipient, who would be texted twice" in _in_one(refused.output)
    shown = _in_one(desk.call("preview").output)
    assert "Next: Name the phone of an officer as trial under [fallback.main] in gsmsend.toml. Then:" in shown
    assert "reword" not in shown


def test_a_small_budget_is_said_before_it_is_spent(desk: Desk) -> None:
    desk.settle("budget = 50", "budget = 0.05")
    desk.bring_in(3)
    result = desk.call("preview")
    assert "the fallback's budget of 0.05 pays for only 1 of 3 texts" in _in_one(result.output)
    assert "It costs at most 0.03 GBP (only 1 of 3 texts at 0.03 a segment" in _in_one(result.output)
    found = json.loads(desk.call("preview", "--json").output)
    assert [one["name"] for one in found["checks"]] == ["fallback"]
    assert found["blocked_by"] == []


def test_what_is_wrong_with_its_text_is_corrected_in_its_table(desk: Desk) -> None:
    desk.settle("or 0808 157 0123. STOP to opt out. From a new number.", "and that is all.")
    desk.bring_in(3)
    shown = _in_one(desk.call("preview").output)
    assert "Correct text (or the file of text_file) under [fallback.main] in gsmsend.toml." in shown
    assert "reword" not in shown


def test_a_fallback_of_a_misspelt_campaign_is_found_before_it_is_needed(desk: Desk) -> None:
    desk.settle("[fallback.main]", "[fallback.mian]")
    desk.bring_in(3)
    shown = _in_one(desk.call("preview").output)
    assert "[fallback.mian] in gsmsend.toml is for no campaign: there is none called mian" in shown
    assert "call it [fallback.main]" in shown
    found = json.loads(desk.call("doctor", "--json").output)
    told = "there is no campaign mian, and main has no fallback"
    assert [one["level"] for one in found["findings"] if told in one["says"]] == ["bad"]


def test_a_closed_line_says_that_the_fallback_is_there_for_its_texts(desk: Desk) -> None:
    with (desk.folder / config.FILE).open("a", encoding="utf-8") as file:
        file.write('\n[line.red]\niccid = "8944000000000000017"\ncloses = 2020-01-01\n')
    desk.bring_in(3, TEXT, "--line", "red")
    shown = _in_one(desk.call("preview").output)
    assert "3 of 3 texts cannot leave from it, and go over the fallback" in shown
    assert "Correct closes" not in shown


def test_a_trial_costs_what_its_fallback_does(desk: Desk) -> None:
    desk.bring_in(3)
    desk.call("fallback", "trial", "--yes")
    found = json.loads(desk.call("preview", "--campaign", "main trial", "--json").output)
    assert (found["cost"], found["lines"][0]["price"]) == ("0.03", "0.03")
    desk.add("DC Example")
    shown = _in_one(desk.approve("DC Example", "--campaign", "main trial").output)
    assert "0.03 GBP" in shown
