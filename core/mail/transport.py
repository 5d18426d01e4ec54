"""Where mail goes: an SMTP server, or in demo mode the mailbox page."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from core.settings import get_settings

TIMEOUT_SECONDS = 10.0


class TemporaryError(Exception):
    """Worth another try later."""


class PermanentError(Exception):
    """The server will never take this mail; `suppress` says that the address itself is dead."""

    def __init__(self, reason: str, *, suppress: bool) -> None:
        super().__init__(reason)
        self.suppress = suppress


class Transport(Protocol):
    def send(self, message: EmailMessage, recipient: str) -> None: ...


class MailboxTransport:
    """The ledger row itself is the mailbox of the demo; there is nothing to send."""

    def send(self, message: EmailMessage, recipient: str) -> None:
        message.as_bytes()  # what could not go out must not look sent


class SmtpTransport:
    """One connection per mail, every step with a time-out; 4xx is temporary, 5xx is final."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._ssl = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._ssl else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else ""

    def send(self, message: EmailMessage, recipient: str) -> None:
        try:
            with self._connect() as server:
                server.send_message(message, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            self._raise(code, reply, address=True)
        except smtplib.SMTPResponseException as error:
            self._raise(error.smtp_code, error.smtp_error, address=False)
        except (OSError, smtplib.SMTPException) as error:
            raise TemporaryError(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        if self._ssl:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
        if self._user is not None:
            server.login(self._user, self._password)
        return server

    @staticmethod
    def _raise(code: int, reply: bytes | str, *, address: bool) -> None:
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        told = f"{code} {text}"[:280]
        if 500 <= code < 600:
            raise PermanentError(told, suppress=address)
        raise TemporaryError(told)


def get_transport() -> Transport:
    url = get_settings().smtp_url
    return SmtpTransport(url) if url else MailboxTransport()
