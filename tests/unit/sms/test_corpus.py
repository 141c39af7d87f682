"""PDUs that others wrote, kept in tests/corpus/sms: they need none of the tools that wrote them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gsmsend.sms import Address, Deliver, Direction, StatusReport, from_pdu, to_pdu
from gsmsend.sms.userdata import decode_text

CORPUS = Path(__file__).parents[2] / "corpus" / "sms"


def rows(name: str) -> list[dict[str, str]]:
    lines = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


WRITTEN = rows("written-by-others.csv")
QUIRKS = rows("quirks.csv")


@pytest.mark.parametrize("row", WRITTEN, ids=[f"{row['writer']}-{place}" for place, row in enumerate(WRITTEN)])
def test_pdus_of_others_are_read(row: dict[str, str]) -> None:
    direction: Direction = "to_network" if row["direction"] == "to_network" else "from_network"
    payloads = []
    for pdu in row["pdus"].split():
        smsc, tpdu = from_pdu(pdu, direction)
        assert smsc == Address.of("+447700900999")
        assert not isinstance(tpdu, StatusReport)
        address = tpdu.originator if isinstance(tpdu, Deliver) else tpdu.destination
        assert address.text == row["address"]
        payloads.append(tpdu.user_data.payload)
        encoding = tpdu.user_data.encoding
    text = row["text"].encode().decode("unicode_escape")
    assert decode_text(b"".join(payloads), encoding) == text


@pytest.mark.parametrize("row", QUIRKS, ids=[row["quirk"] for row in QUIRKS])
def test_quirks_of_networks_and_modems_are_read(row: dict[str, str]) -> None:
    _, tpdu = from_pdu(row["pdu"], "from_network")
    assert not hasattr(tpdu, "destination")
    if isinstance(tpdu, Deliver):
        assert tpdu.originator.text == row["address"]
        assert tpdu.text == row["text"]
        stamp = tpdu.service_centre_time
    else:
        assert isinstance(tpdu, StatusReport)
        assert tpdu.recipient.text == row["address"]
        assert f"{tpdu.status:02X}" == row["text"]
        stamp = tpdu.service_centre_time
    assert ("" if stamp.epoch_s is None else f"{stamp.epoch_s:.0f}") == row["epoch_s"]
    assert from_pdu(to_pdu(tpdu.encode()), "from_network")[1] == tpdu
