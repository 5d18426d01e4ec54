"""From a ledger row to the message on the wire."""

from __future__ import annotations

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from core.errors import Invalid
from core.mail.models import Mail

_LINE_BREAKS = re.compile(r"[\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]+")


def clean_header(value: str) -> str:
    """One line, whatever was typed: no header can be added through a subject or a name."""
    return _LINE_BREAKS.sub(" ", value).strip()


def clean_address(address: str) -> str:
    """The address in its normal form, lower-cased. Raises Invalid."""
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Invalid("mail.address", field="email") from None
    if not found.ascii_email:
        raise Invalid("mail.address", field="email")
    return found.normalized.lower()


def message_id(key: str, base_url: str) -> str:
    """From the send key, so that a repeated delivery is the same message."""
    host = urlsplit(base_url).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def sender(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=clean_header(name), addr_spec=address)


def build(mail: Mail, mail_from: str) -> EmailMessage:
    """The message: plain text, optionally HTML beside it, and the headers of automatic mail."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender(mail_from)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = clean_header(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    for name, value in mail.headers.items():
        if name not in message:
            message[name] = clean_header(str(value))
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    message["Content-Language"] = mail.locale  # last: setting the content takes away what is named so
    return message
