"""An SMTP server that counts what it gets and does as it is told: refuse, fall silent, hang up."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

SILENT, HANG_UP = "(silent)", "(hang up)"


@dataclass(frozen=True)
class Received:
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)  # type: ignore[return-value, arg-type]

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Sink:
    """`replies` by step (CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, CONTENT, QUIT): the answer instead of the usual one;
    a list is used up from its front, one answer a connection that comes so far."""

    received: list[Received] = field(default_factory=list)
    replies: dict[str, str | list[str]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    pause: float = 0.0  # seconds before a message is taken
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def counts(self) -> dict[str, int]:
        """How often each Message-ID came."""
        found: dict[str, int] = {}
        with self.lock:
            for each in self.received:
                found[each.message_id] = found.get(each.message_id, 0) + 1
        return found

    def reply(self, step: str, usual: str) -> str:
        with self.lock:
            told = self.replies.get(step, usual)
            if isinstance(told, list):
                return told.pop(0) if told else usual
            return told


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def say(self, step: str, usual: str) -> bool:
        """Whether the conversation goes on."""
        told = self.server.sink.reply(step, usual)
        if told == HANG_UP:
            return False
        if told == SILENT:
            self.server.sink.released.wait(30)
            return False
        self.wfile.write(told.encode() + b"\r\n")
        return True

    def handle(self) -> None:
        try:
            self.converse()
        except OSError:
            return  # the client was killed, which is what some tests are about

    def converse(self) -> None:
        sink, sender, recipients = self.server.sink, "", []
        go_on = self.say("CONNECT", "220 sink.test")
        while go_on and (line := self.rfile.readline().decode("latin-1").rstrip("\r\n")):
            verb = line.partition(" ")[0].upper()
            with sink.lock:
                sink.commands.append(line)
            if verb in {"EHLO", "HELO"}:
                go_on = self.say("EHLO", "250-sink.test\r\n250-AUTH PLAIN\r\n250 8BITMIME")
            elif verb == "AUTH":
                go_on = self.say("AUTH", "235 welcome")
            elif verb == "MAIL":
                sender, recipients = line.partition(":")[2], []
                go_on = self.say("MAIL", "250 ok")
            elif verb == "RCPT":
                recipients.append(line.partition(":")[2].strip("<>"))
                go_on = self.say("RCPT", "250 ok")
            elif verb == "DATA":
                go_on = self.say("DATA", "354 go on")
                content = self.content() if go_on else None
                if content is not None:
                    time.sleep(sink.pause)
                    with sink.lock:
                        sink.received.append(Received(sender, tuple(recipients), content))
                    go_on = self.say("CONTENT", "250 taken")
            elif verb == "QUIT":
                self.say("QUIT", "221 bye")
                return
            else:
                go_on = self.say(verb, "250 ok")

    def content(self) -> bytes | None:
        """The message, or None when the connection ended before it was whole."""
        lines = []
        while line := self.rfile.readline():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        return None


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, sink: Sink) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.sink = sink
        sink.port = self.server_address[1]


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    sink = Sink()
    with _Server(sink) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.released.set()
            server.shutdown()
            thread.join()
