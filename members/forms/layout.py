"""Crispy layout pieces in our anatomy: cards, two columns, and the bar with the main act."""

from crispy_forms.layout import Div, LayoutObject
from django.template import loader
from django.utils.html import format_html
from django.utils.safestring import mark_safe


class Columns(Div):
    """Fields in two columns on a laptop, under each other on a phone: `Columns(Stack("a", "b"), Stack("c"))`."""

    css_class = "k-two"


class Halves(Div):
    """Two equal columns on a laptop."""

    css_class = "k-half"


class Stack(Div):
    """Fields under each other, with even air."""

    css_class = "k-stack"


class Card(Div):
    """Fields on a card: `Card(_("Who"), "name", "phone")`; the first words are its heading."""

    css_class = "k-card k-stack"

    def __init__(self, heading, *fields, **kwargs):
        super().__init__(Heading(heading), *fields, **kwargs)


class Fold(LayoutObject):
    """Fields that are rarely filled, folded under their heading: `Fold(_("Identity numbers"), "nik", "kk")`.

    Open by itself where one of them has an error.
    """

    def __init__(self, heading, *fields):
        self.words = heading
        self.fields = list(fields)

    def render(self, form, context, template_pack=None, **kwargs):
        wrong = any(name in form.errors for name in self.fields)
        inside = self.get_rendered_fields(form, context, template_pack or "bootstrap5", **kwargs)
        return format_html(
            '<details class="k-card k-why"{}><summary>{}</summary><div class="k-stack">{}</div></details>',
            mark_safe(" open") if wrong else "",
            self.words,
            inside,
        )


class Heading(LayoutObject):
    """The heading of a group of fields."""

    def __init__(self, words):
        self.words = words
        self.fields = []

    def render(self, form, context, template_pack=None, **kwargs):
        return format_html("<h2>{}</h2>", self.words)


class Act(LayoutObject):
    """The bar with the main act: `Act(_("Save case"), icon="check-lg", cancel=url)`; on a phone it sticks to the bottom."""

    def __init__(self, label, icon: str = "check-lg", cancel: str = "", name: str = "", value: str = ""):
        self.given = {"label": label, "icon": icon, "cancel": cancel, "name": name, "value": value}
        self.fields = []

    def render(self, form, context, template_pack=None, **kwargs):
        return loader.render_to_string("_components/act.html", self.given)
