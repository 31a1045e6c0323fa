"""What a browser calls itself, in words that its owner recognises."""

import re

_BROWSERS = [
    ("Edge", r"Edg[A-Za-z]*/"),
    ("Opera", r"OPR/|Opera Mini|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("UC Browser", r"UCBrowser|UCWEB"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
]
_SYSTEMS = [
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("Mac", r"Macintosh"),
    ("Linux", r"Linux|X11"),
]


def _first(table: list[tuple[str, str]], text: str) -> str:
    return next((name for name, pattern in table if re.search(pattern, text)), "")


def device_name(user_agent: str) -> str:
    """ "Chrome · Android"; "" when nothing of it is known."""
    return " · ".join(filter(None, [_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)]))


def is_handheld(user_agent: str) -> bool:
    """Whether it is a phone or tablet."""
    return bool(re.search(r"Android|iPhone|iPad|Mobile", user_agent))
