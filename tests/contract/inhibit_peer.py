"""A template for python-dbusmock: a ModemManager that is asked to keep off devices, and what it answers.

Parameters: `devices`, those that it has taken up; `refuse`, the name of the error for whoever asks.
"""

from __future__ import annotations

from typing import Any

import dbus  # type: ignore[import-not-found, import-untyped, unused-ignore]

BUS_NAME = "org.freedesktop.ModemManager1"
MAIN_OBJ = "/org/freedesktop/ModemManager1"
MAIN_IFACE = "org.freedesktop.ModemManager1"
SYSTEM_BUS = False
BENCH = "uk.example.Bench"
method: Any = dbus.service.method


def load(mock: Any, parameters: Any) -> None:
    mock.devices = [str(one) for one in parameters.get("devices", [])]
    mock.refuse = str(parameters.get("refuse", ""))
    mock.kept_off = []
    mock.asked = []


@method(MAIN_IFACE, in_signature="sb", out_signature="")  # type: ignore[untyped-decorator, unused-ignore]
def InhibitDevice(self: Any, uid: Any, inhibit: Any) -> None:  # noqa: N802 - its name
    self.asked.append(f"{uid} {bool(inhibit)}")
    if self.refuse:
        raise dbus.exceptions.DBusException("no", name=self.refuse)
    if inhibit and str(uid) not in self.devices:
        raise dbus.exceptions.DBusException("no such", name=f"{BUS_NAME}.Error.Core.NotFound")
    if inhibit:
        self.kept_off.append(str(uid))
    elif str(uid) in self.kept_off:
        self.kept_off.remove(str(uid))


@method(BENCH, in_signature="s", out_signature="")  # type: ignore[untyped-decorator, unused-ignore]
def TakeUp(self: Any, uid: Any) -> None:  # noqa: N802 - like its neighbours
    self.devices.append(str(uid))


@method(BENCH, in_signature="", out_signature="as")  # type: ignore[untyped-decorator, unused-ignore]
def KeptOff(self: Any) -> Any:  # noqa: N802 - like its neighbours
    return dbus.Array(self.kept_off, signature="s")


@method(BENCH, in_signature="", out_signature="as")  # type: ignore[untyped-decorator, unused-ignore]
def Asked(self: Any) -> Any:  # noqa: N802 - like its neighbours
    return dbus.Array(self.asked, signature="s")
