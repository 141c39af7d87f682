"""Plugging in and pulling out while a run goes on: lines come and go with their devices, and follow their SIMs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract import Driver, Endpoint
from gsmsend.engine.authority import Authority, counts
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.engine.line import LineWorker

_NOT_ASKED = object()
"""It was there when the run began."""
Place = tuple[str, str, int | None, int | None, str]


@dataclass(frozen=True, slots=True)
class Plugged:
    """A device that is there now and that the run may use. `made` is another after it was plugged in anew.

    `named`: its port was named; the worker looks by itself where its device is when it is not there.
    """

    driver: Driver
    endpoint: Endpoint
    made: object = None
    named: bool = False


class Plugs(Protocol):
    """Says what is plugged in. Made by wiring; `news` is asked on the coordinator's thread and does not wait."""

    def start(self, stirred: Callable[[], None], told: Callable[[str], None]) -> None:
        """Keep other programs off what is there, and begin to look.

        `stirred` is called from any thread when there is news, `told` with what a person should read.
        """
        ...

    def watches(self, endpoint: Endpoint) -> bool:
        """Whether it tells when the device there is pulled out, and of any other that takes its place."""
        ...

    def news(self) -> Sequence[Plugged] | None:
        """All that is there now; None if it is the same as when it was asked last."""
        ...

    def close(self) -> None:
        """Look no more."""
        ...


