"""When the app's record proves that it never took a text."""

from __future__ import annotations

from dataclasses import dataclass, field

_TRUNCATED_AFTER_S = 20 * 3600.0


@dataclass(frozen=True, slots=True)
class _Broken:
    record: str
    at_s: float


@dataclass(slots=True)
class BrokenRequests:
    """Requests of this process that were broken off without an answer, by our key.

    The app writes a text into its record, under our id, in one transaction before it answers, and sends nothing
    that is not in it; a row leaves the record a day later at the earliest (its setting), or with the app's
    data. So a key that is not there was not taken: up to then. It is proof only if the request cannot be taken
    afterwards either. Once our end of its connection is closed nothing more is written to it, but octets may be
    on their way: in adb's server, in the cable, in adbd, in the app's socket, in a thread of the app that waits
    for its database. adb carries all streams over one ordered pipe, so a later question that was answered has
    passed whatever was in the cable before it; and the same app, alive, looked into the same record to answer
    it. What is left is the time that the app's own threads need, seconds at most (its server is a foreground
    service, which Android does not freeze). Therefore all of these:

    - the request was made by this process, over a connection that is closed since (`broken`);
    - the app that is asked is the one that was asked then (`record`: its id has the time of its installation; an
      app whose data was cleared makes itself another password, so it lets nobody in who has the first);
    - the connection was closed at least `proof_after_s` ago, and less than a day;
    - the app, asked after that, does not have the key, and asked again over another connection still does not.

    After a restart of gsmsend nothing is known of the first two, and a record that was cleared cannot be told from
    one that never had the text: then 404 proves nothing, and a person decides.
    """

    proof_after_s: float
    _by_key: dict[str, _Broken] = field(default_factory=dict)

    def broken(self, key: str, record: str, now_s: float) -> None:
        """The request with this key was broken off, and its connection is closed, now."""
        self._by_key[key] = _Broken(record, now_s)

    def settled(self, key: str) -> None:
        """What became of it is known."""
        self._by_key.pop(key, None)

    def proves(self, key: str, record: str, now_s: float) -> bool:
        """Whether it proves that it was never taken if the app does not have this key now."""
        broken = self._by_key.get(key)
        if broken is None or not record or broken.record != record:
            return False
        return self.proof_after_s <= now_s - broken.at_s < _TRUNCATED_AFTER_S
