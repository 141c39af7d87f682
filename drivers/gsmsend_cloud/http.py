"""HTTP for the providers' own client libraries: one try, no redirects, and what a fault proves.

The libraries retry, follow redirects and take proxies and passwords from the environment; Vonage's even posts a
text again when the far end hangs up. `Wire` is the session that they are given, and lets none of that happen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from gsmsend import __version__
from gsmsend_cloud.answers import Answer, InDoubt, NotReached
from gsmsend_cloud.never_asked import Proof, proof
from gsmsend_cloud.settings import Reach

ATTEMPT = "X-Request-Id"
"""The header that bears our own name for an attempt: of no effect, and in the record of whoever keeps one."""
_LOCAL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
_PROOFS = {
    Proof.TIMEOUT: "no connection came about within {0.connect_s:g} seconds",
    Proof.UNREACHED: "it cannot be reached: is there a network?",
    Proof.CERTIFICATE: "the far end could not prove that it is the provider (its certificate is not trusted)",
    Proof.NO_TUNNEL: "the proxy did not let the connection through",
}


class Wire(requests.Session):
    """A session that sends each request once. `last` is the answer to the latest, if one came."""

    def __init__(self, reach: Reach, name: str) -> None:
        super().__init__()
        self._reach, self._agent = reach, f"gsmsend/{__version__} ({name})"
        self.trust_env = False
        self.max_redirects = 0
        self.verify = reach.ca or True
        self.proxies = {"https": reach.proxy} if reach.proxy else {}
        self.attempt = ""
        self.last: requests.Response | None = None
        self.began = False
        if reach.url.startswith("http:"):
            self.mount("https://", _Plain())  # a library that writes https:// itself, and a simulator without it

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Once, on our terms in place of the library's. Raises NotReached or InDoubt, and nothing of requests'."""
        self.last, self.began = None, True
        if request.method == "POST":
            # A connection kept from before may be hung up on in the very moment that it is used, and whether the
            # text was taken is then unknown. On a new one, whatever fails before it stands is proof.
            for adapter in self.adapters.values():
                adapter.close()
            if self.attempt:
                request.headers[ATTEMPT] = self.attempt
        request.headers["User-Agent"] = self._agent
        kwargs.update(
            timeout=(self._reach.connect_s, self._reach.read_s), allow_redirects=False, stream=False,
            verify=self.verify, proxies=self.proxies, cert=None,
        )  # fmt: skip
        fault: NotReached | InDoubt
        try:
            self.last = super().send(request, **kwargs)
        except requests.RequestException as raised:
            fault = self._meaning(raised)
        else:
            return self.last
        raise fault  # out here it drags no request along, with its number, text and key

    def call(self, ask: Callable[[], object]) -> Answer:
        """The answer to what `ask` asks through a client library. Raises NotReached or InDoubt.

        What the library thinks of the answer is not asked: its errors repeat what the provider wrote.
        """
        self.last, self.began = None, False
        fault: NotReached | InDoubt | None = None
        try:
            ask()
        except (NotReached, InDoubt) as raised:
            fault = raised
        except Exception as raised:  # noqa: BLE001 - each library has errors of its own, and they name recipients
            if not self.began:
                fault = NotReached(f"the client library refused the request ({type(raised).__name__})", lost=False)
        if fault is not None:
            raise fault
        answer = self._taken()
        if answer is None:
            raise InDoubt("no answer was read")
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            body = None
        headers = answer.headers
        return Answer(answer.status_code, body, headers.get("Retry-After", ""), headers.get("Date", ""))

    def _taken(self) -> requests.Response | None:
        answer, self.last = self.last, None
        return answer

    def _meaning(self, fault: requests.RequestException) -> NotReached | InDoubt:
        """Whether a fault proves that nothing was handed over."""
        if isinstance(fault, _LOCAL):
            return NotReached("the request cannot be made as it is", lost=False)
        proven = proof(fault)
        if proven is not None:
            return NotReached(_PROOFS[proven].format(self._reach))
        if isinstance(fault, requests.exceptions.Timeout):
            return InDoubt(f"no answer came within {self._reach.read_s:g} seconds")
        return InDoubt("the connection broke before an answer came")


class _Plain(HTTPAdapter):
    """Speaks HTTP where HTTPS is written."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = f"http:{(request.url or '').partition(':')[2]}"
        return super().send(request, *args, **kwargs)


def quiet(library: str) -> None:
    """Let a library log nothing: what it logs has numbers, texts and keys in it."""
    logger = logging.getLogger(library)
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
