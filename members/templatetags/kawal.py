"""The words and small pieces that every page shares: `{% load kawal %}`.

The sentences are made in `members.rules.words`; here they meet the active language and time zone.
Any `zone` may be left out: then the zone active for the request is used.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django import template
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Widget,
)
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.rules import words

register = template.Library()

#: Urgency as colour, shape and word; always the three (design §3).
URGENCIES = {
    "emergency": ("darurat", "exclamation-octagon-fill"),
    "urgent": ("mendesak", "exclamation-triangle-fill"),
    "ordinary": ("biasa", "circle"),
    "unknown": ("biasa", "question-circle"),
}


def _zone(zone):
    return zone or timezone.get_current_timezone()


def _urgency_word(urgency: str) -> str:
    return {
        "emergency": _("Emergency"),
        "urgent": _("Urgent"),
        "ordinary": _("Ordinary"),
        "unknown": _("Urgency not known"),
    }.get(urgency, "")


# Icons


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One drawing of the sprite: `{% icon "telephone" %}`. It is decoration: always put a word beside it."""
    css = f"i {css}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("icons/sprite.svg"), name
    )


# Moments, money, phones


@register.filter
def moment(value: datetime | None, zone=None) -> str:
    """`{{ at|moment:case.zone }}`: "Sab, 21 Nov 2026 14.30 WIB"."""
    return words.moment(value, _zone(zone), get_language()) if value else ""


@register.filter
def clock(value: datetime | None, zone=None) -> str:
    """`{{ at|clock:case.zone }}`: "23.47 WIB"."""
    return words.clock(value, _zone(zone), get_language()) if value else ""


@register.filter
def hours(value: datetime | None, zone=None) -> str:
    """`{{ at|hours }}`: "23.47", where the zone is already said."""
    return words.hours(value, _zone(zone), get_language()) if value else ""


@register.filter
def day(value, zone=None) -> str:
    """`{{ on|day }}`: "Sab, 21 Nov 2026", of a date or of a moment."""
    return words.day(value, _zone(zone), get_language()) if value else ""


@register.filter
def long_day(value, zone=None) -> str:
    """`{{ now|long_day }}`: "Sabtu, 21 November 2026"."""
    return words.long_day(value, _zone(zone), get_language()) if value else ""


@register.filter
def weekday(value, zone=None) -> str:
    """`{{ on|weekday }}`: "Sabtu"."""
    return words.weekday(value, _zone(zone), get_language(), short=False) if value else ""


@register.filter
def due_words(due_at: datetime | None, now: datetime | None = None) -> str:
    """`{{ due_at|due_words:now }}`: "1 j 28 m lagi", "Sen, 08.00", "Lewat 2 hari" (zone of the request)."""
    return words.due_words(due_at, now or timezone.now(), _zone(None), get_language()) if due_at else ""


@register.filter
def days_left(due_at: datetime | None, now: datetime | None = None) -> str:
    """`{{ due_at|days_left:now }}`: "2 hari lagi" instead of a weekday."""
    return words.due_words(due_at, now or timezone.now(), _zone(None), get_language(), relative=True) if due_at else ""


@register.filter
def big_words(due_at: datetime | None, now: datetime | None = None) -> str:
    """`{{ due_at|big_words:now }}`: "1 jam 28 menit"; late: "Lewat 2 hari"."""
    return words.countdown(due_at, now or timezone.now(), _zone(None), get_language()) if due_at else ""


@register.simple_tag(takes_context=True)
def countdown(context, item) -> str:
    """The big words of anything with `due_at`, `due_day` and `zone`: `{% countdown follow_up %}`."""
    now = context.get("now") or timezone.now()
    zone = _zone(getattr(item, "zone", None))
    return words.countdown(item.due_at, now, zone, get_language(), due_day=getattr(item, "due_day", False))


