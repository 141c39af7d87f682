"""`gsmsend modems`, `drivers` and `doctor` with phones and accounts: what is asked, listed, missing, wanted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend import config
from gsmsend.cli import status
from gsmsend.cli.checks import Finding, Level, ports, routes
from gsmsend.clockfacts import ClockFacts
from gsmsend.contract import Endpoint, TrialRow
from gsmsend.errors import ConfigError, DriverError, GuardStop
from gsmsend.model import Device, Facts, Registration, Sim, State
from gsmsend.store import SqlView

from .approval_desk import Desk
from .conftest import Call, objects
from .other_routes import CHANGES, MAC, account, install, modem, phone

ROUTE = f"phone:{MAC}"
FALLBACK = """
[driver.cloud]
account = "AC17"

[fallback.main]
route = "cloud"
sender = "ExamplePol"
text = "Example Police: free help at https://example.org/help or 0808 157 0123. Text STOP to 07700 900123."
trial = "07700 900998"
segment = 0.03
budget = 50
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No other program runs on this computer, and its clock is right."""
    (tmp_path / "proc").mkdir()
    monkeypatch.setattr(ports, "PROC", tmp_path / "proc")
    monkeypatch.setattr(routes, "_clock_facts", lambda: ClockFacts("chrony", True, 3, 0))


def add(operation: Path, words: str) -> None:
    place = operation / config.FILE
    place.write_text(place.read_text(encoding="utf-8") + words, encoding="utf-8")


def told(findings: object, check: str) -> list[Finding]:
    return [one for one in findings if one.check == check]  # type: ignore[attr-defined]


def test_a_phone_that_is_not_named_is_listed_and_not_asked(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handset = phone()
    install(monkeypatch, [modem("/dev/ttyUSB2"), handset])
    result = call("modems", "--operation", operation)
    assert result.exit_code == 0
    assert handset.asked == []
    assert f"{ROUTE}  Example Phone 5  (not asked)" in result.stdout
    assert "  a kind of phone\n  reports: by asking\n  replies: are not seen by gsmsend\n" in result.stdout
    assert "only if it is named" in result.stdout
    assert f"changes on the device: 2 things, see gsmsend accept --operation {operation} {ROUTE}" in result.stdout
    one, two = objects(call("modems", "--operation", operation, "--json"))
    assert (one["route"], one["use"], one["changes"]) == ("/dev/ttyUSB2", "run", [])
    assert (two["route"], two["use"], two["changes"]) == (ROUTE, "only where it is named", list(CHANGES))
    assert (two["delivery_reports"], two["replies"], two["accepted"]) == ("by asking", None, None)


def test_a_phone_that_is_named_is_asked_and_a_plain_modem_beside_it_is_not(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick, handset = modem("/dev/ttyUSB2"), phone()
    install(monkeypatch, [stick, handset])
    add(operation, "")
    words = (operation / config.FILE).read_text(encoding="utf-8").replace("ports = []", f'ports = ["{ROUTE}"]')
    (operation / config.FILE).write_text(words, encoding="utf-8")
    result = call("modems", "--operation", operation)
    assert (stick.asked, handset.asked) == ([], [MAC])
    assert "phone serial 7" in result.stdout
    assert "/dev/ttyUSB2  (not asked)" in result.stdout


def test_accounts_and_fallbacks_are_listed_and_no_provider_is_asked(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, spare = account(), account("spare")
    install(monkeypatch, [modem("/dev/ttyUSB2"), cloud, spare])
    add(operation, FALLBACK + '\n[driver.spare]\naccount = "AC18"\n')
    result = call("modems", "--operation", operation)
    assert (cloud.asked, spare.asked) == ([], [])
    assert "The fallback of main." in result.stdout
    assert "spare  (not asked)" in result.stdout
    assert "An account: it carries what a [fallback.CAMPAIGN]" in result.stdout
    rows = objects(call("modems", "--operation", operation, "--json"))
    assert [(row["route"], row["use"], row["campaigns"]) for row in rows] == [
        ("/dev/ttyUSB2", "run", []), ("cloud", "fallback", ["main"]), ("spare", "account", []),
    ]  # fmt: skip


def test_a_broken_driver_is_told_and_hides_nothing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = phone("bad")
    bad.fault = DriverError("there is no bus", remedy="Start it.")
    install(monkeypatch, [modem("/dev/ttyUSB2"), bad], gone=("example-library",))
    result = call("modems")
    assert result.exit_code == 0
    assert "Example Stick 1" in result.stdout
    assert "bad  (driver)\n  there is no bus\n  Start it." in result.stdout
    assert "To install what it needs: pip install 'gsmsend[gone]'" in result.stdout


def test_a_driver_that_fails_when_it_is_asked_hides_no_other(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = modem("/dev/ttyUSB3")
    bad.name, bad.there, bad.says = "bad", (Endpoint("bad", "x"),), KeyError("+447700900001")
    install(monkeypatch, [modem("/dev/ttyUSB2"), bad])
    result = call("modems")
    assert result.exit_code == 0
    assert "no answer: the driver bad failed (KeyError): that is a bug in it" in result.stdout
    assert "Example Stick 1" in result.stdout
    assert "900001" not in result.output


def test_one_sim_by_two_ports_is_pointed_out(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB2", "/dev/ttyUSB3")])
    assert "/dev/ttyUSB2 and /dev/ttyUSB3 lead to one SIM: use one of them only" in call("modems").stdout
    shown = call("doctor")
    assert "/dev/ttyUSB2 and /dev/ttyUSB3 lead to one SIM: only one of them can be used" in shown.stdout
    assert shown.exit_code == 0


@pytest.mark.parametrize(
    "also",
    [
        Endpoint("mm", "350000000000001"),  # the IMEI that the modem says
        Endpoint("mm", "x", usb_location="1-1.2"),
        Endpoint("mm", "x", others=("/dev/ttyUSB2",)),
    ],
)
def test_one_modem_by_port_and_by_another_program_is_pointed_out(
    call: Call, monkeypatch: pytest.MonkeyPatch, also: Endpoint
) -> None:
    other = phone("mm")
    other.there = (also,)
    install(monkeypatch, [modem("/dev/ttyUSB2", usb_location="1-1.2"), other])
    assert f"/dev/ttyUSB2 and mm:{also.address} lead to one SIM" in call("modems").stdout


def test_several_modems_of_one_imei_are_not_one_sim(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = modem("/dev/ttyUSB2"), modem("/dev/ttyUSB3")
    two.name, two.there = "twin", (Endpoint("twin", "/dev/ttyUSB3"),)
    assert isinstance(two.says, Facts)
    two.says = replace(two.says, sim=Sim("8944000000000000025"))
    install(monkeypatch, [one, two])
    assert "lead to one SIM" not in call("modems").stdout


def test_drivers_say_what_to_install(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [modem(), account()], cloud=("example-library", "other-library"))
    shown = call("drivers").stdout
    assert "not installed: example-library, other-library" in shown
    assert "to have it: pip install 'gsmsend[cloud]'" in shown
    stick, cloud = objects(call("drivers", "--json"))
    assert (stick["extra"], stick["installed"]) == (None, True)
    assert (cloud["extra"], cloud["installed"], cloud["unknown"]) == ("cloud", False, "its own record")


def test_every_installed_driver_says_what_it_is_and_needs(call: Call) -> None:
    rows = objects(call("drivers", "--json"))
    assert [row["error"] for row in rows if row["error"]] == []
    assert {row["name"] for row in rows} >= {"atmodem", "android", "notify", "twilio", "virtual"}
    for row in rows:
        assert row["summary"]
        assert row["kind"], row["name"]
        assert max(map(len, (row["kind"], row["delivery_reports"] or "", row["replies"] or ""))) <= 110


def test_doctor_wants_what_a_phone_changes_accepted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [phone()])
    desk.settle("ports = []", f'ports = ["{ROUTE}"]')
    desk.add("DC Example")
    before = desk.call("doctor")
    assert before.exit_code == 5
    assert f"{ROUTE} changes 2 things on the device, and no officer has accepted that" in before.stdout
    assert f"gsmsend accept --operation {desk.folder} {ROUTE}" in before.stdout
    done = desk.call("accept", ROUTE, "--because", "why", "--passphrase-file", desk.words)
    assert done.exit_code == 0, done.output
    after = desk.call("doctor", "--json")
    assert after.exit_code == 0, after.stdout
    (finding,) = [one for one in objects(after)[0]["findings"] if one["check"] == "accepted"]
    assert finding["level"] == "ok"
    assert "DC Example accepted that on" in finding["says"]


def test_doctor_takes_a_phone_without_a_sim_to_read_for_what_it_is(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, [phone()])
    result = call("doctor", "--operation", operation, "--port", ROUTE)
    assert result.exit_code == 0
    assert "answers: a modem, phone serial 7" in result.stdout
    assert "no delivery reports come back over it" in result.stdout
    assert "SIM does not say" not in result.stdout


def test_doctor_says_of_a_missing_library_what_to_type_and_asks_no_further(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = account()
    install(monkeypatch, [modem("/dev/ttyUSB2"), cloud], cloud=("example-library",))
    add(operation, FALLBACK)
    result = call("doctor", "--operation", operation)
    assert "the driver cloud lacks example-library" in result.stdout
    assert "Install it: pip install 'gsmsend[cloud]'" in result.stdout
    assert cloud.asked == []


def test_doctor_asks_the_account_of_a_fallback_and_the_modem_decides_whether_texts_can_be_sent(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = account()
    install(monkeypatch, [modem("/dev/ttyUSB2"), cloud])
    add(operation, FALLBACK)
    fine = call("doctor", "--operation", operation)
    assert "fallback of main: cloud answers: Example Cloud, cloud AC17 from ExamplePol" in fine.stdout
    cloud.says = GuardStop("gsmsend.toml: driver.cloud.key: CLOUD_KEY is not set", remedy="Set CLOUD_KEY.")
    broken = call("doctor", "--operation", operation)
    assert "CLOUD_KEY is not set" in broken.stdout
    assert "-> Set CLOUD_KEY." in broken.stdout
    assert broken.exit_code == 0
    assert "Texts can be sent, but see what is marked BAD." in broken.stdout


def fallback_findings(desk: Desk) -> list[tuple[str, str, str]]:
    result = desk.call("doctor", "--json")
    assert result.exit_code == 0, result.stdout
    found = objects(result)[0]["findings"]
    return [(one["level"], one["says"], one["do"]) for one in found if one["check"] == "fallback"]


def test_doctor_says_what_a_fallback_lacks_until_nothing_is_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB2"), account()])
    add(desk.folder, FALLBACK)
    desk.add("DC Example", "DS Other")
    (none,) = fallback_findings(desk)
    assert none[0] == "note"
    assert "there is no campaign main yet" in none[1]
    desk.bring_in(3)
    one, two = fallback_findings(desk)
    assert "carries nothing before the campaign is approved: 0 of 2" in one[1]
    assert "no trial text was sent over it yet" in two[1]
    assert two[2].startswith("gsmsend fallback trial")
    for name in ("DC Example", "DS Other"):
        done = desk.approve(name)
        assert done.exit_code == 0, done.output
    for state, level, says in (
        (State.SENT, "bad", "not delivered yet"),
        (State.UNDELIVERED, "bad", "is undelivered"),
        (State.DELIVERED, "ok", "its budget pays for 1,666 more segments"),
    ):
        row = TrialRow(9, state, "", 0.0)
        monkeypatch.setattr(SqlView, "trial", lambda *_, row=row: row)
        (found,) = fallback_findings(desk)
        assert found[0] == level
        assert says in found[1]


def test_doctor_says_of_a_fallback_over_a_phone_that_it_must_be_an_account(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB2"), phone()])
    add(operation, FALLBACK.replace("driver.cloud", "driver.phone").replace('"cloud"', '"phone"'))
    shown = call("doctor", "--operation", operation).stdout
    assert "expected a provider's account, and phone is none" in shown


def test_doctor_misses_no_message_centre_where_none_is_told(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handset = phone()
    handset.says = Facts(
        Device("phone", "", "350000000000001"), Sim("8944000000000000017"), Registration.HOME, "Example Net", -77
    )
    install(monkeypatch, [handset])
    result = call("doctor", "--operation", operation, "--port", ROUTE)
    assert "SIM 8944000000000000017 is ready" in result.stdout
    assert "message centre" not in result.stdout


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        ({"iccid": "8944000000000000017", "imsi": None, "driver": "atmodem", "account": None}, "SIM …00017"),
        ({"iccid": None, "imsi": "234150000000001", "driver": "gammu", "account": None}, "SIM …00001"),
        ({"iccid": None, "imsi": None, "driver": "twilio", "account": "twilio AC17 from X"}, "over twilio"),
        ({"iccid": None, "imsi": None, "driver": None, "account": None}, "SIM unknown"),
    ],
)
def test_status_says_what_makes_a_line(one: dict[str, str | None], shown: str) -> None:
    assert status._whose(one) == shown


def test_a_wrong_table_of_a_driver_is_a_wrong_config(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handset = phone()
    handset.says = ConfigError("gsmsend.toml: driver.phone.pim is not known")
    install(monkeypatch, [handset])
    result = call("doctor", "--operation", operation, "--port", ROUTE)
    assert result.exit_code == 2
    assert "cannot be used: gsmsend.toml: driver.phone.pim is not known" in result.stdout
    assert "Unplug" not in result.stdout


def test_modemmanager_may_run_where_it_is_the_route(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "proc" / "4000000" / "fd").mkdir(parents=True)
    (tmp_path / "proc" / "4000000" / "comm").write_text("ModemManager\n", encoding="utf-8")
    install(monkeypatch, [modem("/dev/ttyUSB2"), phone("modemmanager", "350000000000001")])
    assert "ModemManager is running" in call("doctor", "--operation", operation).stdout
    named = call("doctor", "--operation", operation, "--port", "modemmanager:350000000000001")
    assert "ModemManager is running" not in named.stdout


def test_doctor_says_of_an_account_that_it_sends_under_the_number_of_a_line(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = account()
    cloud.says = Facts(Device("cloud", "cloud", account="cloud AC17 from +447700900901"))
    install(monkeypatch, [modem("/dev/ttyUSB2"), cloud])
    add(operation, FALLBACK + '\n[line.red-phone]\nnumber = "07700 900901"\n')
    shown = call("doctor", "--operation", operation).stdout
    assert "cloud sends under the number of the line red-phone: nothing is sent over it" in shown


UNNUMBERED = '\n[line.red-phone]\niccid = "8944000000000000017"\n'


@pytest.fixture
def numeric(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that sends under a number."""
    cloud = account()
    cloud.says = Facts(Device("cloud", "cloud", account="cloud AC17 from +447700900777"))
    install(monkeypatch, [modem("/dev/ttyUSB2"), cloud])


