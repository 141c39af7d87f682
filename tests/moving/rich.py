"""An operation with something in every table, moved as the command moves it, and cut off where a test says."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gsmsend import about
from gsmsend.audit import Kind, canonical
from gsmsend.campaign.content import content, digest_of
from gsmsend.campaign.signing import Statement, new_key, public_hex, sign
from gsmsend.config import Settings
from gsmsend.contract import (
    Decision,
    FallOrder,
    ImportSource,
    NewApproval,
    NewMessage,
    Refused,
    Suppression,
    TextBody,
)
from gsmsend.contract.results import VisitDay
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import MovedStop
from gsmsend.model import Device, Inbound, Outcome, OutcomeKind, Report, Sim, State
from gsmsend.store import SqlStore, copying, moving, moving_target, postgresql
from gsmsend.store.copying import Content
from gsmsend.store.journal import Journal
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.moving import Ends, Moved
from gsmsend.store.seals import Seals
from gsmsend.store.server import StorePlace
from gsmsend.testing.store_desk import NOW_S, UNKNOWN, Desk, accepted, number
from gsmsend.testing.store_replies import e164, read

ODD = "l\u00e6ngre \U0001f642 \u202e'\"\\ \t\r\n -- \x01\x7f end"
UNEVEN_S = 0.1 + 0.2
"""No short decimal gives it."""
OTHER = TextBody("From another number: help is here. STOP", 1)
REFUSED = Outcome(OutcomeKind.REFUSED, code=28, why="the number is not in use", raw=ODD)


@dataclass(frozen=True)
class Rich:
    """The operation's key lies beside its store, as a lab's may."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "gsmsend.db"

    @property
    def settings(self) -> Settings:
        return Settings(self.folder, "op", lab=True)

    def key(self) -> OperationKey:
        return OperationKey(self.folder / NAME)

    def store(self, place: StorePlace) -> SqlStore:
        """Open it for work. Raises MovedStop."""
        return SqlStore(place, EngineRules(read, e164), key=self.key())

    def move(self, here: StorePlace, there: StorePlace) -> Moved:
        key = self.key()
        journal = Journal(key, Seals(key), about.session(self.settings))
        return moving.move(
            Ends(here, there, f'store = "{here}"', f'store = "{there}"'), journal, key, person="tester",
            now_s=time.time(), tell=lambda table, rows: None,
        )  # fmt: skip

    def usable(self, here: StorePlace, there: StorePlace) -> list[StorePlace]:
        """Which of the two a command would work with, by itself."""
        found = []
        for place in (here, there):
            if place == there:
                moving.finish(here, there)  # as opening it does
            if is_there(place):
                try:
                    self.store(place).close()
                except MovedStop:
                    continue
                found.append(place)
        return found


def is_there(place: StorePlace) -> bool:
    """Whether there is a store, to be used or not: opening one that is not there would make it."""
    if isinstance(place, Path):
        return place.exists()
    with moving_target.opened(place) as engine, engine.connect().execution_options(read_only=True) as connection:
        return postgresql.is_there(connection)


def contents(place: StorePlace) -> dict[str, Content]:
    """What each table holds, whatever mark the store has."""
    with moving_target.opened(place) as engine, engine.connect().execution_options(read_only=True) as connection:
        return copying.contents(connection)


def rich(folder: Path) -> Rich:
    """Of its people one at least is in each state; a campaign was forgotten, one goes over a fallback."""
    made = Rich(folder)
    with closing(made.store(made.file)) as store:
        desk = Desk(store)
        _forgotten(desk)
        key = new_key()
        officer = store.add_officer("DC Example", public_hex(key), "pc1", "pc9", NOW_S + UNEVEN_S)
        store.add_officer("DS Gone", "cd" * 32, "pc2", "pc9", NOW_S)
        store.remove_officer("DS Gone", "pc9", NOW_S + 1)
        store.suppress([number(90), number(3)], Suppression.NEVER, ODD, "pc1", NOW_S)
        store.unsuppress(number(90), Suppression.NEVER, "", "pc1", NOW_S)
        rows: list[NewMessage | Refused] = [
            NewMessage(number(index), f"Help {index} {ODD}", index, 2) for index in range(9)
        ]
        rows += [Refused(20, "0207 946 0000", "not a mobile number", "A21"), rows[0]]
        store.add(ImportSource(f"{ODD}.csv", "d1", "campaign", NOW_S, line="missing"), rows)
        store.add(ImportSource("b.csv", "d2", "campaign", NOW_S, draft=True), [NewMessage(number(50), "x", 1, 1)])
        facts = store.campaign_facts("campaign")
        assert facts is not None
        text = canonical(content(made.settings, facts))
        said = Statement(digest_of(text), "DC Example", "pc1", int(NOW_S * 1000))
        signed = NewApproval(
            facts.campaign_id, officer.officer_id, said.digest, text, sign(key, said), "pc1", NOW_S
        )
        store.approve(signed)
        store.void_approvals(facts.campaign_id, "the list has changed", NOW_S)
        store.approve(signed)
        _sent(desk)
        cloud = store.line(Sim(), Device("notify", "notify", account="example account"), NOW_S, cloud=True)
        order = FallOrder(
            facts.campaign_id, cloud.line_id, OTHER, "the line is barred", 1, bound=(0, 2), approved_only=False
        )
        assert store.fall_back(order, NOW_S) == 1
        store.keep_trial("campaign", "0" * 64, 1, "pc1", NOW_S)
        store.outage(cloud.line_id, "barred", NOW_S - UNEVEN_S)
        store.add_visits("campaign", [VisitDay("2026-11-21", 3, "analytics", "pc1", NOW_S)])
        store.pin_try("8944000000000000017", 1, NOW_S)
        store.note("pc1", "saw numbers", ODD, NOW_S)
        store.pause("campaign", "pc1", "a look first", NOW_S)
        store.sign_head(NOW_S + 60)
    return made


