"""Calculators: the working line by line, every term in force, amounts as people say them; nothing is kept."""

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
STAY = {"biaya": "5 jt", "bulan": "10", "aktif": "01-11-2026", "masuk": "20-11-2026"}


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


@pytest.fixture
def work_out(world, as_user):
    def work_out(which, **given):
        return text_of(as_user(world.relawan).get(reverse(f"cases:calculator-{which}"), given))

    return work_out


def test_the_fine_of_the_rules_is_shown_line_by_line(work_out):
    """RULES 1.3: Rp5.000.000, 10 months -> Rp2.500.000."""
    page = work_out("fine", **STAY)
    assert "5% × Rp5.000.000 × 10 = Rp2.500.000" in page
    assert "Masuk 19 hari setelah kartu aktif lagi; denda berlaku sampai 45 hari." in page
    assert "Menunggak 10 bulan, paling banyak dihitung 12: 10 bulan." in page


def test_both_caps_are_shown_where_the_sources_disagree(work_out):
    page = work_out("fine", **{**STAY, "biaya": "100 jt", "bulan": "12"})
    assert "Paling banyak Rp20.000.000: Rp20.000.000." in page
    assert "Paling banyak Rp30.000.000: Rp30.000.000." in page
    assert page.index("Perpres 59/2024") < page.index("Perpres 64/2020")
    assert "Sumber berbeda." in page
    assert "Belum diverifikasi" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"segmen": "PBI_JK"}, "Tidak ada denda: segmen ini dibebaskan."),
        ({"masuk": "20-12-2026"}, "Tidak ada denda: rawat inap di luar masa denda."),
        ({"segmen": "PPU_BU"}, "Untuk segmen ini denda ditanggung pemberi kerja."),
        ({"biaya": "lima juta"}, "Jumlah ini tidak terbaca. Contoh: 1,5 jt atau 500rb."),
        ({"biaya": ""}, "Tulis jumlahnya. Contoh: 1,5 jt."),
        ({"bulan": "0"}, "Tulis 1 atau lebih."),
        ({"bulan": "sepuluh"}, "Tulis bilangan bulat, misalnya 4."),
        ({"aktif": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"masuk": ""}, "Isi tanggal masuk rawat inap."),
        ({"segmen": "X"}, "Pilih satu dari daftar."),
    ],
)
def test_the_fine_says_why_none_and_what_cannot_be_read(work_out, given, said):
    assert said in work_out("fine", **{**STAY, **given})


def test_bad_input_loses_nothing(world, as_user):
    page = as_user(world.relawan).get(reverse("cases:calculator-fine"), {**STAY, "biaya": "lima"}).content.decode()
    assert 'value="lima"' in page
    assert 'value="10"' in page


def test_arrears_count_at_most_24_months(work_out):
    page = work_out("arrears", iuran="35rb", orang="4", bulan="30")
    assert "Menunggak 30 bulan, paling banyak dihitung 24: 24 bulan." in page
    assert "Rp35.000 × 4 orang × 24 bulan = Rp3.360.000" in page


def test_jkk_paid_late_counts_working_days_over_christmas(work_out):
    """Complete on Monday 21 December 2026; 7 working days without 24–27 December and 1–3 January: Monday 4 January."""
    page = work_out("late", aturan="K15", nilai="10 jt", lengkap="21-12-2026", dibayar="14-01-2027")
    assert "Harus dibayar paling lambat Sen, 4 Jan 2027." in page
    assert "Kelahiran Yesus Kristus" in page
    assert "10 hari terlambat × 1% × Rp10.000.000 = Rp1.000.000" in page
    assert "PP 44/2015 pasal 37" in page


def test_jkm_on_time_owes_nothing(work_out):
    page = work_out("late", aturan="K16", nilai="42 jt", lengkap="16-11-2026", dibayar="19-11-2026")
    assert "Tidak terlambat: tidak ada ganti rugi." in page


def test_paid_before_complete_is_asked_again(work_out):
    page = work_out("late", aturan="K16", nilai="42 jt", lengkap="16-11-2026", dibayar="12-11-2026")
    assert "Ini sebelum berkas lengkap. Periksa tanggalnya." in page
    assert "Pilih JKK atau JKM." in work_out("late", nilai="42 jt", lengkap="16-11-2026")


def test_the_index_leads_to_all_three_and_an_empty_form_has_no_errors(world, as_user):
    page = as_user(world.relawan).get(reverse("cases:calculators")).content.decode()
    for which in ("fine", "arrears", "late"):
        address = reverse(f"cases:calculator-{which}")
        assert f'href="{address}"' in page
        assert "k-bad" not in as_user(world.relawan).get(address).content.decode()