@pytest.mark.usefixtures("numeric")
def test_doctor_says_of_an_account_that_its_number_may_be_a_lines(desk: Desk) -> None:
    add(desk.folder, FALLBACK)
    assert "cloud sends under a number, and no line has been up yet" in desk.call("doctor").stdout
    add(desk.folder, UNNUMBERED)
    shown = desk.call("doctor").stdout
    assert "the line red-phone is not known: it may be the same, so nothing is sent over it" in shown
    assert "under [line.red-phone]" in shown


@pytest.mark.usefixtures("numeric")
def test_in_a_lab_that_its_number_may_be_a_lines_keeps_nothing_from_being_sent(
    call: Call, operation: Path
) -> None:
    add(operation, FALLBACK + UNNUMBERED)
    shown = call("doctor", "--operation", operation).stdout
    assert "it may be the same" in shown
    assert "so nothing is sent over it" not in shown


def test_doctor_names_a_phone_that_is_there_and_unused(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB2"), phone()])
    result = call("doctor", "--operation", operation)
    assert f"{ROUTE} is there, but is used only where it is named" in result.stdout
    assert f'ports = ["{ROUTE}"] under [modems]' in result.stdout


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (ClockFacts("chrony", True, 12, 1), None),
        (ClockFacts("chrony", True, 12, 90_000), Level.BAD),
        (ClockFacts("unknown", False, None, None), Level.NOTE),
        (ClockFacts(), None),
    ],
)
def test_a_clock_that_is_off_has_requests_refused(facts: ClockFacts, level: Level | None) -> None:
    assert [one.level for one in routes.clock(facts)] == ([level] if level else [])


def test_no_secret_number_or_text_is_in_doctor_or_modems(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = account()
    cloud.says = Facts(Device("cloud", "cloud", account="cloud AC17 from ExamplePol"))
    install(monkeypatch, [modem("/dev/ttyUSB2"), cloud])
    add(operation, FALLBACK.replace('account = "AC17"', 'account = "AC17"\nkey = "env:CLOUD_KEY"'))
    monkeypatch.setenv("CLOUD_KEY", "s3cret-of-the-account")
    for command in ("doctor", "modems", "accept"):
        for more in ((), ("--json",)):
            shown = call(command, "--operation", operation, *more).output
            assert "s3cret" not in shown
            assert "900998" not in shown
            assert "0808 157" not in shown
