"""3GPP TS 23.038 and 23.040: octets to values and back, pure."""

from __future__ import annotations

from gsmsend.sms.values import Encoding, Language, Segment, Segmentation

__all__ = ["Encoding", "Language", "Segment", "Segmentation"]
