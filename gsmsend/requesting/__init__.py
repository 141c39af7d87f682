"""For drivers of routes that are asked to send whole texts: a cloud account, an app on a handset.

A driver writes a `Client`, which says how its route is spoken to; `RequestLink` makes a `contract.Link` of it.
"""

from gsmsend.requesting.client import Busy, Client, Heard, NeverLeft, Status
from gsmsend.requesting.link import Pulse, RequestLink
from gsmsend.requesting.secrets import secret

__all__ = ["Busy", "Client", "Heard", "NeverLeft", "Pulse", "RequestLink", "Status", "secret"]