class Plugging:
    """Owned by the run's coordinator, as is the list of its workers, which it keeps in step with what is there."""

    def __init__(
        self,
        context: RunContext,
        workers: list[LineWorker],
        plugs: Plugs | None,
        *,
        stay: bool,
        authority: Authority | None = None,
        noted: Callable[[str, str], None],
    ) -> None:
        self._context = context
        self._workers = workers
        self._plugs = plugs
        self._stay = stay
        self._authority = authority
        self._noted = noted
        self._there: tuple[Plugged, ...] = ()
        self._seen: dict[LineWorker, object] = {}
        self._refused: dict[Place, object] = {}
        self._twins: set[str] = set()
        self._retired: list[LineWorker] = []
        self._cited = ""
        context.follows = plugs is not None and context.settings.lab
        context.refusal = self._refusal

    def begin(self) -> None:
        """Watch from now on; put on record by what right, if one is needed."""
        self._cite()
        if self._plugs is None:
            return
        for worker in self._workers:
            if not worker.cloud and self._plugs.watches(worker.endpoint):
                self._seen[worker], worker.seeks = _NOT_ASKED, False
        self._plugs.start(self._context.tick.set, self._warn)

    def end(self) -> None:
        """Watch no more; those who let their lines go have ended."""
        if self._plugs is not None:
            self._plugs.close()
        for worker in self._retired:
            worker.join()

    def look(self) -> None:
        """Keep the workers in step with what is plugged in; settle who has a SIM that was moved."""
        if self._plugs is None or self._context.stopping.is_set():
            return
        news = self._plugs.news()
        if news is not None:
            self._there = tuple(news)
            self._reconcile()
        self._settle_disputes()
        self._let_go()
        self._tell_twins()

    def _cite(self) -> None:
        """By what right five or more are used goes on record, once for each number of them."""
        words = self._authority.words(worker.endpoint for worker in self._workers) if self._authority else ""
        if words and words != self._cited:
            self._cited = words
            self._noted("authority", words)

    # -- devices --------------------------------------------------------------------------------------------

    def _reconcile(self) -> None:
        """First whose device is where it was, then whose is back elsewhere; what is left over is new."""
        left = {_place(one.endpoint): one for one in self._there}
        missing = []
        for worker in list(self._workers):
            found = left.pop(_place(worker.endpoint), None)
            if found is not None:
                self._is_there(worker, found)
            elif worker in self._seen and not worker.seeks:
                missing.append(worker)
            elif worker.gone:
                worker.nudge()
        for worker in missing:
            back = [place for place, one in left.items() if _alike(worker.endpoint, one.endpoint)]
            same = [one for one in self._workers if _alike(worker.endpoint, one.endpoint)]
            if len(back) == len(same) == 1:  # serial numbers are not always each one's own
                self._is_there(worker, left.pop(back[0]))
            elif not worker.unplugged:
                self._is_gone(worker)
        for place in set(self._refused) - set(left):
            del self._refused[place]
        for one in left.values():
            if not one.named:
                self._join(one)

    def _is_there(self, worker: LineWorker, found: Plugged) -> None:
        first, endpoint = worker not in self._seen, found.endpoint
        anew = not first and self._seen[worker] not in (_NOT_ASKED, found.made)
        self._seen[worker] = found.made
        worker.seeks = found.named
        if worker.ended:
            if first or anew or worker.unplugged:
                self._replace(worker, found)
        elif worker.unplugged or worker.endpoint.address != endpoint.address:
            if worker.endpoint.address != endpoint.address:
                self._context.places.leave(worker.endpoint.address)
            self._context.places.take(endpoint.address)
            if worker.unplugged:
                self._tell(f"{worker.title} is plugged in again, at {endpoint.address}")
            worker.plug(endpoint)
        elif anew:
            worker.unplug()
            worker.plug(endpoint)
        elif first and not worker.ready:
            worker.nudge()

    def _is_gone(self, worker: LineWorker) -> None:
        where = f" ({worker.endpoint.address})" if worker.title != worker.endpoint.address else ""
        self._tell(f"{worker.title}{where} was unplugged")
        self._context.places.leave(worker.endpoint.address)
        worker.unplug()

    def _join(self, one: Plugged) -> None:
        place, endpoint = _place(one.endpoint), one.endpoint
        why, remedy = self._refusal(endpoint)
        if why:
            if self._refused.get(place, self) == one.made:
                return
            self._refused[place] = one.made
            words = f"{endpoint.address} was plugged in and is not used: {why}"
            self._context.publish(Notice(self._context.clock.now(), "error", f"{words}. {remedy}"))
            self._noted("plugging", words)
            return
        if not self._context.places.take(endpoint.address):
            return  # a worker that looked for its lost device has it, or asks there: there will be news of it
        self._tell(f"{endpoint.address} was plugged in")
        self._hire(one)
        self._cite()

    def _refusal(self, new: Endpoint) -> tuple[str, str]:
        """Why a device may not join those that are there (five or more SIMs ask for an authority)."""
        if self._authority is None or not counts(new):
            return "", ""
        others = [one.endpoint for one in self._workers if _place(one.endpoint) != _place(new)]
        gone = {_place(one.endpoint) for one in self._workers if one.unplugged}
        return self._authority.refusal([*(one for one in others if _place(one) not in gone), new])

    def _replace(self, worker: LineWorker, found: Plugged) -> None:
        """Its worker had given it up, or was stopped by a guard: it is plugged in anew."""
        if not self._context.settings.lab and worker.guard is not None:
            return
        self._workers.remove(worker)
        self._seen.pop(worker, None)
        self._context.places.leave(worker.endpoint.address)
        self._join(found)

    def _hire(self, one: Plugged) -> None:
        worker = LineWorker(self._context, one.driver, one.endpoint, stay=self._stay, joined=True)
        worker.seeks = one.named
        self._seen[worker] = one.made
        self._workers.append(worker)
        worker.start()

    # -- SIMs -------------------------------------------------------------------------------------------------

    def _settle_disputes(self) -> None:
        """A SIM is in one device only: who holds its line and does not know better must look again."""
        disputed = set()
        for worker in self._workers:
            if worker.disputes:
                disputed.add(worker.disputes)
                worker.disputes = ""
        for worker in self._workers:
            if worker.endpoint.address in disputed:
                worker.doubt()

    def _let_go(self) -> None:
        """A line that goes on in another device has no worker any more that waits for it."""
        at_work = {worker.line_id for worker in self._workers if worker.ready and worker.line_id is not None}
        self._retired = [worker for worker in self._retired if not worker.ended]
        for worker in list(self._workers):
            if worker.line_id in at_work and not worker.ready and not worker.cloud:
                goes_on = next(one for one in self._workers if one.ready and one.line_id == worker.line_id)
                if worker.seeks and worker.gone and not worker.ended and self._context.follows:
                    worker.vacate()
                elif worker.unplugged or worker.ended:
                    self._workers.remove(worker)
                    self._seen.pop(worker, None)
                    self._retired.append(worker)
                    worker.retire(f"its line goes on at {goes_on.endpoint.address}")
                    self._tell(f"{goes_on.title} goes on at {goes_on.endpoint.address}: its SIM is there now")

    def _tell_twins(self) -> None:
        """Cheap arrays have one IMEI for all: say once that they are told apart by their sockets."""
        by_imei: dict[str, list[str]] = {}
        for worker in self._workers:
            if worker.ready and worker.imei is not None:
                by_imei.setdefault(worker.imei, []).append(worker.endpoint.address)
        for imei, addresses in by_imei.items():
            if len(addresses) > 1 and imei not in self._twins:
                self._twins.add(imei)
                self._tell(shared_imei(imei, addresses))

    def _warn(self, words: str) -> None:
        self._context.publish(Notice(self._context.clock.now(), "warning", words))
        self._noted("plugging", words)

    def _tell(self, words: str) -> None:
        self._context.publish(Notice(self._context.clock.now(), "info", words))
        self._noted("plugging", words)


def shared_imei(imei: str, addresses: Sequence[str]) -> str:
    """What is to be known of modems that have one IMEI, in plain words."""
    return (
        f"{' and '.join(sorted(addresses))} have the same IMEI ({imei}), as cheap modems do; they are told apart "
        "by their SIMs and USB sockets"
    )


def _place(endpoint: Endpoint) -> Place:
    """What makes it the same device in the same place: its USB socket and ids, or its port's name without USB."""
    where = endpoint.usb_location or endpoint.address
    return endpoint.driver, where, endpoint.usb_vid, endpoint.usb_pid, endpoint.usb_serial or ""


def _alike(before: Endpoint, now: Endpoint) -> bool:
    """Whether it is the same device in another socket, as far as USB tells: by its serial number."""
    if before.usb_vid is None or not before.usb_serial:
        return False
    return (before.driver, before.usb_vid, before.usb_pid, before.usb_serial) == (
        now.driver, now.usb_vid, now.usb_pid, now.usb_serial,
    )  # fmt: skip
