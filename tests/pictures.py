"""Files as phones and strangers send them."""

from io import BytesIO

import pillow_heif  # noqa: F401  (cases.services registers the opener; the encoder comes along)
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from members.rules import pictures  # noqa: F401

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture(size=(64, 48), colour=(200, 30, 30), mode="RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def encoded(image: Image.Image, form="JPEG", **given) -> bytes:
    out = BytesIO()
    image.save(out, form, **given)
    return out.getvalue()


def two_colours(size=(60, 40)) -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, (220, 20, 20))
    image.paste((20, 20, 220), (size[0] // 2, 0, size[0], size[1]))
    return image


def phone_photo(size=(60, 40), orientation=6) -> bytes:
    """A JPEG as a phone writes it: lying on its side, with the place and the owner's name inside."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PABRIK HP"
    exif[0x013B] = "Nama Pemilik HP"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "S", (7.0, 26.0, 51.0), "E", (112.0, 43.0, 5.0)
    return encoded(two_colours(size), "JPEG", exif=exif, comment=b"rumah pasien", quality=95)


def noise(size) -> Image.Image:
    return Image.effect_noise(size, 90).convert("RGB")


def upload(data: bytes, name="foto.jpg", kind="image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=kind)
