"""The admin at /kelola/: organisations, people and catalogue within reach; of cases nothing (TRUST R21)."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from cases.models import EventType, Outcome, ProblemType
from cases.services import catalogue as catalogue_service
from members.admin.site import site
from members.models import AccessLog, Appointment, Body, Invitation, Message, Organisation, OrganisationKind, User
from members.rules.roles import Role
from members.services import accounts, invitations
from members.services.appointments import appoint
from tests.factories import make_case, make_organisation, make_user

NOT_ADMINS = ["relawan", "koordinator", "koordinator_atas", "pimpinan", "outsider"]
KNOWN = {
    "gathering",
    "gatheringseries",
    "module",
    "modulepackage",
    "topic",
    "trainingplan",
    "programme",
    "segment",
    "membershipstate",
    "rule",
    "fineterm",
    "localscheme",
    "contactchannel",
    "ladder",
    "papertype",
    "checklist",
    "route",
    "playbook",
    "holiday",
    "organisation",
    "organisationkind",
    "user",
    "invitation",
    "body",
    "bodykind",
    "sector",
    "vulnerability",
    "region",
    "accesslog",
    "message",
    "problemtype",
    "problemfamily",
    "eventtype",
    "outcome",
    "emergencyline",
    "redflag",
}


@pytest.fixture
def enter(as_user):
    """Sign in with the proof that signing in by password leaves."""

    def sign_in(user):
        client = as_user(user)
        session = client.session
        session["proved_at"] = int(time.time())
        session.save()
        return client

    return sign_in


def page(name, *args):
    return reverse(f"admin:{name}", args=args)


def inline(prefix, rows=(), *, initial=0):
    """The management form of an inline and its rows."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def organisation_form(organisation, **fields):
    return {
        "name": organisation.name,
        "kind": organisation.kind_id,
        "is_active": "on",
        "is_desk": "on" if organisation.is_desk else "",
        **inline("board_terms"),
        **inline("offices"),
        **inline("registrations"),
        **inline("appointments"),
        **inline("affiliations"),
        **fields,
    }


class TestDoor:
    @pytest.mark.parametrize("name", NOT_ADMINS)
    @pytest.mark.parametrize("path", ["/kelola/", "/kelola/login/", "/kelola/members/user/", "/kelola/tidak/ada/"])
    def test_for_others_it_does_not_exist(self, as_user, world, name, path):
        assert as_user(getattr(world, name)).get(path).status_code == 404

    def test_strangers_are_led_to_the_one_door(self, client, db):
        assert client.get("/kelola/members/user/")["Location"] == "/akun/masuk/?next=/kelola/members/user/"
        assert client.get("/kelola/login/?next=/kelola/")["Location"] == "/akun/masuk/?next=/kelola/"

    def test_is_staff_and_django_permissions_say_nothing(self, as_user, world):
        User.objects.filter(pk=world.relawan.pk).update(is_staff=True)
        assert as_user(world.relawan).get("/kelola/").status_code == 404
        User.objects.filter(pk=world.admin_federasi.pk).update(is_staff=False)
        assert as_user(world.admin_federasi).get("/kelola/").status_code == 200

    def test_it_closes_with_the_last_day_of_the_office(self, as_user, world):
        client = as_user(world.admin_federasi)
        assert client.get("/kelola/").status_code == 200
        yesterday = timezone.localdate() - timedelta(days=1)
        Appointment.objects.filter(user=world.admin_federasi).update(from_on=yesterday, until_on=yesterday)
        assert client.get("/kelola/").status_code == 404

    def test_only_members_and_catalogue_are_registered(self):
        assert {model._meta.model_name for model in site._registry} == KNOWN

    def test_nothing_of_a_case_is_registered_or_reachable(self, as_user, world, case):
        client = as_user(world.superuser)
        of_a_case = [model for model in apps.get_app_config("cases").get_models() if model not in site._registry]
        assert len(of_a_case) >= 10
        for model in of_a_case:
            for tail in ("", "1/change/", "1/history/", "add/"):
                assert client.get(f"/kelola/cases/{model._meta.model_name}/{tail}").status_code == 404

    def test_no_page_of_the_admin_shows_a_name_or_number_of_a_case(self, as_user, world):
        make_case(
            desk=world.desk,
            by=world.relawan,
            assignee=world.relawan,
            patient="Zulaikha Purnamasari",
            phone="081234500099",
        )
        client = as_user(world.superuser)
        seen = []
        for model in site._registry:
            base = f"{model._meta.app_label}_{model._meta.model_name}"
            seen.append(client.get(page(f"{base}_changelist")).text)
            seen += [client.get(page(f"{base}_change", row.pk)).text for row in model.objects.all()[:3]]
        for secret in ("Zulaikha", "Z.P.", "KWL-", "IGD meminta uang muka", "81234500099"):
            assert not any(secret in text for text in seen), secret

    def test_password_and_sign_out_go_through_the_one_door(self, as_user, world):
        client = as_user(world.superuser)
        assert client.get("/kelola/password_change/")["Location"] == "/akun/sandi/ganti/"
        assert client.get("/kelola/logout/")["Location"] == "/akun/keluar/"
        assert client.get("/kelola/r/1/1/").status_code == 404


