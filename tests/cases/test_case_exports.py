"""The list as a file: page, count, CSV and workbook say the same, and nothing of anybody leaves."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cases.models import Case, Outcome, ProblemType
from cases.reports.case_table import COLUMNS
from cases.rules.codes import Urgency
from cases.services import closing
from members.models import AccessLog
from tests.factories import make_case

LIST, URL = reverse("cases:case-list"), reverse("cases:case-export")


@pytest.fixture
def some(world):
    now = timezone.now()
    problem = ProblemType.objects.get(code="A01")
    rows = []
    for at in range(6):
        case = make_case(
            desk=world.other_desk if at == 5 else world.desk,
            by=world.relawan,
            assignee=[world.relawan, world.relawan2, None][at % 3],
            title="Siti ditolak di IGD",
            urgency=[Urgency.EMERGENCY, Urgency.ORDINARY][at % 2],
            place=world.place if at % 2 else None,
            problem_type=problem if at < 2 else None,
            now=now - timedelta(days=at),
            diagnosis="leukemia",
            phone="081234567890",
        )
        rows.append(case)
    closing.close(case=rows[0], outcome=Outcome.objects.first(), by=world.relawan)
    Case.objects.filter(pk=rows[3].pk).update(is_restricted=True, restriction="other")
    return rows


def csv_rows(client, query="", **data):
    answer = client.post(URL + query, {"kolom": ["nomor", "inisial"], "berkas": "csv", **data})
    assert answer.status_code == 200, answer
    return [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")][1:]


def xlsx_rows(client, query="", **data):
    answer = client.post(URL + query, {"kolom": ["nomor"], "berkas": "xlsx", **data})
    return [row[0] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)][1:]


filters = st.fixed_dictionaries(
    {},
    optional={
        "lihat": st.sampled_from(["", "semua", "ditutup", "saya", "tanpa-relawan", "darurat"]),
        "urgensi": st.sampled_from(["emergency", "ordinary", "x"]),
        "jenis": st.sampled_from(["A01", "B01"]),
        "urut": st.sampled_from(["baru", "urgensi", "diam"]),
        "tempat": st.sampled_from(["RSUD", "tidak ada"]),
        "dari": st.sampled_from(["2020-01-01", "2999-01-01", "x"]),
    },
)


@hypothesis_settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=filters, who=st.sampled_from(["relawan", "relawan2", "koordinator", "koordinator_atas", "outsider"]))
def test_list_count_csv_and_workbook_agree(some, as_user, world, query, who):
    user = getattr(world, who)
    client = as_user(user)
    address = "?" + "&".join(f"{name}={value}" for name, value in query.items())
    page = client.get(LIST + address)
    shown = [row.case for row in page.context["rows"]]
    assert next(chip.count for chip in page.context["chips"] if chip.on) == str(len(shown))
    coordinated = {
        "koordinator": {world.desk.pk},
        "koordinator_atas": {world.desk.pk, world.other_desk.pk},
    }.get(who, set())
    mine = [
        case.number
        for case in shown
        if not case.is_restricted and (case.assignee_id == user.pk or case.desk_id in coordinated)
    ]
    before = client.get(URL + address).context
    assert before["count"] == str(len(mine))
    assert before["stay"] == len(shown) - len(mine)
    assert csv_rows(client, address) == xlsx_rows(client, address) == mine


def test_nothing_of_anybody_leaves(some, as_user, world):
    client = as_user(world.koordinator)
    answer = client.post(URL + "?lihat=semua", {"kolom": list(COLUMNS), "berkas": "csv"})
    text = answer.content.decode()
    assert some[1].number in text
    assert "S.R." in text
    for secret in ("Siti", "Rahmawati", "leukemia", "81234567890", "ditolak", some[3].number):
        assert secret not in text
    assert answer["Content-Disposition"] == f'attachment; filename="kasus-{timezone.localdate():%Y%m%d}.csv"'
    row = AccessLog.objects.filter(action=AccessLog.Action.EXPORT).get()
    assert (row.user, row.object_kind, row.hits) == (world.koordinator, "cases", text.count("\r\n") - 1)


def test_a_file_asks_for_a_recent_sign_in(some, as_user, world):
    client = as_user(world.koordinator)
    client.get(URL)
    session = client.session
    session["signed_in_at"] -= 601
    session.save()
    answer = client.post(URL, {"kolom": ["nomor"], "berkas": "csv"})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert not AccessLog.objects.filter(action=AccessLog.Action.EXPORT).exists()


def test_only_what_was_ticked_leaves(some, as_user, world):
    client = as_user(world.koordinator)
    answer = client.post(URL, {"kasus": [str(some[1].uuid), str(some[5].uuid), "x"]})
    assert answer.context["count"] == "1"
    assert csv_rows(client, kasus=answer.context["picked"]) == [some[1].number]


def test_no_column_is_a_mistake_in_words(some, as_user, world):
    answer = as_user(world.koordinator).post(URL, {"berkas": "csv"})
    assert "Pilih isi berkas." in answer.content.decode()
