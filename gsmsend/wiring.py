"""The composition root: the only place that joins config, store, drivers and engine."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from gsmsend import about, guarding, registry, transcripts
from gsmsend.audit.short import Noted
from gsmsend.campaign.standing import Standing, standing
from gsmsend.config import FILE, Keep, Settings, load
from gsmsend.contract import Answer, AnswerKind, CampaignFacts, Driver, Endpoint, Store, StoreView
from gsmsend.contract.heads import HeadRow
from gsmsend.engine.events import Event, Notice
from gsmsend.engine.rules import EngineRules
from gsmsend.engine.run import Run
from gsmsend.errors import ConfigError, GuardStop, NoRoute, StoreError, UsageError, reason
from gsmsend.keyplace import NOBODY, Asker, Home, Keeper, Place, own_folder
from gsmsend.model import State
from gsmsend.store import SqlStore, SqlView
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.witness import Witness

if TYPE_CHECKING:
    from gsmsend.campaign.replies import ReplyReader

__all__ = [
    "Clearance",
    "SystemClock",
    "accept_older",
    "ask_with",
    "check_witness",
    "clear_to_send",
    "drama_allowed",
    "endpoints",
    "head_kept",
    "keeper_of",
    "key_of",
    "make_run",
    "open_store",
    "open_view",
    "operation_lock",
    "remembered",
    "rules",
]
_KEPT = {
    Keep.AUTO: None,
    Keep.KEYRING: Place.KEYRING,
    Keep.PASSPHRASE: Place.PASSPHRASE,
    Keep.HOME: Place.HOME,
}
_ON_THE_WAY = (State.QUEUED, State.SENDING, State.HELD)


def _nobody(_settings: Settings) -> Asker:
    return NOBODY()


_asking: Callable[[Settings], Asker] = _nobody


class SystemClock:
    """contract.Clock by the operating system."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()


def open_store(settings: Settings) -> SqlStore:
    """The operation's store, made or brought to the newest schema where needed. Raises StoreError."""
    _not_gone(settings)
    key = _key(settings)
    key.tidy()
    store = SqlStore(
        settings.store_path, rules(settings), key=key, about=about.session(settings),
        config=lambda: about.config(settings), locked=not keeper_of(settings).asker.up_front,
    )  # fmt: skip
    if keeper_of(settings).asker.up_front:
        try:
            key.prepare()
        except BaseException:
            store.close()
            raise
    return store


def open_view(settings: Settings) -> SqlView:
    """The operation's store to look at: nothing in its folder is written or made. Raises StoreError."""
    _not_gone(settings)
    return SqlView(settings.store_path, key=_key(settings))


def ask_with(asking: Callable[[Settings], Asker]) -> None:
    """Passphrases are had like this from now on; without it nobody is asked."""
    global _asking  # noqa: PLW0603 - one process is one command
    _asking = asking


def keeper_of(settings: Settings) -> Keeper:
    """Where and how this operation's key is kept. Raises ConfigError for a folder that is the operation's own."""
    what = f"the operation {settings.name}"
    return Keeper(what, _home(settings), _KEPT[settings.key.keep], settings.lab, _asking(settings))


def key_of(settings: Settings) -> OperationKey:
    """The operation's key, which nothing is asked for yet. Raises ConfigError as `keeper_of` does."""
    return OperationKey(settings.folder / NAME, keeper_of(settings))


def _key(settings: Settings) -> OperationKey:
    keeper = keeper_of(settings)
    key = OperationKey(settings.folder / NAME, keeper)
    if keeper.asker.up_front and key.open(needed=False):
        key.unlock()
    return key


def _home(settings: Settings) -> Home:
    own = own_folder() / "operations"
    # systemd hands a service what it may know in a folder of its own (systemd.exec(5), LoadCredential=).
    told = os.environ.get("CREDENTIALS_DIRECTORY", "")
    given = Path(told) if told.startswith("/") else None
    if not settings.key.folder:
        return Home(own, given=given)
    named = settings.folder / Path(settings.key.folder).expanduser()
    if named.resolve().is_relative_to(settings.folder.resolve()):
        raise ConfigError(
            f"{settings.folder / FILE}: key.folder = {settings.key.folder!r}: that is in the operation's own "
            "folder, beside the store; expected a folder apart from it",
            remedy="Name one on another disk, or leave it empty for the user's own folder.",
        )
    return Home(named, (own,), given)


