"""Opening the store of an operation, with its rules and its key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from gsmsend import about, guarding, transcripts
from gsmsend.config import FILE, Settings
from gsmsend.contract import Answer, AnswerKind
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import ConfigError, StoreError
from gsmsend.store import SqlStore, SqlView
from gsmsend.store.engine import is_there
from gsmsend.store.key import OperationKey
from gsmsend.store.moving_marks import Marked
from gsmsend.store.server import Server, StorePlace, parse
from gsmsend.wiring.keys import keeper_of, key_of, opened_key
from gsmsend.wiring.remembering import KeptStore, check_opened, check_witness

if TYPE_CHECKING:
    from gsmsend.campaign.replies import ReplyReader

_Opened = TypeVar("_Opened")


def open_store(settings: Settings, *, older_stops: bool = True) -> SqlStore:
    """The operation's store, made or brought to the newest schema where needed. Raises StoreError.

    Raises GuardStop if it is older than this user's own folder remembers it; nothing is entered in it then. With
    `older_stops` false, as a stop or a look needs it, nobody asks. On close it is remembered how far its log came.
    """
    place = store_place(settings)
    there = _not_gone(settings, place)
    joined(settings, place)
    key = opened_key(settings)
    if older_stops and not settings.lab and not there:
        with closing(SqlView(place, key=key)) as nothing:
            check_witness(settings, nothing)
    key.tidy()
    store = _arrived(settings, place, lambda: KeptStore(
        place, rules(settings), key=key, about=about.session(settings),
        config=lambda: about.config(settings), locked=not keeper_of(settings).asker.up_front,
    ))  # fmt: skip
    try:
        check_opened(settings, store, older_stops=older_stops)
        if keeper_of(settings).asker.up_front:
            key.prepare()
        share_key(place, key)
    except BaseException:
        store.close()
        raise
    return store


def open_view(settings: Settings) -> SqlView:
    """The operation's store to look at: nothing in its folder is written or made. Raises StoreError."""
    place = store_place(settings)
    _not_gone(settings, place)
    joined(settings, place)
    key = opened_key(settings)
    return _arrived(settings, place, lambda: SqlView(place, key=key))


def _arrived(settings: Settings, place: StorePlace, opened: Callable[[], _Opened]) -> _Opened:
    """The store as it is opened; one that was moved here is had by ending its move first, if that was cut off."""
    try:
        return opened()
    except Marked as stop:
        from gsmsend.wiring.moving import ended  # noqa: PLC0415 - it opens stores by this module

        if not ended(settings, place, stop.mark):
            raise
        return opened()


def joined(settings: Settings, place: StorePlace) -> bool:
    """Have the key's envelope from the store's server where none is here; whether that was so. Asks nobody."""
    key = key_of(settings)
    if not isinstance(place, Server) or key.path.exists():
        return False
    from gsmsend.store import pg_envelope  # noqa: PLC0415 - psycopg is an extra

    envelope = pg_envelope.fetch(place) if is_there(place) else None
    if envelope is not None:
        key.join(envelope)
    return envelope is not None


def share_key(place: StorePlace, key: OperationKey) -> None:
    """Lay the key's envelope beside the store for computers that join, where it is under a passphrase."""
    envelope = key.envelope if isinstance(place, Server) else None
    if isinstance(place, Server) and envelope is not None:
        from gsmsend.store import pg_envelope  # noqa: PLC0415 - as above

        pg_envelope.keep(place, envelope)


def store_place(settings: Settings) -> StorePlace:
    """Where the operation's store is. A password is asked for by who connects, who may get GuardStop."""
    if not settings.store:
        return settings.store_path
    server = parse(settings.store)
    return Server(server.url, server.schema, settings.lab, lambda: _password(settings))


def _password(settings: Settings) -> str | None:
    """The password of the store's server, None where libpq finds it (~/.pgpass), or none is asked for."""
    if not settings.store_password:
        return guarding.take("PGPASSWORD")
    from gsmsend.requesting.secrets import secret  # noqa: PLC0415 - only operations on a server need it

    return secret(f"{settings.folder / FILE}: operation.store_password", settings.store_password)


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


def _not_gone(settings: Settings, place: StorePlace) -> bool:
    """Whether there is a store yet. Raises StoreError if there is none any more."""
    used, there = settings.transcript_folder, is_there(place)
    if not there and transcripts.of_runs(settings):
        raise StoreError(
            f"the store {place} is gone, but modems were used here: see {used}",
            remedy="Put it back from a copy. Without it nobody knows whom this operation has texted: to begin "
            "anew, take a new folder and a list of people who were not texted yet.",
        )
    return there
