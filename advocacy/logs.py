"""Log lines: one a record, without the numbers of people or links that open something."""

import logging
import re

# Identity, card and account numbers (13 digits or more), and phones; people put spaces, dots or dashes in between.
LONG_NUMBER = re.compile(r"(?<![\w.])\d(?:[ .-]?\d){12,}(?!\w)")
PHONE = re.compile(r"(?<!\w)(?:\+\s?\d{1,3}|62|0)[ .-]?\(?\d(?:[ .()-]{0,2}\d){6,13}(?!\w)")
# What opens an account or an address to whoever holds it.
LINK = re.compile(r"(/(?:undangan|saya/surel|akun/sandi/lupa)/)[^/\s]+")
MASK = "[masked]"


def masked(text: str) -> str:
    """The text without the numbers that may belong to a person, and without links that work once."""
    return PHONE.sub(MASK, LONG_NUMBER.sub(MASK, LINK.sub(rf"\1{MASK}", text)))


class LineFormatter(logging.Formatter):
    """One line, masked; a traceback follows its record on the same line, its lines parted by " | "."""

    def __init__(self):
        super().__init__("{levelname} {name}: {message}", style="{")

    def format(self, record):
        lines = masked(super().format(record)).splitlines()
        return f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S%z')} {' | '.join(lines)}"
