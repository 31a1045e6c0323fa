"""What `manage.py check` says of this machine: whether it can make a PDF."""

import ctypes
import ctypes.util

from django.core.checks import Warning, register

#: The names WeasyPrint looks for, on Linux, macOS and Windows.
PANGO = ("libpango-1.0.so.0", "libpango-1.0-0", "pango-1.0-0", "pango-1.0", "libpango-1.0.dylib", "libpango-1.0-0.dll")


@register()
def pango_is_here(app_configs, **kwargs):
    """Without pango a letter is printed from the browser; nothing else is missing."""
    if any(_loads(name) for name in PANGO) or ctypes.util.find_library("pango-1.0"):
        return []
    return [
        Warning(
            "This machine has no pango: letters come as a page to print, not as PDF.",
            hint="apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-dejavu-core; "
            "on macOS: brew install pango",
            id="cases.W001",
        )
    ]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
