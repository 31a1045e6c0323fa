"""A training with everything on it, a module on its way and a volunteer's card: what the addresses of members name."""

from datetime import timedelta

from django.utils import timezone

from members.models import (
    AgendaItem,
    Certificate,
    GatheringOutput,
    Module,
    ModulePackage,
    PackagePart,
    Sector,
    Topic,
    TrainingPlan,
)
from members.rules.gatherings import Invited, VersionState
from members.services import advocates, attendance, certificates, gathering_photos, gatherings, modules
from tests.pictures import phone_photo, upload


def build_training(world) -> dict[str, dict]:
    """By the words of matrix.txt and pages.py; the desk holds it, the relawan was there and has a certificate."""
    now, by = timezone.now(), world.koordinator
    today = timezone.localdate()
    gathering = gatherings.hold(
        kind="training", title="Pelatihan Pendamping", theme="Satu langkah", organisers=[world.desk], by=by,
        held_on=today, series="Kelas Relawan", topics=["jaminan kesehatan"], venue="Aula",
    )  # fmt: skip
    point = AgendaItem.objects.create(gathering=gathering, title="Pembukaan", speaker="Ketua", speaker_role="Ketua DPW")
    GatheringOutput.objects.create(gathering=gathering, text="Draf awal")
    gatherings.invite_parties(gathering=gathering, names=[str(world.desk), "SPN"])
    attendance.check_in_user(gathering=gathering, user=world.relawan, now=now)
    certificates.issue(gathering=gathering, by=by, now=now)
    attendance.invite(gathering=gathering, people=[Invited("Yusuf Aditya", "SPN"), Invited("Endang Susilowati")])
    attendance.check_in_name(gathering=gathering, name="Wawan Setiadi", gender="m", young=True, now=now)
    attendance.give_feedback(gathering=gathering, score=4, useful="Simulasi", now=now)
    attendance.open_door(gathering=gathering, now=now)
    photo = gathering_photos.add(gathering=gathering, upload=upload(phone_photo()), by=by, title="Pembukaan", now=now)
    module = Module.objects.create(
        title="Kebebasan Berserikat", organisation=world.desk, target_on=today - timedelta(days=1), owner=by
    )
    module.topics.add(Topic.objects.get(name="jaminan kesehatan"))
    first = modules.write(module=module, text="# Judul\n\n- satu\n- **dua**", by=by, now=now, gathering=gathering)
    modules.move(version=first, to=VersionState.REVIEW)
    modules.review(version=first, reviewer="Alumni TTM", note="Baik", by=by, now=now)
    modules.move(version=first, to=VersionState.FINAL, now=now)
    draft = modules.write(module=module, text="Draf kedua", by=by, now=now)
    modules.move(version=draft, to=VersionState.REVIEW)
    late = Module.objects.create(title="Perundingan", organisation=world.desk, target_on=today - timedelta(days=1))
    package = ModulePackage.objects.create(title="Hak-Hak Dasar Pekerja", organisation=world.desk)
    PackagePart.objects.create(package=package, position=1, title="FOA", module=module)
    PackagePart.objects.create(package=package, position=2, title="PKB", module=late)
    sector, _made = Sector.objects.get_or_create(code="uji", defaults={"name": "Sektor uji"})
    TrainingPlan.objects.create(organisation=world.desk, year=today.year, sector=sector, planned=4)
    card = advocates.issue_card(
        user=world.relawan2, organisation=world.desk, valid_until=today + timedelta(days=300), by=by, now=now
    )
    advocates.report_misuse(card=card, text="Meminta uang", contact="0812", now=now)
    advocates.set_stage(user=world.relawan2, stage="magang", mentor=world.relawan, by=by)
    secret = gathering.door_secret
    row = gathering.attendances.get(name="Endang Susilowati")
    return {
        "gathering": {"uuid": gathering.uuid},
        "gathering+point": {"uuid": gathering.uuid, "pk": point.pk},
        "gathering+person": {"uuid": gathering.uuid, "person": row.uuid},
        "gathering+secret": {"uuid": gathering.uuid, "secret": secret},
        "photo": {"uuid": photo.uuid},
        "series": {"uuid": gathering.series.uuid},
        "certificate": {"code": Certificate.objects.get().code},
        "module": {"uuid": module.uuid},
        "version": {"uuid": draft.uuid},
        "volunteer": {"uuid": world.relawan2.uuid},
        "card": {"code": card.code},
    }
