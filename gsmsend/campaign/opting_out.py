"""Whether a reply says that its sender wants no more texts. In doubt it does, and a person is asked to look."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import Enum

from gsmsend.campaign.spelling import near


class Wish(Enum):
    """What a text says about further texts."""

    NONE = 0
    DOUBTFUL = 1
    CERTAIN = 2


def _words(several: str) -> frozenset[str]:
    return frozenset(several.split())


_MISSPELT = _words("""
    stpo sotp tsop tosp stp sop sto stopp stopo stpop sttop sstop stops stopit stoptext stopplease stiop stoip stpp
    stlp stol stip stup syop srop dtop atop wtop xtop sgop sfop dstop astop stopl stopy stos stoq stob stap stahp
    stawp
""")
_STOPS = frozenset({"stop", "stopall"}) | _MISSPELT
_NO_MISSPELLING = _words("top shop step slop stow stoup store stoke stock cancer")
"""Words of their own, although they look like `stop` or `cancel`."""
_POLITE = _words("""
    hi hello hey hiya yo oi dear please pls plz plse pleas plese ok okay sorry mate bro bruv fam cheers thanks
    thank thx ty ta you u now just kindly sir madam x xx xxx lol ffs omg immediately today asap forever no nah
    yes yeah
    fucking fuckin fkn bloody can could would will and but so well um er erm the reply replying
    text txt
""")
_OBJECTS = _words("all it this that these them your ur my texts txts messages message msgs msg sms me")
_WITH_OBJECT = re.compile(r"stop\w*|stp|cancel|unsub\w*|opt ?out")
_NOT_TEXTS = _words("""
    using smoking drinking taking injecting doing craving thinking crying dealing selling buying by over at off in
    for outside signs sign watch start working loving caring
