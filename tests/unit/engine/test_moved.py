"""A device that comes back under another name is found by its SIM, never by its name."""

from __future__ import annotations

from collections.abc import Sequence

from gsmsend.contract import Endpoint, OpenOptions, Submission
from gsmsend.engine.events import Notice
from gsmsend.errors import DeviceGone, LinkLost
from gsmsend.model import Device, Facts, Outcome, State
from gsmsend.model import Sim as SimIdentity
from gsmsend.testing.scripted import Desk, ScriptedDriver, ScriptedLink

MINE, OTHER = "8944000000000000017", "8944000000000000025"


class Wandering(ScriptedDriver):
    """A driver whose device goes from fake1 to another name; `there` says whose SIM is where now."""

    there: dict[str, str]
    gone = False

    def elsewhere(self, endpoint: Endpoint) -> Sequence[Endpoint]:
        return [self.endpoint(address) for address in self.there]

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        return Facts(Device("fake", endpoint.address), SimIdentity(iccid=self.there[endpoint.address]))


def wander(bench: Desk, there: dict[str, str]) -> list[str]:
    """Send three texts; after the first the port is gone. Where each text left."""
    driver = Wandering()
    driver.there = there
    bench.driver = driver
    bench.fill(3)
    left: list[str] = []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if len(left) == 1 and not driver.gone:
            driver.gone = True
            raise LinkLost("unplugged")
        left.append(link.endpoint.address)
        return link.accept(submission)

    def missing(opened: int) -> None:
        if driver.gone and len(left) == 1 and opened == 2:
            raise DeviceGone("fake1 is not there")

    driver.answer, driver.bring_up = answer, missing
    finished = bench.execute(wait_reports_s=2.0)
    assert finished.totals[State.UNCERTAIN] == 0
    return left


def test_it_goes_on_where_its_sim_is(bench: Desk) -> None:
    assert wander(bench, {"fake7": OTHER, "fake8": MINE}) == ["fake1", "fake8", "fake8"]
    assert any("has come back as fake8" in event.text for event in bench.of(Notice))


def test_another_sim_is_left_alone(bench: Desk) -> None:
    assert "fake7" not in wander(bench, {"fake7": OTHER})
