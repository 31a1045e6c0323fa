"""Simple Markdown as blocks for a template: headings, paragraphs, lists, quotes, bold and italic. Never HTML."""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"^(#{1,3})\s+(.+?)\s*#*$")
_BULLET = re.compile(r"^\s{0,3}[-*•]\s+(.+)$")
_NUMBER = re.compile(r"^\s{0,3}\d{1,3}[.)]\s+(.+)$")
_QUOTE = re.compile(r"^>\s?(.*)$")
_INLINE = re.compile(r"\*\*([^*\n]{1,300})\*\*|\*([^*\n]{1,300})\*")


@dataclass(frozen=True)
class Run:
    """A stretch of text in one dress: "" plain, "b" bold, "i" italic."""

    text: str
    dress: str = ""


@dataclass
class Block:
    """``kind``: h2, h3, h4, p, ul, ol or quote. Lists have ``items``, the others ``runs``."""

    kind: str
    runs: list[Run] = field(default_factory=list)
    items: list[list[Run]] = field(default_factory=list)


def blocks(text: str) -> list[Block]:
    """The text as blocks, in its order; what is no Markdown of ours stands as it was typed."""
    found: list[Block] = []
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            found.append(Block("p", runs=runs(" ".join(paragraph))))
            paragraph.clear()

    for line in text.splitlines():
        if not line.strip():
            close()
            found.append(Block(""))
        elif match := _HEADING.match(line):
            close()
            found.append(Block(f"h{len(match[1]) + 1}", runs=runs(match[2])))
        elif match := _BULLET.match(line):
            close()
            _item(found, "ul", match[1])
        elif match := _NUMBER.match(line):
            close()
            _item(found, "ol", match[1])
        elif match := _QUOTE.match(line):
            close()
            found.append(Block("quote", runs=runs(match[1])))
        else:
            paragraph.append(line.strip())
    close()
    return [block for block in found if block.kind]


def _item(found: list[Block], kind: str, text: str) -> None:
    if not found or found[-1].kind != kind:
        found.append(Block(kind))
    found[-1].items.append(runs(text))


def runs(text: str) -> list[Run]:
    """One line, cut where bold or italic begins and ends."""
    pieces, at = [], 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            pieces.append(Run(text[at : match.start()]))
        pieces.append(Run(match[1], "b") if match[1] else Run(match[2], "i"))
        at = match.end()
    if at < len(text):
        pieces.append(Run(text[at:]))
    return pieces
