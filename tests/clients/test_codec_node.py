"""Our codec against node-pdu 2.1: random texts and all their parts, both directions.

Where node-pdu differs from the standard a function here says how, as narrowly as it can be said: `node_text`,
`node_interval`, `node_written`, `node_overflows`. Anything else that differs fails.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import Deliver, Direction, Encoding, Joiner, from_pdu, to_pdu
from gsmsend.sms.alphabet import alphabet
from gsmsend.sms.primitives import ESCAPE, default_alphabet, default_extension
from gsmsend.sms.validity import relative_value
from tests.clients.codec_peers import (
    SEED,
    SMSC,
    TEXTS,
    Answer,
    Part,
    Peer,
    differences,
    node_peer,
    parts,
    read_back,
    reports,
    texts,
)

pytestmark = [pytest.mark.clients]


@pytest.fixture(scope="module")
def node() -> Peer:
    return node_peer()


def node_text(part: Part) -> str:
    """What node-pdu 2.1 shows for a part of ours.

    It knows no national tables; it has a backtick for the section sign, and for any code that its extension
    table lacks (form feed among them); it drops an escape that nothing follows.
    """
    if part.segment.encoding is Encoding.UCS2:
        return part.segment.text
    default = [char if char != "\N{SECTION SIGN}" else "`" for char in default_alphabet()]
    extension = {code: char for code, char in default_extension().items() if char != "\f"}
    shown = []
    escaped = False
    for septet in part.payload:
        if septet == ESCAPE:
            escaped = True
            continue
        shown.append(extension.get(septet, "`") if escaped else default[septet])
        escaped = False
    return "".join(shown)


def node_interval(value: int) -> int:
    """The seconds that node-pdu 2.1 reads in a relative TP-VP: right up to 143, then off in three ways."""
    if value <= 143:
        return (value + 1) * 300
    if value <= 167:
        return 12 * 86400 + (value - 143) * 1800
    return (value - 167) * 86400 if value <= 196 else (value - 196) * 604800


def node_address(number: str) -> Answer:
    ton = 1 if number.startswith("+") else 0 if number.isdigit() else 5
    return {"number": number.lstrip("+"), "ton": ton}


def test_node_reads_our_submits(node: Peer) -> None:
    answers = node.ask([{"op": "decode", "pdu": part.submit()} for part in parts()])
    differences(
        (
            part,
            answer,
            {
                "type": "Submit",
                "text": node_text(part),
                "reference": part.reference,
                "validity": node_interval(relative_value(part.validity_s)),
                "report": int(part.report),
                "rejectDuplicates": int(part.reject_duplicates),
                "alphabet": 2 if part.segment.encoding is Encoding.UCS2 else 0,
                **node_address(part.number),
                **node_place(part),
            },
        )
        for part, answer in zip(parts(), answers, strict=True)
    )


def node_place(part: Part) -> Answer:
    place = part.concatenation
    return {} if place is None else {"concat": [place.reference, place.total, place.seq]}


def test_node_reads_our_delivers(node: Peer) -> None:
    answers = node.ask([{"op": "decode", "pdu": part.deliver()} for part in parts()])
    differences(
        (
            part,
            answer,
            {
                "type": "Deliver",
                "text": node_text(part),
                "time": [part.stamp.epoch_s, part.stamp.offset_minutes],
                **node_address(part.sender),
                **node_place(part),
            },
        )
        for part, answer in zip(parts(), answers, strict=True)
    )


def node_written(text: str) -> str:
    """What node-pdu 2.1 puts on air for a text.

    UCS-2 for anything beyond U+00C0, else its own alphabet: that has a backtick where the section sign is, and
    a space for what it lacks (section sign, form feed, and those of U+00A0 to U+00C0 that GSM 7 bit lacks).
    """
    if any(char > "\u00c0" for char in text):
        return text
    own = alphabet().codes.keys() - {"\N{SECTION SIGN}", "\f"}
    return "".join("\N{SECTION SIGN}" if char == "`" else char if char in own else " " for char in text)


def node_overflows(text: str) -> bool:
    """Whether node-pdu 2.1 makes parts that are too long: it cuts by characters and forgets the escapes."""
    if any(char > "\u00c0" for char in text):
        return False
    pieces = [node_written(text[at : at + 133]) for at in range(0, len(text), 133)]
    header = 8 if len(pieces) > 1 else 0
    return any(len(alphabet().encode(piece)) + header > 160 for piece in pieces)


def read_all(pdus: list[str], direction: Direction) -> None:
    for pdu in pdus:
        from_pdu(pdu, direction)


def node_pdus(node: Peer, **options: object) -> Iterator[tuple[str, list[str]]]:
    """Every text with its PDUs. Of PDUs that are too long to be sent, only that we refuse them is checked."""
    written = [text for text in texts() if text]  # node-pdu makes no PDU at all of an empty text
    requests = [{"op": "encode", "text": text, "smsc": SMSC, **options} for text in written]
    refused = 0
    for text, answer in zip(written, node.ask(requests), strict=True):
        if not node_overflows(text):
            yield text, answer["pdus"]
            continue
        refused += 1
        with pytest.raises(SmsError, match=r"^TP-UDL"):
            read_all(answer["pdus"], "to_network" if options["layout"] == "Submit" else "from_network")
    assert refused < TEXTS / 10


def test_we_read_nodes_submits(node: Peer) -> None:
    for text, pdus in node_pdus(node, layout="Submit", number="+447700900123"):
        submits, got = read_back(pdus)
        assert got == node_written(text), f"seed {SEED}"
        assert {submit.destination.text for submit in submits} == {"+447700900123"}


def test_we_join_nodes_delivers_in_any_order(node: Peer) -> None:
    rng = random.Random(SEED + 2)
    for text, pdus in node_pdus(node, layout="Deliver", number="CHARITY", time=1.7e12):
        joiner = Joiner()
        joined = []
        # Some parts come twice.
        for pdu in rng.sample(pdus, k=len(pdus)) + pdus[:1]:
            _, deliver = from_pdu(pdu, "from_network")
            assert isinstance(deliver, Deliver)
            assert deliver.service_centre_time.epoch_s == 1.7e9
            joined.append(joiner.add(deliver, now_s=0.0))
        whole = [each for each in joined[: len(pdus)] if each is not None]
        assert [each.text for each in whole] == [node_written(text)], f"seed {SEED}"
        assert [each.sender for each in whole] == ["CHARITY"]
        assert not joiner.gaps()


def test_node_reads_our_status_reports(node: Peer) -> None:
    answers = node.ask([{"op": "decode", "pdu": to_pdu(report.encode(), SMSC)} for report in reports()])
    differences(
        (
            report,
            answer,
            {
                "type": "Report",
                "reference": report.reference,
                "status": report.status,
                "times": [report.service_centre_time.epoch_s, report.discharge_time.epoch_s],
                **node_address(report.recipient.text),
            },
        )
        for report, answer in zip(reports(), answers, strict=True)
    )
