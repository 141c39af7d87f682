"""Whether what answers AT really sends texts: many handsets answer, and refuse +CMGS or know no PDU mode.

Told by questions alone (TS 27.005 3.2.1, 3.2.3, 3.4.1, 3.5.1): nothing is sent, nothing is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gsmsend.at import Final, replies
from gsmsend.model import Facts
from gsmsend_atmodem import routing
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile

NO_SENDING = (
    "It answers AT but offers no sending of texts (+CMGS): it cannot be used for them this way. "
    "Another way to the same handset may do (Bluetooth, libgammu), or its SIM in a modem."
)
NO_PDU_MODE = (
    "It answers AT and sends in text mode only (+CMGF): gsmsend needs PDU mode, so no text can leave over it."
)
NO_REPORTS = "It sends, but cannot route delivery reports (+CNMI): texts stay unconfirmed."

_NO_MOBILE_ORIGINATED = "0"
"""<mo> of +CSMS (TS 27.005 3.2.1)."""


def look(dialogue: Dialogue, profile: Profile, facts: Facts) -> Facts:
    """The facts with what was found out: `sends`, `reports`, and a note on what is missing. Raises LinkLost.

    A question that is not answered at all says nothing against the device; nor does a refusal while its SIM is
    not ready: then only `reports` is found out.
    """
    reports = _routes_reports(dialogue, profile)
    if facts.sim_state != "READY":
        return replace(facts, reports=reports)
    missing = _missing(dialogue, profile)
    notes = facts.notes
    if missing:
        notes = (*notes, missing)
    elif not reports:
        notes = (*notes, NO_REPORTS)
    return replace(facts, reports=reports, sends=not missing, notes=notes)


def sends(found: Mapping[str, str]) -> bool:
    """False where the device itself says that it sends no texts: +CSMS <mo> 0. `found`: answers by command."""
    fields = replies.fields(found.get("CSMS", ""))
    return len(fields) < 4 or fields[2] != _NO_MOBILE_ORIGINATED


def _missing(dialogue: Dialogue, profile: Profile) -> str:
    services = dialogue.ask("AT+CSMS?", profile.command_timeout_s)
    found = {"CSMS": replies.value(services.lines, "+CSMS:") or ""}
    if not sends(found) or _refuses(dialogue, profile, "AT+CMGS=?"):
        return NO_SENDING
    modes = dialogue.ask("AT+CMGF=?", profile.command_timeout_s)
    offered = replies.offers(replies.value(modes.lines, "+CMGF:") or "")
    return NO_PDU_MODE if offered and 0 not in offered[0] else ""


def _routes_reports(dialogue: Dialogue, profile: Profile) -> bool:
    offer = routing.read_offer(dialogue, profile)
    if not offer.told and _refuses(dialogue, profile, "AT+CNMI?"):
        return False
    return any(way.reports for way in routing.candidates(offer, profile))


def _refuses(dialogue: Dialogue, profile: Profile, question: str) -> bool:
    result = dialogue.ask(question, profile.command_timeout_s).result
    return result.final not in {Final.OK, Final.SILENCE}
