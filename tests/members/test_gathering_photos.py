"""Photos on meetings (S1.7): made plain as the papers of a case are, for those of the meeting alone."""

import json
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cases.services import attachments
from members.models import AccessLog, GatheringParty, GatheringPhoto
from members.services import attendance, gathering_photos, gatherings
from tests.pictures import encoded, phone_photo, two_colours, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(world):
    """A meeting of the desk at which the relawan was."""
    row = gatherings.hold(
        kind="audience", title="Audiensi", organisers=[world.desk], by=world.koordinator, held_on=date(2026, 11, 2)
    )
    attendance.check_in_user(gathering=row, user=world.relawan)
    return row


def address(name, row):
    return reverse(f"members:{name}", args=[row.uuid])


def send(client, meeting, *files, **given):
    return client.post(address("gathering-photo-add", meeting), {"files": list(files), **given})


def test_a_photo_goes_in_plain_and_stands_on_the_page_and_in_the_minutes(world, meeting, as_user):
    client = as_user(world.relawan)
    page = client.get(address("gathering", meeting)).text
    assert "Belum ada foto." in page
    assert "Jangan simpan wajah atau berkas pasien" in page
    raw, heic = phone_photo(), encoded(two_colours(), "HEIF")
    key = str(uuid4())
    for _again in range(2):
        sent = send(client, meeting, upload(raw), upload(heic, "IMG_1.HEIC"), title="Penandatanganan", submit_key=key)
        assert sent["Location"].endswith("#foto")
    row, other = meeting.photos.all()
    assert (row.sha256_received, row.title, row.uploaded_by) == (
        sha256(raw).hexdigest(),
        "Penandatanganan",
        world.relawan,
    )
    answer = client.get(address("gathering-photo", row))
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size) == ("JPEG", (40, 60)), "upright"
    assert b"GPS" not in answer.content and b"Nama Pemilik" not in answer.content
    assert sha256(answer.content).hexdigest() == row.sha256_stored
    assert (answer["Content-Security-Policy"], answer["Cache-Control"]) == ("default-src 'none'; sandbox", "no-store")
    assert answer["Content-Disposition"] == 'inline; filename="foto-1.jpg"'
    assert AccessLog.objects.filter(action="download", object_uuid=row.uuid, user=world.relawan).count() == 1
    small = client.get(address("gathering-photo-thumbnail", other))
    assert small["Content-Type"] == "image/webp" and small.content
    page = client.get(address("gathering", meeting)).text
    assert address("gathering-photo", row) in page and address("gathering-photo-thumbnail", other) in page
    minutes = as_user(world.koordinator).get(address("gathering-minutes", meeting)).text
    assert "Foto yang disimpan" in minutes and "Penandatanganan" in minutes


def test_what_is_no_photo_is_said_and_what_was_typed_stays(world, meeting, as_user):
    answer = send(as_user(world.koordinator), meeting, upload(b"%PDF-1.7", "surat.pdf"), title="Suasana")
    assert "Hanya foto (JPEG, PNG, WebP, HEIC) yang bisa disimpan." in answer.text
    assert 'value="Suasana"' in answer.text
    assert "Pilih foto dulu." in send(as_user(world.koordinator), meeting).text
    assert not GatheringPhoto.objects.exists()
    assert not default_storage.exists("") or not any(default_storage.listdir(""))


def test_a_script_gets_the_new_photo_or_the_reason(world, meeting, as_user):
    client = as_user(world.koordinator)
    url, wants = address("gathering-photo-add", meeting), {"accept": "application/json"}
    sent = {"files": upload(phone_photo()), "sha256": "ab" * 32}
    said = json.loads(client.post(url, sent, headers=wants).content)
    row = meeting.photos.get()
    assert address("gathering-photo", row) in said["html"]
    assert row.sha256_phone == "ab" * 32
    assert client.post(url, {"files": upload(b"x")}, headers=wants).status_code == 422


def test_who_added_it_and_who_runs_the_meeting_remove_it_and_nobody_else(world, meeting, as_user):
    attendance.check_in_user(gathering=meeting, user=world.relawan2)
    for _each in range(2):
        send(as_user(world.relawan), meeting, upload(phone_photo()))
    one, two = meeting.photos.all()
    client = as_user(world.relawan2)
    assert address("gathering-photo-remove", one) not in client.get(address("gathering", meeting)).text
    assert client.post(address("gathering-photo-remove", one)).status_code == 404
    assert address("gathering-photo-remove", one) in as_user(world.relawan).get(address("gathering", meeting)).text
    assert as_user(world.relawan).post(address("gathering-photo-remove", one)).status_code == 302
    assert as_user(world.koordinator).post(address("gathering-photo-remove", two)).status_code == 302
    assert not meeting.photos.exists()


def test_its_file_goes_with_it_and_the_sweep_leaves_the_others(
    world, meeting, as_user, django_capture_on_commit_callbacks
):
    for _each in range(2):
        send(as_user(world.relawan), meeting, upload(phone_photo()))
    gone, kept = meeting.photos.all()
    with django_capture_on_commit_callbacks(execute=True):
        gathering_photos.remove(gone)
    assert not default_storage.exists(gone.stored_name)
    assert attachments.sweep(now=timezone.now() + timedelta(days=2)) == 0
    assert gathering_photos.content(kept) and gathering_photos.thumbnail(kept)


def test_a_guest_of_the_meeting_sees_the_meeting_and_no_photo(world, meeting, as_user):
    """S1.14: a shared meeting shows nobody."""
    send(as_user(world.relawan), meeting, upload(phone_photo()))
    GatheringParty.objects.create(gathering=meeting, organisation=world.other_desk, name="Tamu")
    client, row = as_user(world.outside_koordinator), meeting.photos.get()
    page = client.get(address("gathering", meeting))
    assert page.status_code == 200 and 'id="foto"' not in page.text
    for name in ("gathering-photo", "gathering-photo-thumbnail"):
        assert client.get(address(name, row)).status_code == 404
    assert client.get(address("gathering-photo-add", meeting)).status_code == 404


def test_more_than_a_meeting_holds_is_refused(world, meeting, as_user, monkeypatch):
    monkeypatch.setattr(gathering_photos, "MOST_PER_GATHERING", 1)
    answer = send(as_user(world.koordinator), meeting, upload(phone_photo()), upload(phone_photo()))
    assert "sudah punya 1 foto" in answer.text
    assert meeting.photos.count() == 1


def test_more_photos_ask_no_more_of_the_database(world, meeting, as_user):
    client = as_user(world.koordinator)
    send(client, meeting, upload(phone_photo()))
    with CaptureQueriesContext(connection) as one:
        client.get(address("gathering", meeting))
    for _each in range(3):
        send(client, meeting, upload(phone_photo()))
    client.get(address("gathering", meeting))
    with CaptureQueriesContext(connection) as many:
        client.get(address("gathering", meeting))
    assert len(many) <= len(one)
