"""The law as rows: it counts as the table does, names nothing that is not there, and invents no number."""

import json
import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import (
    Checklist,
    ContactChannel,
    FineTerm,
    Holiday,
    Ladder,
    LocalScheme,
    MembershipState,
    PaperType,
    Playbook,
    ProblemType,
    Programme,
    Route,
    Rule,
    Rung,
    Segment,
)
from cases.rules.clocks import RuleKind, count
from cases.rules.workdays import WorkCalendar
from cases.services import catalogue as catalogue_service
from cases.services import law
from cases.services.catalogue import LAW, load, rows
from members.models import Region
from tests.cases.rules.test_clock_table import OFFICE, TABLE, at

MODELS = {
    Programme, Segment, MembershipState, Rule, FineTerm, LocalScheme, ContactChannel, Ladder, PaperType, Checklist,
    Route, Playbook, Holiday,
}  # fmt: skip
RULES = {row["code"]: row for row in rows("rules")}
FILES = [table.file for table in LAW if table.model is not Holiday]
#: Every regulation that RULES names, and no other may be named here.
REGULATIONS = {
    "UU 17/2023", "UU 24/2011", "UU 25/2009", "UU 27/2022", "UU 37/2008", "UU 2/2004", "PP 44/2015", "PP 45/2015",
    "PP 82/2019", "PP 37/2021", "PP 6/2025", "PP 86/2013", "PP 17/1965", "PP 18/1965", "Perpres 82/2018",
    "Perpres 64/2020", "Perpres 59/2024", "Permenkes 28/2014", "Permenkes 47/2018", "Permensos 3/2026",
    "Permenaker 1/2025", "Permenaker 4/2022", "Permenaker 5/2021", "Permenaker 3/1998", "Permenaker 44/2015",
    "Permenaker 33/2016", "PermenPANRB 62/2018",
}  # fmt: skip
#: Every amount of money that RULES gives for these rows.
AMOUNTS = {
    "42.000", "35.000", "7.000", "100.000", "150.000", "12 juta", "20 juta", "30 juta", "50 juta", "1 miliar",
}  # fmt: skip


def test_every_table_of_law_is_loaded():
    assert {table.model for table in LAW} == MODELS
    assert {f"K{n:02}" for n in range(1, 36)} <= set(RULES)
    assert [row["code"] for row in rows("channels")] == [f"CH{n:02}" for n in range(1, 26)]
    assert [row["code"] for row in rows("ladders")] == [f"R{n}" for n in range(1, 7)]
    assert {row["code"] for row in rows("programmes")} >= {"JKN", "JKK", "JKM", "JHT", "JP", "JKP", "LOCAL"}


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in TABLE if row[0].startswith("K")], ids=lambda row: row[0])
def test_a_rule_counts_as_it_was_counted_by_hand(catalogue, row):
    """Each row of the table that stands on a K rule, with the rule as the catalogue has it."""
    name, _rule, start, calendar, zone, due = row
    found = count(law.as_rule(Rule.objects.get(code=name[:3])), start=at(start, zone), calendar=calendar, zone=zone)
    assert found.due_at == at(due, zone)


def test_every_clock_rule_is_in_the_table_or_has_no_moment():
    counted = {name[:3] for name, *_ in TABLE}
    assert {f"K{n:02}" for n in range(1, 36)} - counted == {"K26"}
    assert RULES["K26"]["kind"] == RuleKind.NONE and RULES["K26"]["reason"]


@pytest.mark.django_db
def test_the_hospitals_paper_stands_beside_the_rule(catalogue):
    """A Saturday night: by the paper Tuesday, by the rule the end of Wednesday; both are given for a late-papers case."""
    found = {rule.code: rule for rule in law.rules_for(ProblemType.objects.filter(code="A02"), date(2026, 11, 21))}
    assert set(found) == {"K02", "K02H"}
    assert found["K02"].beside == found["K02H"]
    assert not found["K02H"].is_verified
    due = {
        code: count(law.as_rule(rule), start=at("2026-11-21 21:26"), calendar=OFFICE, zone="Asia/Jakarta").due_at
        for code, rule in found.items()
    }
    assert due == {"K02": at("2026-11-25 23:59"), "K02H": at("2026-11-24 21:26")}


@pytest.mark.django_db
def test_a_rule_that_is_over_starts_no_clock(catalogue):
    therapy = ProblemType.objects.filter(code="C05")
    assert "K35" in {rule.code for rule in law.rules_for(therapy, date(2026, 3, 1))}
    assert "K35" not in {rule.code for rule in law.rules_for(therapy, date(2026, 11, 21))}


