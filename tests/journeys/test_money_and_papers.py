"""A relawan carries a bill, its donations and the papers of two programmes from the first day to the last, by the pages alone."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import CasePaper, FollowUp, ProblemType
from cases.rules.codes import FollowUpKind
from cases.services import papers
from tests.cases.test_money import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(case, as_user, world):
    """The pages of the case, in the hands of the relawan: ``at.get("money")``, ``at.post("money", {...})``."""
    client = as_user(world.relawan)

    class At:
        def get(self, name, thing=case):
            return text_of(client.get(reverse(f"cases:{name}", args=[thing.uuid])))

        def post(self, name, given, thing=case):
            answer = client.post(reverse(f"cases:{name}", args=[thing.uuid]), given, follow=True)
            assert answer.status_code == 200
            assert "k-err" not in answer.content.decode()
            return text_of(answer)

    return At()


def test_the_bill_of_rc31_from_the_deposit_to_the_refund(at):
    """RC31: bill 7.369.000, deposit 3.500.000 by the volunteers, about 12,3 juta gathered in a group."""
    day = f"{timezone.localdate() - timedelta(days=3):%d-%m-%Y}"
    at.post("money", {"kind": "deposit_asked", "amount": "3,5 jt", "on_date": day, "no_proof": "on"})
    at.post("money", {"kind": "bill", "amount": "Rp7.369.000", "on_date": day, "proof_note": "INV-1"})
    at.post("money", {"kind": "deposit_paid", "amount": "3 jt 500 rb", "payer": "Relawan", "proof_note": "KW-7"})
    at.post("money", {"kind": "donation_in", "amount": "12,3 juta", "note": "sekitar, dari grup"})
    page = at.post("money", {"kind": "donation_out", "amount": "3.869.000", "payee": "Kasir"})
    assert "Tagihan Rp7.369.000 Sudah dibayar atau ditanggung Rp7.369.000 Sisa tagihan Rp0" in page
    assert "Donasi masuk Rp12.300.000 Donasi keluar Rp3.869.000 Sisa donasi Rp8.431.000" in page
    at.post("money", {"kind": "refundable", "amount": "3,5jt", "note": "dijamin setelah kartu aktif"})
    page = at.post("money", {"kind": "refunded", "amount": "1 jt"})
    assert "Harus dikembalikan Rp3.500.000 Sudah kembali Rp1.000.000 Belum kembali Rp2.500.000" in page
    assert "Sisa tagihan Rp0" in page


def test_papers_of_two_programmes_from_the_first_ask_to_the_original_given_back(at, case):
    """S3.17: an accident and a poor family: a JKK claim and a local scheme, two lists, one patient."""
    case.problem_types.add(ProblemType.objects.get(code="F04"))
    at.post("papers-start", {"checklist": "jkk_accident"})
    page = at.post("papers-start", {"checklist": "local_cover"})
    assert "Berkas yang sama dengan: Klaim JKK (kecelakaan kerja)" in page
    before = len(papers.missing(case))

    form = case.casepapers.get(paper__code="jkk_stage_one")
    at.post("paper-move", {"ke": "asked", "dari": "needed"}, form)
    day = f"{timezone.localdate() + timedelta(days=4):%d-%m-%Y}"
    given = {"state": "asked", "version": "2", "holder": "HRD", "issuer": "Perusahaan", "day": day}
    page = at.post("paper-edit", given, form)
    assert "Tanya lagi" in page
    plan = FollowUp.objects.get(case=case, kind=FollowUpKind.PAPER)
    assert "Formulir tahap" in plan.title
    assert len(papers.missing(case)) == before

    at.post("paper-move", {"ke": "received", "dari": "asked"}, form)
    plan.refresh_from_db()
    assert plan.state == "done"
    at.post("paper-move", {"ke": "submitted", "dari": "received"}, form)
    page = at.post("paper-move", {"ke": "returned", "dari": "submitted"}, form)
    assert re.search(rf"\b{before - 1} berkas kurang dari {case.casepapers.count()} berkas\b", page)

    at.post("case-papers", {"name": "Surat keterangan RT", "issuer": "Ketua RT", "state": "received"})
    assert CasePaper.objects.get(case=case, name="Surat keterangan RT").state == "received"
    told = [event.data.get("to") for event in case.events.filter(type__code="paper_moved", data__paper=str(form.uuid))]
    assert sorted(told) == ["asked", "received", "returned", "submitted"]


def test_two_numbers_and_three_helpers_of_a_collective_case(at, case):
    """RC11, S0.18: the plant and the union count differently; three organisations help, each with its own task."""
    at.post("counts", {"what": "sick", "number": "244", "source": "PUK", "on_date": "05-01-2026"})
    page = at.post("counts", {"what": "sick", "number": "120", "source": "HRD", "is_estimate": "on"})
    assert "Versinya berbeda" in page
    assert page.index("244") < page.index("120")
    for name, task in (("LBH Karangsari", "surat kuasa"), ("Baznas Uji", "ambulans"), ("Klinik Buruh", "cek darah")):
        at.post("partners", {"name": name, "task": task, "state": "asked", "state_on": "06-01-2026"})
    page = at.post(
        "partner-edit", {"state": "accepted", "state_on": "08-01-2026", "task": "ambulans"}, case.casepartners.all()[1]
    )
    assert "Baznas Uji Ikut membantu dirujuk atau diminta Sel, 6 Jan 2026 · diterima Kam, 8 Jan 2026 ambulans" in page
    assert page.count("Diminta dirujuk atau diminta Sel, 6 Jan 2026") == 2
