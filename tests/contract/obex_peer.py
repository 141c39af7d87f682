"""A template for python-dbusmock: obexd with one handset's messages (MAP), and the switches of a test bench.

Run by Debian's Python: python3 -m dbusmock --session --template obex_peer.py. It answers as the manual pages
org.bluez.obex.Client(5), Session(5), MessageAccess(5), Message(5) and Transfer(5) say, and tells of events as
obexd does: only for messages that were listed, or announced, in that session.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import dbus  # type: ignore[import-not-found, import-untyped, unused-ignore]
import dbus.service  # type: ignore[import-not-found, import-untyped, unused-ignore]
import dbusmock  # type: ignore[import-not-found, import-untyped, unused-ignore]
from gi.repository import GLib  # type: ignore[import-not-found, import-untyped, unused-ignore]

BUS_NAME = "org.bluez.obex"
MAIN_OBJ = "/"
MAIN_IFACE = "org.bluez.obex.Peer"
SYSTEM_BUS = False
IS_OBJECT_MANAGER = True
BENCH = "uk.example.Bench"
CLIENT = "/org/bluez/obex/client"
SESSION, ACCESS = "org.bluez.obex.Session1", "org.bluez.obex.MessageAccess1"
MESSAGE, TRANSFER = "org.bluez.obex.Message1", "org.bluez.obex.Transfer1"
ERROR = "org.bluez.obex.Error."
EVENT_S = 0.15
state: dict[str, Any] = {
    "sessions": [], "made": 0, "rows": {}, "next": 0x2000000000001, "faults": [], "on_air": [], "folder": {},
    "kinds": ["SMS_GSM"], "written": [], "opened": [], "left": [], "answers": "",
}  # fmt: skip


def mocked(path: str) -> Any:
    return dbusmock.mockobject.objects.get(path)


def announce(path: str, interface: str) -> None:
    mocked("/").EmitSignal(
        dbusmock.OBJECT_MANAGER_IFACE, "InterfacesAdded", "oa{sa{sv}}",
        [dbus.ObjectPath(path), {interface: mocked(path).props[interface]}],
    )  # fmt: skip


def forget(path: str, *interfaces: str) -> None:
    mocked("/").EmitSignal(
        dbusmock.OBJECT_MANAGER_IFACE, "InterfacesRemoved", "oas",
        [dbus.ObjectPath(path), dbus.Array(interfaces, signature="s")],
    )  # fmt: skip
    mocked("/").RemoveObject(path)


def create_session(self: Any, destination: str, args: Any) -> Any:
    if str(args.get("Target", "")).lower() != "map":
        raise dbus.exceptions.DBusException("only map", name=ERROR + "InvalidArguments")
    if state["faults"] and state["faults"][0][0] == "no session":
        state["faults"].pop(0)
        raise dbus.exceptions.DBusException("Forbidden", name=ERROR + "Failed")
    path = f"{CLIENT}/session{state['made']}"
    state["made"] += 1
    self.AddObject(path, SESSION, {
        "Source": "00:01:02:03:04:05", "Destination": state["answers"] or destination, "Channel": dbus.Byte(1),
        "Target": "bb582b40-420c-11db-b0de-0800200c9a66", "Root": "/",
    }, [])  # fmt: skip
    session = mocked(path)
    session.AddProperties(ACCESS, {"SupportedTypes": dbus.Array(state["kinds"], signature="s")})
    session.AddMethods(ACCESS, [
        ("SetFolder", "s", "", set_folder), ("ListMessages", "sa{sv}", "a{oa{sv}}", list_messages),
        ("PushMessage", "ssa{sv}", "oa{sv}", push),
    ])  # fmt: skip
    state["sessions"].append(path)
    announce(path, SESSION)
    return dbus.ObjectPath(path)


def remove_session(_self: Any, path: str) -> None:
    for known in [one for one in dbusmock.mockobject.objects if one.startswith(f"{path}/")]:
        mocked("/").RemoveObject(known)
    state["sessions"].remove(str(path))
    forget(path, SESSION, ACCESS)


def set_folder(self: Any, name: str) -> None:
    state["folder"][self.path] = str(name)


def properties(row: dict[str, Any]) -> dict[str, Any]:
    found = {
        "Folder": f"/telecom/msg/{row['folder']}", "Type": "sms-gsm", "SenderAddress": row.get("sender", ""),
        "RecipientAddress": row.get("recipient", ""), "Subject": row.get("subject", ""), "Status": "complete",
        "Read": dbus.Boolean(row.get("read", False)), "Sent": dbus.Boolean(row.get("sent", False)),
    }  # fmt: skip
    return {**found, "DeliveryStatus": row["delivery"]} if row.get("delivery") else found


def known(session: str, handle: int) -> Any:
    """The object of a message in a session, made if it is not there."""
    path = f"{session}/message{handle}"
    if mocked(path) is None:
        made = properties(state["rows"][handle])
        mocked("/").AddObject(path, MESSAGE, {"Status": "complete", **made}, [("Get", "sb", "oa{sv}", get)])
    return mocked(path)


def list_messages(self: Any, folder: str, asked: Any) -> Any:
    if state["folder"].get(self.path) != "/telecom/msg":
        raise dbus.exceptions.DBusException("Not Found", name=ERROR + "Failed")
    if state["faults"] and state["faults"][0][0] == "no list":
        state["faults"].pop(0)
        raise dbus.exceptions.DBusException("Forbidden", name=ERROR + "Failed")
    found = {}
    for handle, row in sorted(state["rows"].items(), reverse=True)[: int(asked["MaxCount"])]:
        if row["folder"] == folder:
            path = known(self.path, handle).path
            words = str(row.get("text", "")).encode()[: int(asked["SubjectLength"])].decode("utf-8", "ignore")
            found[dbus.ObjectPath(path)] = dbus.Dictionary({**properties(row), "Subject": words}, signature="sv")
    return dbus.Dictionary(found, signature="oa{sv}")


def transfer(session: str, file: str) -> str:
    path = f"{session}/transfer{state['made']}"
    state["made"] += 1
    mocked("/").AddObject(
        path, TRANSFER, {"Status": "queued", "Filename": file, "Session": dbus.ObjectPath(session)}, []
    )
    return path


def push(self: Any, file: str, folder: str, asked: Any) -> Any:
    fault, detail = state["faults"].pop(0) if state["faults"] else ("", "")
    if fault == "refuse":
        raise dbus.exceptions.DBusException("no", name=detail)
    octets = Path(str(file)).read_bytes()
    state["written"].append([str(file), Path(str(file)).stat().st_mode & 0o777])
    path = transfer(self.path, file)
    args = {name: bool(asked[name]) for name in ("Transparent", "Retry")}
    sent = args == {"Transparent": False, "Retry": False} and folder == "outbox" and asked["Charset"] == "utf8"
    GLib.timeout_add(20, lambda: took(self.path, path, octets if sent else b"", fault, float(detail or 0)))
    return dbus.ObjectPath(path), dbus.Dictionary(mocked(path).props[TRANSFER], signature="sv")


def took(session: str, path: str, octets: bytes, fault: str, detail: float) -> None:
    """The transfer is over; the handset sends, and says so, or not."""
    if fault == "transfer error" or not octets:
        mocked(path).UpdateProperties(TRANSFER, {"Status": "error"})
        return
    handle = state["next"]
    state["next"] += 1
    number = re.search(rb"\r\nTEL:([^\r]*)\r\n", octets)
    length = re.search(rb"\r\nLENGTH:(\d+)\r\n(BEGIN:MSG\r\n(.*?)\r\nEND:MSG\r\n)END:BBODY\r\n", octets, re.DOTALL)
    assert number is not None
    assert length is not None
    assert int(length[1]) == len(length[2]), "LENGTH is wrong"
    text = length[3].decode()
    recipient = number[1].decode()
    state["rows"][handle] = {"folder": "outbox", "recipient": recipient, "text": text, "sent": False}
    if fault != "fail":
        state["on_air"].append({"number": recipient, "text": text, "wire": octets.hex().upper(), "handle": handle})
    mocked(path).UpdateProperties(TRANSFER, {"Status": "complete"})
    mocked("/").RemoveObject(path)
    if fault == "theirs":
        state["rows"][state["next"]] = {"folder": "sent", "recipient": "+447700900777", "text": "", "sent": True}
        state["next"] += 1
    if fault in {"unlisted", "nobody's"}:  # the handset lists it later, or never
        del state["rows"][handle]
    if fault == "nobody's":
        state["rows"][state["next"]] = {"folder": "sent", "recipient": "", "text": "", "sent": True}
        state["next"] += 1
    if fault in {"silence", "theirs", "unlisted", "nobody's"}:
        return
    if fault == "no event":
        state["rows"][handle].update(folder="sent", sent=True)
        return
    word = "sending-failure" if fault == "fail" else "sending-success"
    GLib.timeout_add(int((detail or EVENT_S) * 1000), lambda: event(None, str(handle), word))


def event(_self: Any, handle: str, word: str) -> None:
    """The handset tells of a message; obexd passes it on where it knows the message."""
    number, row = int(handle), state["rows"][int(handle)]
    if word == "sending-success":
        row.update(folder="sent", sent=True)
    if word == "delivery-success":
        row["delivery"] = "delivered"
    for session in state["sessions"]:
        at = mocked(f"{session}/message{number}")
        if at is not None:
            at.UpdateProperties(MESSAGE, {"Status": word})


def receive(_self: Any, sender: str, text: str, told: bool) -> None:
    """A text comes in; told of by an event, or there from before."""
    handle = state["next"]
    state["next"] += 1
    state["rows"][handle] = {"folder": "inbox", "sender": str(sender), "text": str(text), "read": False}
    for session in state["sessions"] if told else ():
        at = known(session, handle)
        announce(at.path, MESSAGE)
        at.UpdateProperties(MESSAGE, {"Status": "notification"})


def get(self: Any, file: str, _attachment: Any) -> Any:
    if state["faults"] and state["faults"][0][0] == "no get":
        state["faults"].pop(0)
        raise dbus.exceptions.DBusException("Forbidden", name=ERROR + "Failed")
    handle = int(self.path.rpartition("/message")[2])
    text = state["rows"][handle]["text"].replace("\n", "\r\n")
    state["opened"].append(handle)
    session = self.path.rpartition("/")[0]
    body = f"BEGIN:MSG\r\n{text}\r\nEND:MSG\r\n"
    head = (
        "BEGIN:BMSG\r\nVERSION:1.0\r\nSTATUS:UNREAD\r\nTYPE:SMS_GSM\r\nFOLDER:telecom/msg/inbox\r\nBEGIN:BENV\r\n"
    )
    Path(str(file)).write_bytes(f"{head}BEGIN:BBODY\r\nCHARSET:UTF-8\r\n{body}END:BBODY\r\nEND:BENV\r\n".encode())
    path = transfer(session, file)
    GLib.timeout_add(20, lambda: mocked(path).UpdateProperties(TRANSFER, {"Status": "complete"}))
    return dbus.ObjectPath(path), dbus.Dictionary(mocked(path).props[TRANSFER], signature="sv")


def drop(_self: Any) -> None:
    """The handset goes out of reach: its sessions end."""
    for session in list(state["sessions"]):
        remove_session(None, session)


def told(_self: Any) -> str:
    return json.dumps({name: state[name] for name in ("on_air", "rows", "written", "opened", "sessions")})


def fault(_self: Any, what: str, detail: str) -> None:
    state["faults"].append((str(what), str(detail)))


def say(_self: Any, what: str, value: str) -> None:
    state[str(what)] = json.loads(value)


def load(mock: Any, _parameters: Any) -> None:
    dbusmock.mockobject.objects["/"] = mock
    mock.AddObject("/org/bluez/obex", "org.bluez.obex.Client1", {}, [
        ("CreateSession", "sa{sv}", "o", create_session), ("RemoveSession", "o", "", remove_session),
    ])  # fmt: skip
    mock.AddMethods(BENCH, [
        ("Told", "", "s", told), ("Fault", "ss", "", fault), ("Event", "ss", "", event), ("Drop", "", "", drop),
        ("Receive", "ssb", "", receive), ("Say", "ss", "", say),
    ])  # fmt: skip
