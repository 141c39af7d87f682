"""Our codec against python-gammu 3.2 (gammu 1.42): random texts and all their parts, both directions.

Where gammu differs from the standard a function here says how, as narrowly as it can be said: `gammu_text`,
`gammu_shown`, `gammu_place`, `gammu_written`, and two comments. Anything else that differs fails.
"""

from __future__ import annotations

import re

import pytest

from gsmsend.sms import Encoding, to_pdu
from gsmsend.sms.alphabet import alphabet
from gsmsend.sms.primitives import ESCAPE, default_alphabet, default_extension
from tests.clients.codec_peers import (
    SEED,
    SMSC,
    Answer,
    Part,
    Peer,
    differences,
    gammu_peer,
    local_time,
    parts,
    read_back,
    reports,
    texts,
)

pytestmark = [pytest.mark.clients]


@pytest.fixture(scope="module")
def gammu() -> Peer:
    return gammu_peer()


def gammu_text(part: Part) -> str:
    """What gammu 1.42 shows for a part of ours.

    It knows no national tables: it reads their septets by the default ones, and shows an escape to a code that
    its extension table lacks as a superscript one followed by the default alphabet's character. In UCS-2 it
    doubles a tilde, as its handsets' notation for U+0001 is one tilde, and cuts the text to its old length.
    """
    if part.segment.encoding is Encoding.UCS2:
        doubled = part.segment.text.replace("~", "~~").encode("utf-16-be")
        return doubled[: part.segment.units].decode("utf-16-be", "ignore")
    lead = "\N{SUPERSCRIPT ONE}"
    known = default_extension()
    shown = []
    following = iter(part.payload)
    for septet in following:
        if septet != ESCAPE:
            shown.append(default_alphabet()[septet])
        elif (shifted := next(following)) in known:
            shown.append(known[shifted])
        else:
            shown.append(lead + default_alphabet()[shifted])
    return "".join(shown)


def gammu_shown(answer: Answer) -> Answer:
    """The answer without what gammu's binding adds: it shows as many characters as there were septets.

    Where escapes make the text shorter, it goes on past the terminating NUL into memory that means nothing.
    """
    return answer | {"text": answer["text"].partition("\0")[0]}


def test_gammu_reads_our_submits(gammu: Peer) -> None:
    answers = gammu.ask([{"op": "decode", "pdu": part.submit()} for part in parts()])
    differences(
        (
            part,
            gammu_shown(answer),
            {
                "type": "Submit",
                "smsc": SMSC,
                "number": part.number,
                "text": gammu_text(part),
                "coding": "Unicode_No_Compression"
                if part.segment.encoding is Encoding.UCS2
                else "Default_No_Compression",
                "reject_duplicates": 0,  # gammu writes TP-RD but does not read it
                "reference": part.reference,
                **gammu_place(part),
            },
        )
        for part, answer in zip(parts(), answers, strict=True)
    )


def gammu_place(part: Part) -> Answer:
    header = part.header
    place = part.concatenation
    expected: Answer = {"udh": f"{len(header.encode()):02x}{header.encode().hex()}" if header else ""}
    # It recognises a concatenation only where no other element keeps it company.
    if place is not None and not part.national:
        expected |= {"part": place.seq, "parts": place.total, "id16" if place.wide else "id8": place.reference}
    return expected


def test_gammu_reads_our_delivers(gammu: Peer) -> None:
    answers = gammu.ask([{"op": "decode", "pdu": part.deliver()} for part in parts()])
    differences(
        (
            part,
            gammu_shown(answer) | {"time": answer["stamps"]["DateTime"]},
            {
                "type": "Deliver",
                "smsc": SMSC,
                "number": part.sender.removesuffix("@"),  # taken for the padding of the last octet
                "text": gammu_text(part),
                "time": local_time(part.stamp).isoformat(),
                **gammu_place(part),
            },
        )
        for part, answer in zip(parts(), answers, strict=True)
    )


def gammu_written(text: str) -> str:
    """What gammu 1.42 puts on air for a UCS-2 text: two tildes are one, and one is U+0001."""
    return re.sub("~~?", lambda tildes: "~" if len(tildes[0]) == 2 else "\x01", text)


def test_we_read_gammus_submits(gammu: Peer) -> None:
    requests = []
    for text in texts():
        unicode = any(char not in alphabet().codes for char in text)
        requests.append(
            {"op": "encode", "text": text, "unicode": unicode, "number": "+447700900123", "smsc": SMSC,
             "layout": "Submit"}
        )  # fmt: skip
    for text, answer in zip(texts(), gammu.ask(requests), strict=True):
        submits, got = read_back(answer["pdus"])
        ucs2 = submits[0].user_data.encoding is Encoding.UCS2
        assert got == (gammu_written(text) if ucs2 else text), f"seed {SEED}"
        assert {submit.destination.text for submit in submits} == {"+447700900123"}


def test_gammu_reads_our_status_reports(gammu: Peer) -> None:
    answers = gammu.ask([{"op": "decode", "pdu": to_pdu(report.encode(), SMSC)} for report in reports()])
    differences(
        (
            report,
            answer | {"submitted": answer["stamps"]["DateTime"], "discharged": answer["stamps"]["SMSCDateTime"]},
            {
                "type": "Status_Report",
                "number": report.recipient.text,
                "reference": report.reference,
                "status": report.status,
                "submitted": local_time(report.service_centre_time).isoformat(),
                "discharged": local_time(report.discharge_time).isoformat(),
            },
        )
        for report, answer in zip(reports(), answers, strict=True)
    )
