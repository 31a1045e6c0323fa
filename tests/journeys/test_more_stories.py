"""Stories the project was not built from: each goes in through the web pages, every fact finds a typed home, and comes back.

tests/data/more_stories.json was written after the engine, by somebody who tried to break it: a factory whose counts differ,
an informal worker under J-Keren, the queue of a NICU, heirs in dispute, JHT and JKP after one layoff, a wave of PBI cards,
a deposit and vehicle papers held, violence at work, HIV, Papua, a hospital as employer, a hearing put off, a hand-over at night.
"""

import json

import pytest
from django.urls import reverse
from django.utils import translation

from cases.demo.stories import form_data
from cases.models import Case, Clock
from members.models import Region
from tests.journeys.test_stories import HERE, Teller

pytestmark = pytest.mark.django_db

STORIES = json.loads((HERE / "data" / "more_stories.json").read_text(encoding="utf-8"))


class OwnTeller(Teller):
    """A story that brings its own log."""

    def log(self) -> Case:
        given = {"carry": "me", "parties": [], **self.story["form"]}
        data = form_data(
            given, desk_uuid=str(self.world.desk.uuid), region=Region.objects.get(code=given["region"]), body=None
        )
        data |= self.story["log"]
        self.typed_log = data
        answer = self.client.post(reverse("cases:quick-log"), data)
        assert answer.status_code == 302
        return Case.objects.get(submit_key=data["submit_key"])

    def compare(self, row, page: str, field: str, value, see: str) -> None:
        if page == "promises" and field == "where":
            see = self.url("commitment", row)
        super().compare(row, page, field, value, see)

    def see_clock_runs(self, rule: str) -> None:
        clock = self.case.clocks.get(rule__code=rule)
        assert clock.state == Clock.State.RUNNING
        self.expect(self.url("case-detail"), clock.rule.label)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["id"])
def test_a_story_nobody_foresaw_goes_in_and_comes_back_whole(story, as_user, world):
    with translation.override("id"):
        teller = OwnTeller(as_user(world.relawan), world, story)
        assert teller.case.region.code == story["form"]["region"]
        for line in story["lines"]:
            assert line["enter"], f"{line['line']}: nobody enters it"
            for page, what, form in line["enter"]:
                teller.enter(page, what, form)
        teller.read_back()


def test_every_line_says_where_it_lives():
    assert len(STORIES) == 13
    assert all(line["line"] and line["lives"] and line["enter"] for story in STORIES for line in story["lines"])
