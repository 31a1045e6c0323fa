"""E-mail as a channel: neutral, plain text, one line to the server for many letters.

With SMTP the steps are taken one by one, so that a letter counts as being sent only after its recipient was accepted
and before its text is given away (TRUST A3). Other backends (a file, memory) do it in one step.
"""

import smtplib
from contextlib import suppress
from datetime import datetime
from email.utils import formatdate, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address

from members.models import Message, User
from members.rules import delivery
from members.services.channels import Letter, Never, NotNow, Session, Turn, Unclear, Unreachable
from members.services.wording import mail_of

#: Replies to RCPT that speak of us, not of the recipient: sign in first, wrong password, TLS first.
OUR_FAULT = {421, 530, 534, 535, 538}


class Email:
    """Mail to the address of the account, if its owner wants mail."""

    code = Message.Channel.EMAIL

    def skip_reason(self, user: User) -> str:
        if not user.is_active:
            return Message.Skip.INACTIVE
        if not user.email:
            return Message.Skip.NO_ADDRESS
        if not user.wants_email:
            return Message.Skip.NOT_WANTED
        return ""

    def turn(self, user: User, urgency: str, now: datetime) -> Turn:
        quiet: dict[str, Any] = {"zone": user.zone, "quiet_from": user.quiet_from, "quiet_until": user.quiet_until}
        if user.wants_digest and urgency != delivery.AT_ONCE:
            return Turn(delivery.digest_at(now, **quiet), is_digest=True)
        return Turn(delivery.after_quiet(now, urgency=urgency, **quiet))

    def open(self) -> Session:
        backend = get_connection()
        try:
            backend.open()
            if isinstance(getattr(backend, "connection", None), smtplib.SMTP):
                return SmtpSession(backend)
        except (OSError, smtplib.SMTPException) as problem:
            with suppress(OSError, smtplib.SMTPException):
                backend.close()
            raise Unreachable(_words(problem)) from problem
        return PlainSession(backend)


class SmtpSession:
    """An open SMTP connection."""

    def __init__(self, backend):
        self.backend = backend
        self.smtp: smtplib.SMTP = backend.connection
        self.smtp.ehlo_or_helo_if_needed()

    def offer(self, letter: Letter) -> None:
        letter.content = _content(letter)
        address = _address(letter.recipient.email)
        options = ["BODY=8BITMIME"] if self.smtp.has_extn("8bitmime") else []
        with _line():
            self._accepted(self.smtp.mail(_address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]), options), ours=True)
            self._accepted(self.smtp.rcpt(address))

    def withdraw(self) -> None:
        with _line():
            self.smtp.rset()

    def hand_over(self, letter: Letter) -> None:
        content = letter.content or _content(letter)
        with _line():
            code, reply = self.smtp.docmd("DATA")
            if code != 354:
                self._refused(code, reply)
        try:
            self.smtp.send(_dotted(content))
            code, reply = self.smtp.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self.smtp.close()
            raise Unclear(_words(problem)) from problem
        if code < 0:
            self.smtp.close()
            raise Unclear("no answer after the text")
        if code != 250:
            self._refused(code, reply)

    def close(self) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self.backend.close()

    def _accepted(self, answer: tuple[int, bytes], *, ours: bool = False) -> None:
        code, reply = answer
        if code not in (250, 251):
            self._refused(code, reply, ours=ours)

    def _refused(self, code: int, reply: bytes, *, ours: bool = False) -> None:
        """Say which kind of no this is; the line is clean for the next letter afterwards."""
        words = f"{code} {reply.decode(errors='replace')}"
        if code in OUR_FAULT or code < 0:
            self.smtp.close()
            raise Unreachable(words)
        with suppress(OSError, smtplib.SMTPException):  # a broken line shows itself at the next letter
            self.smtp.rset()
        raise Never(words) if 500 <= code < 600 and not ours else NotNow(words)


class PlainSession:
    """Any other backend of Django: the hand-over is one step."""

    def __init__(self, backend):
        self.backend = backend

    def offer(self, letter: Letter) -> None:
        letter.content = _content(letter)

    def withdraw(self) -> None:
        """Nothing was given away yet."""

    def hand_over(self, letter: Letter) -> None:
        try:
            self.backend.send_messages([_mail(letter)])
        except OSError as problem:
            raise NotNow(_words(problem)) from problem

    def close(self) -> None:
        with suppress(OSError):
            self.backend.close()


class _line:
    """Inside, a broken connection is Unreachable: nothing was accepted."""

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if isinstance(problem, OSError | smtplib.SMTPException):
            raise Unreachable(_words(problem)) from problem


def _mail(letter: Letter) -> EmailMessage:
    words = mail_of(letter.recipient, letter.rows)
    return EmailMessage(
        subject=words.title,
        body=words.body + "\n",
        to=[letter.recipient.email],
        headers={
            "Message-ID": letter.message_id,
            "Date": formatdate(localtime=False, usegmt=True),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )


def _content(letter: Letter) -> bytes:
    """The letter as it goes over the line; a line break in a header is refused here (ValueError)."""
    return _mail(letter).message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]


def _address(address: str) -> str:
    """The address as the line wants it; ValueError when it is none."""
    return sanitize_address(address, "utf-8")


def _dotted(content: bytes) -> bytes:
    """Content as it goes over the line: a leading dot is doubled, a dot alone ends it (RFC 5321 4.5.2)."""
    text = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in content.split(b"\r\n"))
    return text + (b"" if text.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _words(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"
