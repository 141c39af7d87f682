"""gsmsend fallback and fallback trial: what is set, what is lacking, and the trial's own approval."""

from __future__ import annotations

import json

import pytest

from gsmsend import config, wiring
from gsmsend.campaign.fallback import digest_of_wording
from gsmsend.errors import GuardStop
from gsmsend.model import Device, Sim, State
from gsmsend.testing import store_desk

from .approval_desk import Desk

OTHER = "Example Police: help at https://example.org/help or 0808 157 0123. STOP to opt out. From a new number."
TABLES = f"""
[driver.notify]
key = "env:GSMSEND_TEST_CLOUD"
template = "f33517ff-2a88-4f6e-b855-c550268ce08a"

[fallback.main]
route = "notify"
text = "{OTHER}"
sender = "ExamplePol"
trial = "07700 900990"
segment = 0.03
budget = 50
"""


@pytest.fixture(autouse=True)
def tables(desk: Desk) -> None:
    with (desk.folder / config.FILE).open("a", encoding="utf-8") as file:
        file.write(TABLES)


def test_what_is_set_and_what_is_lacking(desk: Desk) -> None:
    shown = desk.call("fallback")
    assert "not ready: there is no campaign main yet" in shown.output
    desk.bring_in(3)
    found = json.loads(desk.call("fallback", "--json").output)["fallbacks"]
    assert [(one["campaign"], one["state"], one["trial"]) for one in found] == [("main", "not ready", None)]
    assert "gsmsend fallback trial" in found[0]["why"]
    assert "a line has no network, for more than 30 minutes" in desk.call("fallback").output
    assert json.loads(desk.call("status", "--json").output)["fallbacks"] == found


def test_the_page_shows_its_wording_beside_that_of_the_line_and_nothing_in_it_acts(desk: Desk) -> None:
    desk.settle("From a new number.", "<b>From</b> a new number.")
    desk.bring_in(3)
    page = desk.folder.parent / "page.html"
    assert desk.call("preview", "--html", page).exit_code in {0, 5}
    shown = page.read_text(encoding="utf-8")
    assert '<div class="from">ExamplePol</div>' in shown
    assert "If the line is cut:" in shown
    assert "&lt;b&gt;From&lt;/b&gt; a new number." in shown
    assert "It carries nothing yet: no trial text was sent to +447*****0990." in shown
    found = json.loads(desk.call("preview", "--json").output)["fallback"]
    assert (found["sender"], found["most_segments"], found["cost"]) == ("ExamplePol", 1666, "0.09")
    assert found["trial"]["delivered"] is False


def test_one_for_a_campaign_that_is_not_there_is_told_wherever_it_matters(desk: Desk) -> None:
    desk.settle("[fallback.main]", "[fallback.mian]")
    assert "[fallback.mian]" not in desk.call("run").output  # nothing is there yet
    desk.bring_in(3)
    for given in ("preview", "run"):
        words = " ".join(desk.call(given).output.split())
        assert "[fallback.mian] in gsmsend.toml is for a campaign that this operation does not have" in words
        assert "it has main. If the name is misspelt there, that campaign has no fallback." in words
    desk.settle("[fallback.mian]", "[fallback.main]")
    assert "does not have" not in " ".join(desk.call("preview").output.split())


def test_a_table_of_the_account_that_is_wrong_is_told_at_once(desk: Desk) -> None:
    desk.settle('template = "f33517ff', 'templet = "f33517ff')
    for given in (["fallback"], ["fallback", "trial", "--yes"]):
        result = desk.call(*given)
        assert result.exit_code == 2
        assert "templet" in result.output


def test_a_campaign_without_one_says_what_to_add(desk: Desk) -> None:
    result = desk.call("fallback", "trial", "--campaign", "other", "--yes")
    assert result.exit_code == 2
    assert "campaign other has no fallback: there is no [fallback.other] in" in result.output


def test_the_trial_is_a_campaign_of_its_own_that_waits_for_approval(desk: Desk) -> None:
    desk.bring_in(3)
    made = json.loads(desk.call("fallback", "trial", "--yes", "--json").output)
    assert (made["campaign"], made["approved"]) == ("main trial", False)
    again = desk.call("fallback", "trial", "--yes")
    assert again.exit_code == 5
    assert "a trial text of this wording is waiting for approval" in again.output
    shown = json.loads(desk.call("preview", "--campaign", "main trial", "--json").output)
    assert [(kind["text"], kind["sender"]) for kind in shown["kinds"]] == [(OTHER, "ExamplePol")]
    with pytest.raises(GuardStop, match="is not approved"):
        desk.clear()
    rows = desk.facts("main trial").recipients
    assert [(row.line, row.state) for row in rows] == [("fallback notify", State.DRAFT)]
    assert "07700900990" not in desk.call("fallback", "trial", "--yes").output