""")
_HINDERED = _words("cant cannot couldnt wont not dont never didnt doesnt to i non bus no full")
_SAID = _words("said say saying text texted txt reply replied sent send type typed put wrote please pls plz")
_NO = r"(?<!dont )(?<!do not )(?<!never )(?<!cant )(?<!didnt )(?<!wont )"
_WRITE = r"(?:text|txt|messag|msg|contact|call|ring|phon|sms|writ|bother|harass|spam|send|email|mail|pester|hassl)"
_WRITING = _WRITE + r"(?:e|es|s)?(?:ing|in)?"
_WHOM = (
    r"(?: to)? (?:me|us|my|this|these|here|again|any ?more|no more|anything"
    r"|texts?|txts?|messages?|msgs?|it|him|her)\b"
)
_CERTAIN = re.compile(
    r"\b(?:un ?subscrib\w*|opt(?:ing|ed)? (?:me )?out|optout|stop ?all"
    r"|(?:remove|delete|erase) (?:me|us|my (?:number|num|no|details|name|phone))"
    r"|take (?:me|us|my (?:number|num|no|details|name|phone)) off"
    r"|leave (?:me|us) (?:alone|be)\b"
    rf"|(?:dont|do not|never|no longer)(?: ever| you)?(?: dare)? {_WRITE}(?:e|es|s)?(?:{_WHOM}|$)"
    rf"|{_NO}(?:stop|quit|cease) {_WRITING}(?:{_WHOM}|$)"
    rf"|{_NO}stop (?:getting|receiving) (?:these|this|your|ur|any|texts?|txts?|messages?|msgs?)\b"
    r"|no more (?:of )?(?:these |your |ur )?(?:texts?|txts?|messages?|msgs?|sms|contact|calls?|spam)"
    r"|lose (?:my|this) number)"
)
_DOUBTFUL = re.compile(
    r"\b(?:go away|(?:fuck|fuk|fck|fk|f|piss|sod|bugger|bog|back) off|get lost|get fucked|shut up|fuck you"
    r"|not interested|no interest|no thanks|no thank you|no thankyou|wrong (?:number|person|num)"
    r"|(?:block|blocking|blocked) (?:you|u|this|your|ur)\b|report(?:ing)? (?:you|u|this)\b"
    r"|(?:dont|do not) (?:want|need) (?:any |no )?(?:more |of )*(?:this|these|it|texts?|messages?|your|ur|to be "
    r"contacted|to hear)\b"
    r"|how (?:do|can) (?:i|you|u|we) (?:get (?:this|these|you|it) to )?stop(?: (?:this|these|it|them|you|getting"
    r"|receiving|texts?|messages?)\b|$)"
    r"|(?:you|u|this|it|these|texts|messages) (?:must|should|need to|needs to|have to|has to|got to|gotta) stop\b"
    r"|(?:told|asked|want|need|wish) (?:you|u)(?: to)? stop\b"
    r"|hassling|harassment|harassing|spam)"
)
_REFUSALS = frozenset({"no", "nope", "nah", "no thanks", "no thank you", "no ta", "not interested", "enough"})


def wish(
    sentences: Sequence[Sequence[str]], whole: Collection[str], *, shouted: bool = False
) -> tuple[Wish, tuple[str, ...]]:
    """What a text says about further texts, and by which words.

    `sentences` are folded words; `whole` the folded phrases that mean it when they stand alone; `shouted` is
    whether STOP stands in capitals in a text that is not.
    """
    best, said = Wish.NONE, ""
    last = len(sentences) - 1
    everything = " ".join(word for words in sentences for word in words)
    if everything in _REFUSALS:
        return Wish.DOUBTFUL, (everything,)
    for place, words in enumerate(sentences):
        found, phrase = _sentence(list(words), whole, shouted=shouted)
        if found is Wish.CERTAIN and phrase == "stop" and 0 < place < last:
            found = Wish.DOUBTFUL
        if found.value > best.value:
            best, said = found, phrase
    return best, (said,) if said else ()


def _sentence(words: list[str], whole: Collection[str], *, shouted: bool) -> tuple[Wish, str]:
    words = _spelt(words)
    joined = " ".join(words)
    if joined in whole:
        return Wish.CERTAIN, joined
    core = _core(words)
    alone = " ".join(core)
    if alone in whole:
        return Wish.CERTAIN, alone
    if core and _keyword(core):
        return Wish.CERTAIN, "stop" if core[0] in _STOPS else alone
    if found := _CERTAIN.search(joined):
        return Wish.CERTAIN, found[0]
    if any(len(word) > 6 and word.startswith("un") and near(word, "unsubscribe", 3) for word in words):
        return Wish.CERTAIN, "unsubscribe"
    if len(core) == 1 and core[0] not in _NO_MISSPELLING and len(core[0]) >= 3 and near(core[0], "stop"):
        return Wish.DOUBTFUL, core[0]
    if found := _DOUBTFUL.search(joined):
        return Wish.DOUBTFUL, found[0]
    return (Wish.DOUBTFUL, "stop") if _stop_inside(words, shouted=shouted) else (Wish.NONE, "")


def _spelt(words: list[str]) -> list[str]:
    """The words, where the first that counts is a misspelt `stop` and more follows that may say what to stop."""
    core = _core(words)
    if len(core) < 2 or core[0] not in _MISSPELT - {"sto", "sop"}:
        return words
    place = words.index(core[0])
    return [*words[:place], "stop", *words[place + 1 :]]


def _core(words: list[str]) -> list[str]:
    """The words without greetings and politeness round them, and without what is to be stopped."""
    start, end = 0, len(words)
    while start < end and words[start] in _POLITE:
        start += 1
    while end > start and words[end - 1] in _POLITE:
        end -= 1
    if end > start and _WITH_OBJECT.fullmatch(words[start]):
        while end > start + 1 and words[end - 1] in _POLITE | _OBJECTS:
            end -= 1
    return words[start:end]


def _keyword(core: list[str]) -> bool:
    """Whether nothing but a word for stopping is left, perhaps said twice or misspelt."""
    if all(word in _STOPS for word in core):
        return True
    if len(core) > 1:
        return False
    word = core[0]
    return (
        (word not in _NO_MISSPELLING and len(word) >= 5 and near(word, "cancel"))
        or near(word, "unsubscribe", 3)
        or (len(word) >= 5 and near(word, "optout"))
        or near(word, "stopall")
    )


def _stop_inside(words: list[str], *, shouted: bool) -> bool:
    """Whether a sentence with `stop` in it may be a refusal: that is not so where it is about something else."""
    for place, word in enumerate(words):
        if word not in {"stop", "stopp", "stopping"}:
            continue
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        if after in _NOT_TEXTS or (before in _HINDERED and before not in _SAID):
            continue
        if word == "stopping":
            continue
        first = not _core(words[: place + 1])[1:]
        if first or before in _SAID or shouted:
            return True
    return False
