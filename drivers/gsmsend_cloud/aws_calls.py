"""Calls to AWS by its own library: once each, with time limits, nothing from the environment unasked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Outcome
from gsmsend.requesting import Busy, NeverLeft, secret
from gsmsend_cloud.provider_table import ProviderTable
from gsmsend_cloud.settings import Reach, library

LABEL = "AWS"
WAIT_S = 5.0
"""How long AWS is left alone when it asks for that and does not say for how long."""
_SHUT_OUT = (
    "InvalidClientTokenId", "UnrecognizedClient", "SignatureDoesNotMatch", "InvalidSignature", "AuthFailure",
    "IncompleteSignature", "ExpiredToken", "RequestExpired", "AccessDenied", "OptInRequired",
)  # fmt: skip
_KEYS = "See the key in AWS's console (IAM), what its policy allows, and this computer's clock."


class Calls:
    """Clients of AWS's services, all with one account's key. Raises GuardStop if there is no key."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self._errors: ModuleType = library("botocore.exceptions", "aws")
        self._reach: Reach = values["reach"]
        self._region: str = values["region"]
        _quiet()
        try:
            self._session = library("boto3", "aws").Session(**_key(where, values), region_name=self._region)
        except self._errors.ProfileNotFound:
            raise GuardStop(
                f"{where}.profile: this computer has no profile of AWS with the name {values['profile']}",
                remedy=f"Make it: aws configure --profile {values['profile']}",
            ) from None

    def client(self, service: str) -> Any:
        """A client of one service. Nothing is repeated, and no proxy or address comes from the environment."""
        reach = self._reach
        config = library("botocore.config", "aws").Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=reach.connect_s,
            read_timeout=reach.read_s,
            proxies={"http": reach.proxy, "https": reach.proxy} if reach.proxy else {},
            ignore_configured_endpoint_urls=True,
            user_agent_extra="gsmsend",
        )
        return self._session.client(
            service, config=config, endpoint_url=reach.url or None, verify=reach.ca or True
        )

    def ask(self, call: Any, **parameters: Any) -> Any:
        """The answer to a question, None where what is asked about is not there.

        Raises GuardStop if the key is not taken, Busy if AWS is, LinkLost if it cannot be reached.
        """
        try:
            return call(**parameters)
        except self._errors.ClientError as error:
            said = said_of(error)
            if "NotFound" in said:
                return None
            if any(word in said for word in _SHUT_OUT):
                raise GuardStop(
                    f"{LABEL} does not take the account's key ({_code(error)})", remedy=_KEYS
                ) from None
            raise Busy(wait_of(error)) from None
        except (self._errors.NoCredentialsError, self._errors.CredentialRetrievalError, self._errors.SSOError):
            raise GuardStop(f"{LABEL}: the profile has no key that can be used now", remedy=_KEYS) from None
        except (self._errors.BotoCoreError, self._errors.HTTPClientError) as error:
            raise LinkLost(f"{LABEL} cannot be reached: {type(error).__name__}") from None

    def hand_over(self, table: ProviderTable, call: Any, **parameters: Any) -> dict[str, Any] | Outcome:
        """The answer to a text that was handed over, or what an error comes to. Raises NeverLeft on proof.

        Whatever else it raises leaves the text in doubt.
        """
        errors = self._errors
        try:
            answer: dict[str, Any] = call(**parameters)
        except errors.ClientError as error:
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            said = said_of(error)
            wait_s = wait_of(error) if "Thrott" in said or "TooManyRequests" in said else None
            return table.outcome(None, said, http=status, raw=f"{_code(error)} HTTP {status}", wait_s=wait_s)
        except (errors.ConnectionError, errors.HTTPClientError) as error:
            why = _never_asked(error)
            if not why:
                raise
            raise NeverLeft(f"{LABEL}{why}", lost=True) from None
        except (errors.NoCredentialsError, errors.CredentialRetrievalError, errors.SSOError):
            raise NeverLeft(f"{LABEL}: the profile has no key that can be used now", lost=True) from None
        return answer


def said_of(error: Any) -> str:
    """The error's code, its Reason and the fields it is about: the provider's words may name the recipient.

    SNS has no Reason; of its words only those that the table asks for are taken.
    """
    response = error.response
    words = str(response.get("Error", {}).get("Message", ""))
    known = [word for word in ("PhoneNumber", "E164", "opted out") if word in words]
    fields = [str(field.get("Name", "")) for field in response.get("Fields") or () if isinstance(field, dict)]
    return " ".join([_code(error), str(response.get("Reason", "")), *fields, *known])


def wait_of(error: Any) -> float:
    """How long to leave AWS alone: what it says (Retry-After in seconds, RFC 9110 10.2.3), or a while."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    value = str(headers.get("retry-after", ""))
    return min(float(value), 3600.0) if value.isdecimal() else WAIT_S


def _code(error: Any) -> str:
    code = str(error.response.get("Error", {}).get("Code", ""))
    return "".join(char for char in code if char.isascii() and (char.isalnum() or char in "._-"))[:60] or "no code"


def _never_asked(error: Exception) -> str:
    """What proves that nothing was asked, in words; empty where nothing does, whatever botocore calls it."""
    from gsmsend_cloud.never_asked import Proof, proof  # noqa: PLC0415 - needs a library that may not be there

    proven = proof(error)
    if proven is None:
        return ""
    if proven is Proof.CERTIFICATE:
        return ": its certificate is not trusted"
    return f" cannot be reached: {type(error).__name__}"


def _key(where: str, values: Mapping[str, Any]) -> dict[str, str]:
    if values["profile"]:
        return {"profile_name": values["profile"]}
    return {
        "aws_access_key_id": values["access_key_id"],
        "aws_secret_access_key": secret(f"{where}.secret_access_key", values["secret_access_key"]),
    }


def _quiet() -> None:
    """What these libraries write at level DEBUG has numbers and texts in it."""
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
