"""Result codes in words: +CME ERROR (TS 27.007 9.2), +CMS ERROR (TS 27.005 3.2.5, 24.011, 23.040)."""

from __future__ import annotations


class AtError(Exception):
    """A command failed: `kind` is ERROR, CME or CMS; `code` its number (-1 for a bare ERROR)."""

    def __init__(self, kind: str = "ERROR", code: int = -1) -> None:
        super().__init__(f"{kind} {code}")
        self.kind = kind
        self.code = code


def cme(code: int) -> AtError:
    """+CME ERROR with this code."""
    return AtError("CME", code)


def cms(code: int) -> AtError:
    """+CMS ERROR with this code."""
    return AtError("CMS", code)


PHONE_FAILURE = 0
NOT_ALLOWED = 3
NOT_SUPPORTED = 4
SIM_NOT_INSERTED = 10
SIM_PIN_REQUIRED = 11
SIM_PUK_REQUIRED = 12
SIM_FAILURE = 13
SIM_BUSY = 14
WRONG_PASSWORD = 16
INVALID_INDEX = 21
NOT_FOUND = 22
NO_NETWORK = 30
BAD_PARAMETERS = 50
UNKNOWN = 100

CME_TEXTS: dict[int, str] = {
    0: "phone failure", 1: "no connection to phone", 2: "phone-adaptor link reserved",
    3: "operation not allowed", 4: "operation not supported", 5: "PH-SIM PIN required",
    6: "PH-FSIM PIN required", 7: "PH-FSIM PUK required", 10: "SIM not inserted", 11: "SIM PIN required",
    12: "SIM PUK required", 13: "SIM failure", 14: "SIM busy", 15: "SIM wrong", 16: "incorrect password",
    17: "SIM PIN2 required", 18: "SIM PUK2 required", 20: "memory full", 21: "invalid index",
    22: "not found", 23: "memory failure", 24: "text string too long", 25: "invalid characters in text string",
    26: "dial string too long", 27: "invalid characters in dial string", 30: "no network service",
    31: "network timeout", 32: "network not allowed - emergency calls only",
    40: "network personalization PIN required", 50: "Incorrect parameters", 100: "unknown",
}  # fmt: skip

CMS_TEXTS: dict[int, str] = {
    1: "unassigned (unallocated) number", 8: "operator determined barring", 10: "call barred",
    21: "short message transfer rejected", 22: "memory capacity exceeded", 27: "destination out of service",
    28: "unidentified subscriber", 29: "facility rejected", 30: "unknown subscriber",
    38: "network out of order", 41: "temporary failure", 42: "congestion",
    47: "resources unavailable, unspecified", 50: "requested facility not subscribed",
    69: "requested facility not implemented", 81: "invalid short message transfer reference value",
    95: "invalid message, unspecified", 96: "invalid mandatory information",
    97: "message type non-existent or not implemented",
    98: "message not compatible with short message protocol state",
    99: "information element non-existent or not implemented", 111: "protocol error, unspecified",
    127: "interworking, unspecified", 128: "telematic interworking not supported",
    129: "short message type 0 not supported", 130: "cannot replace short message",
    143: "unspecified TP-PID error", 144: "data coding scheme (alphabet) not supported",
    145: "message class not supported", 159: "unspecified TP-DCS error", 160: "command cannot be actioned",
    161: "command unsupported", 175: "unspecified TP-Command error", 176: "TPDU not supported",
    192: "SC busy", 193: "no SC subscription", 194: "SC system failure", 195: "invalid SME address",
    196: "destination SME barred", 197: "SM rejected-duplicate SM", 198: "TP-VPF not supported",
    199: "TP-VP not supported", 208: "SIM SMS storage full", 209: "no SMS storage capability in SIM",
    210: "error in MS", 211: "memory capacity exceeded", 212: "SIM application toolkit busy",
    213: "SIM data download error", 255: "unspecified error cause", 300: "ME failure",
    301: "SMS service of ME reserved", 302: "operation not allowed", 303: "operation not supported",
    304: "invalid PDU mode parameter", 305: "invalid text mode parameter", 310: "(U)SIM not inserted",
    311: "(U)SIM PIN required", 312: "PH-(U)SIM PIN required", 313: "(U)SIM failure", 314: "(U)SIM busy",
    315: "(U)SIM wrong", 316: "(U)SIM PUK required", 317: "(U)SIM PIN2 required", 318: "(U)SIM PUK2 required",
    320: "memory failure", 321: "invalid memory index", 322: "memory full", 330: "SMSC address unknown",
    331: "no network service", 332: "network timeout", 340: "no +CNMA acknowledgement expected",
    500: "unknown error",
}  # fmt: skip
