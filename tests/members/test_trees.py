"""The trees: parent, closure and affiliation always tell the same story."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from members.models import Affiliation, Closure, Organisation
from members.rules.roles import Permission, Role
from members.services import trees
from members.services.appointments import appoint
from tests.factories import make_organisation, make_user


def closure_as_told_by_parents():
    """Every (ancestor, descendant, depth), worked out from ``parent`` alone."""
    parents = dict(Organisation.objects.values_list("pk", "parent"))
    pairs = set()
    for start in parents:
        depth, here = 0, start
        while here is not None:
            pairs.add((here, start, depth))
            here, depth = parents[here], depth + 1
            assert depth <= len(parents), "a ring"
    return pairs


def is_sound():
    return set(Closure.objects.values_list("ancestor", "descendant", "depth")) == closure_as_told_by_parents()


@pytest.fixture
def union(db):
    """Two confederations; under the first a federation with two branches, one of which has a plant."""
    names = {"kspi": None, "aspek": None, "fspmi": "kspi", "dpw": "fspmi", "dpc": "fspmi", "puk": "dpw"}
    made = {}
    for name, parent in names.items():
        made[name] = make_organisation(name, parent=made.get(parent), kind="union", line="union", is_desk=False)
    return made


class TestPlace:
    def test_closure_and_affiliation_come_with_it(self, union):
        assert is_sound()
        assert trees.parent_on(union["puk"], date(1999, 1, 1)) == union["dpw"]

    def test_a_root_has_no_affiliation(self, union):
        assert not union["kspi"].affiliations.exists()

    def test_below_and_above(self, union):
        below = set(Organisation.objects.below(union["fspmi"]).values_list("name", flat=True))
        assert below == {"fspmi", "dpw", "dpc", "puk"}
        assert [row.name for row in Organisation.objects.above(union["puk"])] == ["dpw", "fspmi", "kspi"]


class TestMove:
    def test_the_whole_subtree_goes_along(self, union):
        trees.move(union["fspmi"], parent=union["aspek"])
        assert is_sound()
        above = [row.name for row in Organisation.objects.above(union["puk"])]
        assert above == ["dpw", "fspmi", "aspek"]
        assert set(Organisation.objects.below(union["kspi"]).values_list("name", flat=True)) == {"kspi"}

    def test_reach_follows_at_once(self, union):
        user = make_user()
        appoint(user=user, role=Role.COORDINATOR, organisation=union["aspek"])
        reached = Organisation.objects.in_reach_of(user, Permission.CASE_VIEW)
        assert reached.count() == 1
        trees.move(union["dpw"], parent=union["aspek"])
        assert set(reached.values_list("name", flat=True)) == {"aspek", "dpw", "puk"}

    def test_out_to_a_root_and_back(self, union):
        trees.move(union["dpw"], parent=None)
        assert is_sound()
        assert [row.name for row in Organisation.objects.above(union["puk"])] == ["dpw"]
        trees.move(union["dpw"], parent=union["dpc"])
        assert is_sound()

    def test_history_says_who_was_parent_on_a_day(self, union):
        trees.move(union["fspmi"], parent=union["aspek"], on=date(2024, 3, 1), source="SK 12/2024")
        union["fspmi"].refresh_from_db()
        trees.move(union["fspmi"], parent=union["kspi"], on=date(2026, 1, 10))
        assert trees.parent_on(union["fspmi"], date(2020, 1, 1)) == union["kspi"]
        assert trees.parent_on(union["fspmi"], date(2024, 2, 29)) == union["kspi"]
        assert trees.parent_on(union["fspmi"], date(2024, 3, 1)) == union["aspek"]
        assert trees.parent_on(union["fspmi"], date(2026, 1, 9)) == union["aspek"]
        assert trees.parent_on(union["fspmi"], date(2026, 1, 10)) == union["kspi"]
        assert union["fspmi"].affiliations.get(parent=union["aspek"]).source == "SK 12/2024"

    def test_a_correction_on_the_same_day_leaves_one_row_for_it(self, union):
        today = timezone.localdate()
        trees.move(union["dpw"], parent=union["aspek"])
        trees.move(union["dpw"], parent=union["dpc"])
        assert union["dpw"].affiliations.filter(from_on=today).count() == 1
        assert trees.parent_on(union["dpw"], today) == union["dpc"]

    def test_the_same_parent_again_changes_nothing(self, union):
        before = list(Affiliation.objects.values_list())
        trees.move(union["dpw"], parent=union["fspmi"])
        assert list(Affiliation.objects.values_list()) == before

    @pytest.mark.parametrize("below", ["fspmi", "dpw", "puk"])
    def test_never_under_itself_or_its_own_part(self, union, below):
        with pytest.raises(ValidationError):
            trees.move(union["fspmi"], parent=union[below])
        assert is_sound()

    def test_not_on_a_day_to_come(self, union):
        with pytest.raises(ValidationError):
            trees.move(union["dpw"], parent=union["aspek"], on=timezone.localdate() + timedelta(days=1))

    def test_not_before_the_present_affiliation_began(self, union):
        trees.move(union["dpw"], parent=union["aspek"], on=date(2025, 1, 1))
        with pytest.raises(ValidationError):
            trees.move(union["dpw"], parent=union["dpc"], on=date(2024, 12, 31))
        assert trees.parent_on(union["dpw"], date(2025, 6, 1)) == union["aspek"]
        assert is_sound()

    def test_all_or_nothing(self, union, monkeypatch):
        def fails(*args):
            raise RuntimeError

        monkeypatch.setattr(trees, "_link", fails)
        with pytest.raises(RuntimeError):
            trees.move(union["dpw"], parent=union["aspek"])
        assert is_sound()
        assert union["dpw"].affiliations.get().to_on is None


class TestConstraints:
    def test_organisation_is_not_its_own_parent(self, union):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.filter(pk=union["dpw"].pk).update(parent=union["dpw"])

    def test_one_path_between_two_organisations(self, union):
        with pytest.raises(IntegrityError), transaction.atomic():
            Closure.objects.create(ancestor=union["fspmi"], descendant=union["puk"], depth=9)

    def test_one_open_affiliation(self, union):
        with pytest.raises(IntegrityError), transaction.atomic():
            Affiliation.objects.create(organisation=union["puk"], parent=union["aspek"])

    def test_affiliation_ends_after_it_begins(self, union):
        with pytest.raises(IntegrityError), transaction.atomic():
            Affiliation.objects.create(
                organisation=union["kspi"], parent=union["aspek"], from_on=date(2026, 2, 1), to_on=date(2026, 1, 1)
            )


@pytest.mark.django_db(transaction=True)
def test_two_moves_that_cross_close_no_ring():
    """A under B and B under A at the same moment: one of them is refused, and the closure stays sound."""
    root = make_organisation("akar", line="union")
    a, b = make_organisation("A", parent=root), make_organisation("B", parent=root)
    for name in ("puk1", "puk2"):
        make_organisation(name, parent=a)
    gate, outcomes = threading.Barrier(2), []

    def cross(one, other):
        gate.wait()
        try:
            trees.move(one, parent=other)
            outcomes.append("moved")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=cross, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["moved", "refused"]
    assert is_sound()


@pytest.mark.django_db(transaction=True)
def test_a_new_part_joins_while_its_parent_moves():
    root, other = make_organisation("akar"), make_organisation("lain")
    branch = make_organisation("cabang", parent=root)
    gate = threading.Barrier(2)

    def run(act):
        gate.wait()
        try:
            act()
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(lambda: trees.move(branch, parent=other),)),
        threading.Thread(target=run, args=(lambda: make_organisation("ranting", parent=branch),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert is_sound()


class TestOnADay:
    """A report about the past shows what held then (PRACTICE S2.4)."""

    @pytest.fixture
    def left(self, union):
        aspek = union["aspek"]
        Affiliation.objects.create(
            organisation=aspek, parent=union["kspi"], from_on=date(2020, 1, 1), to_on=date(2025, 10, 31)
        )
        return aspek

    def test_parent_children_and_subtree_of_september_and_of_november(self, union, left):
        september, november = date(2025, 9, 29), date(2025, 11, 19)
        assert trees.parent_on(left, september) == union["kspi"]
        assert trees.parent_on(left, november) is None
        assert set(trees.children_on(union["kspi"], september)) == {union["fspmi"], left}
        assert set(trees.children_on(union["kspi"], november)) == {union["fspmi"]}
        assert left.pk in trees.below_on(union["kspi"], september)
        assert left.pk not in trees.below_on(union["kspi"], november)
        assert union["puk"].pk in trees.below_on(union["kspi"], november, itself=False)
        assert trees.above_on(union["puk"], november) == [union["dpw"], union["fspmi"], union["kspi"]]

    def test_moving_today_leaves_yesterday(self, union):
        trees.move(union["dpw"], parent=union["aspek"])
        yesterday = timezone.localdate() - timedelta(days=1)
        assert union["puk"].pk in trees.below_on(union["fspmi"], yesterday)
        assert union["puk"].pk not in trees.below_on(union["fspmi"], timezone.localdate())

    def test_a_ring_in_the_past_ends(self, union):
        Affiliation.objects.create(organisation=union["kspi"], parent=union["puk"], to_on=date(2001, 1, 1))
        Affiliation.objects.filter(organisation=union["puk"]).update(from_on=None)
        assert len(trees.above_on(union["puk"], date(2000, 1, 1))) < 6
        assert union["kspi"].pk in trees.below_on(union["puk"], date(2000, 1, 1))
