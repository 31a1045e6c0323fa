"""`manage.py check_catalogue`: whole as committed, and every kind of hole is named."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from cases.models import Checklist, LocalScheme, Playbook, ProblemType, Route, Rule
from cases.services.catalogue_check import holes

pytestmark = pytest.mark.django_db
KEYS = {
    "programmes", "problem_types", "rules", "ladders", "channels", "document_checklists", "event_types", "playbooks",
    "holidays", "holes",
}  # fmt: skip


def check():
    out = StringIO()
    code = 0
    try:
        call_command("check_catalogue", "--json", stdout=out)
    except SystemExit as end:
        code = end.code
    return code, json.loads(out.getvalue())


def test_the_catalogue_is_whole(catalogue):
    code, report = check()
    assert set(report) == KEYS
    assert report["holes"] == []
    assert code == 0
    assert (report["problem_types"], report["ladders"], report["channels"]) == (40, 6, 25)
    assert report["rules"] >= 35 and report["playbooks"] >= 40 and report["document_checklists"] >= 12


def test_a_hole_ends_with_one(catalogue):
    Playbook.objects.filter(problem_type__code="A01").delete()
    code, report = check()
    assert code == 1
    assert report["holes"] == ["problem_types A01: no playbook"]


def test_in_words(catalogue):
    out = StringIO()
    call_command("check_catalogue", stdout=out)
    assert "rules: " in out.getvalue()
    ProblemType.objects.filter(code="A01").update(ladder="R9")
    with pytest.raises(SystemExit):
        call_command("check_catalogue", stdout=out)
    assert "! problem_types A01: no ladder R9" in out.getvalue()


@pytest.mark.parametrize(
    ("spoil", "hole"),
    [
        (lambda: Rule.objects.filter(code="K01").update(source="", confidence=""), "rules K01: neither source nor flag"),
        (lambda: Rule.objects.filter(code="K15").update(spans=[]), "rules K15: no span"),
        (lambda: Rule.objects.filter(code="K06").update(day=0), "rules K06: no day of the month"),
        (lambda: Rule.objects.filter(code="K15").update(spans=[{"unit": "x"}]), "rules K15: cannot be counted ('amount')"),
        (lambda: Rule.objects.filter(code="K15").update(stopped_by=["x"]), "rules K15: no event type x"),
        (lambda: Rule.objects.filter(code="K15").update(programmes=["X"]), "rules K15: no programme X"),
        (lambda: ProblemType.objects.filter(code="B01").update(clocks=["K99"]), "problem_types B01: no rule K99"),
        (lambda: ProblemType.objects.filter(code="B01").update(programmes=["X"]), "problem_types B01: no programme X"),
        (lambda: ProblemType.objects.filter(code="B01").update(ladder=""), "problem_types B01: no ladder"),
        (lambda: Checklist.objects.get(code="extra_charges").items.all().delete(), "problem_types B01: no paper and no reason for none"),
        (lambda: LocalScheme.objects.filter(code="jember_uhc").update(papers=["x"]), "local_schemes jember_uhc: no paper x"),
        (lambda: Route.objects.filter(code="active").update(helper="x"), "routes active: no helper x"),
        (
            lambda: ProblemType.objects.filter(code__in=["B01", "B02"]).update(say="Sama."),
            "problem_types say: the same text in B01, B02",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_hole_is_named(catalogue, spoil, hole):
    spoil()
    assert hole in holes()


def test_a_thin_playbook_is_a_hole(catalogue):
    playbook = Playbook.objects.filter(problem_type__code="B01").first()
    playbook.steps.filter(position__gt=1).delete()
    playbook.steps.update(say="", evidence="", if_refused="", kind="x", after_event="x")
    found = holes()
    assert f"playbooks {playbook.code}: 1 steps, at least 4" in found
    for what in ("sentence to say", "evidence to ask for", "next rung"):
        assert f"playbooks {playbook.code}: no {what}" in found
    assert f"playbooks {playbook.code} step 1: no event type x" in found
    assert f"playbooks {playbook.code} step 1: no kind of follow-up x" in found


def test_a_sentence_used_for_two_problems_is_a_hole(catalogue):
    for code in ("B01", "B02"):
        Playbook.objects.filter(problem_type__code=code).first().steps.filter(position=1).update(say="Mohon dicek.")
    assert "playbooks say: the same text in B01, B02" in holes()