def rules(settings: Settings) -> EngineRules:
    """The rules of this operation: how its replies are read and acknowledged, and numbers of its country written.

    Raises ConfigError for an acknowledgement that cannot be sent.
    """
    said = settings.replies
    answer = _answer(settings, AnswerKind.REPLY, "acknowledge", said.acknowledge)
    stop_answer = _answer(settings, AnswerKind.STOP, "acknowledge_stop", said.acknowledge_stop)

    # A tenth of a second to import, which most commands and the start of a run need not wait for.
    @cache
    def reader() -> ReplyReader:
        from gsmsend.campaign.replies import ReplyReader  # noqa: PLC0415

        return ReplyReader(said.stop_words, said.danger_words, answer=answer, stop_answer=stop_answer)

    def e164(sender: str) -> str | None:
        from gsmsend.campaign.numbers import Number, normalise  # noqa: PLC0415

        found = normalise(sender, settings.region, drama_allowed=True)
        return found.e164 if isinstance(found, Number) else None

    return EngineRules(lambda text: reader().read(text), e164)


def _answer(settings: Settings, kind: AnswerKind, name: str, text: str) -> Answer | None:
    if not text.strip():
        return None
    from gsmsend.campaign.judging import segments_of  # noqa: PLC0415 - imports phonenumbers, as above

    counted = segments_of(text, national=settings.national_tables)
    if isinstance(counted, str):
        raise ConfigError(
            f"{settings.folder / FILE}: [replies] {name}: {counted}", remedy="Shorten or correct that wording."
        )
    return Answer(kind, text, counted, settings.approval.required)


def _not_gone(settings: Settings) -> None:
    used = settings.transcript_folder
    if not settings.store_path.exists() and transcripts.of_runs(settings):
        raise StoreError(
            f"the store {settings.store_path} is gone, but modems were used here: see {used}",
            remedy="Put it back from a copy. Without it nobody knows whom this operation has texted: to begin "
            "anew, take a new folder and a list of people who were not texted yet.",
        )


@contextmanager
def operation_lock(settings: Settings) -> Iterator[None]:
    """Hold the operation: one run at a time. Raises GuardStop that names the holder.

    The lock is the operating system's, so it ends with its process however that ends.
    """
    lock = FileLock(settings.folder / "run.lock", mode=0o600)
    holder = settings.folder / "run.holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            said = json.loads(holder.read_text(encoding="utf-8"))
            who = f"process {said['pid']} on {said['host']}, since {said['since']}"
        except (OSError, ValueError, KeyError):
            who = "another gsmsend"
        raise GuardStop(
            f"this operation is in use by {who}",
            remedy="Wait until it has ended, or stop it (Ctrl-C in its window).",
        ) from None
    except OSError as error:
        raise _folder_shut(settings, error) from None
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        try:
            noted = {"pid": os.getpid(), "host": platform.node(), "since": since}
            guarding.replaced(holder, json.dumps(noted).encode("ascii"))
        except OSError as error:
            raise _folder_shut(settings, error) from None
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _folder_shut(settings: Settings, error: OSError) -> StoreError:
    why = reason(error)
    return StoreError(
        f"the operation's folder {settings.folder} cannot be written to: {why}",
        remedy="Nothing was sent. Check the free space of that disk and your right to write to the folder, then "
        "give the same command again.",
    )


def endpoints(settings: Settings, ports: Sequence[str] = ()) -> list[tuple[Driver, Endpoint]]:
    """Where to send from: the ports given, else those of the config, else whatever is plugged in.

    A port is a device (`/dev/ttyUSB2`, `COM5`) for the AT modem driver, or `DRIVER:ADDRESS`.
    Raises UsageError for a port that cannot be one, NoRoute if there is none at all.
    """
    found: list[tuple[Driver, Endpoint]] = []
    wanted = list(dict.fromkeys(ports or [_in_folder(settings, port) for port in settings.ports]))
    if wanted:
        known = registry.names()
        for port in wanted:
            scheme = port.partition(":")[0]
            driver = registry.driver(scheme if ":" in port and scheme in known else "atmodem")
            found.append((driver, driver.endpoint(port)))
        return found
    if settings.discover:
        for name in registry.names():
            driver = registry.driver(name)
            found += [(driver, endpoint) for endpoint in driver.discover()]
    if not found:
        raise NoRoute(
            "no modem was found",
            remedy="Plug one in and see 'gsmsend modems' and 'gsmsend doctor', or name its port with --port.",
        )
    return found


