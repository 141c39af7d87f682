"""What inputs are made of: words of each target's language, and plain good examples to begin with.

Nothing of the product is imported here: see `targets`.
"""

from __future__ import annotations

import csv
from pathlib import Path

from gsmsend.config import template

SMS = Path(__file__).parents[1] / "corpus" / "sms"

REPORT = b"0006070C91447700091032425021314102404250213141534000"
DELIVER = b"00040C914477000910320000425021314102400AE8329BFD4697D9EC37"
PDU = b"0001000C9144770009103200000AE8329BFD4697D9EC37"

PDU_PIECES = tuple(
    bytes.fromhex(piece)
    for piece in (
        "0C9144770009103200", "0B817007900021F3", "0DD04364509AA46601", "00", "FF", "07914477000990F9",
        "42502131410240", "050003CD0201", "06080400CD0201", "030124", "240101", "250101", "0504158A0000", "0B0504",
        "D83DDE00", "D83D", "1B", "1B1B", "A0", "8C", "7F", "0AE8329BFD4697D9EC37", "10", "40", "C8", "F4", "08",
    )
)  # fmt: skip

MODEM_WORDS = (
    b"\r\n", b"\r", b"\n", b"OK", b"ERROR", b"> ", b">", b"\r\n> ", b"0", b"4", b"RING", b"RDY", b"^SYSSTART",
    b"NO CARRIER", b"ABORTED", b"COMMAND NOT SUPPORT", b"\x1a", b"\x1b", b"\x00", b"\xff", b"+CMGS: 12",
    b"+CMGS:255", b"+CMGS: 256", b"+CMGS: 1,\"x\"", b"+CMS ERROR: 38", b"+CMS ERROR: 500", b"+CMS ERROR: 197",
    b"+CMS ERROR: SIM busy", b"+CME ERROR: 10", b"+CME ERROR: 30", b"+CDS: 25", b"+CMT: ,25",
    b'+CMT: "x",,"y"', b'+CMTI: "ME",3', b'+CDSI: "SR",1', b"^RSSI:3", b"+CPIN: READY", b"+CPIN: SIM PIN",
    b"+CMGF: 0", b"+CMGF: 1", b"+CREG: 1", b"+CREG: 0,1", b'+CREG: 2,5,"00C3","1A2B",7', b"AT+CMGF?", b"ATE0",
    b"AT", b"AT+CMGS=22", PDU, REPORT, DELIVER, b"+CSQ: 20,99", b'+COPS: 0,0,"A, B",7', b"+CCID: ",
    b"8944110000000000017", b"490154203237518", b'+CNUM: "","+447700900901",145', b"+CNMI: (0-3),(0-3),(0,2)",
    b"+CSMS: (0,1)", b'+CPMS: ("SM","ME","SR"),("SM","ME")', b"+CPMS: 1,20,19,20,19,20",
    b'+CRSM: 144,0,"29FF"', b'+CDS: 6,12,"+447700900123",145,"x","y",0', b"+CMGL: 1,1,,25", b"+447700900123",
    b"0.000 < ", b"1.000 > ", b"{STATUS-REPORT 26 mr=12 st=0}", b"{DELIVER 40}", b"{12 characters}",
    b"= up generic",
)  # fmt: skip

TABLE_WORDS = (
    b"number", b"text", b"mobile", b"Message", b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b'"', b'""', b"'",
    b"=", b"07700900123", b"+447700900124", b"+44 7700 900 125", b"(0)", b"0044", b"tel:",
    b"020 7946 0123", b"60777", b"4.47E+11", b"\x00", b"sep=;\n", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf",
    b"\xe9", b"\x81", b"caf\xc3\xa9", b"\xe2\x80\x8e", b"\xd9\xa0", b"x", b" ", b"Hi, there", b"+1 202 555 0123",
)  # fmt: skip

CONFIG_WORDS = (
    b"[operation]", b"[modems]", b"[pace]", b"[retry]", b"[reports]", b"[text]", b"[driver.atmodem]",
    b"[[driver]]", b"name = ", b"lab = ", b"region = ", b"ports = ", b"per_minute = ", b"soon_first_seconds = ",
    b"barred_after = ", b"validity_hours = ", b"baudrate = ", b"submit_timeout_s = ", b"true", b"false", b'"GB"',
    b"[]", b"[", b"{", b"}", b"]", b'["a"]', b"1", b"-1", b"0", b"1e9", b"inf", b"-inf", b"nan", b"0xFF",
    b"1979-05-27T07:32:00Z", b"07:32:00", b'"""', b"'''", b"\\u0000", b"\\U0001F600", b"\n", b"#", b"=",
    b".", b"9" * 40,
)  # fmt: skip


