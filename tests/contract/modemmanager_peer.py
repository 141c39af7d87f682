"""A template for python-dbusmock: ModemManager with one modem, and the switches of a test bench on `BENCH`.

Run by Debian's Python: python3 -m dbusmock --session --template modemmanager_peer.py. Names, types and what a call
answers are those of ModemManager's published introspection (org.freedesktop.ModemManager1.*.xml).
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import dbus  # type: ignore[import-not-found, import-untyped, unused-ignore]
import dbus.service  # type: ignore[import-not-found, import-untyped, unused-ignore]
import dbusmock  # type: ignore[import-not-found, import-untyped, unused-ignore]

BUS_NAME = "org.freedesktop.ModemManager1"
MAIN_OBJ = "/org/freedesktop/ModemManager1"
MAIN_IFACE = "org.freedesktop.ModemManager1"
SYSTEM_BUS = False
IS_OBJECT_MANAGER = True
BENCH = "uk.example.Bench"
MODEM, SIMS, TEXTS = f"{MAIN_OBJ}/Modem/0", f"{MAIN_OBJ}/SIM", f"{MAIN_OBJ}/SMS"
MODEM_IFACE, SIM_IFACE, SMS_IFACE = f"{BUS_NAME}.Modem", f"{BUS_NAME}.Sim", f"{BUS_NAME}.Sms"
GPP, MESSAGING = f"{MODEM_IFACE}.Modem3gpp", f"{MODEM_IFACE}.Messaging"
ERROR = f"{BUS_NAME}.Error."
TYPES = {
    "State": dbus.UInt32, "PduType": dbus.UInt32, "Number": dbus.String, "Text": dbus.String, "SMSC": dbus.String,
    "DeliveryReportRequest": dbus.Boolean, "MessageReference": dbus.UInt32, "Timestamp": dbus.String,
    "DischargeTimestamp": dbus.String, "DeliveryState": dbus.UInt32, "Storage": dbus.UInt32,
}  # fmt: skip
state: dict[str, Any] = {"texts": {}, "made": 0, "reference": 40, "faults": [], "on_air": [], "deleted": []}


method: Any = dbus.service.method
signal: Any = dbus.service.signal


class Sms(dbus.service.Object):  # type: ignore[misc, untyped-decorator, unused-ignore]
    """One text: an object of its own kind, because Send() may be answered late or never."""

    methods: ClassVar[dict[str, Any]] = {}  # dbusmock looks here first

    def __init__(self, mock: Any, values: Any) -> None:
        self.at = f"{TEXTS}/{state['made']}"
        state["made"] += 1
        state["texts"][self.at] = self
        self.mock = mock
        self.values = {"State": 0, "PduType": 2, "Number": "", "Text": "", "SMSC": "", "MessageReference": 0,
                       "DeliveryState": 0x100, "Storage": 0, **values}  # fmt: skip
        super().__init__(mock.bus_name, self.at)

    @method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")  # type: ignore[untyped-decorator, unused-ignore]
    def GetAll(self, _interface: Any) -> Any:  # noqa: N802 - its name
        return dbus.Dictionary({name: TYPES[name](value) for name, value in self.values.items()}, signature="sv")

    @signal(dbus.PROPERTIES_IFACE, signature="sa{sv}as")  # type: ignore[untyped-decorator, unused-ignore]
    def PropertiesChanged(self, interface: Any, changed: Any, invalidated: Any) -> Any:  # noqa: N802 - its name
        pass

    def now(self, **values: Any) -> Any:
        self.values.update(values)
        changed = {name: TYPES[name](value) for name, value in values.items()}
        self.PropertiesChanged(SMS_IFACE, dbus.Dictionary(changed, signature="sv"), dbus.Array([], signature="s"))

    @method(SMS_IFACE, async_callbacks=("answer", "refuse"))  # type: ignore[untyped-decorator, unused-ignore]
    def Send(self, answer: Any, refuse: Any) -> Any:  # noqa: N802 - its name
        fault, detail = state["faults"].pop(0) if state["faults"] else ("", "")
        if fault == "refuse":
            name, words = json.loads(detail)
            refuse(dbus.exceptions.DBusException(words, name=name))
            return
        parts = max(1, -(-len(self.values["Text"]) // 153)) if len(self.values["Text"]) > 160 else 1
        state["reference"] = (state["reference"] + parts) % 256
        self.now(State=5, MessageReference=state["reference"])
        state["on_air"].append({
            "number": self.values["Number"], "text": self.values["Text"], "reference": state["reference"],
            "asked": self.asked, "parts": parts,
        })  # fmt: skip
        if fault == "silence":
            return
        if fault == "delay":
            from gi.repository import GLib  # type: ignore[import-not-found, import-untyped, unused-ignore]

            GLib.timeout_add(int(float(detail) * 1000), answer)
            return
        answer()


def create(self: Any, properties: Any) -> Any:
    if state.get("refuse_create"):
        raise dbus.exceptions.DBusException("no", name=state.pop("refuse_create"))
    known = {"number": "Number", "text": "Text", "delivery-report-request": "DeliveryReportRequest"}
    text = Sms(self, {known[name]: value for name, value in properties.items() if name in known})
    asked: dict[str, Any] = {
        name: bool(value) if isinstance(value, dbus.Boolean) else value for name, value in properties.items()
    }
    if "validity" in asked:
        asked["validity"] = [int(asked["validity"][0]), int(asked["validity"][1])]
    text.asked = json.dumps(asked, sort_keys=True)
    return dbus.ObjectPath(text.at)


def delete(_self: Any, path: Any) -> Any:
    text = state["texts"].pop(path)
    text.remove_from_connection()
    state["deleted"].append(path)


def fault(_self: Any, what: Any, detail: Any) -> Any:
    if what == "refuse_create":
        state["refuse_create"] = detail
    else:
        state["faults"].append((what, detail))


def receive(self: Any, values: Any, announce: Any) -> Any:
    """A text, report or half a text comes from the network, or (not announced) was there before."""
    text = Sms(self, dict(json.loads(values)))
    if announce:
        self.EmitSignal(MESSAGING, "Added", "ob", [dbus.ObjectPath(text.at), True])
    else:
        self.props[MESSAGING]["Messages"] = dbus.Array(
            [dbus.ObjectPath(one) for one in state["texts"]], signature="o"
        )
    return text.at


def change(_self: Any, path: Any, values: Any) -> Any:
    state["texts"][path].now(**json.loads(values))


def told(_self: Any) -> Any:
    texts = {path: text.values for path, text in state["texts"].items()}
    return json.dumps({"on_air": state["on_air"], "deleted": state["deleted"], "texts": texts})


def new_sim(self: Any, iccid: Any, imsi: Any) -> Any:
    path = f"{SIMS}/{len([one for one in dbusmock.mockobject.get_objects() if one.startswith(SIMS)])}"
    self.AddObject(path, SIM_IFACE, {
        "Active": True, "SimIdentifier": iccid, "Imsi": imsi, "OperatorIdentifier": "00101",
        "OperatorName": "Test",
    }, [])  # fmt: skip
    return dbus.ObjectPath(path)


def swap(_self: Any, iccid: Any, imsi: Any) -> Any:
    modem = dbusmock.mockobject.get_object(MODEM)
    path = new_sim(modem, iccid, imsi) if iccid else dbus.ObjectPath("/")
    changed(modem, "Sim", path)


def changed(modem: Any, name: str, value: Any) -> None:
    """As UpdateProperties, which cannot do paths and structures."""
    modem.props[MODEM_IFACE][name] = value
    modem.EmitSignal(dbus.PROPERTIES_IFACE, "PropertiesChanged", "sa{sv}as", [
        MODEM_IFACE, dbus.Dictionary({name: value}, signature="sv"), dbus.Array([], signature="s"),
    ])  # fmt: skip


def unplug(_self: Any) -> Any:
    modem = dbusmock.mockobject.get_object(MODEM)
    modem.object_manager.EmitSignal(dbusmock.OBJECT_MANAGER_IFACE, "InterfacesRemoved", "oas", [
        dbus.ObjectPath(MODEM), dbus.Array([MODEM_IFACE, GPP, MESSAGING], signature="s"),
    ])  # fmt: skip
    modem.RemoveObject(MODEM)


def signal_of(self: Any, percent: int) -> None:
    changed(self, "SignalQuality", dbus.Struct((dbus.UInt32(percent), True), signature="ub"))


def enable(self: Any, on: Any) -> Any:
    self.UpdateProperties(MODEM_IFACE, {"State": dbus.Int32(8 if on else 3)})


def load(mock: Any, parameters: Any) -> Any:
    modem = {
        "EquipmentIdentifier": "350000000000019", "Manufacturer": "Example", "Model": "QMI stick",
        "Revision": "1.0",
        "Device": "/sys/devices/pci0000:00/usb1/1-4", "DeviceIdentifier": "d1ce", "State": dbus.Int32(8),
        "StateFailedReason": dbus.UInt32(0), "UnlockRequired": dbus.UInt32(1),
        "OwnNumbers": dbus.Array([], signature="s"),
        "SignalQuality": dbus.Struct((dbus.UInt32(50), True), signature="ub"),
        "Ports": dbus.Array([("cdc-wdm0", dbus.UInt32(6)), ("ttyUSB2", dbus.UInt32(3))], signature="(su)"),
    }  # fmt: skip
    given = {name: value for name, value in (parameters or {}).items() if name in modem}
    kinds = {"State": dbus.Int32, "StateFailedReason": dbus.UInt32, "UnlockRequired": dbus.UInt32}
    modem.update({name: kinds.get(name, dbus.String)(value) for name, value in given.items()})
    sim = (
        dbus.ObjectPath("/")
        if (parameters or {}).get("no_sim")
        else new_sim(mock, "8944100000000000019", "001010000000019")
    )
    mock.AddObject(MODEM, MODEM_IFACE, {**modem, "Sim": sim}, [("Enable", "b", "", enable)])
    thing = dbusmock.mockobject.get_object(MODEM)
    thing.AddProperties(GPP, {
        "Imei": "350000000000019", "RegistrationState": dbus.UInt32(1), "OperatorCode": "00101",
        "OperatorName": "Test",
    })  # fmt: skip
    thing.AddProperties(MESSAGING, {
        "Messages": dbus.Array([], signature="o"), "SupportedStorages": dbus.Array([1, 2], signature="u"),
        "DefaultStorage": dbus.UInt32(2),
    })  # fmt: skip
    thing.AddMethods(MESSAGING, [("Create", "a{sv}", "o", create), ("Delete", "o", "", delete)])
    thing.AddMethods(BENCH, [
        ("Fault", "ss", "", fault), ("Receive", "sb", "s", receive), ("Change", "ss", "", change),
        ("Signal", "u", "", signal_of),
        ("Told", "", "s", told),
    ])  # fmt: skip
    mock.AddMethods(BENCH, [("Swap", "ss", "", swap), ("Unplug", "", "", unplug), ("Told", "", "s", told)])