class TestScope:
    """A federation admin of one branch, and everything of another."""

    @pytest.fixture
    def branch(self, world):
        """An admin of the desk alone; the other desk is another branch."""
        return make_user("admin_cabang", role=Role.FEDERATION_ADMIN, at=world.desk)

    @pytest.fixture
    def foreign(self, world):
        row, _token = invitations.invite(email="asing@example.org", organisation=world.other_desk, by=world.superuser)
        return row

    def test_lists_hold_only_the_own_subtree(self, as_user, world, branch, foreign):
        client = as_user(branch)
        text = client.get(page("members_organisation_changelist")).text
        assert "DPD Karangsari" in text
        for other in ("DPD Bukit Lor", "DPW Uji Timur", "DPN Uji"):
            assert other not in text
        people = client.get(page("members_user_changelist")).text
        assert "Rina Wulandari" in people
        for other in ("Tono Kusuma", "Dewi Anggraini", "Wahyu Budi", "Abdul Hadi", "Admin Sistem"):
            assert other not in people
        assert "asing@example.org" not in client.get(page("members_invitation_changelist")).text

    def test_direct_addresses_of_others_are_404(self, as_user, world, branch, foreign):
        client = as_user(branch)
        addresses = [
            page("members_organisation_change", world.other_desk.pk),
            page("members_organisation_history", world.other_desk.pk),
            page("members_organisation_move", world.other_desk.pk),
            page("members_organisation_change", world.dpw.pk),
            page("members_user_change", world.outsider.pk),
            page("members_user_history", world.outsider.pk),
            page("members_user_act", world.outsider.pk, "tutup"),
            page("members_user_change", world.superuser.pk),
            page("members_invitation_change", foreign.pk),
            page("members_invitation_link", foreign.pk),
            page("members_invitation_renew", foreign.pk),
            page("members_accesslog_changelist"),
        ]
        missing = page("members_user_change", 10**9)
        for address in [*addresses, missing]:
            answer = client.get(address)
            assert answer.status_code == 404, address
            for name in ("Bukit Lor", "Tono", "asing@"):
                assert name not in answer.text

    def test_posts_to_others_change_nothing(self, enter, world, branch, foreign):
        client = enter(branch)
        for model in (Organisation, User, Invitation, Appointment):
            model.snapshot = list(model.objects.order_by("pk").values_list())
        posts = {
            page("members_organisation_change", world.other_desk.pk): organisation_form(
                world.other_desk, name="Dibajak"
            ),
            page("members_organisation_move", world.other_desk.pk): {"parent": world.desk.pk, "on": "2026-01-01"},
            page("members_user_change", world.outsider.pk): {"full_name": "Dibajak"},
            page("members_user_act", world.outsider.pk, "tutup"): {},
            page("members_user_act", world.outsider.pk, "lepas-pengaman"): {},
            page("members_user_act", world.superuser.pk, "tutup"): {},
            page("members_invitation_renew", foreign.pk): {},
            page("members_invitation_withdraw", foreign.pk): {},
        }
        for address, data in posts.items():
            assert client.post(address, data).status_code == 404, address
        for model in (Organisation, User, Invitation, Appointment):
            assert list(model.objects.order_by("pk").values_list()) == model.snapshot

    def test_choices_are_those_in_reach_however_they_are_posted(self, enter, world, branch):
        client = enter(branch)
        kind = OrganisationKind.objects.first()
        answer = client.post(
            page("members_organisation_add"),
            {"name": "DPC Selundupan", "kind": kind.pk, "parent": world.other_desk.pk, "is_active": "on"},
        )
        assert answer.status_code == 200
        assert not Organisation.objects.filter(name="DPC Selundupan").exists()
        answer = client.post(page("members_organisation_add"), {"name": "DPP Liar", "kind": kind.pk, "is_active": "on"})
        assert answer.status_code == 200  # only a system admin starts a tree
        answer = client.post(
            page("members_invitation_add"),
            {"email": "x@example.org", "role": "advocate", "organisation": world.other_desk.pk},
        )
        assert answer.status_code == 200
        assert not Invitation.objects.exists()
        answer = client.post(
            page("members_user_change", world.relawan.pk),
            {
                "full_name": "Rina",
                "zone": "Asia/Jakarta",
                **inline(
                    "appointments", [{"role": "coordinator", "organisation": world.dpw.pk, "from_on": "2026-11-01"}]
                ),
            },
        )
        assert answer.status_code == 200
        assert world.relawan.appointments.count() == 1

    def test_the_search_behind_a_choice_finds_only_what_is_in_reach(self, as_user, world, branch):
        client = as_user(branch)

        def found(field, term, model="organisation"):
            query = {"app_label": "members", "model_name": model, "field_name": field, "term": term}
            return [row["text"] for row in client.get("/kelola/autocomplete/", query).json()["results"]]

        assert found("parent", "DPD") == ["DPD Karangsari · DPW Uji Timur"]
        assert found("user", "a", model="appointment")
        assert "Tono Kusuma" not in found("user", "", model="appointment")

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"app_label": "cases", "model_name": "case", "field_name": "desk"},
            {"app_label": "cases", "model_name": "caseparty", "field_name": "person"},
            {"app_label": "members", "model_name": "user", "field_name": "password"},
            {"app_label": "x", "model_name": "y", "field_name": "z"},
        ],
    )
    def test_the_search_tells_nothing_about_tables_that_are_not_here(self, as_user, branch, query):
        answer = as_user(branch).get("/kelola/autocomplete/", query)
        assert answer.status_code in (404, 200)
        if answer.status_code == 200:
            assert [row["text"] for row in answer.json()["results"]] == ["DPD Karangsari · DPW Uji Timur"]

    def test_offices_of_a_person_outside_reach_are_neither_shown_nor_touched(self, enter, world, branch):
        appoint(user=world.relawan, role=Role.COORDINATOR, organisation=world.other_desk, title="Rahasia cabang lain")
        text = enter(branch).get(page("members_user_change", world.relawan.pk)).text
        assert "Rahasia cabang lain" not in text
        assert "DPD Bukit Lor" not in text


