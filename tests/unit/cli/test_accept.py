"""`gsmsend accept`: what a route changes is shown, and an approver accepts exactly that with their key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gsmsend import config, wiring
from gsmsend.cli import keys
from gsmsend.engine.identifying import check_changes
from gsmsend.errors import GuardStop
from gsmsend.model import Facts

from .approval_desk import Desk
from .conftest import Call, objects
from .other_routes import CHANGES, MAC, FakeDriver, account, install, modem, phone

ROUTE = f"phone:{MAC}"
WHY = ("--because", "no other way to reach them; authority 12 of 2026")


@pytest.fixture
def handset(monkeypatch: pytest.MonkeyPatch) -> FakeDriver:
    made = phone()
    install(monkeypatch, [modem("/dev/ttyUSB2"), made, account()])
    return made


@pytest.fixture
def officers(desk: Desk, handset: FakeDriver) -> Desk:
    """Two officers, and a phone that gsmsend.toml names."""
    desk.add("DC Example", "DS Other")
    desk.settle("ports = []", f'ports = ["{ROUTE}"]')
    return desk


def accepted(desk: Desk) -> list[tuple[str, str]]:
    with desk.store() as store:
        return [(row.person, row.what) for row in store.all_accepted_changes()]


def test_it_shows_each_change_and_accepts_nothing(officers: Desk) -> None:
    result = officers.call("accept", ROUTE)
    assert result.exit_code == 0
    assert f"Sending over {ROUTE} changes this on the device" in result.stdout
    assert f"  1. {CHANGES[0]}\n  2. {CHANGES[1]}\n" in result.stdout
    assert "Not accepted: no text leaves over it." in result.stdout
    assert f"{ROUTE} --because 'why'" in result.stdout
    assert accepted(officers) == []


def test_an_approver_accepts_these_very_words(officers: Desk, handset: FakeDriver) -> None:
    done = officers.call("accept", ROUTE, *WHY, "--officer", "DC Example", "--passphrase-file", officers.words)
    assert done.exit_code == 0, done.output
    assert done.stderr.index(CHANGES[1]) >= 0  # shown before the passphrase is asked for
    assert f"DC Example accepted what sending over {ROUTE} changes" in done.stdout
    assert accepted(officers) == [("DC Example", f"phone {MAC} changes there: {' '.join(CHANGES)}")]
    assert "Accepted by DC Example on " in officers.call("accept", ROUTE).stdout
    handset.words = (*CHANGES, "A third thing.")
    assert "Not accepted" in officers.call("accept", ROUTE).stdout


def test_the_reason_is_sealed_and_must_name_no_number(officers: Desk) -> None:
    words = ("--officer", "DC Example", "--passphrase-file", officers.words)
    refused = officers.call("accept", ROUTE, "--because", "07700 900123 asked for it", *words)
    assert refused.exit_code == 2
    assert "phone number" in refused.stderr
    assert officers.call("accept", ROUTE, "--because", "Operation Blackbird", *words).exit_code == 0
    assert b"Blackbird" not in (officers.folder / "gsmsend.db").read_bytes()


def test_a_name_without_its_key_accepts_nothing(officers: Desk) -> None:
    key = keys.place("DS Other")
    result = officers.call(
        "accept", ROUTE, *WHY, "--officer", "DC Example", "--key", key, "--passphrase-file", officers.words
    )
    assert result.exit_code == 5
    assert "is not that of the officer DC Example" in result.stderr
    wrong = officers.words.with_name("wrong")
    wrong.write_text("wrong horse battery\n", encoding="utf-8")
    result = officers.call("accept", ROUTE, *WHY, "--officer", "DC Example", "--passphrase-file", wrong)
    assert result.exit_code == 5
    assert accepted(officers) == []


def test_it_is_for_approvers(officers: Desk) -> None:
    assert officers.call("officer", "role", "DS Other", "--role", "operator").exit_code == 0
    result = officers.call("accept", ROUTE, *WHY, "--officer", "DS Other", "--passphrase-file", officers.words)
    assert result.exit_code == 5
    assert "not an approver" in result.stderr


def test_with_roles_on_an_operator_may_look_and_not_accept(officers: Desk) -> None:
    assert officers.call("officer", "role", "DS Other", "--role", "operator").exit_code == 0
    officers.settle("roles = false", "roles = true")
    signed = officers.call("officer", "sign-in", "DS Other", "--passphrase-file", officers.words)
    assert signed.exit_code == 0, signed.output
    assert officers.call("accept").exit_code == 0
    result = officers.call("accept", ROUTE, *WHY, "--passphrase-file", officers.words)
    assert result.exit_code == 5
    assert "'gsmsend accept' is for approvers" in result.stderr


def test_the_list_says_what_is_wanted_and_what_was_accepted_by_whom(officers: Desk, handset: FakeDriver) -> None:
    assert "Not accepted" in officers.call("accept").stdout
    done = officers.call("accept", ROUTE, *WHY, "--officer", "DC Example", "--passphrase-file", officers.words)
    assert done.exit_code == 0, done.output
    (now,) = objects(officers.call("accept", "--json"))
    assert (now["route"], now["changes"], now["accepted"]["person"]) == (ROUTE, list(CHANGES), "DC Example")
    handset.words = ("Another thing.",)
    wanted, before = objects(officers.call("accept", "--json"))
    assert (wanted["accepted"], before["route"]) == (None, None)
    assert before["accepted"] == now["accepted"]
    shown = officers.call("accept").stdout
    assert "1. Another thing." in shown
    assert "Accepted before: 1 time, for what is not used now or in other words:" in shown


def test_where_nothing_changes_there_is_nothing_to_accept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB2")])
    assert "No route that this operation uses changes anything" in desk.call("accept").stdout
    result = desk.call("accept", "/dev/ttyUSB2", *WHY)
    assert result.exit_code == 2
    assert "changes nothing on the device" in result.stderr


def test_a_reason_without_a_route_is_refused(officers: Desk) -> None:
    assert officers.call("accept", *WHY).exit_code == 2


def test_a_lab_needs_nobody(call: Call, operation: object, handset: FakeDriver) -> None:
    assert "nobody needs to accept it" in call("accept", ROUTE, "--operation", operation).stdout
    assert call("accept", ROUTE, *WHY, "--operation", operation).exit_code == 2


def test_json_of_one_route(officers: Desk) -> None:
    (before,) = objects(officers.call("accept", ROUTE, "--json"))
    assert before == {"route": ROUTE, "driver": "phone", "changes": list(CHANGES), "accepted": None}
    done = officers.call(
        "accept", ROUTE, *WHY, "--officer", "DC Example", "--passphrase-file", officers.words, "--json"
    )
    (after,) = objects(done)
    assert after["accepted"]["person"] == "DC Example"
    assert objects(officers.call("accept", ROUTE, "--json")) == [after]


def test_a_driver_by_itself_names_no_device(officers: Desk) -> None:
    for more in ((), (*WHY, "--officer", "DC Example", "--passphrase-file", officers.words)):
        result = officers.call("accept", "phone", *more)
        assert result.exit_code == 2
        assert "phone alone names no device" in result.stderr
        assert f"Name the device, under [modems] ports too: {ROUTE}" in result.stderr
    assert accepted(officers) == []
    officers.settle(f'ports = ["{ROUTE}"]', 'ports = ["phone"]')
    assert (
        f"It names no device. Name the device, under [modems] ports too: {ROUTE}" in officers.call("accept").stdout
    )
    assert f"Name the device, under [modems] ports too: {ROUTE}" in officers.call("doctor").stdout


def test_behind_a_port_it_is_for_the_device_that_is_there_now(officers: Desk, handset: FakeDriver) -> None:
    route, other = "phone:/dev/ttyACM0", "350000000000002"
    words = ("--officer", "DC Example", "--passphrase-file", officers.words)
    officers.settle(f'ports = ["{ROUTE}"]', f'ports = ["{route}"]')
    assert isinstance(handset.says, Facts)
    handset.place = True
    refused = officers.call("accept", route, *WHY, *words)
    assert refused.exit_code == 5
    assert "does not tell its IMEI" in refused.stderr
    handset.says = replace(handset.says, device=replace(handset.says.device, imei="350000000000001"))
    done = officers.call("accept", route, *WHY, *words)
    assert done.exit_code == 0, done.output
    assert "It will hold for the device with IMEI 350000000000001" in done.stderr
    assert accepted(officers) == [("DC Example", f"phone IMEI 350000000000001 changes there: {' '.join(CHANGES)}")]
    for shown in (officers.call("accept", route).stdout, officers.call("accept").stdout):
        assert "Accepted by DC Example on " in shown
        assert "a run asks the one at /dev/ttyACM0 for it" in " ".join(shown.split())
    assert "for one device by its IMEI" in " ".join(officers.call("doctor").stdout.split())
    settings, (driver, endpoint) = config.load(officers.folder), wiring.route(route)
    with officers.store() as store:
        check_changes(settings, store, driver, endpoint)
        handset.says = replace(handset.says, device=replace(handset.says.device, imei=other))
        with pytest.raises(GuardStop, match=rf"\(IMEI {other}\) changes the exhibit, and no officer has accepted"):
            check_changes(settings, store, driver, endpoint)


def test_what_was_accepted_lets_the_line_open(officers: Desk, handset: FakeDriver) -> None:
    settings = config.load(officers.folder)
    driver, endpoint = wiring.route(ROUTE)
    with officers.store() as store, pytest.raises(GuardStop, match="no officer has accepted"):
        check_changes(settings, store, driver, endpoint)
    done = officers.call("accept", ROUTE, *WHY, "--officer", "DC Example", "--passphrase-file", officers.words)
    assert done.exit_code == 0
    with officers.store() as store:
        check_changes(settings, store, driver, endpoint)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("bluetoth:00:00:5E:00:53:01", "there is no driver named bluetoth"),
        ("bluetooth:00:00", "a Bluetooth address"),
    ],
)
def test_a_misspelt_route_is_told_as_it_was_typed(call: Call, typed: str, words: str) -> None:
    result = call("accept", typed)
    assert result.exit_code == 2
    assert f"{typed}: " in result.output
    assert words in result.output
    assert "--port" not in result.output
