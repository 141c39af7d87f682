"""Time stamps (RFC 3161): a service that is no part of gsmsend says when the audit log stood as it did.

A layer beside gsmsend.store and gsmsend.campaign. It needs the extra `timestamp` (the package rfc3161-client).
"""

from gsmsend.timestamping.stamping import WAIT_S, Head, Stamp, stamp_head, try_out

__all__ = ["WAIT_S", "Head", "Stamp", "stamp_head", "try_out"]
