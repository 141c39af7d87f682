"""Whom the demo texts, and what: nobody, and the offer of a charity that does not exist.

Numbers of Ofcom's range for drama, its freephone numbers for drama, and a domain kept for examples (RFC 2606).
"""

from __future__ import annotations

from collections.abc import Iterator

RECIPIENTS = 40
_HELPLINE = "0808 157 0123"
_LINK = "https://example.org/help"
_NAMES = ("Alex", "Zoë", "Sam", "José", "Charlie", "Chloé", "Jordan", "Renée", "Robin", "Björn")

_SHORT = (
    "{name}, the Lantern Trust helps people who want out. Free and confidential: {helpline} or {link}",
    "Hi {name}. You have done nothing wrong by getting this text. We can help: {helpline}, day and night.",
    "{name}: a hot meal, a bed, a doctor. No questions asked at the Lantern Café, or call {helpline}.",
)
_PLAIN = (
    "{name}, this number is no longer run by the people you knew. Help is here if you want it: the Lantern "
    "Trust is a charity, not the police. We offer treatment, housing advice and someone to talk to. Call "
    "{helpline} free, or look at {link}"
)
_FRENCH = (
    "Cher {name}, à côté de chez vous il y a une équipe qui écoute. Où que vous soyez, c\u2019est gratuit et "
    "confidentiel: {helpline}"
)
_EMOJI = (
    "{name} \U0001f49b you are not alone. Talk to us any time: {helpline} \U0001f4de Free, and nobody will "
    "judge you. {link}"
)
_LONG = (
    "{name}, if somebody made you carry or sell drugs, you may be a victim, and the law can protect you. The "
    "Lantern Trust works with children and adults who were pulled into county lines. You can stay anonymous. "
    "You do not have to decide anything today. When you are ready, call {helpline} (free from every mobile, "
    "and it does not show on a bill), or write to us through {link}. In danger now? Call the emergency number."
)
_FORMS = (_SHORT, (_PLAIN, _FRENCH, _EMOJI), _SHORT, (_PLAIN, _FRENCH, _EMOJI), (_LONG,))


def texts() -> Iterator[tuple[str, str]]:
    """40 numbers of the drama range, each with its text: 1 to 3 parts; GSM-7, accents, emoji."""
    for place in range(RECIPIENTS):
        turn, kind = divmod(place, len(_FORMS))
        form = _FORMS[kind][(turn + kind) % len(_FORMS[kind])]
        name = _NAMES[place * 3 % len(_NAMES)]
        yield f"07700 900{100 + place * 7 % 800:03}", form.format(name=name, helpline=_HELPLINE, link=_LINK)