@register.simple_tag
def due_moment(item) -> str:
    """When exactly: "Min, 22 Nov 2026 01.15 WIB"; of a whole day only "Min, 22 Nov 2026": `{% due_moment follow_up %}`."""
    zone = _zone(getattr(item, "zone", None))
    if getattr(item, "due_day", False):
        return words.due_day(item.due_at, zone, get_language())
    return words.moment(item.due_at, zone, get_language())


@register.filter
def ago(then: datetime | None, now: datetime | None = None) -> str:
    """`{{ at|ago }}`: "baru saja", "4 hari lalu"."""
    return words.ago(then, now or timezone.now(), get_language()) if then else ""


@register.filter
def span(value) -> str:
    """`{{ timedelta|span }}`: "4 hari", "9 jam"."""
    return words.span_words(value, get_language()) if value is not None else ""


@register.filter
def number(value) -> str:
    """`{{ count|number }}`: "1.250"."""
    return words.number(value, get_language()) if value is not None else ""


@register.filter
def rupiah(value) -> str:
    """`{{ amount|rupiah }}`: "Rp1.250.000"."""
    return words.rupiah(value, get_language()) if value is not None else ""


@register.filter
def short_rupiah(value) -> str:
    """`{{ amount|short_rupiah }}`: "Rp412 jt"."""
    return words.short_rupiah(value, get_language()) if value is not None else ""


@register.filter
def phone(value) -> str:
    """`{{ number|phone }}`: "0812 3456 7890"."""
    return words.phone(value)


# Badges


@register.simple_tag
def badge(state: str, text: str, icon_name: str = "") -> SafeString:
    """What a thing is: `{% badge "jalan" word "circle-half" %}`; states: darurat mendesak biasa lewat jalan selesai."""
    drawing = icon(icon_name) if icon_name else ""
    return format_html('<span class="k-badge s-{}">{}{}</span>', state, drawing, text)


@register.simple_tag
def urgency_badge(urgency: str) -> SafeString | str:
    """`{% urgency_badge case.urgency %}`: emergency, urgent, ordinary or unknown, as colour, shape and word."""
    if urgency not in URGENCIES:
        return ""
    state, drawing = URGENCIES[urgency]
    return badge(state, _urgency_word(urgency), drawing)


@register.simple_tag
def status_badge(is_open: bool) -> SafeString:
    """`{% status_badge case.is_open %}`: berjalan or selesai."""
    if is_open:
        return badge("jalan", _("Running"), "circle-half")
    return badge("selesai", _("Finished"), "check-square-fill")


@register.simple_tag(takes_context=True)
def due_pill(context, item, urgency: str = "") -> SafeString | str:
    """Until when, in the colour of the urgency: `{% due_pill follow_up %}` or `{% due_pill follow_up case.urgency %}`.

    `item` has `due_at` and, where it applies, `due_day`, `zone`, `urgency`. Overdue is a badge of its own colour and
    shape; it stands alone, without an urgency badge.
    """
    due_at = getattr(item, "due_at", None)
    if not due_at:
        return ""
    now = context.get("now") or timezone.now()
    zone = _zone(getattr(item, "zone", None))
    text = words.due_words(due_at, now, zone, get_language(), due_day=getattr(item, "due_day", False))
    if words.is_late(due_at, now):
        return badge("lewat", text, "alarm-fill")
    state = URGENCIES.get(urgency or getattr(item, "urgency", ""), URGENCIES["ordinary"])[0]
    return format_html('<span class="k-due s-{}">{}{}</span>', state, icon("hourglass-split"), text)


@register.filter
def is_late(due_at: datetime | None, now: datetime | None = None) -> bool:
    """`{% if item.due_at|is_late:now %}`."""
    return bool(due_at) and words.is_late(due_at, now or timezone.now())


@register.filter
def urgency_state(urgency: str) -> str:
    """The state class of an urgency, for a card: `<section class="k-now s-{{ case.urgency|urgency_state }}">`."""
    return URGENCIES.get(urgency, URGENCIES["ordinary"])[0]


@register.filter
def urgency_icon(urgency: str) -> str:
    """The icon name of an urgency."""
    return URGENCIES.get(urgency, URGENCIES["ordinary"])[1]


