import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseShare, Outcome
from cases.rules.codes import PartyRole
from cases.services import closing, parties
from cases.services.search import find
from members.models import AccessLog
from members.rules.numbers import NumberKind
from tests.factories import make_case

URL = reverse("cases:search")
NIK = "3171016403920011"


@pytest.fixture
def some(world):
    first = make_case(
        desk=world.desk,
        by=world.relawan,
        assignee=world.relawan,
        patient="Siti Rahmawati",
        phone="0812 3456 7890",
        title="IGD meminta uang muka",
        story="Keluarga diminta deposit di loket pendaftaran.",
        place=world.place,
    )
    for kind, number in [
        (NumberKind.NIK, NIK),
        (NumberKind.JKN, "0001234567890"),
        (NumberKind.KPJ, "AB345678901"),
        (NumberKind.KK, "3171012304100002"),
    ]:
        parties.keep_number(first.parties.get().person, kind, number)
    parties.add(case=first, role=PartyRole.REPORTER, by=world.relawan, full_name="Yusuf Aditya", silent=True)
    Case.objects.filter(pk=first.pk).update(number="KWL-26-00417")
    second = make_case(
        desk=world.desk, by=world.relawan, assignee=world.relawan, patient="Rahmat Hidayat", title="Kartu nonaktif"
    )
    Case.objects.filter(pk=second.pk).update(number="KWL-25-00417")
    hidden = make_case(
        desk=world.other_desk, by=world.outsider, assignee=world.outsider, patient="Siti Lain", phone="0812 3456 7890"
    )
    Case.objects.filter(pk=hidden.pk).update(number="KWL-26-00418")
    first.refresh_from_db()
    second.refresh_from_db()
    return first, second


def numbers(user, text):
    return [case.number for case in find(user, text).cases]


class TestFind:
    @pytest.mark.parametrize(
        "text",
        [
            "KWL-26-00417",
            "kwl-26-00417",
            "kwl 26 417",
            "KWL 26 00417",
            "26-417",
            "26 00417",
            "kwl2600417",
            " KWL.26.417 ",
        ],
    )
    def test_a_case_number_however_it_is_said(self, some, world, text):
        found = find(world.relawan, text)
        assert [case.number for case in found.cases] == ["KWL-26-00417"]
        assert found.by_number

    def test_the_short_number_finds_every_year(self, some, world):
        assert set(numbers(world.relawan, "417")) == {"KWL-26-00417", "KWL-25-00417"}
        assert set(numbers(world.relawan, "00417")) == {"KWL-26-00417", "KWL-25-00417"}
        assert numbers(world.relawan, "7") == []

    @pytest.mark.parametrize(
        "text", ["0812 3456 7890", "081234567890", "+62 812-3456-7890", "6281234567890", "٠٨١٢٣٤٥٦٧٨٩٠"]
    )
    def test_a_phone_however_it_is_written(self, some, world, text):
        found = find(world.relawan, text)
        assert [case.number for case in found.cases] == ["KWL-26-00417"]
        assert found.by_number

    @pytest.mark.parametrize(
        "text",
        [
            NIK,
            "3171 0164 0392 0011",
            "3171.0164.0392.0011",
            "0001234567890",
            "ab 345678901",
            "AB345678901",
            "3171012304100002",
        ],
    )
    def test_an_identity_number(self, some, world, text):
        assert numbers(world.relawan, text) == ["KWL-26-00417"]

    @pytest.mark.parametrize("text", ["0011", "31710164", "317101640392001", "8123456789"])
    def test_a_part_of_a_number_finds_nobody(self, some, world, text):
        assert numbers(world.relawan, text) == []

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("siti", ["KWL-26-00417"]),
            ("RAHMAWATI", ["KWL-26-00417"]),
            ("rahmawati siti", ["KWL-26-00417"]),
            ("yusuf", ["KWL-26-00417"]),
            ("S.R.", ["KWL-26-00417"]),
            ("uang muka", ["KWL-26-00417"]),
            ("deposit", ["KWL-26-00417"]),
            ("cempaka", ["KWL-26-00417"]),
            ("siti deposit", ["KWL-26-00417"]),
            ("rahma", ["KWL-26-00417", "KWL-25-00417"]),
            ("nonaktif", ["KWL-25-00417"]),
            ("siti nonaktif", []),
        ],
    )
    def test_names_and_words(self, some, world, text, found):
        assert sorted(numbers(world.relawan, text)) == sorted(found)

    def test_a_slip_of_the_finger(self, some, world):
        for typed in ("rahmawty", "Siti Rahmawty", "rohmawati"):
            found = find(world.relawan, typed)
            assert found.is_near
            assert [case.number for case in found.cases] == ["KWL-26-00417"]
        assert not find(world.relawan, "zzzzzz").cases
        assert not find(world.relawan, "abc").is_near or not find(world.relawan, "abc").cases

    @pytest.mark.parametrize(
        "text",
        ["", "   ", "%", "_", "'", '"', "\\", "😀", "x" * 5000, "a " * 500, "'; DROP TABLE cases_case; --", "\x00"],
    )
    def test_anything_may_be_typed(self, some, world, text):
        assert isinstance(find(world.relawan, text).cases, list)

    def test_a_sign_of_like_is_a_letter(self, some, world):
        assert numbers(world.relawan, "%") == []
        assert numbers(world.relawan, "s_ti") == []

    def test_only_within_reach(self, some, world):
        assert numbers(world.koordinator, "siti") == ["KWL-26-00417"]
        assert numbers(world.outsider, "siti") == ["KWL-26-00418"]
        assert numbers(world.outsider, "0812 3456 7890") == ["KWL-26-00418"]
        for user in (world.pimpinan, world.admin_federasi, world.superuser):
            assert numbers(user, "siti") == numbers(user, "417") == numbers(user, NIK) == []

    def test_a_restricted_case_is_found_by_its_number_alone(self, some, world):
        first, _ = some
        Case.objects.filter(pk=first.pk).update(is_restricted=True)
        CaseShare.objects.create(case=first, user=world.koordinator, from_at=timezone.now(), shared_by=world.relawan)
        for user in (world.relawan, world.koordinator):
            assert numbers(user, "KWL-26-00417") == ["KWL-26-00417"]
            for text in ("siti", "deposit", NIK, "0812 3456 7890", "rahmawty"):
                assert "KWL-26-00417" not in numbers(user, text)
        assert numbers(world.koordinator_atas, "KWL-26-00417") == []

    def test_open_cases_come_first(self, some, world):
        second = some[1]
        closing.close(case=second, outcome=Outcome.objects.first(), by=world.relawan)
        assert numbers(world.relawan, "rahma") == ["KWL-26-00417", "KWL-25-00417"]


