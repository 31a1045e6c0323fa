"""An announcement, a proposal, a finding and a resolution of the desk: what the addresses of the registers name."""

from datetime import timedelta

from django.utils import timezone

from cases.services import resolutions
from members.models import Finding, Proposal
from members.services import announcements, registers


def build_registers(world) -> dict[str, dict]:
    """By the words of matrix.txt and pages.py; written by the coordinator of the desk."""
    by, desk, today = world.koordinator, world.desk, timezone.localdate()
    said = announcements.announce(organisation=desk, title="Jadwal piket", text="Piket mulai Senin.", by=by)
    proposal = registers.add(
        Proposal, organisation=desk, by=by, office="Pemkab Sidoarjo", title="Iuran BPU untuk nelayan", state="submitted",
        amount=25_000_000, next_check_on=today,
    )  # fmt: skip
    finding = registers.add(
        Finding, organisation=desk, by=by, office="Dinas Sosial", programme="Bansos", text="Daftar tidak ditempel",
        evidence="Foto papan pengumuman", found_on=today - timedelta(days=40),
    )  # fmt: skip
    resolution = resolutions.add(
        organisation=desk, by=by, text="Posko di setiap kecamatan", indicator="typed", unit="kecamatan", target=18
    )
    resolutions.note_value(resolution=resolution, value=7, on_date=today, source="Laporan DPD", by=by)
    return {
        "announcement": {"uuid": said.uuid},
        "proposal": {"uuid": proposal.uuid},
        "finding": {"uuid": finding.uuid},
        "resolution": {"uuid": resolution.uuid},
        "rule": {"code": "K26"},
    }
