"""The SDP codec: whatever is written is read again, and whatever comes is an element or Malformed."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from gsmsend_atmodem import sdp
from gsmsend_atmodem.sdp import Element, Kind
from tests.unit.atmodem.handset import answer, record


def numbers(kind: Kind, widths: tuple[int, ...]) -> st.SearchStrategy[Element]:
    def of(width: int) -> st.SearchStrategy[Element]:
        most = 1 << 8 * width
        low, high = (-most // 2, most // 2 - 1) if kind is Kind.SIGNED else (0, most - 1)
        return st.builds(lambda number: Element(kind, number, width), st.integers(low, high))

    return st.sampled_from(widths).flatmap(of)


LEAVES = st.one_of(
    st.just(Element(Kind.NIL)),
    numbers(Kind.UNSIGNED, (1, 2, 4, 8, 16)),
    numbers(Kind.SIGNED, (1, 2, 4, 8, 16)),
    numbers(Kind.UUID, (2, 4, 16)),
    numbers(Kind.BOOLEAN, (1,)),
    st.builds(
        lambda kind, octets: Element(kind, octets=octets),
        st.sampled_from((Kind.TEXT, Kind.URL)),
        st.binary(max_size=300),
    ),
)
ELEMENTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda kind, items: Element(kind, items=tuple(items)),
        st.sampled_from((Kind.SEQUENCE, Kind.ALTERNATIVE)),
        st.lists(inner, max_size=5),
    ),
    max_leaves=20,
)


@given(ELEMENTS)
def test_what_is_written_is_read_again(element: Element) -> None:
    assert sdp.decode(sdp.encode(element)) == element


@given(ELEMENTS, st.integers(0, 10_000))
def test_no_part_of_an_element_is_one(element: Element, at: int) -> None:
    octets = sdp.encode(element)
    cut = octets[: at % len(octets)]
    with suppress(sdp.Malformed):
        raise AssertionError(f"{cut.hex()} was read as {sdp.decode(cut)}")


@given(st.binary(max_size=200))
def test_whatever_comes_is_an_element_or_malformed(octets: bytes) -> None:
    with suppress(sdp.Malformed):
        element = sdp.decode(octets)
        assert sdp.decode(sdp.encode(element)) == element


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_whatever_answers_come_the_inquiry_ends_or_goes_on(answers: list[bytes]) -> None:
    inquiry = sdp.Inquiry(0x1103)
    with suppress(sdp.Malformed, sdp.Refused):
        for octets in answers:
            inquiry.receive(octets)
            assert isinstance(sdp.channels(inquiry.records), list)


@given(
    st.lists(st.integers(1, 30), max_size=6, unique=True), st.integers(1, 40), st.sampled_from((0x1101, 0x1103))
)
def test_channels_come_in_the_servers_order_however_its_answer_is_cut(
    channels: list[int], at_once: int, service: int
) -> None:
    inquiry, services = sdp.Inquiry(service), {service: [record(channel) for channel in channels]}
    while not inquiry.receive(answer(inquiry.data_to_send(), services, at_once)):
        pass
    assert sdp.channels(inquiry.records) == channels


@given(ELEMENTS)
def test_what_a_record_says_of_its_protocols_is_never_too_strange(element: Element) -> None:
    found = sdp.channels([{sdp.PROTOCOLS: element}])
    assert all(1 <= channel <= 30 for channel in found)