def _in_folder(settings: Settings, port: str) -> str:
    """A port that gsmsend.toml names from its own folder is that wherever one is; any other is as it stands."""
    inside = settings.folder / port
    return str(inside) if not Path(port).is_absolute() and inside.exists() else port


def drama_allowed(routes: Sequence[tuple[Driver, Endpoint]] | None) -> bool:
    """Whether numbers of the drama range may be queued: with virtual modems, or while no modem is named yet."""
    return not routes or any(endpoint.virtual for _, endpoint in routes)


def make_run(
    settings: Settings,
    store: Store,
    routes: Sequence[tuple[Driver, Endpoint]],
    *,
    publish: Callable[[Event], None],
    wait_reports_s: float,
    stay: bool = False,
) -> Run:
    """A run over these routes; it asks for approvals by itself, at its start and now and then.

    Raises GuardStop if the store is an older copy.
    """
    problem = check_witness(settings, store)
    if problem:
        publish(Notice(time.time(), "warning", problem))
    return Run(
        settings, store, SystemClock(), routes, publish=publish, wait_reports_s=wait_reports_s, stay=stay,
        clear=lambda now_s: clear_to_send(settings, store, now_s).notes,
        outdated=_outdated(settings) if settings.approval.required else None,
        remember=_remember(settings, store), where=_where(settings),
    )  # fmt: skip


def check_witness(settings: Settings, store: Store) -> str:
    """Raise GuardStop if the store is older than this user's own folder remembers it; why nobody can tell, or "".

    Nothing is remembered of a lab operation: copies of those are put back all the time.
    """
    return "" if settings.lab else Witness(guarding.state_folder()).check(store)


def remembered(settings: Settings, store: StoreView) -> tuple[list[Noted], str]:
    """The entries that this user's own folder remembers of the log; why nobody can tell, or ""."""
    return Witness(guarding.state_folder()).noted(store) if not settings.lab else ([], "")


def accept_older(settings: Settings, store: Store, now_s: float) -> str:
    """Remember the store as it is now, whatever was remembered; why it could not be, or ""."""
    return Witness(guarding.state_folder()).keep(store, None, now_s) if not settings.lab else ""


def head_kept(settings: Settings, store: Store) -> Callable[[HeadRow, float], Sequence[str]]:
    """Does with a head that was signed outside a run what a run does with its last one."""
    return _remember(settings, store)


def _remember(settings: Settings, store: Store) -> Callable[[HeadRow | None, float], list[str]]:
    """A new head gets its time stamp; then this user's own folder remembers how far the log has come."""
    witness = None if settings.lab else Witness(guarding.state_folder())

    def remember(head: HeadRow | None, now_s: float) -> list[str]:
        problems = []
        if head is not None:
            from gsmsend.timestamping import stamp_head  # noqa: PLC0415 - a run's last moment, and no other command

            stamped = stamp_head(settings, store, head, now_s)
            if stamped.service and stamped.at is None:
                problems.append(f"the log's head has no time stamp: {stamped.why}")
        problems.append(witness.keep(store, head, now_s) if witness is not None else "")
        return [words for words in problems if words]

    return remember


def _outdated(settings: Settings) -> Callable[[], str]:
    """Says what to do once gsmsend.toml has changed: a run keeps to what was approved, or sends nothing."""
    place, began = settings.folder / FILE, load(settings.folder)
    words = (
        "gsmsend.toml was changed while this run goes on, so nothing more leaves. Look at it with 'gsmsend "
        f"preview{_where(settings)}', then stop this run and give it again"
    )
    seen, said = _stamp(place), ""

    def outdated() -> str:
        nonlocal seen, said
        now = _stamp(place)
        if now != seen and not said:
            seen = now
            try:
                said = "" if load(settings.folder) == began else words
            except UsageError:
                said = words
        return said

    return outdated


def _stamp(place: Path) -> tuple[int, int, int] | None:
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _where(settings: Settings) -> str:
    """What to add to a command that is suggested: where the operation is, unless one is in it."""
    return "" if settings.folder.resolve() == Path.cwd() else f' --operation "{settings.folder}"'


@dataclass(frozen=True, slots=True)
class Clearance:
    """What became of the campaigns before a run: texts `released` and `withdrawn`, and `notes` for people."""

    released: int = 0
    withdrawn: int = 0
    notes: tuple[str, ...] = ()