@pytest.mark.django_db
@pytest.mark.parametrize("model", sorted(MODELS, key=lambda model: model.__name__))
def test_every_row_is_one_the_admin_would_accept(catalogue, model):
    for row in model.objects.all():
        row.full_clean()
        for inside in ("rungs", "items", "steps"):
            for child in getattr(row, inside).all() if hasattr(row, inside) else []:
                child.full_clean()


@pytest.mark.parametrize("name", FILES)
def test_every_row_names_its_source_and_what_is_verified_its_day(name):
    for row in rows(name):
        assert row["source"], row["code"]
        assert row["name"] and row["name_en"], row["code"]
        read = row.get("confidence") in {"L", "N"}
        assert read == bool(row.get("verified_on")), row["code"]


@pytest.mark.parametrize("name", [name for name in FILES if name != "playbooks"])
def test_no_regulation_and_no_amount_stands_here_that_rules_does_not_have(name):
    here = [{key: value for key, value in row.items() if not key.endswith("_en")} for row in rows(name)]
    text = re.sub(r'"[a-z_]+_en": "[^"]*"', "", json.dumps(here, ensure_ascii=False))
    cited = re.findall(r"\b((?:UU|PP|Perpres|Perm[a-zA-Z]+) \d+/\d{4})\b", text)
    assert set(cited) <= REGULATIONS
    assert set(re.findall(r"Rp(\d[\d.]*(?: (?:juta|miliar))?)", text)) <= AMOUNTS


@pytest.mark.django_db
def test_general_knowledge_and_disputed_rules_are_never_verified(catalogue):
    for code in ("K04", "K14", "K26", "K28", "K30", "K31", "K34", "K35", "K02H"):
        assert not Rule.objects.get(code=code).is_verified, code
    for code in ("K03", "K20", "K23", "K24"):  # no written basis was read
        assert not Rule.objects.get(code=code).is_verified, code
    for code in ("K01", "K02", "K13", "K15", "K17", "K21", "K32"):
        assert Rule.objects.get(code=code).is_verified, code


@pytest.mark.django_db
def test_two_terms_of_the_fine_stand_side_by_side(catalogue):
    terms = list(law.fine_terms(date(2026, 11, 21)))
    assert [(row.cap, row.confidence) for row in terms] == [(20_000_000, "!"), (30_000_000, "!")]
    exempt = set(Segment.objects.filter(is_exempt_from_fine=True).values_list("code", flat=True))
    assert exempt == {"PBI_JK", "PBPU_PEMDA"}


@pytest.mark.django_db
def test_a_local_scheme_holds_on_its_dates(catalogue):
    def schemes(code, on):
        return [row.code for row in law.schemes_for(Region.objects.get(code=code), on)]

    assert schemes("35.09", date(2024, 6, 1)) == ["jember_jkeren"]
    assert schemes("35.09", date(2026, 6, 1)) == ["jember_uhc"]
    assert schemes("35.09", date(2025, 3, 1)) == []  # the one had stopped, the other not begun
    assert schemes("35.15", date(2026, 6, 1)) == ["sidoarjo_dinsos"]
    assert schemes("36.03", date(2026, 6, 1)) == ["tangerang_uhc"]
    assert not law.schemes_for(None, date(2026, 6, 1))
    jember = LocalScheme.objects.get(code="jember_uhc")
    assert [paper.code for paper in law.papers_of(jember)] == ["ktp", "kk"]


@pytest.mark.django_db
def test_the_ombudsman_needs_an_earlier_complaint(catalogue):
    asked = Rung.objects.filter(channels__code="CH17")
    assert {rung.ladder.code for rung in asked} == {"R1", "R2", "R3", "R5"}
    assert {rung.condition for rung in asked} == {Rung.Condition.PRIOR_COMPLAINT}


@pytest.mark.django_db
def test_no_standard_of_answer_is_invented(catalogue):
    for code in ("CH02", "CH03", "CH05"):
        assert ContactChannel.objects.get(code=code).standard == "Tidak ada standar yang ditemukan"


@pytest.mark.django_db
def test_routes_differ_by_who_pays_for_the_card(catalogue):
    def offices(segment, state, **more):
        found = law.routes_for(segment=segment, state=state, on=date(2026, 11, 21), **more)[0]
        return [step.office for step in found.steps.all()]

    central = offices("PBI_JK", "NONAKTIF_PBI_DIHAPUS")
    assert "Kementerian Sosial" in central and central[-1] == "BPJS Kesehatan"
    regional = offices("PBPU_PEMDA", "NONAKTIF_MUTASI")
    assert regional[0] == "Puskesmas atau Dinas Kesehatan" and "Kementerian Sosial" not in regional
    assert offices("PPU_BU", "NONAKTIF_MENUNGGAK", helper="employer")[0] == "HRD perusahaan"
    assert "REHAB" in law.routes_for(segment="PBPU", state="NONAKTIF_MENUNGGAK", on=date(2026, 11, 21))[0].warning
    for state in MembershipState.objects.values_list("code", flat=True):
        for segment in ["", *Segment.objects.values_list("code", flat=True)]:
            if not (state == "NONAKTIF_PBI_DIHAPUS" and segment not in {"PBI_JK", "PBPU_PEMDA"}):
                assert law.routes_for(segment=segment, state=state, on=date(2026, 11, 21)), (segment, state)


