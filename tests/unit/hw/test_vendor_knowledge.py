"""What the profiles may not say, whoever adds one: rules that keep a quirk from costing a text or report."""

from __future__ import annotations

import pytest

from gsmsend.at import STANDARD_RULES
from gsmsend_atmodem.profile import Profile
from gsmsend_atmodem.profile_file import standard_profiles

PROFILES = standard_profiles().all


@pytest.fixture(params=PROFILES, ids=[profile.name for profile in PROFILES])
def profile(request: pytest.FixtureRequest) -> Profile:
    """Each family in turn."""
    found = request.param
    assert isinstance(found, Profile)
    return found


def test_no_acknowledging_without_service_1(profile: Profile) -> None:
    assert profile.csms or "acknowledged" not in profile.routing


def test_reports_have_a_way_that_survives_the_program_being_down(profile: Profile) -> None:
    assert {"acknowledged", "stored"} & set(profile.routing)
    assert profile.routing[-1] == "direct"


def test_no_family_is_given_less_time_to_send_than_the_standard(profile: Profile) -> None:
    assert profile.submit_timeout_s >= standard_profiles().generic.submit_timeout_s


def test_the_iccid_is_read_and_never_set(profile: Profile) -> None:
    assert profile.iccid
    assert not [command for command in profile.iccid if "=" in command]


def test_commands_at_start_only_ask(profile: Profile) -> None:
    assert not [command for command in profile.init if not command.endswith("?")]


def test_a_family_does_not_redefine_the_standards_lines(profile: Profile) -> None:
    generic = {rule.prefix for rule in (*STANDARD_RULES, *standard_profiles().generic.rules)}
    own = [rule.prefix for rule in profile.rules[len(standard_profiles().generic.rules) :]]
    assert not generic & set(own)
    assert len(own) == len(set(own))


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("huawei", "E173", "huawei"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "sim800"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "sim7600"),
        ("Quectel", "EC25", "quectel"),
        ("Sierra Wireless, Incorporated", "MC7455", "sierra"),
        ("Telit", "LE910C1-EUX", "telit"),
        ("u-blox", "LARA-R211", "ublox"),
        ("ZTE CORPORATION", "MF190", "zte"),
        ("Cinterion", "EHS6", "cinterion"),
    ],
)
def test_a_modem_is_known_by_its_own_words(manufacturer: str, model: str, name: str) -> None:
    found = standard_profiles().by_answers(manufacturer, model)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("manufacturer", "model"), [("SIMCOM_Ltd", "SIMCOM_SIM900"), ("Option", "GTM382"), ("", "")]
)
def test_an_unknown_modem_gets_no_familys_quirks(manufacturer: str, model: str) -> None:
    assert standard_profiles().by_answers(manufacturer, model) is None