def test_a_delivered_trial_makes_it_ready_until_its_text_changes(desk: Desk) -> None:
    desk.bring_in(3)
    made = json.loads(desk.call("fallback", "trial", "--yes", "--json").output)
    with desk.store() as store:
        store.release_campaign("main trial", 0, 1.8e9)
        line = store.line(Sim(), Device("notify", "notify", account="an account"), 1.8e9, cloud=True)
        store.line_found("fallback notify", line.line_id)
        (message,) = store.claim(line.line_id, 1, 9e9, bound_only=True).result()
        assert message.message_id == made["message"]
        lines = store_desk.Desk(store)
        lines.send(line, message, 1)
        store.record_report(line.line_id, store_desk.report(1, message.number), 1.8e9).result()
    (found,) = json.loads(desk.call("fallback", "--json").output)["fallbacks"]
    assert (found["state"], found["why"], found["trial"]["state"]) == ("ready", None, "delivered")
    shown = desk.call("preview")
    assert "Its trial text to" in shown.output
    assert "was delivered on" in shown.output
    again = desk.call("fallback", "trial", "--yes")
    assert again.exit_code == 5
    desk.settle("From a new number.", "From another number.")
    (found,) = json.loads(desk.call("fallback", "--json").output)["fallbacks"]
    assert found["state"] == "not ready"
    made = json.loads(desk.call("fallback", "trial", "--yes", "--json").output)
    assert made["campaign"] == "main trial 2"


def test_an_approved_campaign_is_void_once_its_fallback_changes(desk: Desk) -> None:
    desk.bring_in(3)
    desk.add("DC Example", "DS Other")
    for name in ("DC Example", "DS Other"):
        result = desk.approve(name)
        assert result.exit_code == 0, result.output
    assert desk.clear().released
    settings = config.load(desk.folder)
    with desk.store() as store:
        stands = wiring.fallbacks_of(settings, store).stands
        assert stands is not None
        assert stands("main") == ""
    before = digest_of_wording(settings, settings.fallbacks["main"])
    desk.settle('sender = "ExamplePol"', 'sender = "Other"')
    settings = config.load(desk.folder)
    assert digest_of_wording(settings, settings.fallbacks["main"]) != before
    with desk.store() as store:
        stands = wiring.fallbacks_of(settings, store).stands
        assert stands is not None
        assert "the fallback's sender was ExamplePol, is now Other" in stands("main")
    with pytest.raises(GuardStop, match="the fallback's sender was ExamplePol, is now Other"):
        desk.clear()
    assert {row.state for row in desk.facts().recipients} == {State.DRAFT}


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ("atmodem", "expected a provider's account, and atmodem is none"),
        ("pigeon", "there is no driver of this name"),
    ],
)
def test_a_route_that_is_no_account_is_no_fallback(desk: Desk, route: str, words: str) -> None:
    desk.settle('\nroute = "notify"', f'\nroute = "{route}"')
    desk.settle("\n[driver.notify]", f"\n[driver.{route}]\n[driver.notify]")
    result = desk.call("fallback", "trial", "--yes")
    assert result.exit_code == 2
    assert words in result.output


def test_one_route_is_used_once_however_many_campaigns_have_it(desk: Desk) -> None:
    with (desk.folder / config.FILE).open("a", encoding="utf-8") as file:
        file.write(TABLES[TABLES.index("[fallback.main]") :].replace("main", "other"))
    settings = config.load(desk.folder)
    assert set(settings.fallbacks) == {"main", "other"}
    assert [endpoint.address for _, endpoint in wiring.fallback_routes(settings)] == ["notify"]


@pytest.mark.parametrize(
    ("sends_as", "fits"),
    [
        ('from = "ExamplePol"', True),
        ('from = "Other"', False),
        ('from = "+447700900777"', False),
        ('sender = "Example Poli"', True),  # too long to be seen: what it stands for is with the provider
        ('sender = "8e222534-7f05-4972-86e3-17c5d9f894e2"', True),
    ],
)
def test_what_officers_approve_as_its_sender_is_what_the_account_sends_as(
    desk: Desk, sends_as: str, fits: bool
) -> None:
    desk.settle("\n[driver.notify]\n", f"\n[driver.notify]\n{sends_as}\n")
    if fits:
        assert wiring.fallback_routes(config.load(desk.folder))
        return
    for given in (["fallback", "trial", "--yes"], ["run"]):
        result = desk.call(*given)
        assert result.exit_code == 2
        assert "[fallback.main]: sender = 'ExamplePol': expected " in result.output
        assert "which [driver.notify] sends as" in result.output


def test_a_number_is_the_same_sender_however_it_is_written(desk: Desk) -> None:
    desk.settle("\n[driver.notify]\n", '\n[driver.notify]\nfrom = "+447700900777"\n')
    desk.settle('sender = "ExamplePol"', 'sender = "07700 900777"')
    assert wiring.fallback_routes(config.load(desk.folder))
