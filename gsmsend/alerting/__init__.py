"""What is wrong, and who is told: one list of troubles for wall, metrics and alerts (docs/monitoring.md).

Pure but for `sending` and `desk`: those have a thread of their own, which no text waits for.
"""

from gsmsend.alerting.ledger import Ledger, News
from gsmsend.alerting.troubles import FallSeen, LineSeen, Scene, Trouble, Urgency, troubles

__all__ = ["FallSeen", "Ledger", "LineSeen", "News", "Scene", "Trouble", "Urgency", "troubles"]
