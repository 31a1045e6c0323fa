"""Pictures as people send them, made plain: known formats only, upright, small, without place or owner (ADR 27).

Pure functions from bytes to bytes. The number of pixels is read from the header and checked before anything is decoded.
"""

from dataclasses import dataclass
from enum import Enum
from io import BytesIO

import pillow_heif
from PIL import Image, ImageOps

pillow_heif.register_heif_opener(thumbnails=False)

#: What Pillow may open (a JPEG of two frames, MPO, comes in as JPEG); SVG, TIFF, EPS … are no pictures to us.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONGEST_SIDE = 2200
QUALITY = 82
THUMBNAIL_SIDE = 320
THUMBNAIL_BYTES = 20_000


class Fault(Enum):
    """Why a picture is refused."""

    NOT_A_PICTURE = "not a picture"
    TOO_MANY_PIXELS = "too many pixels"
    BROKEN = "broken"


class BadPicture(Exception):
    """This picture is refused; ``fault`` says why."""

    def __init__(self, fault: Fault):
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Picture:
    """A picture as we keep it: a new JPEG that holds pixels and nothing else, with a small WebP of it."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int


def tidy(raw: bytes, *, max_pixels: int) -> Picture:
    """The picture re-encoded: upright, at most 2200 pixels long, without EXIF, place, colour profile or comment.

    Raises BadPicture.
    """
    picture = _decoded(raw, max_pixels)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # Pixels on a fresh sheet: nothing that came along with the file can be written out again.
    clean = Image.new("RGB", picture.size, "white")
    clean.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    out = BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(out.getvalue(), _thumbnail(clean), clean.width, clean.height)


def _decoded(raw: bytes, max_pixels: int) -> Image.Image:
    try:
        picture = Image.open(BytesIO(raw), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(Fault.TOO_MANY_PIXELS) from None
    except Exception:
        raise BadPicture(Fault.NOT_A_PICTURE) from None
    if picture.width * picture.height > max_pixels:
        raise BadPicture(Fault.TOO_MANY_PIXELS)
    try:
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded at a half or a quarter
        picture.load()
        if picture.mode.startswith("I;16"):  # a 16-bit scan: the upper eight bits
            picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        has_glass = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
        upright = ImageOps.exif_transpose(picture)
        return upright.convert("RGBA" if has_glass else "RGB")
    except Exception:
        raise BadPicture(Fault.BROKEN) from None


def _thumbnail(picture: Image.Image) -> bytes:
    """A WebP of at most 20,000 bytes."""
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    for quality in (70, 55, 40, 25, 10):
        out = BytesIO()
        small.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= THUMBNAIL_BYTES:
            break
    return out.getvalue()