def codec() -> list[bytes]:
    """PDUs that others wrote and that are odd, as each thing that they can be read as."""
    found = [bytes((place,)) for place in range(17)]
    for name, columns in (("written-by-others.csv", "pdus"), ("quirks.csv", "pdu")):
        text = (SMS / name).read_text("utf-8")
        for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
            for pdu in row[columns].split()[:2]:
                octets = bytes.fromhex(pdu)
                tpdu = octets[1 + octets[0] :]
                if row.get("direction") == "to_network":
                    found += [b"\x00" + octets, b"\x03" + tpdu]
                else:
                    found += [b"\x01" + octets, (b"\x05" if tpdu[0] & 3 == 2 else b"\x04") + tpdu]
    return [each for each in found if len(each) < 60] + [b"\x0e\x02" + "Help is here €".encode()]


def lexer() -> list[bytes]:
    """Framings and prompts."""
    return [b"\r\nOK\r\n", b"\xe1AT+CMGS=22\r\r\n> \xe0tail\r\n", b"x\xe3\r\nOK\r\n", b"a\x00\r\r\n>\n\xe1>"]


def session() -> list[bytes]:
    """Each way that a command or a text can go, from each kind of beginning."""
    ways = (
        b"\xe1\x00\r\nOK\r\n",
        b"\xe1\x01\r\n+CMGF: 0\r\n\r\nOK\r\n",
        b"\xe2\r\nOK\r\n+CMGF: 0\r\n\xe0\r\nOK\r\n",
        b"\xe3\r\n> \xe4\r\n+CMGS: 12\r\n\r\nOK\r\n",
        b"\xe3\r\n> \xe4\r\n+CMS ERROR: 38\r\n",
        b"\xe3\r\nERROR\r\n",
        b"\xe3\r\n> \xe5\r\nOK\r\n",
        b"\xe3\xe6\r\n> \xe6\xe6",
        b"\xe3\r\n> \xe4\xe6\r\n+CMGS: 12\r\n\r\nOK\r\n",
        b"\xe3\r\n> \xe4\xe8\r\n+CMS ERROR: 38\r\n",
        b"\xe3> \xe4" + PDU + b"\x1a\r\n+CMGS: 12\r\nOK\r\n",
        b"\xe3\r\n> \xe4\xe6\xe3\r\n> \xe4+CMGS: 12\r\nOK\r\n+CMGS: 13\r\nOK\r\n",
        b"\xe3\r\n> \xe4RDY\r\n",
        b"\r\n+CMGS: 12\r\n\r\nOK\r\n\xea\xe9",
        b"\r\n+CDS: 25\r\n" + REPORT + b"\r\n",
        b"a\r\n\xeb",
        b'\xe3\r\n> \xe4\r\n+CMT: "x",,"y"\r\n+CMS ERROR: 38\r\n',
    )
    return [bytes((start,)) + way for way in ways for start in (0, 12, 16)]


def table() -> list[bytes]:
    """Lists as spreadsheets write them."""
    bodies = (
        b"number,text\n07700900123,Hi\n07700900124,Hello\n",
        b'Name;Mobile;Message\r\nA;07700900125;"x;y"\r\n',
        b"07700900123\n07700900124\n",
        "number\n+447700900123\n".encode("utf-16"),
        b"sep=|\nnumber|text\n60777|x\n",
        b'number,text\n"07700900123","say ""hi""\nthere"\n',
        "number,text\n07700900123,caf\u00e9\n".encode("cp1252"),
    )
    return [bytes((options,)) + body for body in bodies for options in (0x14, 0x0D)]


def config() -> list[bytes]:
    """The file that `gsmsend init` writes, and small ones."""
    whole = template(lab=False)
    plain = "\n".join(line for line in whole.splitlines() if line and not line.startswith("#"))
    return [plain.encode(), b"", b"[driver.atmodem]\nbaudrate = 9600\nsubmit_timeout_s = 60.0\n"]


def lines() -> list[bytes]:
    """All that a modem says, as each thing that it can be read as, and a transcript."""
    half = len(MODEM_WORDS) // 2
    said = [b"\r\n".join(words)[:590] for words in (MODEM_WORDS[5:half], MODEM_WORDS[half:])]
    record = (
        b"0.000 > AT+CMGS=22\n0.100 <>\n0.200 >p {SUBMIT 23}\n0.300 < +CMGS: 12\n0.400 < OK\n"
        b"0.401 = accepted mr=12"
    )
    bodies = [(place, each) for place in range(9) for each in said] + [(6, record), (7, record)]
    return [bytes((place,)) + each for place, each in bodies]


def link() -> list[bytes]:
    """A bring-up that goes well, with one fault at one of the texts, or on the way."""
    faults = (
        b"", b"\xe2", b"\xe3", b"\xe4", b"\xe5", b"\xe6\x02", b"\xe7", b"\xe8", b"\xe9", b"\xea", b"\xeb", b"\xec",
        b"\xed\x26", b"\r\n+CMS ERROR: 38\r\n", b"\r\n+CMGS: 7\r\n\r\nOK\r\n", b"\r\n> ",
    )  # fmt: skip
    starts = ((2, 30), (0, 32), (3, 31), (4, 5))
    return [bytes((options, 0xE0, well)) + fault for fault in faults for options, well in starts]
