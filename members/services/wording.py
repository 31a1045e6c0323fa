"""The words of a message: templates/messages/<kind>.txt, its first line the title (HOUSE 3: no text in Python)."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from members.models import Message, User
from members.rules.delivery import one_line


@dataclass(frozen=True)
class Words:
    title: str
    body: str


def words_of(message: Message) -> Words:
    """Title and text of a message in the language of the moment (the reader's, in a request)."""
    return _split(render_to_string([f"messages/{message.kind}.txt", "messages/other.txt"], _context(message)))


def mail_of(user: User, rows: list[Message]) -> Words:
    """Subject and text of a mail with one message, or of the summary of several, in the language of its reader."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        items = [{"words": words_of(row), "link": settings.SITE_URL + row.path if row.path else ""} for row in rows]
        template = "emails/digest.txt" if len(rows) > 1 else "emails/message.txt"
        return _split(render_to_string(template, {"items": items, "site": settings.SITE_URL, "count": len(items)}))


def _split(text: str) -> Words:
    """The first line is the title; of the rest no line keeps the indentation of the template, and no two are empty."""
    title, *lines = text.strip().splitlines()
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()
    return Words(one_line(title), body)


def _context(message: Message) -> dict:
    """The data of a message; what is called ``…_at`` is a moment again."""
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in message.data.items()
    }