@pytest.mark.django_db
def test_holidays_come_with_their_decree_and_what_is_provisional_says_so(catalogue):
    days = {row.day: row for row in Holiday.objects.all()}
    assert {day.year for day in days} == {2025, 2026, 2027}
    assert all(row.decree for row in days.values())
    of_2026 = [row.kind for row in days.values() if row.day.year == 2026]
    assert (of_2026.count("national"), of_2026.count("joint_leave")) == (17, 8)
    assert days[date(2026, 12, 24)].kind == "joint_leave" and days[date(2026, 12, 25)].kind == "national"
    assert days[date(2027, 3, 10)].is_provisional and not days[date(2026, 3, 21)].is_provisional


@pytest.mark.django_db
def test_a_calendar_knows_the_days_off_of_its_place(catalogue):
    jember = Region.objects.get(code="35.09")
    Holiday.objects.create(day=date(2026, 12, 1), name="Hari jadi", kind="local", region=jember, decree="Uji")
    rule = Rule.objects.get(code="K15")
    assert law.calendar_for(rule).why_off(date(2026, 12, 1)) == ""
    assert law.calendar_for(rule, jember).why_off(date(2026, 12, 1)) == "Hari jadi"
    assert not law.calendar_for(rule).works(date(2026, 12, 24))
    rule.joint_leave_works, rule.week = True, 6
    private = law.calendar_for(rule, days=law.days_off(jember))
    assert isinstance(private, WorkCalendar)
    assert private.works(date(2026, 12, 24)) and private.works(date(2026, 12, 26))


@pytest.mark.django_db
def test_a_calendar_costs_one_query(catalogue, django_assert_num_queries):
    rule = Rule.objects.get(code="K15")
    with django_assert_num_queries(1):
        law.calendar_for(rule)


@pytest.mark.django_db
def test_loading_again_changes_nothing(catalogue):
    steps = list(Rung.objects.values_list("pk", flat=True))
    report = load()
    assert {key: number for counts in report.values() for key, number in counts.items() if number} == {}
    assert list(Rung.objects.values_list("pk", flat=True)) == steps


@pytest.mark.django_db
def test_a_row_edited_here_keeps_what_is_inside_it_and_another_follows_the_file(catalogue):
    ours, theirs = Ladder.objects.get(code="R1"), Ladder.objects.get(code="R2")
    Ladder.objects.filter(pk=ours.pk).update(edited_at=timezone.now())
    ours.rungs.filter(position=1).update(act="Kata koordinator.")
    first = theirs.rungs.get(position=1)
    first.channels.clear()
    theirs.rungs.create(position=99, name="Tambahan")
    assert load()["ladders"] == {"added": 0, "changed": 1, "left_alone": 1}
    assert ours.rungs.get(position=1).act == "Kata koordinator."
    assert {channel.code for channel in theirs.rungs.get(pk=first.pk).channels.all()} == {"CH04", "CH05"}
    assert not theirs.rungs.filter(position=99).exists()


def _with(monkeypatch, file, change):
    """Let one file hold one row more or another value."""
    monkeypatch.setattr(catalogue_service, "rows", lambda name: change(rows(name)) if name == file else rows(name))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "bad", "says"),
    [
        ("rules", {"code": "K99", "name": "Tanpa sumber", "kind": "none", "reason": "x", "obliged": "us"}, "K99"),
        ("rules", {"code": "K99", "name": "x", "source": "RULES", "beside": "K98"}, "K98"),
        ("rules", {"code": "K99", "name": "x", "source": "RULES", "colour": "red"}, "colour"),
        ("channels", {"code": "CH99", "name": "x", "source": "RULES", "rules": ["K98"]}, "K98"),
        ("ladders", {"code": "R9", "name": "x", "source": "RULES", "rungs": [{"name": "x", "channels": ["CH98"]}]}, "CH98"),
        ("ladders", {"code": "R9", "name": "x", "source": "RULES", "rungs": [{"name": "x", "colour": "red"}]}, "colour"),
        ("checklists", {"code": "x", "name": "x", "source": "RULES", "items": [{"paper": "none"}]}, "none"),
    ],
)  # fmt: skip
def test_a_slip_is_refused_and_nothing_is_half_saved(catalogue, monkeypatch, file, bad, says):
    _with(monkeypatch, file, lambda found: [*found, bad])
    before = Rule.objects.count(), Ladder.objects.count()
    with pytest.raises(ValueError, match=says):
        load()
    assert (Rule.objects.count(), Ladder.objects.count()) == before


