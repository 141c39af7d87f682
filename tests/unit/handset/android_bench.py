"""A handset on a fake adb server with the gateway app on it: what the shared suite needs of the far end."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gsmsend.contract import Link, OpenOptions, Sink
from gsmsend.testing.driver_bench import OnAir
from gsmsend_handset.android import reading
from gsmsend_handset.android.driver import AndroidDriver
from gsmsend_handset.android.words import failures
from tests.unit.handset.android_adb import AdbServer, Handset
from tests.unit.handset.android_gateway import PASSWORD, USER, Gateway

SERIAL = "R58M000000A"
ICCID, OTHER_ICCID = "8944110000000000017", "8944110000000000025"
IMSI, OTHER_IMSI = "234150000000017", "234150000000025"
IMEI = "350000000000006"

PROPERTIES = """\
[gsm.operator.alpha]: [Example GB,]
[gsm.operator.isroaming]: [false,false]
[gsm.operator.numeric]: [23415,]
[gsm.sim.operator.numeric]: [23415,]
[gsm.sim.state]: [LOADED,ABSENT]
[ro.build.display.id]: [EX1A.000000.001]
[ro.build.version.release]: [14]
[ro.product.manufacturer]: [Example]
[ro.product.model]: [Phone 1]
"""
REGISTRY = """\
last known state:
  Phone Id=0
    mCallState=0
    mCallIncomingNumber=
    mServiceState={mVoiceRegState=0(IN_SERVICE), mDataRegState=0(IN_SERVICE), mOperatorAlphaLong=Example GB}
    mSignalStrength=SignalStrength:{mGsm=CellSignalStrengthGsm: rssi=2147483647 ber=2147483647,mLte=\
CellSignalStrengthLte: rssi=-65 rsrp=-97 rsrq=-11 rssnr=4 level=3,mNr=CellSignalStrengthNr:{ ssRsrp = 2147483647 }}
  Phone Id=1
    mCallState=0
    mServiceState={mVoiceRegState=1(OUT_OF_SERVICE), mDataRegState=1(OUT_OF_SERVICE)}
    mSignalStrength=SignalStrength:{mLte=CellSignalStrengthLte: rssi=2147483647 rsrp=2147483647}
"""


def siminfo(iccid: str = ICCID, imsi: str = IMSI, slot: int = 1) -> str:
    """What `content query` prints of a SIM, and of one that was in before."""
    return (
        f"Row: 0 _id=1, icc_id={iccid}, sim_id={slot - 1}, display_name=Example, carrier_name=Example GB, "
        f"name_source=0, number=, mcc=234, mnc=15, imsi={imsi}, card_id=0\n"
        "Row: 1 _id=2, icc_id=8944110000000000900, sim_id=-1, display_name=Old, SIM, carrier_name=NULL, number=\n"
    )


def parcel(digits: str) -> str:
    """What `service call` prints of a text (UTF-16 in words of four octets)."""
    octets = bytes(4) + len(digits).to_bytes(4, "little") + digits.encode("utf-16-le") + bytes(2)
    octets += bytes(-len(octets) % 4)
    words = [octets[place : place + 4][::-1].hex() for place in range(0, len(octets), 4)]
    lines = [
        f"  0x{4 * place:08x}: {' '.join(words[place : place + 4])} '................'"
        for place in range(0, len(words), 4)
    ]
    return "Result: Parcel(\n" + "\n".join(lines) + ")\n"


def handset(gateway: Gateway, serial: str = SERIAL) -> Handset:
    """One that tells everything, with the app's port."""
    answers = {
        reading.PROPERTIES: PROPERTIES,
        reading.SIMS: siminfo(),
        reading.REGISTRY: REGISTRY,
        reading.IMEI: parcel(IMEI),
    }
    return Handset(serial, answers=dict(answers), ports={8080: gateway.port})


@dataclass
class SetClock:
    """The computer's clock, and what a test adds to the steady one."""

    later_s: float = 0.0

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic() + self.later_s


class AndroidBench:
    """Satisfies `driver_bench.Bench`. `settings` go over those that the suite asks for."""

    two_step = False

    def __init__(self) -> None:
        self.gateway = Gateway()
        self.handset = handset(self.gateway)
        self.adb = AdbServer(self.handset)
        self.driver = AndroidDriver()
        self.settings: dict[str, object] = {}
        self.clock = SetClock()
        self.links: list[Link] = []

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        options = OpenOptions(settings=self.table(submit_timeout_s))
        self.links.append(self.driver.open(self.driver.endpoint(SERIAL), sink, self.clock, options))
        return self.links[-1]

    def table(self, submit_timeout_s: float = 5.0) -> dict[str, object]:
        """A table of gsmsend.toml that reaches this handset. The password stands in the ring of the tests."""
        return {
            "user": USER, "password": f"env:{PASSWORD_VARIABLE}", "adb_port": self.adb.port, "check_s": 0.1,
            "request_timeout_s": submit_timeout_s, "processed_unknown_after_s": submit_timeout_s, "replies_s": 0.1,
            **self.settings,
        }  # fmt: skip

    def on_air(self) -> list[OnAir]:
        return [
            OnAir(each["phoneNumbers"][0], each["textMessage"]["text"], None, each["raw"], each["id"])
            for each in self.gateway.on_air
        ]

    def refuse_next(self, code: int) -> None:
        row = next(row for row in failures().values() if row.code == code)
        if row.reason.startswith("HTTP"):
            self.gateway.answer_with = code
        else:
            self.gateway.fail_with = f"Send result: {row.reason} (Failed because of it)"

    def refuse_next_early(self) -> None:
        raise NotImplementedError

    def silence_next(self) -> None:
        self.gateway.mute = True

    def delay_next(self, seconds: float) -> None:
        raise NotImplementedError

    def send_report(self, part: OnAir, status: int = 0) -> None:
        if status >= 0x40:
            self.gateway.tell(part.handle, "Failed", f"Delivery result from SC +447700900999: {status}")
        else:
            self.gateway.tell(part.handle, "Delivered")

    def send_inbound(self, sender: str, text: str) -> None:
        self.gateway.come_in(sender, text)

    def held(self) -> object:
        return list(self.gateway.texts)

    def swap_sim(self) -> None:
        self.handset.answers[reading.SIMS] = siminfo(OTHER_ICCID, OTHER_IMSI)

    def unplug(self) -> None:
        self.adb.unplug(SERIAL)

    def dispose(self) -> None:
        for link in self.links:
            link.close()
        self.adb.close()
        self.gateway.close()


PASSWORD_VARIABLE = "GSMSEND_TEST_ANDROID_PASSWORD"  # noqa: S105 - a name
SECRET = PASSWORD
