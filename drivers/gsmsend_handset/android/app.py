"""The gateway app on the handset (SMS Gateway for Android), through its own client library and published API."""

from __future__ import annotations

import importlib
import json
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gsmsend.contract import Submission
from gsmsend.errors import NotInstalled
from gsmsend.sms import split
from gsmsend_handset.android.reading import SlotSim, slot_sim
from gsmsend_handset.android.settings import Settings
from gsmsend_handset.android.transcript import Transcript
from gsmsend_handset.android.wire import HOST, Answered, Wire
from gsmsend_handset.android.words import Failure, Meaning, failure, states

_MALFORMED = (AttributeError, KeyError, TypeError, ValueError)
"""What the client library raises for an answer that is not as the API has it."""
_PAGE = 500
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class TextState:
    """What the app's record has of one text: its word for the recipient, as that is for the whole text.

    `at_s` says when each state began, in epoch seconds; `parts` is 0 where the record does not tell the text.
    """

    word: str
    error: str = ""
    recipient: str = ""
    at_s: tuple[tuple[str, float], ...] = ()
    parts: int = 0

    @property
    def meaning(self) -> Meaning:
        """What the word says; one that the app did not have when this was written says nothing."""
        row = states().get(self.word)
        return row.meaning if row is not None else Meaning.UNKNOWN

    @property
    def failure(self) -> Failure:
        """Why it failed."""
        return failure(self.error)

    @property
    def raw(self) -> str:
        """The record with nothing of the recipient in it."""
        word = self.failure.raw if self.meaning is Meaning.FAILED else self.word
        return json.dumps({"said": word, "at": dict(self.at_s)}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Install:
    """One installed app: `record` tells it from any other, also from itself installed anew."""

    version: str
    record: str
    sims: tuple[SlotSim, ...]


class App:
    """One handset's app, at a local port. Raises what `wire` raises."""

    def __init__(self, port: int, settings: Settings, transcript: Transcript) -> None:
        try:
            self._client: Any = importlib.import_module("android_sms_gateway.client")
            self._domain: Any = importlib.import_module("android_sms_gateway.domain")
        except ImportError:
            raise NotInstalled(
                "the driver for Android handsets needs android-sms-gateway, which is not installed",
                remedy="pip install 'gsmsend[android]'",
            ) from None
        self._settings = settings
        self._transcript = transcript
        self._wire = Wire(port, settings.request_timeout_s, transcript)
        url = f"http://{HOST}:{port}"
        self._api = self._client.APIClient(settings.user, settings.password, base_url=url, http=self._wire)

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def version(self) -> str:
        """Of the app. It tells its health to anybody, and a failing one too."""
        try:
            told = self._wire.get("/health")
        except Answered as answered:
            told = answered.body
        return str(told.get("version", "")) if isinstance(told, dict) else ""

    def install(self) -> Install:
        """Which app it is. Raises Answered (401: wrong password)."""
        version = self.version()
        told = self._wire.get("/device", headers=self._api.headers)
        device = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
        found = [card for card in device.get("simCards") or () if isinstance(card, dict)]
        sims = tuple(
            slot_sim(
                card["simNumber"], str(card.get("iccid")), "", str(card.get("phoneNumber")),
                str(card.get("carrierName") or ""),
            )
            for card in found
            if isinstance(card.get("simNumber"), int)
        )  # fmt: skip
        return Install(version, str(device.get("id", "")), sims)

    def message(self, submission: Submission, sim: int) -> Any:
        """What is handed over for a text: our key as its id, so that the app refuses it a second time."""
        return self._domain.Message(
            phone_numbers=[submission.destination],
            text_message=self._domain.TextMessage(text=submission.text),
            sim_number=sim,
            with_delivery_report=submission.report,
            ttl=self.ttl_s(submission),
            id=submission.key,
        )

    def ttl_s(self, submission: Submission) -> int:
        """After how long the app may not begin to send it any more; at least 5, by its API."""
        wanted = self._settings.ttl_s
        return max(5, min(wanted, int(submission.validity_s))) if submission.validity_s else wanted

    def hand_over(self, submission: Submission, sim: int) -> None:
        """POST it. Its answer is the record as it is then, which is asked for again anyway."""
        self._transcript.handing(submission)
        # gsmsend has checked the number, and it must be texted as it is on record; the app would parse it anew.
        with suppress(*_MALFORMED):  # it has answered, and its record is asked for in any case
            self._api.send(self.message(submission, sim), skip_phone_validation=True)

    def state(self, key: str) -> TextState | None:
        """What its record has under this id; None if it has none."""
        path = f"/messages/{urllib.parse.quote(key, safe='')}"
        try:
            told = self._wire.get(path, headers=self._api.headers)
        except Answered as answered:
            if answered.status == 404:
                return None
            raise
        return _state(told, key)

    def webhooks(self) -> int:
        """To how many addresses it passes on what it hears."""
        told = self._wire.get("/webhooks", headers=self._api.headers)
        return len(told) if isinstance(told, list) else 0

    def settings(self) -> dict[str, Any]:
        """How it is set, by group; empty where it does not tell."""
        try:
            told = self._wire.get("/settings", headers=self._api.headers)
        except Answered:
            return {}
        return told if isinstance(told, dict) else {}

    def log(self, since_s: float) -> list[dict[str, Any]]:
        """The app's log since then (epoch seconds)."""
        since = datetime.fromtimestamp(int(since_s), UTC).isoformat()
        told = self._wire.get(f"/logs?{urllib.parse.urlencode({'from': since})}", headers=self._api.headers)
        return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []

    def received(self, since: datetime) -> Iterator[dict[str, Any]]:
        """Texts (no pictures) that came in since then, newest first, as its API gives them."""
        for page in range(_MOST_PAGES):
            # The app reads times with three digits of a second, or none.
            query = self._domain.InboxQueryFilter(message_type="SMS", from_=since.replace(microsecond=0))
            pages = self._domain.QueryPagination(limit=_PAGE, offset=page * _PAGE)
            try:
                found = self._api.list_inbox_messages(inbox_filter=query, pagination=pages)
            except _MALFORMED:
                raise Answered(501, None) from None
            for one in found:
                yield {
                    "id": str(one.id), "sender": str(one.sender), "text": str(one.content_preview),
                    "at": one.created_at.timestamp() if one.created_at else None, "sim": one.sim_number,
                }  # fmt: skip
            if len(found) < _PAGE:
                return


def _state(told: object, key: str) -> TextState:
    """Raises Answered if it is not the record that was asked for."""
    if not isinstance(told, dict) or told.get("id") != key:
        raise Answered(200, None)
    recipients = [one for one in told.get("recipients") or () if isinstance(one, dict)]
    recipient = recipients[0] if len(recipients) == 1 else {}
    at_s = []
    for name, when in sorted((told.get("states") or {}).items()):
        moment = epoch_s(when)
        if moment is not None:
            at_s.append((str(name), moment))
    content = told.get("textMessage")
    text = content.get("text") if isinstance(content, dict) else None
    return TextState(
        str(recipient.get("state") or ""),
        str(recipient.get("error") or ""),
        sound(str(recipient.get("phoneNumber") or "")),
        tuple(at_s),
        parts_of(text) if isinstance(text, str) and text else 0,
    )


def parts_of(text: str) -> int:
    """Into how many parts Android cuts a text: it has no national tables, but where a network asks for them."""
    return len(split(text, national=False).segments)


def epoch_s(when: object) -> float | None:
    """An RFC 3339 time in epoch seconds."""
    if not isinstance(when, str):
        return None
    try:
        moment = datetime.fromisoformat(when)
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def sound(text: str) -> str:
    """The text with halves of a surrogate pair replaced: JSON may have them, and no file can hold them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