# Forms


def _css_class(widget: Widget) -> str:
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return ""
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, FileInput):
        return "form-control"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.simple_tag
def control(field: BoundField, hint: str = "", autocomplete: str = "") -> SafeString:
    """The widget of a field with our class; Django adds aria-invalid and aria-describedby, we the id of an own hint."""
    widget = field.field.widget
    attrs: dict[str, str | bool] = {}
    if css := getattr(widget, "css_class", _css_class(widget)):
        given = widget.attrs.get("class", "").split()
        attrs["class"] = " ".join([css, *(name for name in given if name != css)])
    if hint and not field.use_fieldset:
        attrs["aria-describedby"] = f"{field.auto_id}_helptext" + (f" {field.auto_id}_error" if field.errors else "")
    if autocomplete:
        attrs["autocomplete"] = autocomplete
    if autocomplete == "username":
        attrs |= {"autocapitalize": "none", "spellcheck": "false"}
    if autocomplete == "one-time-code":
        attrs |= {"inputmode": "numeric", "autocapitalize": "none", "spellcheck": "false"}
    return field.as_widget(attrs=attrs)


@register.filter
def plain(field: BoundField) -> BoundField:
    """A field of other people's form without their help text and the placeholder that only repeats the label."""
    field.help_text = ""
    field.field.widget.attrs.pop("placeholder", None)
    return field


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether a field is one checkbox, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def may_be_empty(field: BoundField) -> bool:
    """Whether "(may be empty)" belongs at the label; forms of filters set `say_optional = False`."""
    return not field.field.required and not is_tick(field) and getattr(field.form, "say_optional", True)


@register.filter
def anchor(field: BoundField) -> str:
    """The id a link must name to reach the field: its control, or the first of its choices."""
    return field.id_for_label or f"{field.auto_id}_0"


@dataclass(frozen=True)
class Fix:
    """One thing to put right, and where."""

    message: str
    anchor: str = ""


@register.inclusion_tag("_components/error_summary.html")
def error_summary(*forms: BaseForm | None) -> dict:
    """What to put right, in the words that stand at the fields, each linked: `{% error_summary form more_forms %}`."""
    fixes: list[Fix] = []
    for form in forms:
        if not form or not form.is_bound or not form.errors:
            continue
        fixes += [Fix(str(message)) for message in form.non_field_errors()]
        for field in form:
            place = "" if field.is_hidden else anchor(field)
            fixes += [Fix(str(message), place) for message in field.errors]
    return {"fixes": fixes}


@register.filter
def qr(svg: str) -> SafeString | str:
    """The QR picture of the authenticator app, drawn again as our own inline SVG (the CSP has no `data:` pictures)."""
    box = re.search(r'viewBox="([0-9. ]+)"', svg)
    path = re.search(r'\bd="([0-9A-Za-z., \-]+)"', svg)
    if not box or not path:
        return ""
    text = _("QR code for the authenticator app")
    picture = '<svg class="k-qr" role="img" aria-label="{}" viewBox="{}"><path fill="#000" d="{}"/></svg>'
    return format_html(picture, text, box[1], path[1])


# Messages


@register.filter
def undo_url(message) -> str:
    """Where a message is undone: `messages.success(request, text, extra_tags=f"undo {url}")`. Own paths only."""
    first, _space, url = (getattr(message, "extra_tags", "") or "").partition(" ")
    parts = urlsplit(url)
    return url if first == "undo" and url.startswith("/") and not parts.netloc and not parts.scheme else ""


# Layout


class CaptureNode(template.Node):
    """Renders what stands inside into a variable."""

    def __init__(self, nodelist, name):
        self.nodelist = nodelist
        self.name = name

    def render(self, context):
        context[self.name] = SafeString(self.nodelist.render(context).strip())
        return ""


@register.tag
def capture(parser, token):
    """`{% capture back %}{% block back %}{% endblock %}{% endcapture %}`: lets a layout ask whether a block was filled."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)
