"""A photo of a paper, drawn: nobody's real letter is ever in the demo."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

DESK, SHEET, INK, LINE = "#6b5a47", "#f4f1e8", "#2b2b2b", "#c9c4b4"


def paper(title: str) -> bytes:
    """A JPEG of a sheet on a desk with a title, lines in place of words, and CONTOH across it."""
    sheet = Image.new("RGB", (720, 960), SHEET)
    draw = ImageDraw.Draw(sheet)
    draw.text((60, 60), title.upper(), font=ImageFont.load_default(size=30), fill=INK)
    for row in range(18):
        draw.rectangle((60, 150 + row * 38, 660 - (row % 4) * 70, 158 + row * 38), fill=LINE)
    draw.text((430, 850), "tanda tangan", font=ImageFont.load_default(size=22), fill=INK)
    draw.text((190, 420), "CONTOH", font=ImageFont.load_default(size=88), fill="#d8d2bf")
    photo = Image.new("RGB", (900, 1140), DESK)
    photo.paste(sheet.rotate(3, expand=True, fillcolor=DESK, resample=Image.Resampling.BICUBIC), (60, 60))
    out = BytesIO()
    photo.save(out, "JPEG", quality=80)
    return out.getvalue()