def _forgotten(desk: Desk) -> None:
    store, line = desk.store, desk.line(7)
    store.add(ImportSource("c.csv", "d3", "gone", NOW_S), [NewMessage(number(60), "Over.", 1, 1)])
    (message,) = desk.claim(line, 1)
    desk.send(line, message, 77)
    store.record_report(line.line_id, Report(77, number(60), 0, raw="77"), NOW_S).result()
    store.record_inbound(line.line_id, Inbound(number(60), f"who is this {ODD}", NOW_S, how="CMT"), NOW_S).result()
    store.forget("gone", "pc1", "its time is over", NOW_S + 5)


def _sent(desk: Desk) -> None:
    """Delivered, refused, uncertain (one settled by a person), half sent, claimed and left open, in that order."""
    store, line = desk.store, desk.line(1)
    held = Device("virtual", "virtual:1", imei="350000000000001", holds=("0a" * 32,))
    store.line(Sim(iccid="8944000000000000001", imsi="001010000000001"), held, NOW_S)
    store.line_found("missing", line.line_id)
    first, second, third, fourth, fifth, sixth = desk.claim(line, 6)
    for seq in (1, 2):
        desk.send(line, first, seq, seq=seq)
        store.record_report(line.line_id, Report(seq, first.number, 0, raw=f"0{seq}"), NOW_S + seq).result()
    desk.close(line, second, desk.open(line, second), REFUSED, State.FAILED)
    desk.close(line, third, desk.open(line, third), UNKNOWN, State.UNCERTAIN)
    desk.close(line, fourth, desk.open(line, fourth), UNKNOWN, State.UNCERTAIN)
    store.resolve(Decision(fourth.message_id, True, ODD, "pc1", NOW_S))
    desk.close(line, fifth, desk.open(line, fifth), accepted(9), State.SENDING)
    desk.open(line, sixth)
    store.record_report(line.line_id, Report(200, number(80), 0x43, raw="of nobody"), NOW_S).result()
    store.record_inbound(line.line_id, Inbound(first.number, f"thanks {ODD}", NOW_S, how="CMT"), NOW_S).result()
    store.counter_seen(line.line_id, "350000000000001")
    store.counter_read(line.line_id, 200)
    store.line_state(line.line_id, "ready", "", -61, "Example Mobile")


def kinds(place: StorePlace) -> list[str]:
    """The audit log's kinds, in order."""
    with moving_target.opened(place) as engine, engine.connect().execution_options(read_only=True) as connection:
        return [kind for (kind,) in connection.execute(sa.text("SELECT kind FROM audit ORDER BY n"))]


def steps_of(work: Callable[[], object]) -> int:
    """How many steps it has: statements, beginnings and ends of transactions, connections that are let go of."""
    count = 0

    def step(*_: object, **__: object) -> None:
        nonlocal count
        count += 1

    for name in _STEPS:
        sa.event.listen(sa.Engine, name, step)
    try:
        work()
    finally:
        for name in _STEPS:
            sa.event.remove(sa.Engine, name, step)
    return count


def killed(work: Callable[[], object], *, at: int) -> bool:
    """Do it in a process of its own that is killed as it begins the step `at`; whether it came that far."""
    pid = os.fork()
    if pid == 0:
        try:
            left = at

            def step(*_: object, **__: object) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            for name in _STEPS:
                sa.event.listen(sa.Engine, name, step)
            work()
        finally:
            os._exit(3)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


STORED = Kind.STORE.value
_STEPS = ("before_cursor_execute", "begin", "commit", "engine_disposed")
