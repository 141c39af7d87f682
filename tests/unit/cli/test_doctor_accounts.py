"""What doctor says of what gives no answer: a provider's account is no stick that could be unplugged."""

from __future__ import annotations

import pytest

from gsmsend.cli.checks import Level, modem
from gsmsend.cli.inspection import Seen
from gsmsend.contract import Endpoint


@pytest.mark.parametrize(
    ("endpoint", "advice"),
    [
        (Endpoint("notify", "notify", cloud=True), "See that this computer is in a network"),
        (Endpoint("atmodem", "/dev/ttyUSB2"), "Unplug it"),
    ],
)
def test_the_advice_fits_what_gives_no_answer(endpoint: Endpoint, advice: str) -> None:
    (found,) = modem.one(Seen(endpoint, None, "no connection came about"))
    assert found.level is Level.BAD
    assert found.do.startswith(advice)


def test_what_a_driver_itself_advises_comes_first() -> None:
    (found,) = modem.one(Seen(Endpoint("notify", "notify", cloud=True), None, "refused", remedy="Ask them."))
    assert found.do == "Ask them."
