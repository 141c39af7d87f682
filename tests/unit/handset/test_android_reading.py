"""What Android tells over adb, on old and new versions, masked, refused or damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend.model import Registration
from gsmsend_handset.android import reading
from tests.unit.handset.android_bench import ICCID, IMEI, IMSI, PROPERTIES, REGISTRY, parcel, siminfo

DENIED = "Error while accessing provider:telephony\njava.lang.SecurityException: No READ_PHONE_STATE permission\n"


def test_the_sim_that_is_in_is_read_and_one_that_was_in_once_is_not() -> None:
    found = reading.sims(siminfo())
    assert found is not None
    assert [(sim.slot, sim.iccid, sim.imsi, sim.carrier) for sim in found] == [(1, ICCID, IMSI, "Example GB")]


def test_two_sims_come_by_slot_and_a_name_with_a_comma_hides_nothing() -> None:
    answer = (
        "Row: 0 _id=4, icc_id=8944110000000000025F, sim_id=1, display_name=Work, own, carrier_name=B\n"
        "Row: 1 _id=3, icc_id=8944110000000000017, sim_id=0, display_name=icc_id, number=+447700900001, imsi=\n"
    )
    found = reading.sims(answer)
    assert found is not None
    assert [(sim.slot, sim.iccid) for sim in found] == [(1, ICCID), (2, "8944110000000000025")]
    assert found[0].number == "+447700900001"
    assert found[0].imsi is None


@pytest.mark.parametrize("told", ["8944110[****]", "", "NULL", "89441100000"])
def test_an_iccid_that_is_masked_or_cut_off_is_none(told: str) -> None:
    found = reading.sims(siminfo(iccid=told))
    assert found is not None
    assert found[0].iccid is None
    assert found[0].imsi == IMSI


def test_a_refusal_is_not_the_same_as_no_sim() -> None:
    assert reading.sims(DENIED) is None
    assert reading.sims("") is None
    assert reading.sims("No result found.\n") == []


@pytest.mark.parametrize(
    ("slot", "expected", "dbm"), [(1, Registration.HOME, -65), (2, Registration.SEARCHING, None)]
)
def test_registration_and_signal_are_those_of_the_slot(slot: int, expected: Registration, dbm: int | None) -> None:
    found = reading.properties(PROPERTIES)
    assert reading.registration(REGISTRY, found, slot) is expected
    assert reading.signal_dbm(REGISTRY, slot) == dbm


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("0(IN_SERVICE)", Registration.HOME),
        ("1(OUT_OF_SERVICE)", Registration.SEARCHING),
        ("2(EMERGENCY_ONLY)", Registration.DENIED),
        ("3(POWER_OFF)", Registration.NOT_SEARCHING),
    ],
)
def test_each_state_of_the_service_is_read(state: str, expected: Registration) -> None:
    registry = f"  Phone Id=0\n    mServiceState={{mVoiceRegState={state}, mDataRegState=0(IN_SERVICE)}}\n"
    assert reading.registration(registry, {}, 1) is expected


def test_roaming_is_told_apart() -> None:
    assert reading.registration(REGISTRY, {"gsm.operator.isroaming": "true"}, 1) is Registration.ROAMING


def test_old_versions_and_refusals_are_read_as_far_as_they_go() -> None:
    old = "last known state:\n  mServiceState=0 0 voice home data home Example GB 23415 LTE\n"
    assert reading.registration(old, {}, 1) is Registration.HOME
    refused = "Permission Denial: can't dump telephony.registry"
    assert reading.registration(refused, reading.properties(PROPERTIES), 1) is Registration.HOME
    assert reading.registration(refused, {}, 1) is Registration.UNKNOWN
    assert reading.signal_dbm(refused, 1) is None


def test_the_state_of_the_sim_is_that_of_its_slot() -> None:
    found = reading.properties("[gsm.sim.state]: [PIN_REQUIRED,LOADED]\r\n")
    assert reading.sim_state(found, 1) == "SIM PIN"
    assert reading.sim_state(found, 2) == "READY"
    assert reading.sim_state(reading.properties(PROPERTIES), 2) == "NOT INSERTED"
    assert reading.sim_state({}, 1) == "READY"


def test_an_imei_is_taken_only_if_it_is_one() -> None:
    assert reading.imei(parcel(IMEI)) == IMEI
    assert reading.imei(parcel("350000000000005")) is None
    assert reading.imei(parcel(IMSI)) is None
    assert reading.imei("Result: Parcel(fffffffc ffffffff 00000000 '............')") is None
    assert reading.imei("service: Service iphonesubinfo does not exist") is None


@given(st.text())
def test_whatever_it_answers_nothing_breaks(answer: str) -> None:
    found = reading.properties(answer)
    reading.sims(answer)
    reading.sims(f"Row: 0 {answer}")
    reading.registration(answer, found, 1)
    reading.signal_dbm(answer, 2)
    reading.sim_state({"gsm.sim.state": answer}, 1)
    assert reading.imei(answer) is None or "Parcel" not in answer
