"""python-gsmmodem-new's GsmModem, unchanged, on the virtual bench."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.running import Running, running

gsmmodem = pytest.importorskip("gsmmodem.modem", reason="pip install python-gsmmodem-new==0.13.0")
pytestmark = pytest.mark.clients

THEM = "+447700900123"


@pytest.fixture(params=["generic", "huawei", "simcom", "quectel"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    # A Quectel announces another memory than it keeps reports in: this library's thread dies of it, on the
    # real ones too. A SIMCom has no <ds> 2, and the library waits for its reports in vain.
    more = ["--no-reports"] if request.param == "quectel" else []
    with running(tmp_path, "--radio", "0.2", "--report-delay", "0.3", "--personality", request.param, *more) as it:
        yield it


def test_gsmmodem_connects_sends_and_receives(bench: Running) -> None:
    heard, came = list[tuple[str, str]](), threading.Event()

    def received(sms: object) -> None:
        heard.append((sms.number, sms.text))  # type: ignore[attr-defined]
        came.set()

    family = bench.ready["modems"][0]["personality"]
    modem = gsmmodem.GsmModem(str(bench.port()), 115200, smsReceivedCallbackFunc=received)
    modem.connect()
    try:
        assert modem.imei == "001017000000011"
        assert modem.imsi == "001010000000001"
        assert modem.smsc == "+447700900800"
        assert modem.networkName == "Virtual Network"
        assert modem.signalStrength == 24

        reports = family in ("generic", "huawei")
        sms = modem.sendSms(THEM, "Hello from gsmmodem", waitForDeliveryReport=reports, deliveryTimeout=10)
        assert (sms.status == gsmmodem.SentSms.DELIVERED) is reports

        bench.ask(do="text", to="+447700900901", **{"from": THEM}, text="Thank you \u0416")
        assert came.wait(10), "the callback for incoming texts"
        assert heard == [(THEM, "Thank you \u0416")]

        modem.sendSms(THEM, "long text \u20ac " * 20)
        assert modem.waitForNetworkCoverage(5) == 24
    finally:
        modem.close()
    assert [(line["to"], line["reference"]) for line in bench.events("accepted")] == [
        (THEM, reference) for reference in range(2 + len("long text \u20ac " * 20) // 153)
    ]


def test_gsmmodem_in_text_mode(tmp_path: Path) -> None:
    with running(tmp_path, "--radio", "0.2", "--report-delay", "0.3") as bench:
        modem = gsmmodem.GsmModem(str(bench.port()), 115200)
        modem.connect()
        try:
            modem.smsTextMode = True
            sms = modem.sendSms(THEM, "Text mode", waitForDeliveryReport=True, deliveryTimeout=10)
            assert sms.status == gsmmodem.SentSms.DELIVERED
            bench.ask(do="text", to="+447700900901", **{"from": THEM}, text="Thank you")
            bench.wait_for("inbound")
            assert "Balance" in modem.sendUssd("*100#").message
        finally:
            modem.close()
        assert [line["to"] for line in bench.events("accepted")] == [THEM]