class TestOrganisations:
    def test_the_list_is_a_tree(self, as_user, world):
        text = as_user(world.superuser).get(page("members_organisation_changelist")).text
        order = [text.index(name) for name in (">DPN Uji<", ">DPW Uji Timur<", ">DPD Karangsari<")]
        assert order == sorted(order)
        assert '<span class="k-level-2">DPD Karangsari</span>' in text

    @pytest.mark.parametrize("words", ["Karangsari", "SPK", "Serikat Lama"])
    def test_search_by_name_abbreviation_and_alias(self, as_user, world, words):
        Organisation.objects.filter(pk=world.desk.pk).update(abbreviation="SPK", aliases="Serikat Lama")
        text = as_user(world.superuser).get(page("members_organisation_changelist"), {"q": words}).text
        assert "DPD Karangsari" in text
        assert "DPD Bukit Lor" not in text

    @pytest.mark.parametrize(
        "query", [{"kind__line": "advocacy"}, {"provinsi": "35"}, {"is_active__exact": "1"}, {"o": "2"}, {"p": "1"}]
    )
    def test_filters_and_orders(self, as_user, world, query):
        assert as_user(world.superuser).get(page("members_organisation_changelist"), query).status_code == 200

    def test_many_organisations_take_few_queries(self, as_user, world, django_assert_max_num_queries):
        for number in range(40):
            make_organisation(f"DPC {number}", parent=world.desk)
        client = as_user(world.admin_federasi)
        client.get(page("members_organisation_changelist"))
        with django_assert_max_num_queries(18):
            client.get(page("members_organisation_changelist"))

    def test_a_new_one_is_placed_in_the_tree(self, enter, world):
        kind = OrganisationKind.objects.get(code="advocacy_district")
        answer = enter(world.admin_federasi).post(
            page("members_organisation_add"),
            {"name": "DPD Baru", "kind": kind.pk, "parent": world.dpw.pk, "is_desk": "on", "is_active": "on"},
        )
        assert answer.status_code == 302
        made = Organisation.objects.get(name="DPD Baru")
        assert [row.name for row in Organisation.objects.above(made)] == ["DPW Uji Timur", "DPN Uji"]
        assert made.affiliations.get().parent == world.dpw
        assert made.history.get().history_user == world.admin_federasi

    def test_a_system_admin_starts_a_tree(self, enter, world):
        kind = OrganisationKind.objects.first()
        enter(world.superuser).post(
            page("members_organisation_add"), {"name": "DPP", "kind": kind.pk, "is_active": "on"}
        )
        assert Organisation.objects.get(name="DPP").parent is None

    def test_the_parent_is_not_a_field_of_the_change_page(self, enter, world):
        enter(world.superuser).post(
            page("members_organisation_change", world.desk.pk),
            organisation_form(world.desk, parent=world.other_desk.pk, name="DPD Karangsari Raya"),
        )
        world.desk.refresh_from_db()
        assert world.desk.name == "DPD Karangsari Raya"
        assert world.desk.parent == world.dpw

    def test_moving_takes_the_subtree_along_and_leaves_a_trace(self, enter, world):
        part = make_organisation("DPC Bagian", parent=world.desk)
        client = enter(world.admin_federasi)
        assert client.get(page("members_organisation_move", world.desk.pk)).status_code == 200
        answer = client.post(
            page("members_organisation_move", world.desk.pk),
            {"parent": world.other_desk.pk, "on": str(timezone.localdate()), "source": "SK 7"},
        )
        assert answer.status_code == 302
        assert [row.name for row in Organisation.objects.above(part)][:2] == ["DPD Karangsari", "DPD Bukit Lor"]
        assert LogEntry.objects.latest("pk").user == world.admin_federasi

    @pytest.mark.parametrize("to", ["own part", "out of reach", "nowhere", "tomorrow"])
    def test_moves_that_are_refused(self, enter, world, to):
        part = make_organisation("DPC Bagian", parent=world.desk)
        outside = make_organisation("DPP Lain")
        today = timezone.localdate()
        data = {
            "own part": {"parent": part.pk, "on": str(today)},
            "out of reach": {"parent": outside.pk, "on": str(today)},
            "nowhere": {"parent": "", "on": str(today)},
            "tomorrow": {"parent": world.other_desk.pk, "on": str(today + timedelta(days=1))},
        }[to]
        answer = enter(world.admin_federasi).post(page("members_organisation_move", world.desk.pk), data)
        assert answer.status_code == 200
        world.desk.refresh_from_db()
        assert world.desk.parent == world.dpw

    def test_giving_an_office_from_the_page_of_the_organisation(self, enter, world):
        row = {"user": world.relawan2.pk, "role": "coordinator", "from_on": "2026-11-01", "until_on": "2027-10-31"}
        answer = enter(world.admin_federasi).post(
            page("members_organisation_change", world.desk.pk),
            organisation_form(world.desk, **inline("appointments", [row])),
        )
        assert answer.status_code == 302, answer.context["errors"]
        given = world.relawan2.appointments.get(role=Role.COORDINATOR)
        assert (given.organisation, str(given.until_on)) == (world.desk, "2027-10-31")
        assert given.history.get().history_user == world.admin_federasi

    def test_never_to_oneself(self, enter, world):
        row = {"user": world.admin_federasi.pk, "role": "coordinator", "from_on": "2026-11-01"}
        answer = enter(world.admin_federasi).post(
            page("members_organisation_change", world.desk.pk),
            organisation_form(world.desk, **inline("appointments", [row])),
        )
        assert answer.status_code == 200
        assert "Minta admin lain" in answer.text
        assert world.admin_federasi.appointments.count() == 1

    def test_ending_an_office(self, enter, world):
        office = world.relawan.appointments.get()
        yesterday = timezone.localdate() - timedelta(days=1)
        row = {
            "id": office.pk,
            "organisation": world.desk.pk,
            "user": world.relawan.pk,
            "role": "advocate",
            "from_on": str(yesterday - timedelta(days=9)),
            "until_on": str(yesterday),
        }
        others = [
            {"id": a.pk, "organisation": world.desk.pk, "user": a.user_id, "role": a.role, "from_on": str(a.from_on)}
            for a in world.desk.appointments.exclude(pk=office.pk).order_by("-from_on")
        ]
        rows = [row, *others]
        enter(world.admin_federasi).post(
            page("members_organisation_change", world.desk.pk),
            organisation_form(world.desk, **inline("appointments", rows, initial=len(rows))),
        )
        assert not world.relawan.appointments.live().exists()

    def test_nothing_can_be_deleted(self, enter, world):
        client = enter(world.superuser)
        for name, row in (("organisation", world.desk), ("user", world.relawan), ("body", world.place)):
            assert client.post(page(f"members_{name}_delete", row.pk), {"post": "yes"}).status_code == 404
            data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            client.post(page(f"members_{name}_changelist"), data)
            assert type(row).objects.filter(pk=row.pk).exists()

    def test_the_history_tells_who_changed_what(self, enter, world):
        client = enter(world.admin_federasi)
        client.post(
            page("members_organisation_change", world.desk.pk), organisation_form(world.desk, abbreviation="DPDK")
        )
        text = client.get(page("members_organisation_history", world.desk.pk)).text
        assert "DPDK" in text
        assert "Ani Lestari" in text


