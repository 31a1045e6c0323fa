"""QR codes as inline SVG: no picture to load, nothing the policy of the page would stop."""

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def svg(text: str, label: str) -> SafeString:
    """The code of an address, with words for those who cannot see it."""
    code = segno.make(text, error="m", micro=False)
    inner = code.svg_inline(border=2, omitsize=True, svgclass="k-qr", lineclass=None, dark="#000", light="#fff")
    head, _space, rest = inner.partition(" ")
    return format_html('{} role="img" aria-label="{}" {}', mark_safe(head), label, mark_safe(rest))  # noqa: S308 (segno's)
