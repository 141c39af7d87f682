"""Python-gammu as an independent codec: one JSON request a line on stdin, one JSON answer a line on stdout.

Run by whichever interpreter has the module (Debian: python3-gammu, for /usr/bin/python3), in its own process.
"""

import json
import sys
from typing import Any

import gammu  # type: ignore[import-not-found,unused-ignore]

BLANK: dict[str, Any] = {
    "SMSC": {
        "Location": 0, "Name": "", "Format": "Text", "Validity": "NA", "Number": "", "DefaultNumber": "",
    },
    "UDH": {"Type": "NoUDH", "Text": b"", "ID8bit": -1, "ID16bit": -1, "PartNumber": -1, "AllParts": -1},
    "Folder": 2, "InboxFolder": 0, "Memory": "", "Location": 0, "Name": "", "Number": "", "Text": "",
    "Type": "Submit", "Coding": "Default_No_Compression", "DateTime": None, "SMSCDateTime": None,
    "DeliveryStatus": 0, "ReplyViaSameSMSC": 0, "State": "UnSent", "Class": -1, "MessageReference": 0,
    "ReplaceMessage": 0, "RejectDuplicates": 0, "Length": 0,
}  # fmt: skip


def decode(request: dict[str, Any]) -> dict[str, Any]:
    """What gammu reads in a PDU."""
    sms = gammu.DecodePDU(bytes.fromhex(request["pdu"]), True)
    stamps = {name: sms[name].isoformat() if sms[name] else None for name in ("DateTime", "SMSCDateTime")}
    return {
        "type": sms["Type"],
        "number": sms["Number"],
        "smsc": sms["SMSC"]["Number"],
        "text": sms["Text"],
        "coding": sms["Coding"],
        "class": sms["Class"],
        "udh": sms["UDH"]["Text"].hex(),
        "part": sms["UDH"]["PartNumber"],
        "parts": sms["UDH"]["AllParts"],
        "id8": sms["UDH"]["ID8bit"],
        "id16": sms["UDH"]["ID16bit"],
        "reference": sms["MessageReference"],
        "reject_duplicates": sms["RejectDuplicates"],
        "status": sms["DeliveryStatus"],
        "stamps": stamps,
    }


def encode(request: dict[str, Any]) -> dict[str, Any]:
    """PDUs of a text, cut by gammu, in one layout."""
    entry = {"ID": "ConcatenatedTextLong", "Buffer": request["text"]}
    if request["unicode"] is None:
        info = {"Class": -1, "Entries": [entry]}
    else:
        info = {"Class": -1, "Unicode": request["unicode"], "Entries": [entry]}
    pdus = []
    for part in gammu.EncodeSMS(info):
        sms = {**BLANK, **{name: part[name] for name in ("Text", "Coding", "Class", "UDH", "Length")}}
        sms["Number"] = request["number"]
        sms["SMSC"] = dict(BLANK["SMSC"], Number=request["smsc"])
        pdus.append(bytes(gammu.EncodePDU(sms, request["layout"])).hex())
    return {"pdus": pdus}


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"decode": decode, "encode": encode}[request["op"]](request)
    except (gammu.GSMError, ValueError) as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer))