@pytest.mark.django_db
def test_a_flag_stands_in_for_a_source(catalogue, monkeypatch):
    row = {"code": "K99", "name": "Kata orang", "kind": "none", "reason": "x", "obliged": "us", "confidence": "G"}
    _with(monkeypatch, "rules", lambda found: [*found, row])
    assert load()["rules"]["added"] == 1


@pytest.mark.django_db
def test_a_day_off_new_in_the_file_counts_the_open_clocks_again(catalogue, monkeypatch):
    counted = []
    monkeypatch.setattr("cases.services.catalogue.clocks.recompute_open", lambda: counted.append(1))
    load()
    assert not counted
    _with(monkeypatch, "holidays", lambda found: [*found, {"day": "2027-12-31", "name": "Baru", "decree": "Uji"}])
    load()
    assert counted == [1]


class TestAdmin:
    def edit(self, client, row, **data):
        url = reverse(f"admin:cases_{row._meta.model_name}_change", args=[row.pk])
        page = client.get(url)
        assert page.status_code == 200
        form = page.context["adminform"].form
        values = {name: form[name].value() for name in form.fields}
        for formset in page.context["inline_admin_formsets"]:
            for each in [*formset.formset.forms, formset.formset.management_form]:
                values |= {each.add_prefix(name): each[name].value() for name in each.fields}
        values = {name: value for name, value in values.items() if value not in (None, "") and value is not False}
        return client.post(url, {**values, **data})

    def test_an_edit_is_marked_with_its_rungs(self, as_user, world):
        ladder = Ladder.objects.get(code="R6")
        answer = self.edit(as_user(world.superuser), ladder, name="Identitas dan NIK")
        assert answer.status_code == 302, answer.context["errors"]
        ladder.refresh_from_db()
        assert ladder.edited_at is not None
        assert ladder.rungs.count() == 3
        assert load()["ladders"]["left_alone"] == 1

    def test_a_row_without_source_or_flag_is_refused(self, as_user, world):
        row = Rule.objects.get(code="K15")
        answer = self.edit(as_user(world.superuser), row, source="", confidence="L")
        assert answer.status_code == 200
        assert "source" in answer.context["adminform"].form.errors

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"spans": '[{"amount": 3, "unit": "fortnights"}]'}, "spans"),
            ({"spans": "[]"}, "spans"),
            ({"kind": "day_of_month", "day": "32"}, "day"),
            ({"kind": "none"}, "reason"),
            ({"effective_from": "2026-02-01", "effective_to": "2026-01-01"}, "effective_to"),
        ],
    )
    def test_a_rule_that_cannot_be_counted_is_refused(self, as_user, world, data, field):
        answer = self.edit(as_user(world.superuser), Rule.objects.get(code="K15"), **data)
        assert answer.status_code == 200
        assert field in answer.context["adminform"].form.errors

    def test_what_changes_a_count_counts_the_open_clocks_again(self, as_user, world, monkeypatch):
        counted = []
        monkeypatch.setattr("cases.admin.law.clocks.recompute_open", lambda: counted.append(1))
        client = as_user(world.superuser)
        assert self.edit(client, Rule.objects.get(code="K15"), name="JKK dibayar").status_code == 302
        day = {"day": "2026-12-01", "name": "Libur tambahan", "kind": "national", "decree": "Uji"}
        assert client.post(reverse("admin:cases_holiday_add"), day).status_code == 302
        assert Holiday.objects.get(day="2026-12-01").edited_at is not None
        assert len(counted) == 2

    @pytest.mark.parametrize("query", ["verified=no", "verified=yes", "in_force=yes", "in_force=no", "confidence=G"])
    def test_filters(self, as_user, world, query):
        answer = as_user(world.superuser).get(reverse("admin:cases_rule_changelist") + f"?{query}")
        codes = {row.code for row in answer.context["cl"].queryset}
        assert ("K34" in codes) == (query in {"verified=no", "in_force=yes", "confidence=G"})

    def test_every_list_and_page_opens(self, as_user, world):
        client = as_user(world.superuser)
        for model in MODELS:
            name = f"admin:cases_{model._meta.model_name}"
            assert client.get(reverse(f"{name}_changelist")).status_code == 200
            assert client.get(reverse(f"{name}_change", args=[model.objects.first().pk])).status_code == 200
            assert client.get(reverse(f"{name}_history", args=[model.objects.first().pk])).status_code == 200