class TestPeople:
    def person_form(self, user, **fields):
        return {"full_name": user.full_name, "zone": user.zone, **inline("appointments"), **fields}

    def test_there_is_no_password_anywhere(self, as_user, world):
        text = as_user(world.superuser).get(page("members_user_change", world.relawan.pk)).text
        assert 'type="password"' not in text
        assert world.relawan.password not in text
        assert 'name="password' not in text

    def test_a_password_that_is_posted_all_the_same_is_ignored(self, enter, world):
        before = world.relawan.password
        enter(world.superuser).post(
            page("members_user_change", world.relawan.pk), self.person_form(world.relawan, password="x", is_staff="on")
        )
        world.relawan.refresh_from_db()
        assert world.relawan.password == before
        assert not world.relawan.is_staff

    def test_a_new_account_comes_from_an_invitation_alone(self, as_user, world):
        assert as_user(world.superuser).get("/kelola/members/user/add/").status_code == 404
        assert "/kelola/members/invitation/add/" in as_user(world.superuser).get(page("members_user_changelist")).text

    def test_looking_at_somebody_is_logged(self, as_user, world):
        as_user(world.admin_federasi).get(page("members_user_change", world.relawan.pk))
        row = AccessLog.objects.get()
        assert (row.user, row.action, row.object_kind, row.object_uuid) == (
            world.admin_federasi,
            "admin_view",
            "user",
            world.relawan.uuid,
        )

    def test_user_name_and_mail_stay_with_their_owner(self, enter, world):
        enter(world.admin_federasi).post(
            page("members_user_change", world.relawan.pk),
            self.person_form(
                world.relawan, email="admin@example.org", username="x", whatsapp="+62811", is_superuser="on"
            ),
        )
        world.relawan.refresh_from_db()
        assert (world.relawan.email, world.relawan.username) == ("relawan@example.org", "relawan")
        assert not world.relawan.is_superuser

    def test_a_system_admin_may_correct_a_mail_and_that_ends_the_sessions(self, enter, world, django_user_model):
        client = enter(world.superuser)
        client.post(
            page("members_user_change", world.relawan.pk), self.person_form(world.relawan, email="benar@example.org")
        )
        world.relawan.refresh_from_db()
        assert world.relawan.email == "benar@example.org"

    def test_only_a_system_admin_makes_another_and_takes_it_back(self, enter, world):
        make = page("members_user_act", world.relawan.pk, "jadikan-admin-sistem")
        unmake = page("members_user_act", world.relawan.pk, "cabut-admin-sistem")
        assert enter(world.admin_federasi).post(make).status_code == 404
        client = enter(world.superuser)
        assert client.post(unmake).status_code == 404
        assert client.post(make).status_code == 302
        assert User.objects.get(pk=world.relawan.pk).is_superuser
        assert AccessLog.objects.filter(object_uuid=world.relawan.uuid, reason="made system admin").exists()
        assert client.post(unmake).status_code == 302
        assert not User.objects.get(pk=world.relawan.pk).is_superuser

    def test_nobody_unmakes_themselves_so_one_always_remains(self, enter, world):
        address = page("members_user_act", world.superuser.pk, "cabut-admin-sistem")
        assert enter(world.superuser).post(address).status_code == 404
        for act in (accounts.unmake_system_admin, accounts.make_system_admin):
            with pytest.raises(accounts.ValidationError):
                act(user=world.superuser, by=world.superuser)
            with pytest.raises(accounts.ValidationError):
                act(user=world.superuser, by=world.admin_federasi)

    def test_posting_it_with_the_form_does_nothing(self, enter, world):
        enter(world.superuser).post(
            page("members_user_change", world.relawan.pk),
            self.person_form(world.relawan, email=world.relawan.email, is_superuser="on"),
        )
        assert not User.objects.get(pk=world.relawan.pk).is_superuser

    @pytest.mark.parametrize("act", ["tutup", "lepas-pengaman"])
    def test_acts_ask_first_then_do_and_are_logged(self, enter, world, act):
        TOTP.activate(world.koordinator, "JBSWY3DPEHPK3PXP")
        client = enter(world.admin_federasi)
        address = page("members_user_act", world.koordinator.pk, act)
        assert client.get(address).status_code == 200
        world.koordinator.refresh_from_db()
        assert world.koordinator.is_active
        assert accounts.has_second_factor(world.koordinator)
        assert client.post(address).status_code == 302
        world.koordinator.refresh_from_db()
        assert world.koordinator.is_active is (act != "tutup")
        assert accounts.has_second_factor(world.koordinator) is (act == "tutup")
        assert LogEntry.objects.latest("pk").object_id == str(world.koordinator.pk)
        assert AccessLog.objects.filter(
            object_uuid=world.koordinator.uuid, reason__in=["deactivated", "second factor reset"]
        )

    def test_closing_and_opening_again(self, enter, world):
        client = enter(world.admin_federasi)
        client.post(page("members_user_act", world.relawan.pk, "tutup"))
        text = client.get(page("members_user_change", world.relawan.pk)).text
        assert "Buka lagi akun" in text
        client.post(page("members_user_act", world.relawan.pk, "buka"))
        assert User.objects.get(pk=world.relawan.pk).is_active

    @pytest.mark.parametrize("act", ["tutup", "lepas-pengaman", "hapus"])
    def test_never_on_oneself(self, enter, world, act):
        for user in (world.admin_federasi, world.superuser):
            assert enter(user).post(page("members_user_act", user.pk, act)).status_code == 404

    def test_closing_several_at_once_leaves_out_who_is_not_theirs(self, enter, world):
        appoint(user=world.relawan2, role=Role.ADVOCATE, organisation=world.dpn)
        chosen = [world.relawan.pk, world.relawan2.pk, world.admin_federasi.pk]
        answer = enter(world.admin_federasi).post(
            page("members_user_changelist"),
            {"action": "deactivate_chosen", "_selected_action": chosen, "sure": "1"},
            follow=True,
        )
        assert "1 akun ditutup" in answer.text
        assert "2 akun bukan wewenang Anda" in answer.text
        assert set(User.objects.filter(is_active=False)) == {world.relawan}

    def test_the_history_says_that_a_number_changed_not_what_it_was(self, as_user, world):
        world.relawan.whatsapp = "+6281299998888"
        world.relawan.save()
        text = as_user(world.superuser).get(page("members_user_history", world.relawan.pk)).text
        assert "99998888" not in text
        assert "WhatsApp" in text

    @pytest.mark.parametrize("role", [*Role.values, "none", "x"])
    def test_filter_by_role(self, as_user, world, role):
        answer = as_user(world.superuser).get(page("members_user_changelist"), {"peran": role})
        assert answer.status_code == 200
        assert ("Rina Wulandari" in answer.text) is (role in ("advocate", "x"))


