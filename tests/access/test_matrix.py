"""Every address × every kind of visitor × GET and POST, against the table in matrix.txt."""

import copy
from fnmatch import fnmatch
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from members.models import AccessLog
from tests.access.visitors import VISITORS, Rows, build, every_url, unnamed_urls

TABLE = Path(__file__).with_name("matrix.txt")
METHODS = ("GET", "POST")
LETTERS = set("o>=.kixcd")


def lines() -> dict[tuple[str, str], dict]:
    """The lines of the table: (name or pattern, thing) → method → visitor → letter."""
    found: dict[tuple[str, str], dict] = {}
    for number, line in enumerate(TABLE.read_text().splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        name, thing, method, *letters = words
        assert method in METHODS, f"line {number}: {method}"
        assert len(letters) == len(VISITORS), f"line {number}: {len(letters)} letters for {len(VISITORS)} visitors"
        assert set(letters) <= LETTERS, f"line {number}: {set(letters) - LETTERS}"
        methods = found.setdefault((name, thing), {})
        assert method not in methods, f"line {number} repeats {name} {method}"
        methods[method] = dict(zip(VISITORS, letters, strict=True))
    return found


def cells() -> dict[tuple[str, str], dict]:
    """Every address with what the table says of it; a line with its own name goes before a line with a pattern."""
    told = lines()
    own = {name for name, _thing in told}
    found = {}
    for url in every_url():
        match = url if url in own else next((name for name in own if fnmatch(url, name)), None)
        found |= {(url, thing): methods for (name, thing), methods in told.items() if name == match}
    return found


def letter_of(response) -> str:
    """The letter of an answer."""
    if response.status_code in (301, 302, 303):
        location = response.headers["Location"]
        if location.startswith("/akun/masuk/"):
            return "k"
        return "i" if location.startswith("/ikrar/") else ">"
    named = {404: ".", 405: "x", 409: "c", 503: "d"}
    return named.get(response.status_code, "o" if response.status_code < 300 else str(response.status_code))


def address(scene, name: str, thing: str) -> str:
    """The address behind a line; what admin pages are about is the first row of their table."""
    if thing == "row":
        app, model, _act = name.removeprefix("admin:").split("_", 2)
        pk = scene.things["rows"].get(model) or apps.get_model(app, model).objects.values_list("pk", flat=True).first()
        return reverse(name, args=[pk, *(["tutup"] if name.endswith("_act") else [])])
    return reverse(name, kwargs=scene.things[thing])


def ask(client, method: str, url: str) -> str:
    """One request, whose effects are taken back: the letter of the answer, "=" where a POST went on but changed nothing.

    Whatever is not a plain ">" must have left every row as it was.
    """
    cache.clear()
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        with Rows() as rows:
            response = client.get(url) if method == "GET" else client.post(url, {})
            if response.streaming:
                b"".join(response.streaming_content)
        transaction.set_rollback(True)
    client.cookies = cookies
    letter, changed = letter_of(response), rows.have_changed()
    assert letter == ">" or not changed, f"{url} answered {letter} and changed {list(rows.after)}"
    return "=" if method == "POST" and letter == ">" and not changed else letter


def check(world, chosen) -> None:
    """Ask every visitor at every chosen address; the failure shows the lines as they would have to read."""
    scene, wrong = build(world), []
    for (name, thing), expected in sorted(cells().items()):
        if not chosen(name, thing):
            continue
        url = address(scene, name, thing)
        for method, letters in expected.items():
            found = {who: ask(client, method, url) for who, client in scene.clients.items()}
            if found != letters:
                wrong.append(f"{name:<38} {thing:<9} {method:<4}  {'  '.join(found.values())}")
    assert not wrong, "\n".join(["found, where matrix.txt says otherwise:", *wrong])


@pytest.mark.parametrize("thing", sorted({thing for name, thing in cells() if not name.startswith("admin:")}))
def test_who_gets_what(world, thing):
    check(world, lambda name, about: about == thing and not name.startswith("admin:"))


def test_every_address_is_in_the_table():
    missing = sorted(set(every_url()) - {name for name, _thing in cells()})
    assert not missing, f"no line in {TABLE.name} for: {missing}"


def test_no_line_is_left_of_an_address_that_is_gone():
    gone = sorted(name for name, _thing in lines() if not any(fnmatch(url, name) for url in every_url()))
    assert not gone, f"{TABLE.name} has lines for: {gone}"


def test_every_line_has_both_methods():
    assert [key for key, methods in lines().items() if set(methods) != set(METHODS)] == []


def test_addresses_without_a_name_are_those_of_django_alone(world):
    """They lead from /kelola/…/<id>/ to the page of the row, and close the admin with a 404."""
    assert all(route.startswith("kelola/") for route in unnamed_urls())
    scene = build(world)
    for who, client in scene.clients.items():
        for route in unnamed_urls():
            url = "/" + route.replace("<path:object_id>", "1").replace("(?P<url>.*)$", "tidak/ada")
            letter = ask(client, "GET", url)
            may = who in {"fedadm", "superu"} and "tidak" not in url
            assert letter == (">" if may else "k" if who in {"anonym", "inactiv"} else "."), (who, url)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "COBA"])
def test_no_other_method_is_understood(world, method):
    scene = build(world)
    for name, thing in cells():
        if thing in scene.things:
            assert scene.clients["carrier"].generic(method, address(scene, name, thing)).status_code == 405, name


def test_what_does_not_exist_and_what_is_not_mine_look_the_same(world):
    """The same status, the same words, and nothing of the case in them."""
    scene = build(world)
    client = scene.clients["elsewh"]
    for name, thing in cells():
        if thing not in {"case", "event", "plan", "party", "paper", "offer"}:
            continue
        other = client.get(address(scene, name, thing))
        none = client.get(reverse(name, kwargs={**scene.things[thing], "uuid": uuid4()}))
        assert other.status_code == none.status_code, name
        if other.status_code == 404:
            assert other.text == none.text, name


def test_a_refusal_leaves_a_row(world):
    scene = build(world)
    scene.clients["elsewh"].get(reverse("cases:case-detail", kwargs=scene.things["case"]))
    row = AccessLog.objects.get(user=world.outsider)
    assert (row.action, row.user, row.object_uuid) == ("refused", world.outsider, scene.things["case"]["uuid"])
