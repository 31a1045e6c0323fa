"""A restricted case changes no page of anyone who may not open it: every link is followed, before it existed and after."""

import re
from collections import deque
from difflib import unified_diff

import pytest
from django.core.cache import cache

from cases.models import Case
from cases.services import parties, restriction
from tests.cases.test_restriction import WORD, make_full
from tests.factories import make_case
from tests.training import build_training

pytestmark = pytest.mark.django_db
#: Whose pages are read, besides the people named below: nobody of them may open the case.
READERS = ["relawan2", "koordinator", "pimpinan"]
LINK = re.compile(r'(?:href|src|data-[a-z-]*url|hx-get)="(/[^"#]*)')
#: What differs from one answer to the next without a case: tokens, keys, nonces, and how long ago something was.
CHANGES = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|csrf[^"]{0,20}"[^"]*"'
    r'|data-rest="\d+"'
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d\d[.:]\d\d([.:]\d\d)?|DTSTAMP:\w+"
)
#: Not followed: what ends the visit, and what is not a page.
LEFT = ("/akun/keluar", "/static/", "/bahasa", "/healthz")
MOST = 400


def pages_of(client) -> dict[str, str]:
    """Every page that links lead to from home, by its address; of those that differ by their filters only, the first."""
    found: dict[str, str] = {}
    waiting = deque(["/"])
    seen = {"/"}
    while waiting and len(found) < MOST:
        url = waiting.popleft()
        cache.clear()
        response = client.get(url)
        if response.status_code != 200 or response.streaming or "text/" not in response.headers["Content-Type"]:
            continue
        text = response.content.decode()
        found[url] = CHANGES.sub("", text)
        for link in LINK.findall(text):
            link = link.replace("&amp;", "&")
            path = link.partition("?")[0]
            if path not in seen and not path.startswith(LEFT):
                seen.add(path)
                waiting.append(link)
    assert len(found) < MOST, "raise MOST: not every page was read"
    return found


@pytest.mark.parametrize("who", READERS)
def test_a_restricted_case_changes_no_page_of_others(world, as_user, who):
    reader = getattr(world, who)
    open_case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place)
    build_training(world)
    client = as_user(reader)
    client.get("/")
    before = pages_of(client)

    case = make_full(world, tells_others=False)
    Case.objects.filter(pk=case.pk).update(place=world.place, region=world.place.region)
    parties.add(case=case, role="patient", by=world.relawan, full_name=f"Orang {WORD}", phone="081299990001")
    case.refresh_from_db()
    restriction.restrict(case=case, reason="hiv", by=world.relawan)
    after = pages_of(client)

    told = [url for url, text in after.items() if case.number in text or WORD in text.lower() or str(case.uuid) in url]
    assert told == []
    assert sorted(after) == sorted(before)
    changed = [f"{url}: {_difference(before[url], after[url])}" for url in before if before[url] != after[url]]
    assert not changed, "\n".join(changed)
    assert any(open_case.number in text for text in before.values()) or who != "koordinator"


def _difference(one: str, other: str) -> list[str]:
    lines = unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)
    return [line.strip()[:300] for line in lines if not line.startswith(("---", "+++", "@@"))][:6]