class TestPage:
    def test_before_searching_it_teaches(self, as_user, world):
        text = as_user(world.relawan).get(URL).content.decode()
        assert "Yang bisa diketik" in text
        assert not AccessLog.objects.filter(action="search").exists()

    def test_what_is_typed_is_in_no_address(self, some, as_user, world):
        answer = as_user(world.relawan).post(URL, {"q": "rahma"})
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "2 kasus ditemukan" in text
        assert "?q=" not in text
        assert "q=rahma" not in text

    def test_get_searches_nothing(self, some, as_user, world):
        text = as_user(world.relawan).get(URL, {"q": "rahma"}).content.decode()
        assert "KWL-26-00417" not in text.replace("417 · KWL-26-00417", "")

    def test_rows_show_initials(self, some, as_user, world):
        text = as_user(world.relawan).post(URL, {"q": "rahmawati"}).content.decode()
        assert "S.R." in text
        assert "Siti" not in text

    def test_the_search_is_noted_without_its_text(self, some, as_user, world):
        as_user(world.relawan).post(URL, {"q": NIK}, REMOTE_ADDR="10.0.0.9")
        row = AccessLog.objects.get(action="search")
        assert (row.user, row.hits, row.reason, row.address) == (world.relawan, 1, "", "10.0.0.9")
        assert row.object_uuid is None

    def test_the_whole_number_opens_the_case(self, some, as_user, world):
        answer = as_user(world.relawan).post(URL, {"q": " kwl-26-00417 "})
        assert answer.status_code == 302
        assert answer.url == reverse("cases:case-detail", args=[some[0].uuid])

    def test_nothing_found_says_what_to_try(self, some, as_user, world):
        text = as_user(world.relawan).post(URL, {"q": "zzz"}).content.decode()
        assert "Tidak ada di kasus yang boleh Anda lihat" in text
        assert reverse("cases:quick-log") in text

    def test_an_empty_search_is_the_teaching_page(self, as_user, world):
        answer = as_user(world.relawan).post(URL, {"q": "  "})
        assert "Yang bisa diketik" in answer.content.decode()

    def test_too_long_is_said(self, as_user, world):
        assert as_user(world.relawan).post(URL, {"q": "x" * 101}).status_code == 200

    def test_markup_is_text(self, as_user, world):
        text = as_user(world.relawan).post(URL, {"q": '"><script>alert(1)</script>'}).content.decode()
        assert "<script>alert" not in text

    def test_the_statements_do_not_grow_with_hits(self, some, as_user, world, django_assert_max_num_queries):
        client = as_user(world.relawan)
        client.get(URL)  # the clock of the session has ticked
        with django_assert_max_num_queries(10):
            client.post(URL, {"q": "yusuf"})
        for at in range(20):
            make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, patient=f"Rahma {at}")
        with django_assert_max_num_queries(10):
            answer = client.post(URL, {"q": "rahma"})
        assert len(answer.context["rows"]) == 22
