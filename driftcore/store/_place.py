"""Where a store is, how it is reached, and in which words it is said that it cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from driftcore.errors import one_line

# a bucket that is away is said to be away within seconds; each may be set otherwise under [storage]
_CLIENT: Final = {"connect_timeout": "5s", "client_max_retries": "1", "client_retry_timeout": "10"}

# LanceDB lets the environment go before an option, now and then, unless the option has the environment's own name
_S3_NAMES: Final = {
    "endpoint": "aws_endpoint",
    "endpoint_url": "aws_endpoint",
    "aws_endpoint_url": "aws_endpoint",
    "region": "aws_region",
    "access_key_id": "aws_access_key_id",
    "secret_access_key": "aws_secret_access_key",
    "session_token": "aws_session_token",
    "token": "aws_session_token",
    "aws_token": "aws_session_token",
    "aws_allow_http": "allow_http",
}

# what LanceDB and the storage say, in small letters, and what that means; the first that is found is told
_CAUSES: Final = (
    ("connection refused", "connection refused"),
    ("dns error", "no such host"),
    ("failed to lookup address", "no such host"),
    ("scheme is not allowed", "plain http is not allowed unless allow_http is set"),
    ("badscheme", "plain http is not allowed unless allow_http is set"),
    ("nosuchbucket", "there is no such bucket"),
    ("bucket does not exist", "there is no such bucket"),
    ("invalidaccesskeyid", "the credentials are not known there"),
    ("signaturedoesnotmatch", "the credentials are not right"),
    ("expiredtoken", "the credentials are no longer valid"),
    ("accessdenied", "access denied"),
    ("403 forbidden", "access denied"),
    ("status: 403", "access denied"),
    ("401 unauthorized", "access denied"),
    ("permissiondenied", "access denied"),
    ("credential", "no credentials were found"),
    ("timedout", "no answer in time"),
    ("timed out", "no answer in time"),
    ("kind: timeout", "no answer in time"),
    ("certificate", "its certificate is not trusted"),
    ("404 not found", "there is no such bucket"),
    ("connection reset", "the connection was lost"),
    ("connection closed", "the connection was lost"),
    ("incompletemessage", "the connection was lost"),
    ("broken pipe", "the connection was lost"),
    ("kind: connect", "no connection"),
    ("error sending request", "the connection was lost"),
    ("kind: request", "the connection was lost"),
    ("server error", "the storage answered with an error of its own"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a store is, small and for sending: whoever reads a part of it elsewhere opens it by `open_place`.

    Parameters
    ----------
    uri : str
    options : tuple of (str, str)
        Of its storage, beside what the environment says (``AWS_…``); they may hold a password, and are not printed.
    """

    uri: str
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def remote(self) -> bool:
        """Whether it is reached over a network."""
        return "://" in self.uri and not self.uri.startswith(("file://", "memory://"))

    @property
    def name(self) -> str:
        """The place as it may stand in a message."""
        return one_line(self.uri, 200)

    def storage_options(self) -> dict[str, str]:
        """What LanceDB is told; they may hold a password."""
        names = _S3_NAMES if self.uri.startswith("s3") else {}
        options = {names.get(name.lower(), name.lower()): value for name, value in self.options}
        return {**(_CLIENT if self.remote else {}), **options}

    def away(self, error: BaseException) -> str | None:
        """Why the storage cannot be reached, in a few words; None where the failure is another one."""
        if not self.remote:
            return None
        if isinstance(error, TimeoutError):
            return "no answer in time"
        words = str(error).lower()
        return next((cause for said, cause in _CAUSES if said in words), None)