class TestProof:
    """Changing roles or access asks for a proof of the last ten minutes (R11)."""

    def test_an_old_session_is_asked_and_then_goes_on_where_it_was(self, as_user, world):
        client = as_user(world.admin_federasi)
        address = page("members_user_act", world.relawan.pk, "tutup")
        answer = client.post(address)
        assert answer["Location"].startswith("/akun/pastikan/")
        assert User.objects.get(pk=world.relawan.pk).is_active
        answer = client.post(answer["Location"], {"password": "kereta malam ke bandung", "next": address})
        assert answer.status_code == 302
        assert not User.objects.get(pk=world.relawan.pk).is_active

    @pytest.mark.parametrize("name", ["members_organisation_add", "members_invitation_add"])
    def test_every_form_of_roles(self, as_user, world, name):
        answer = as_user(world.admin_federasi).post(page(name), {"name": "x"})
        assert answer["Location"].startswith("/akun/pastikan/")


class TestInvitations:
    GIVEN = {"full_name": "Budi", "email": "budi@example.org", "role": "advocate"}

    def test_make_mail_and_show_the_link_once(self, enter, world, mailoutbox):
        client = enter(world.admin_federasi)
        answer = client.post(page("members_invitation_add"), {**self.GIVEN, "organisation": world.desk.pk})
        made = Invitation.objects.get()
        assert answer["Location"] == page("members_invitation_link", made.pk)
        text = client.get(answer["Location"]).text
        link = next(word for word in mailoutbox[0].body.split() if "/undangan/" in word)
        assert link in text
        assert "https://wa.me/?text=" in text
        assert link.split("/")[-2] not in client.get(page("members_invitation_change", made.pk)).text
        assert client.get(page("members_invitation_link", made.pk)).status_code == 302
        assert made.invited_by == world.admin_federasi
        assert client.get(link.removeprefix("http://localhost:8000")).status_code == 200

    def test_when_the_mail_does_not_go_the_page_says_so_and_has_the_link(self, enter, world, monkeypatch):
        monkeypatch.setattr(invitations, "send", lambda *args: False)
        client = enter(world.admin_federasi)
        answer = client.post(page("members_invitation_add"), {**self.GIVEN, "organisation": world.desk.pk}, follow=True)
        assert "tidak terkirim" in answer.text
        assert "/undangan/" in answer.text

    def test_somebody_who_has_an_account(self, enter, world):
        answer = enter(world.admin_federasi).post(
            page("members_invitation_add"),
            {**self.GIVEN, "email": "Relawan@example.org", "organisation": world.desk.pk},
        )
        assert answer.status_code == 200
        assert "sudah punya akun" in answer.text

    def test_a_new_link_and_withdrawing(self, enter, world, mailoutbox):
        row, token = invitations.invite(email="b@example.org", organisation=world.desk, by=world.superuser)
        client = enter(world.admin_federasi)
        client.post(page("members_invitation_renew", row.pk))
        assert invitations.find(token) is None
        assert len(mailoutbox) == 1
        fresh = mailoutbox[0].body.split("/undangan/")[1].split("/")[0]
        assert invitations.find(fresh) == row
        client.post(page("members_invitation_withdraw", row.pk))
        assert invitations.find(fresh) is None

    def test_an_accepted_one_is_past_changing(self, enter, world):
        row, token = invitations.invite(email="b@example.org", organisation=world.desk, by=world.superuser)
        invitations.accept(token=token, username="b", password="x" * 12, full_name="B")
        client = enter(world.admin_federasi)
        assert client.post(page("members_invitation_renew", row.pk)).status_code == 404
        assert client.post(page("members_invitation_withdraw", row.pk)).status_code == 404
        assert client.post(page("members_invitation_change", row.pk), {"role": "coordinator"}).status_code == 404

    @pytest.mark.parametrize("state", ["open", "accepted", "over", "x"])
    def test_filter_by_state(self, as_user, world, state):
        assert (
            as_user(world.superuser).get(page("members_invitation_changelist"), {"keadaan": state}).status_code == 200
        )


