"""The tags every page is built with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template, engines
from django.utils import translation

from members.forms.layout import Act, Card
from members.forms.widgets import DayInput, MultipleChips, PhoneInput, PhotoInput, UrgencyChips
from members.templatetags import kawal

NOW = datetime(2026, 11, 21, 23, 47, tzinfo=ZoneInfo("Asia/Jakarta"))


@dataclass
class Due:
    due_at: datetime | None
    due_day: bool = False
    zone: str = "Asia/Jakarta"
    urgency: str = "ordinary"


def render(source, **context):
    return Template("{% load kawal crispy_forms_tags %}" + source).render(Context({"now": NOW, **context}))


class Sample(forms.Form):
    story = forms.CharField(help_text="One sentence.")
    phone = forms.CharField(required=False, widget=PhoneInput)
    urgency = forms.ChoiceField(choices=[("emergency", "E"), ("unknown", "U")], widget=UrgencyChips)
    papers = forms.MultipleChoiceField(choices=[("kk", "KK")], widget=MultipleChips, required=False)
    since = forms.DateField(widget=DayInput, required=False)
    photo = forms.FileField(widget=PhotoInput, required=False)
    agreed = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def test_icon_is_decoration():
    html = render('{% icon "telephone" "big" %}')
    assert 'class="i big" aria-hidden="true"' in html
    assert html.endswith('sprite.svg#telephone"/></svg>')


def test_words_follow_the_active_language():
    with translation.override("id"):
        assert render("{{ at|moment:'Asia/Makassar' }}", at=NOW) == "Min, 22 Nov 2026 00.47 WITA"
        assert render("{{ at|clock }} {{ at|hours }} {{ at|day }} {{ at|weekday }}", at=NOW) == (
            "23.47 WIB 23.47 Sab, 21 Nov 2026 Sabtu"
        )
        assert (
            render("{{ n|rupiah }} {{ n|short_rupiah }} {{ n|number }}", n=1250000) == "Rp1.250.000 Rp1,3 jt 1.250.000"
        )
    with translation.override("en"):
        assert render("{{ at|moment }}", at=NOW) == "Sat, 21 Nov 2026 23:47 WIB"


@pytest.mark.parametrize(
    "name",
    [
        "moment",
        "clock",
        "hours",
        "day",
        "long_day",
        "weekday",
        "due_words",
        "days_left",
        "big_words",
        "ago",
        "span",
        "number",
    ],
)
def test_nothing_is_said_of_nothing(name):
    assert render("{{ nothing|" + name + " }}", nothing=None) == ""


def test_urgency_is_colour_shape_and_word():
    with translation.override("id"):
        html = render('{% urgency_badge "emergency" %}')
        assert "s-darurat" in html and "exclamation-octagon-fill" in html and "Darurat" in html
        assert "question-circle" in render('{% urgency_badge "unknown" %}')
        assert render('{% urgency_badge "" %}') == ""
        assert "Berjalan" in render("{% status_badge True %}")
        assert "Selesai" in render("{% status_badge False %}")


def test_due_pill_takes_the_colour_of_the_urgency_and_late_its_own_shape():
    with translation.override("id"):
        soon = Due(NOW + timedelta(minutes=88), urgency="emergency")
        assert 'class="k-due s-darurat"' in render("{% due_pill item %}", item=soon)
        assert "1 j 28 m lagi" in render("{% due_pill item %}", item=soon)
        assert 'class="k-due s-mendesak"' in render("{% due_pill item 'urgent' %}", item=soon)
        late = render("{% due_pill item %}", item=Due(NOW - timedelta(days=2)))
        assert 'class="k-badge s-lewat"' in late and "alarm-fill" in late and "Lewat 2 hari" in late
        assert render("{% due_pill item %}", item=Due(None)) == ""
        assert (
            render("{% countdown item %}|{% due_moment item %}", item=soon)
            == "1 jam 28 menit|Min, 22 Nov 2026 01.15 WIB"
        )
        day = Due(NOW + timedelta(minutes=13), due_day=True)
        assert render("{% countdown item %}|{% due_moment item %}", item=day) == "Hari ini|Sab, 21 Nov 2026"


def test_a_field_says_label_hint_error_control_in_this_order():
    form = Sample({"urgency": "unknown", "version": "1"})
    html = render('{% include "_components/field.html" with field=form.story %}', form=form)
    order = [html.index(part) for part in ("<label", "id_story_helptext", "id_story_error", "<input")]
    assert order == sorted(order)
    assert 'aria-describedby="id_story_helptext id_story_error"' in html
    assert 'aria-invalid="true"' in html
    assert "k-soft" not in html


def test_optional_fields_say_so_and_filters_may_keep_quiet():
    form = Sample()
    with translation.override("id"):
        assert "(boleh kosong)" in render('{% include "_components/field.html" with field=form.phone %}', form=form)
        form.say_optional = False
        assert "(boleh kosong)" not in render('{% include "_components/field.html" with field=form.phone %}', form=form)


def test_an_own_hint_is_tied_to_its_control():
    html = render('{% include "_components/field.html" with field=form.phone hint="Eight digits" %}', form=Sample())
    assert 'id="id_phone_helptext"' in html and 'aria-describedby="id_phone_helptext"' in html


def test_the_error_summary_links_every_field_in_the_words_of_the_field():
    form = Sample({"version": ""})
    with translation.override("en"):
        html = render("{% error_summary form none %}", form=form, none=None)
    assert "There are 3 things to fix" in html
    assert 'href="#id_story"' in html and 'href="#id_urgency_0"' in html
    assert "autofocus" in html and 'role="alert"' in html
    assert render("{% error_summary form %}", form=Sample()).strip() == ""


def test_crispy_renders_the_same_anatomy():
    form = Sample({"version": "1"})
    html = render("{% crispy form %}", form=form)
    assert "novalidate" in html and 'class="k-sum"' in html and "asteriskField" not in html
    assert 'class="k-chip s-darurat"' in html and 'type="tel"' in html and 'type="date"' in html
    assert html.count('class="k-field') == 7


def test_layout_pieces():
    assert "<h2>A &amp; B</h2>" in Card("A & B").render(None, Context())
    html = Act("Save", cancel="/back/").render(None, Context())
    assert 'class="k-act"' in html and 'href="/back/"' in html and "btn-primary" in html


def test_a_field_of_others_is_made_plain():
    form = forms.Form()
    form.fields["code"] = forms.CharField(help_text="x", widget=forms.TextInput({"placeholder": "Code"}))
    html = render('{% control form.code|plain "" "one-time-code" %}', form=form)
    assert "placeholder" not in html and 'inputmode="numeric"' in html and "helptext" not in html


@pytest.mark.parametrize(
    ("tags", "url"),
    [
        ("undo /kasus/1/urungkan/", "/kasus/1/urungkan/"),
        ("undo //elsewhere.example/", ""),
        ("undo https://elsewhere.example/", ""),
        ("undo javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_undo_leads_only_to_our_own_pages(tags, url):
    assert kawal.undo_url(Message(constants.SUCCESS, "Done", extra_tags=tags)) == url


def test_the_qr_is_drawn_again_without_what_else_the_picture_held():
    drawn = kawal.qr('<svg viewBox="0 0 49 49" onload="x()"><path d="M4,4H5V5z" id="qr"/><script>y()</script></svg>')
    assert 'viewBox="0 0 49 49"' in drawn and 'd="M4,4H5V5z"' in drawn
    assert "script" not in drawn and "onload" not in drawn
    assert kawal.qr("no picture") == ""


def test_capture_tells_whether_a_block_was_filled():
    source = "{% load kawal %}{% capture x %}{% block x %}{% endblock %}{% endcapture %}{% if x %}[{{ x }}]{% else %}-{% endif %}"
    assert engines["django"].from_string(source).render({}) == "-"
    assert (
        engines["django"].from_string(source.replace("{% endblock %}", " <b>y</b> {% endblock %}")).render({})
        == "[<b>y</b>]"
    )
