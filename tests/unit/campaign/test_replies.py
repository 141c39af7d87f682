"""What is read in replies: a table of texts as people send them, each with its verdict."""

from __future__ import annotations

import time

import pytest

from gsmsend.campaign.replies import ReplyReader
from gsmsend.contract import Answer, AnswerKind, Flag

READER = ReplyReader()

STOP = """
STOP
stpo txting me
please sotp texting me
stp messaging
stpo sending me these
stop
Stop.
STOP!!!
stop please
Please stop
pls stop
STOPP
Stoppp
stooooop
ST0P
5top
$TOP
S T O P
S.T.O.P
s-t-o-p
stpo
Sotp
stp
stopo
stop stop stop
STOP STOP
stop it
stop this now
stop all
STOPALL
stop texts
stop these messages please
Hi, stop
Hello please stop thanks
ok stop
STOP 🛑
🛑 stop 🖕
Who is this? STOP
who r u. stop
UNSUBSCRIBE
unsubcribe
unsuscribe
unsubscribed
Un-subscribe
un subscribe me
please unsubscribe me from this
unsub
CANCEL
cancle
Cancel please
END
QUIT
quit.
OPTOUT
opt out
Opt-out
I want to opt out of these
opt me out
REMOVE
remove me
remove me from your list
take me off your list
delete my number
take my number off this list
Leave me alone
LEAVE ME ALONE!!
just leave me be
dont text me
Don't text me
don\u2019t txt me again
Do not contact me again
never text me again
do not message me
stop texting me
stop txting me
can u stop messaging me
Stop sending me these texts
stop sending texts
no more texts
no more messages pls
NO MORE
I want to stop getting these messages
stop contacting me or ill report you
\uff33\uff34\uff2f\uff30
s\u200bt\u200bop
\U0001d412\U0001d413\U0001d40e\U0001d40f
arret
ARRÊT
Alto
PARAR
stopp
przestań
Przestan
Стоп
хватит
dur
iptal
توقف
停止
ndalo
nu mai scrie
""".strip("\n")

DOUBTFUL = """
🛑
stpo it tho im trying
go away
Fuck off
f off
piss off
not interested
Not interested mate
No thanks
no thank you
No
nope
wrong number
Wrong number mate
I said stop
how do i stop this
how do i stop these texts
this needs to stop
you must stop
stop being weird
is this a scam? Stop. And who are you
sdop
I have blocked you
i dont want your help
don't want to hear from you
I told you to STOP
dont need this
""".strip("\n")

NO_STOP = """
stpo using drugs is hard
sto bene grazie
i cant stpo crying
I can't stop using
i cant stop
I want to stop
I want to stop using heroin
i need to stop
How do I stop smoking crack
stop using is hard
stop smoking help?
bus stop
meet at the bus stop
don't stop
please dont stop texting me
Do not stop sending these, they help
non stop for 3 years
It won't stop
who is this
Who's this?
yes please
Ok thanks
Thank you, I will call
can you ring me tomorrow
is this free?
Is it the police
u got any?
top
Top man
shop
step by step
the end of the road for me
my weekend is free
quite like to talk
I quit last year
cancer took my mum
I cancelled my appointment can i have another
when does this offer end
does it stop hurting
stop by later
Where do I go
need a bed for tonight
whats the number
2morrow?
x
??
👍
""".strip("\n")

DANGER = """
he will kill me
Hes going to kill me
they're gonna kill me if I leave
I want to die
I want to kill myself
suicide
suicidal
suiside
suicde
im going to end it all
end it
Ive overdosed
overdose
overdoes
hes od
she took too many pills
took all my tablets
hes not breathing
he's got a knife
KNIFE
kn1fe
he stabbed me
got a machete
theres guns here
help me
Help me please
HELP ME!!!
need help now
im scared
I am terrified
not safe here
hes hurting me
he hits me
they beat me up
locked in the flat
they wont leave my flat
they took over my flat
cuckooed
I'm 14
im 15 and they make me do it
forced to sell
999
call the police
send an ambulance
emergancy
sos
S O S
rape
raped
bleeding
🆘
hes outside with a 🔪
kms
cant go on
better off dead
pomocy
Помогите
""".strip("\n")


def cases(several: str) -> list[str]:
    return several.splitlines()


@pytest.mark.parametrize("text", [*cases(STOP), "stop\nSent from my phone", "STOP\r\n\r\nwho are you"])
def test_a_refusal_is_understood(text: str) -> None:
    reading = READER.read(text)
    assert reading.stop, reading
    assert not reading.doubtful, reading


@pytest.mark.parametrize("text", cases(DOUBTFUL))
def test_in_doubt_it_is_a_refusal_and_a_person_looks(text: str) -> None:
    reading = READER.read(text)
    assert (reading.stop, reading.doubtful) == (True, True), reading


@pytest.mark.parametrize("text", cases(NO_STOP))
def test_other_texts_are_no_refusal(text: str) -> None:
    assert not READER.read(text).stop, READER.read(text)


@pytest.mark.parametrize("text", cases(DANGER))
def test_danger_is_flagged(text: str) -> None:
    assert READER.read(text).danger


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "Thank you",
        "who is this",
        "yes please call me",
        "I want to stop using",
        "Ok",
        "",
        "is it free",
        "u got any?",
    ],
)
def test_an_ordinary_reply_raises_no_alarm(text: str) -> None:
    assert not READER.read(text).danger


def test_one_text_may_be_both() -> None:
    reading = READER.read("STOP texting me he will kill me")
    assert reading.flags == (Flag.DANGER, Flag.STOP)


def test_the_operations_own_words_count_as_well() -> None:
    reader = ReplyReader(["BASTANTE", "red light"], ["the warehouse", "burner*"])
    assert reader.read("bastante!").stop
    assert reader.read("Red  light").stop
    assert reader.read("im at the warehouse").danger
    assert reader.read("two burners").danger
    assert not READER.read("red light").stop


def test_a_built_in_word_of_danger_can_be_left_out() -> None:
    reader = ReplyReader(danger_words=["-Acid", "-overdos*"])
    assert READER.read("acid").danger
    assert not reader.read("acid").danger
    assert reader.read("overdose").danger, "the plain word is on the list as well"
    assert reader.read("knife").danger


def test_a_danger_gets_no_automatic_answer() -> None:
    answer, farewell = Answer(AnswerKind.REPLY, "Thank you.", 1), Answer(AnswerKind.STOP, "No more texts.", 1)
    reader = ReplyReader(answer=answer, stop_answer=farewell)
    assert reader.read("ok").answer is answer
    assert reader.read("stop").answer is farewell
    assert reader.read("he has a knife").answer is None
    assert reader.read("stop he has a knife").answer is None


def test_the_longest_text_is_read_in_no_time() -> None:
    began = time.process_time()
    assert not READER.read("abcdefgh ijklmnop " * 3000).stop
    assert READER.read("s " * 20_000 + "stop").flags is not None
    assert time.process_time() - began < 10
