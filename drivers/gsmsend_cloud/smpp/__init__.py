"""SMPP 3.4: a session of our own over PDUs that smpplib makes; docs/adr/0018-smpp.md says why.

`pdu` and `compose` are the wire, `session` keeps it alive, `traffic` carries texts and receipts, `link` and
`client` are the two ways into the contract: part by part, or whole texts in message_payload.
"""

from gsmsend_cloud.smpp.driver import DRIVER

__all__ = ["DRIVER"]
