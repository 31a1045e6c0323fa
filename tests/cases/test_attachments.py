import errno
import json
import struct
import uuid
import zlib
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cases.models import Attachment, Event
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.services import attachments
from members.models import AccessLog
from members.reports import pdf
from members.services import vault
from tests.factories import make_case
from tests.pictures import PDF, encoded, noise, phone_photo, picture, two_colours, upload


def add(case, data, **given):
    return attachments.add(case=case, upload=upload(data), by=case.assignee, **given)


def stored_files():
    root = Path(default_storage.location)
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def refusal(case, data):
    with pytest.raises(Refused) as error:
        add(case, data)
    assert not Attachment.objects.exists()
    assert stored_files() == []
    assert not Event.objects.filter(type__code=EventCode.ATTACHMENT_ADDED).exists()
    return error.value.message


def png_header(width, height):
    """A PNG that says it is huge and holds next to nothing."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


class TestPictures:
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
    def test_every_form_a_phone_sends_becomes_a_jpeg(self, case, form):
        kept = add(case, encoded(two_colours(), form))
        image = Image.open(BytesIO(attachments.content(kept)))
        assert (image.format, image.size, kept.kind, kept.content_type) == ("JPEG", (60, 40), "photo", "image/jpeg")
        assert (kept.width, kept.height) == (60, 40)
        assert image.getpixel((5, 20))[0] > 150 > image.getpixel((55, 20))[0]

    def test_a_photo_stands_upright_and_tells_nothing(self, case):
        raw = phone_photo()
        kept = add(case, raw)
        data = attachments.content(kept)
        image = Image.open(BytesIO(data))
        assert image.size == (40, 60)
        assert image.getpixel((20, 5))[0] > 150, "the left of the sensor is the top of the photo"
        assert not image.getexif()
        assert "comment" not in image.info
        for trace in (b"Exif", b"PABRIK HP", b"Nama Pemilik", b"GPS", b"rumah pasien", b"ICC_PROFILE"):
            assert trace not in data
        assert kept.sha256_received == sha256(raw).hexdigest()
        assert kept.sha256_stored == sha256(data).hexdigest()
        assert kept.size == len(data)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_every_way_to_hold_a_phone(self, case, orientation):
        kept = add(case, phone_photo(orientation=orientation))
        assert (kept.width, kept.height) == ((60, 40) if orientation < 5 else (40, 60))

    def test_a_large_photo_is_made_smaller_and_its_thumbnail_is_light(self, case):
        kept = add(case, encoded(noise((3000, 1500)), "JPEG", quality=40))
        assert (kept.width, kept.height) == (2200, 1100)
        small = attachments.thumbnail(kept)
        assert len(small) <= 20_000
        assert Image.open(BytesIO(small)).format == "WEBP"

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
    def test_every_kind_of_pixels(self, case, mode):
        form = "JPEG" if mode == "CMYK" else "PNG"
        assert add(case, encoded(Image.new(mode, (20, 10)), form)).width == 20

    def test_glass_becomes_white_paper(self, case):
        kept = add(case, encoded(Image.new("RGBA", (20, 10), (0, 0, 0, 0)), "PNG"))
        assert min(Image.open(BytesIO(attachments.content(kept))).getpixel((5, 5))) > 250


class TestRefusals:
    @pytest.mark.parametrize(
        "data",
        [
            b"MZ\x90\x00" + b"\0" * 200,
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<html><script>alert(1)</script></html>",
            b"GIF89a" + b"\0" * 60,
            b"II*\x00" + b"\0" * 60,
            b"%!PS-Adobe-3.0 EPSF-3.0\n",
            b"PK\x03\x04" + b"\0" * 60,
            b" %PDF-1.7",
        ],
        ids=["exe", "svg", "html", "gif", "tiff", "eps", "zip", "pdf-later"],
    )
    def test_what_is_no_picture_is_refused_whatever_its_name(self, case, data):
        assert refusal(case, data) == "Hanya foto (JPEG, PNG, WebP, HEIC) dan PDF yang bisa disimpan."

    def test_too_large(self, case, settings):
        settings.MAX_UPLOAD = 1024 * 1024
        assert "lebih dari 1 MB" in refusal(case, b"x" * (1024 * 1024 + 1))

    def test_empty(self, case):
        assert "kosong" in refusal(case, b"")

    @pytest.mark.parametrize("size", [(6400, 6401), (12000, 12000), (60000, 60000)], ids=["41mp", "144mp", "3600mp"])
    def test_too_many_pixels_are_never_decoded(self, case, size):
        assert "terlalu besar" in refusal(case, png_header(*size))

    def test_forty_megapixels_are_fine(self, settings):
        assert settings.MAX_PIXELS == 40_000_000

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
    def test_cut_off_in_the_middle(self, case, form):
        assert pdf.is_available()  # also in a process that has made a PDF
        whole = encoded(noise((300, 200)), form)
        assert refusal(case, whole[: len(whole) // 2]) in {
            "Foto ini rusak. Foto sekali lagi.",
            "Hanya foto (JPEG, PNG, WebP, HEIC) dan PDF yang bisa disimpan.",
        }

    def test_twenty_are_enough(self, case):
        for _ in range(20):
            add(case, PDF)
        with pytest.raises(Refused, match="20 kertas"):
            add(case, PDF)
        assert case.attachments.count() == 20
        assert len(stored_files()) == 20

    def test_a_desk_has_its_share_of_the_disk(self, case, monkeypatch):
        add(case, PDF)
        monkeypatch.setattr(attachments, "MOST_BYTES_PER_DESK", 10)
        with pytest.raises(Refused, match="posko ini penuh"):
            add(case, PDF)


class TestKeeping:
    def test_on_disk_there_is_only_cipher_under_a_random_name(self, case):
        add(case, PDF, title="Surat rujukan")
        add(case, phone_photo())
        assert len(stored_files()) == 3
        for path in stored_files():
            data = path.read_bytes()
            assert b"%PDF" not in data
            assert b"JFIF" not in data
            assert "rujukan" not in path.name
            assert path.stat().st_mode & 0o077 == 0

    def test_a_pdf_is_kept_as_it_came(self, case):
        kept = add(case, PDF)
        assert attachments.content(kept) == PDF
        assert (kept.kind, kept.width, kept.sha256_received) == ("pdf", None, kept.sha256_stored)

    def test_the_timeline_says_so(self, case):
        kept = add(case, PDF, title="  Surat \n rujukan ", sha256_phone="ab" * 32)
        assert kept.title == "Surat rujukan"
        assert kept.event.type.code == EventCode.ATTACHMENT_ADDED
        assert kept.event.text == "Surat rujukan"
        assert kept.event.data == {"attachment": str(kept.uuid), "kind": "pdf", "sha256_phone": "ab" * 32}

    def test_sending_twice_keeps_one(self, case):
        key = uuid.uuid4()
        first = add(case, phone_photo(), submit_key=key)
        again = add(case, phone_photo(), submit_key=key)
        assert first == again
        assert Attachment.objects.count() == 1
        assert len(stored_files()) == 2

    def test_a_key_of_another_case_opens_nothing(self, case, world):
        key = uuid.uuid4()
        add(case, PDF, submit_key=key)
        other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
        with pytest.raises(Refused):
            add(other, PDF, submit_key=key)

    def test_a_failed_transaction_leaves_no_file(self, case, monkeypatch):
        def broken(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr(attachments.timeline, "record", broken)
        with pytest.raises(RuntimeError):
            add(case, phone_photo())
        assert stored_files() == []
        assert not Attachment.objects.exists()

    def test_a_full_disk_is_said_and_leaves_nothing(self, case, monkeypatch):
        saved = default_storage.save
        calls = []

        def save(name, content):
            calls.append(name)
            if len(calls) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")
            return saved(name, content)

        monkeypatch.setattr(default_storage, "save", save)
        assert "Penyimpanan penuh" in refusal(case, phone_photo())
        assert len(calls) == 2

    def test_nearly_full_counts_as_full(self, case, monkeypatch):
        monkeypatch.setattr(vault.shutil, "disk_usage", lambda path: (10 * 1024**3, 0, 500 * 1024**2))
        assert "Penyimpanan penuh" in refusal(case, PDF)

    def test_a_sweep_removes_what_no_row_speaks_of(self, case):
        kept = add(case, phone_photo())
        with pytest.raises(RuntimeError), transaction.atomic():
            add(case, PDF)
            raise RuntimeError
        assert len(stored_files()) == 3
        assert attachments.sweep(now=timezone.now()) == 0, "a day of grace"
        assert attachments.sweep(now=timezone.now() + timedelta(days=2)) == 1
        assert attachments.content(kept)
        assert attachments.thumbnail(kept)


class TestPages:
    def url(self, case):
        return reverse("cases:attachment-add", args=[case.uuid])

    def test_a_plain_form_sends_several_at_once(self, case, as_user, world):
        client = as_user(world.relawan)
        page = client.get(self.url(case))
        assert page.status_code == 200
        key = str(uuid.uuid4())
        data = {"files": [upload(phone_photo()), upload(PDF, "surat.pdf")], "title": "Surat", "submit_key": key}
        answer = client.post(self.url(case), data)
        assert answer.status_code == 302
        assert answer.url.endswith("#berkas")
        assert [row.kind for row in case.attachments.all()] == ["photo", "pdf"]
        client.post(self.url(case), {**data, "files": [upload(phone_photo()), upload(PDF, "surat.pdf")]})
        assert case.attachments.count() == 2, "pressed twice"

    def test_one_refused_file_does_not_lose_the_others(self, case, as_user, world):
        data = {"files": [upload(phone_photo()), upload(b"<svg/>", "surat.svg")], "title": "Surat"}
        answer = as_user(world.relawan).post(self.url(case), data)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "surat.svg: Hanya foto" in text
        assert "Periksa lagi:" in text
        assert 'value="Surat"' in text
        assert case.attachments.count() == 1

    def test_nothing_chosen(self, case, as_user, world):
        answer = as_user(world.relawan).post(self.url(case), {"title": "Surat"})
        assert "Pilih dulu foto atau PDF." in answer.content.decode()

    def test_a_script_gets_the_new_paper_or_the_reason(self, case, as_user, world):
        client = as_user(world.relawan)
        data = {"files": upload(phone_photo()), "submit_key": str(uuid.uuid4()), "sha256": "0" * 64}
        answer = client.post(self.url(case), data, headers={"accept": "application/json"})
        kept = case.attachments.get()
        assert str(kept.uuid) in json.loads(answer.content)["html"]
        answer = client.post(self.url(case), {"files": upload(b"x")}, headers={"accept": "application/json"})
        assert answer.status_code == 422
        assert json.loads(answer.content)["error"].startswith("Hanya foto")

    def test_a_hostile_name_and_title_do_no_harm(self, case, as_user, world):
        client = as_user(world.relawan)
        name = "../../\u202egnp.<b>\x00" + "x" * 400 + ".jpg"
        client.post(self.url(case), {"files": upload(phone_photo(), name), "title": "<script>alert(1)</script>"})
        kept = case.attachments.get()
        page = client.get(self.url(case)).content.decode()
        assert "<script>alert" not in page
        answer = client.get(reverse("cases:attachment", args=[kept.uuid]))
        assert answer["Content-Disposition"] == f'inline; filename="{case.number}-1.jpg"'

    def test_a_photo_is_handed_out_with_every_lock(self, case, as_user, world):
        kept = add(case, phone_photo())
        answer = as_user(world.relawan).get(reverse("cases:attachment", args=[kept.uuid]))
        assert answer.content == attachments.content(kept)
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"] == "no-store"
        row = AccessLog.objects.get(action="download")
        assert (row.user, row.object_kind, row.object_uuid) == (world.relawan, "attachment", kept.uuid)

    def test_a_pdf_is_only_a_download(self, case, as_user, world):
        add(case, phone_photo())
        kept = add(case, PDF)
        answer = as_user(world.relawan).get(reverse("cases:attachment", args=[kept.uuid]))
        assert answer["Content-Disposition"] == f'attachment; filename="{case.number}-2.pdf"'
        assert answer["Content-Type"] == "application/pdf"

    def test_what_is_not_yours_is_not_there(self, case, as_user, world):
        kept = add(case, phone_photo())
        for user in (world.outsider, world.pimpinan, world.admin_federasi, world.superuser):
            client = as_user(user)
            assert client.get(reverse("cases:attachment", args=[kept.uuid])).status_code == 404
            assert client.get(reverse("cases:thumbnail", args=[kept.uuid])).status_code == 404
            assert client.post(self.url(case), {"files": upload(PDF)}).status_code == 404
        assert AccessLog.objects.filter(action="refused").count() == 12
        assert case.attachments.count() == 1

    def test_thumbnails_show_where_names_are_open(self, case, as_user, world):
        kept = add(case, phone_photo())
        small = reverse("cases:thumbnail", args=[kept.uuid])
        answer = as_user(world.relawan).get(small)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        client = as_user(world.koordinator)
        assert client.get(small).status_code == 404
        client.post(reverse("cases:reveal", args=[case.uuid]))
        assert client.get(small).status_code == 200

    def test_locked_names_lock_papers(self, case, as_user, world):
        kept = add(case, phone_photo())
        client = as_user(world.relawan)
        session = client.session
        session["identity_locked"] = True
        session.save()
        assert client.get(reverse("cases:attachment", args=[kept.uuid])).status_code == 302
        assert client.get(reverse("cases:thumbnail", args=[kept.uuid])).status_code == 404
        assert not AccessLog.objects.filter(action="download").exists()

    def test_a_lost_file_is_a_404(self, case, as_user, world):
        kept = add(case, PDF)
        vault.remove(kept.stored_name)
        assert as_user(world.relawan).get(reverse("cases:attachment", args=[kept.uuid])).status_code == 404


def test_a_picture_of_one_pixel(case):
    assert add(case, encoded(picture((1, 1)), "PNG")).width == 1
