"""A template as a PDF, by WeasyPrint. Where its library pango is missing, the page that prints stands in (`is_available`)."""

import mimetypes
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from PIL import ImageFile

#: What addresses in a template are read against; nothing is ever fetched from there.
BASE_URL = "https://static.invalid"
_VARIANT = "pdf/ua-1"


class NoPango(RuntimeError):
    """This machine has not the library that draws a PDF."""


@lru_cache(maxsize=1)
def is_available() -> bool:
    """Whether a PDF can be made on this machine; asked once."""
    try:
        _weasyprint()
    except NoPango:
        return False
    return True


def render(template: str, context: dict) -> bytes:
    """The PDF of a template. It reads our own static files and ``data:`` addresses, nothing else.

    Its title is what the template's ``<title>`` says: a case number, never a name. Raises NoPango.
    """
    return render_fitting(template, [context])


def render_fitting(template: str, contexts: Iterable[dict], *, pages: int = 1) -> bytes:
    """The PDF of the first context that needs no more than so many pages; where none does, of the last. Raises NoPango."""
    weasyprint = _weasyprint()
    document = None
    for context in contexts:
        html = render_to_string(template, context)
        page = weasyprint.HTML(string=html, base_url=BASE_URL, url_fetcher=_fetcher(weasyprint))
        document = page.render(pdf_variant=_VARIANT)
        if len(document.pages) <= pages:
            break
    if document is None:
        raise ValueError("nothing to render")
    return document.write_pdf(pdf_variant=_VARIANT)


def _weasyprint() -> Any:
    # Loaded when the first PDF is asked for: it takes most of a second, and needs libraries of the system.
    try:
        import weasyprint  # noqa: PLC0415
    except OSError as error:
        raise NoPango(str(error)) from error
    # WeasyPrint lets Pillow take pictures that were cut off, for the whole process; a photo of a case must be whole.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


def _fetcher(weasyprint: Any) -> Any:
    class Fetcher(weasyprint.urls.URLFetcher):
        """Hands out our static files; every other address is refused."""

        def fetch(self, url, headers=None):
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = static_file(url)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return weasyprint.urls.URLFetcherResponse(url, body=path.read_bytes(), headers={"Content-Type": kind})

    return Fetcher()


def static_file(url: str) -> Path:
    """The file behind an address of a static file of ours. Raises ValueError for any other address."""
    path = unquote(urlsplit(url).path)
    if not url.startswith(f"{BASE_URL}{settings.STATIC_URL}"):
        raise ValueError(f"A PDF reads only our static files, not {urlsplit(url).scheme}:")
    name = path.removeprefix(settings.STATIC_URL)
    root = Path(settings.STATIC_ROOT).resolve()
    collected = (root / name).resolve()
    if collected.is_relative_to(root) and collected.is_file():
        return collected
    found = finders.find(name)
    if not found:
        raise ValueError("A PDF asks for a static file that is not there.")
    return Path(found)
