"""Where mail goes: an SMTP server, or in demo mode the mailbox page."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from core.settings import get_settings

TIMEOUT_SECONDS = 10.0
_BARE_BREAK = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")


class TemporaryError(Exception):
    """Worth another try later."""


class UncertainError(Exception):
    """The whole message went out and no answer came back: it may have been taken."""


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


class _Noting:
    """Remembers whether the content of a message has gone out and awaits its answer."""

    was_sent = False

    def data(self: Any, msg: bytes) -> tuple[int, bytes]:
        """As smtplib's own, in two parts: only from here on a lost connection leaves it open what happened."""
        self.putcmd("data")
        code, reply = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        lines = _BARE_BREAK.sub(b"\r\n", msg)
        self.was_sent = True
        self.send(_LEADING_DOT.sub(b"..", lines) + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        answer: tuple[int, bytes] = self.getreply()
        self.was_sent = False  # from here on the answer says it
        return answer


class _Smtp(_Noting, smtplib.SMTP):  # type: ignore[misc]
    pass


class _SmtpSsl(_Noting, smtplib.SMTP_SSL):  # type: ignore[misc]
    pass


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
            server = self._connect()
        except smtplib.SMTPResponseException as error:
            # A refused greeting or password is the installation's trouble, not this mail's.
            raise TemporaryError(_told(error.smtp_code, error.smtp_error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise TemporaryError(type(error).__name__) from error
        try:
            server.send_message(message, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            self._raise(code, reply, address=True)
        except smtplib.SMTPResponseException as error:
            self._raise(error.smtp_code, error.smtp_error, address=False)
        except (OSError, smtplib.SMTPException) as error:
            kind = UncertainError if server.was_sent else TemporaryError
            raise kind(type(error).__name__) from error
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.putcmd("quit")  # without waiting for the answer: what was taken is taken
            server.close()

    def _connect(self) -> _Smtp | _SmtpSsl:
        if self._ssl:
            server: _Smtp | _SmtpSsl = _SmtpSsl(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = _Smtp(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if not self._ssl and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo_or_helo_if_needed()
            if self._user is not None:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    @staticmethod
    def _raise(code: int, reply: bytes | str, *, address: bool) -> None:
        told = _told(code, reply)
        if 500 <= code < 600:
            raise PermanentError(told, suppress=address)
        raise TemporaryError(told)


def _told(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(text.replace(chr(0), ' ').split())}"[:280]


def get_transport() -> Transport:
    url = get_settings().smtp_url
    return SmtpTransport(url) if url else MailboxTransport()
