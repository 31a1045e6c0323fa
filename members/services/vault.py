"""Files at rest: encrypted with the keys of the fields, under random names, in a folder no URL leads to (TRUST R44)."""

import os
import shutil
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from members.models.fields import cipher

#: A disk counts as full when nine tenths are used and less than this is left (TRUST R63).
FULL_SHARE = 0.9
FULL_BYTES = 1024**3


class NoRoom(Exception):
    """The disk is full, or nearly so: nothing was kept."""


def keep(data: bytes, *, name: str = "") -> str:
    """Store bytes encrypted under a random name (``name`` only for what belongs to a stored file). Raises NoRoom."""
    if _is_full():
        raise NoRoom
    if not name:
        name = token_hex(16)
        name = f"{name[:2]}/{name}"
    try:
        return default_storage.save(name, ContentFile(cipher().encrypt(data)))
    except OSError as error:
        remove(name)
        raise NoRoom from error


def fetch(name: str) -> bytes:
    """The bytes behind a name. Raises FileNotFoundError, and InvalidToken where no key opens them."""
    with default_storage.open(name) as file:
        return cipher().decrypt(file.read())


def remove(name: str) -> None:
    """Forget a file; one that is not there is no error."""
    default_storage.delete(name)


def names_older_than(moment: datetime) -> list[str]:
    """Every stored name last written before a moment: what a sweep compares with the rows."""
    root = Path(settings.MEDIA_ROOT)
    if not root.is_dir():
        return []
    return sorted(
        str(path.relative_to(root))
        for path in root.glob("*/*")
        if path.is_file() and path.stat().st_mtime < moment.timestamp()
    )


def _is_full() -> bool:
    root = Path(settings.MEDIA_ROOT)
    while not root.exists():
        root = root.parent
    total, _used, free = shutil.disk_usage(os.fspath(root))
    return free < FULL_BYTES and free < total * (1 - FULL_SHARE)
