"""What is noted of signals: of this handset's session only, and the first reason for its end."""

from __future__ import annotations

from typing import Any

from gsmsend_handset.bus import Signal
from gsmsend_handset.obex_news import News
from gsmsend_handset.obex_session import MESSAGE, SERVICE, SESSION, handle_of

PATH = "/org/bluez/obex/client/session3"
PROPERTIES = "org.freedesktop.DBus.Properties"


def news() -> News:
    made = News("00:00:5E:00:53:01")
    made.session, made.device = PATH, "/org/bluez/hci0/dev_00_00_5E_00_53_01"
    return made


def changed(path: str, interface: str, **values: Any) -> Signal:
    return Signal(path, PROPERTIES, "PropertiesChanged", (interface, values, []))


def test_an_event_is_noted_by_the_handsets_own_name_for_the_text() -> None:
    made = news()
    made.take([changed(f"{PATH}/message562949953421313", MESSAGE, Status="sending-success")])
    assert made.told == {"0002000000000001": "sending-success"}
    assert list(made.events) == [("0002000000000001", "sending-success")]


def test_events_of_another_session_are_not_ours() -> None:
    made = news()
    made.take([
        changed("/org/bluez/obex/client/session33/message1", MESSAGE, Status="sending-success"),
        Signal("/", "", "InterfacesRemoved", ("/org/bluez/obex/client/session33", [SESSION])),
        changed("/org/bluez/hci0/dev_00_00_5E_00_53_02", "org.bluez.Device1", Connected=False),
    ])  # fmt: skip
    assert made.told == {}
    assert made.lost is None


def test_a_new_text_in_another_folder_is_none_that_was_received() -> None:
    made = news()
    for folder, inbox in (("/telecom/msg/sent", False), ("/telecom/msg/inbox", True)):
        made.take([Signal("/", "", "InterfacesAdded", (f"{PATH}/message1", {MESSAGE: {"Folder": folder}}))])
        assert made.inbox is inbox


def test_the_first_reason_for_the_end_stays() -> None:
    made = news()
    made.take([Signal("/org/freedesktop/DBus", "", "NameOwnerChanged", (SERVICE, ":1.2", ""))])
    made.end("something else")
    assert made.lost is not None
    assert "obexd, which speaks to handsets over Bluetooth, ended" in str(made.lost)


def test_obexd_that_begins_is_no_end() -> None:
    made = news()
    made.take([Signal("/org/freedesktop/DBus", "", "NameOwnerChanged", (SERVICE, "", ":1.2"))])
    assert made.lost is None


def test_paths_of_transfers_are_no_messages() -> None:
    assert handle_of(f"{PATH}/transfer1") == ""