class TestCatalogue:
    def test_an_edit_is_marked_and_survives_seed_reference(self, enter, world):
        outcome = Outcome.objects.first()
        answer = enter(world.superuser).post(
            page("cases_outcome_change", outcome.pk),
            {"name": "Hak terpenuhi penuh", "name_en": "", "hint": "", "hint_en": "", "position": 1},
        )
        assert answer.status_code == 302
        outcome.refresh_from_db()
        assert outcome.edited_at is not None
        catalogue_service.load()
        outcome.refresh_from_db()
        assert outcome.name == "Hak terpenuhi penuh"
        assert outcome.history.first().history_user == world.superuser

    def test_lists_are_written_one_a_line(self, enter, world):
        problem = ProblemType.objects.get(code="A01")
        client = enter(world.superuser)
        text = client.get(page("cases_problemtype_change", problem.pk)).text
        assert "ditolak\nditolak igd" in text.replace("\r", "")
        data = {
            "family": problem.family_id, "name": problem.name, "plain": problem.plain, "severity": problem.severity,
            "position": 1, "words": "ditolak\r\n  tak  diterima \r\n\r\n", "papers": "KTP", "programmes": "JKN",
            "is_quick": "on",
        }  # fmt: skip
        assert client.post(page("cases_problemtype_change", problem.pk), data).status_code == 302
        problem.refresh_from_db()
        assert problem.words == ["ditolak", "tak diterima"]
        assert problem.clocks == ["K01", "K02"]  # not on the page, not touched

    def test_the_code_stays(self, enter, world):
        outcome = Outcome.objects.first()
        before = outcome.code
        enter(world.superuser).post(
            page("cases_outcome_change", outcome.pk), {"code": "lain", "name": "x", "position": 1}
        )
        outcome.refresh_from_db()
        assert outcome.code == before

    def test_what_the_program_writes_itself_is_not_bent(self, enter, world):
        row = EventType.objects.filter(is_system=True).first()
        enter(world.superuser).post(
            page("cases_eventtype_change", row.pk),
            {"name": "Ditutup", "tone": "neutral", "position": 1, "is_system": "", "is_chip": "on", "next_actor": "us"},
        )
        row.refresh_from_db()
        assert (row.is_system, row.is_chip, row.next_actor) == (True, False, "")

    def test_a_federation_admin_reads_it_and_changes_nothing(self, enter, world):
        problem = ProblemType.objects.first()
        client = enter(world.admin_federasi)
        assert client.get(page("cases_problemtype_change", problem.pk)).status_code == 200
        assert client.post(page("cases_problemtype_change", problem.pk), {"name": "x"}).status_code == 404
        assert client.get(page("cases_problemtype_add")).status_code == 404
        before = problem.name
        problem.refresh_from_db()
        assert problem.name == before

    def test_a_federation_admin_adds_a_facility(self, enter, world):
        given = {"name": "Klinik Melati", **inline("offices")}
        answer = enter(world.admin_federasi).post(page("members_body_add"), given)
        assert answer.status_code == 302
        assert Body.objects.get(name="Klinik Melati").history.get().history_user == world.admin_federasi