def clear_to_send(settings: Settings, store: Store, now_s: float) -> Clearance:
    """Release campaigns whose approvals stand, withdraw those that changed since, before anything is sent.

    Raises GuardStop if texts wait and no campaign may send, or if an approval in the store is not genuine.
    Where no approval is required only first texts hold back the rest.
    """
    if not settings.approval.required:
        _no_lab_of_approvals(store)
        return Clearance(_release_drafts(settings, store, now_s) if settings.canary else 0)
    released = withdrawn = cleared = 0
    problems: list[tuple[str, str]] = []
    for name in store.campaigns_to_send():
        facts = store.campaign_facts(name)
        if facts is None:
            continue
        found = _judged(settings, store, facts, now_s)
        if found.stands:
            cleared += 1
            if facts.released_at_s is None:
                judged = [row.approval_id for row in found.counted]
                released += store.release_campaign(
                    name, settings.canary, now_s, judged=judged, people=len(facts.recipients)
                )
            continue
        words, remedy = refusal(settings, facts, found)
        if found.changed:
            withdrawn += void(settings, store, facts, "; ".join(found.changed), now_s)
        else:
            withdrawn += _withdraw(store, facts, words, now_s)
        problems.append((words, remedy))
    if problems and not cleared:
        (words, remedy), *others = problems
        more = f" (and {len(others)} more in the same way)" if others else ""
        raise GuardStop(f"{words}{more}; nothing was sent", remedy=remedy)
    return Clearance(released, withdrawn, tuple(f"{words}. {remedy}" for words, remedy in problems))


def _no_lab_of_approvals(store: Store) -> None:
    """Raise GuardStop if officers have approved what waits here: one line of config must not undo that."""
    waiting = store.campaigns_to_send() if store.officers() else []
    for facts in filter(None, map(store.campaign_facts, waiting)):
        if facts.approvals or facts.voided_why:
            raise GuardStop(
                f"the campaign {facts.name} is one that officers approve, and gsmsend.toml now says that nothing "
                "here needs approval (lab = true); nothing was sent",
                remedy="Take that out of gsmsend.toml. For tests make another operation: gsmsend init DIR --lab",
            )


def void(settings: Settings, store: Store, facts: CampaignFacts, why: str, now_s: float) -> int:
    """A campaign's approvals count no more, and what was not begun is a draft again. How many became one."""
    if not settings.approval.required:
        return 0
    store.void_approvals(facts.campaign_id, why, now_s)
    return _withdraw(store, facts, f"its approval is void: {why}", now_s)


def _judged(settings: Settings, store: Store, facts: CampaignFacts, now_s: float) -> Standing:
    """Whether a campaign stands. Raises GuardStop if what is on record is not genuine: then no text may leave."""
    try:
        return standing(settings, facts)
    except GuardStop as stop:
        for name in store.campaigns_to_send():
            store.withdraw(name, str(stop), now_s)
        raise


def _withdraw(store: Store, facts: CampaignFacts, why: str, now_s: float) -> int:
    nothing_begun = facts.released_at_s is None and not any(who.state in _ON_THE_WAY for who in facts.recipients)
    if nothing_begun and not any(child.bodies for child in facts.children):
        return 0
    return store.withdraw(facts.name, why, now_s)


def _release_drafts(settings: Settings, store: Store, now_s: float) -> int:
    """A lab's campaigns need no approval; those of which the first texts are still awaited are let be."""
    rows = {row.name: row for row in store.campaigns()}
    waiting = [rows[name] for name in store.campaigns_to_send() if name in rows]
    free = [row for row in waiting if row.released_at_s is None or row.canary_passed]
    return sum(store.release_campaign(row.name, settings.canary, now_s) for row in free)


def refusal(settings: Settings, facts: CampaignFacts, found: Standing) -> tuple[str, str]:
    """Why a campaign may not be sent, and what to type."""
    inside = settings.folder.resolve() == Path.cwd()
    where = "" if inside else f' --operation "{settings.folder}"'
    campaign = f' --campaign "{facts.name}"' if " " in facts.name else f" --campaign {facts.name}"
    remedy = (
        f"Look at it with 'gsmsend preview{campaign}{where}'. Then each officer types: "
        f"gsmsend approve{campaign}{where}"
    )
    if found.changed:
        return f"the approval of the campaign {facts.name} is void: {'; '.join(found.changed)}", remedy
    gone = "".join(f"; {name}, who approved it, may approve no more" for name in found.removed)
    gone += f"; its approval is void because: {facts.voided_why}" if facts.voided_why and not found.counted else ""
    return f"the campaign {facts.name} {found.missing}{gone}", remedy