class TestTraces:
    def test_only_messages_that_did_not_arrive_and_only_of_people_in_reach(self, as_user, world):
        now = timezone.now()
        far = make_user("jauh", full_name="Orang Jauh", role=Role.ADVOCATE, at=make_organisation("DPP Lain"))
        for user, state in ((world.relawan, "failed"), (world.relawan2, "sent"), (far, "unsure")):
            Message.objects.create(
                recipient=user, channel="email", key="k", kind="assigned", data={"number": "KWL-26-00001"}, state=state,
                not_before=now, sent_at=now if state == "sent" else None, error="550 no such user",
            )  # fmt: skip
        text = as_user(world.admin_federasi).get(page("members_message_changelist")).text
        assert "Rina Wulandari" in text
        assert "Yoga Pratama" not in text
        assert "Orang Jauh" not in text
        assert "KWL-26-00001" not in text
        assert "Orang Jauh" in as_user(world.superuser).get(page("members_message_changelist")).text

    def test_the_access_log_is_for_system_admins_and_is_never_changed(self, enter, world):
        row = accounts._log("x", world.relawan, by=world.superuser, address="") or AccessLog.objects.get()
        client = enter(world.superuser)
        assert client.get(page("members_accesslog_changelist")).status_code == 200
        assert client.post(page("members_accesslog_change", row.pk), {"reason": "lain"}).status_code == 404
        assert client.post(page("members_accesslog_delete", row.pk), {"post": "yes"}).status_code == 404
        assert enter(world.admin_federasi).get(page("members_accesslog_changelist")).status_code == 404


def test_every_answer_carries_the_strict_policy_and_no_inline_code(as_user, world):
    client = as_user(world.superuser)
    for model in site._registry:
        base = f"{model._meta.app_label}_{model._meta.model_name}"
        row = model.objects.first()
        pages = [page(f"{base}_changelist"), *([page(f"{base}_change", row.pk)] if row else [])]
        for address in pages:
            answer = client.get(address)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert " style=" not in answer.text
            assert " onclick=" not in answer.text
