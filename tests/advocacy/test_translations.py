"""Every visible text has its Indonesian, and the compiled catalogue is the one the sources say."""

import ast
import re

import polib
import pytest
from django.utils import translation
from django.utils.translation.template import templatize

from tests.advocacy.conftest import ROOT

FOLDER = ROOT / "advocacy" / "locale" / "id" / "LC_MESSAGES"
PO = polib.pofile(str(FOLDER / "django.po"))
ENTRIES = {(entry.msgctxt, entry.msgid): entry for entry in PO}
# Function name -> where its context and its texts stand among the arguments.
FUNCTIONS = {
    "_": (None, [0]),
    "gettext": (None, [0]),
    "gettext_lazy": (None, [0]),
    "gettext_noop": (None, [0]),
    "ngettext": (None, [0, 1]),
    "ngettext_lazy": (None, [0, 1]),
    "pgettext": (0, [1]),
    "pgettext_lazy": (0, [1]),
    "npgettext": (0, [1, 2]),
    "npgettext_lazy": (0, [1, 2]),
}
LITERAL = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def python_texts():
    for app in ("advocacy", "members", "cases"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", None))
                if name not in FUNCTIONS:
                    continue
                words = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
                yield path, FUNCTIONS[name], words


def template_texts():
    for path in (ROOT / "templates").rglob("*"):
        if path.suffix not in {".html", ".txt", ".svg", ".js", ".json"}:
            continue
        for call in CALL.finditer(templatize(path.read_text())):
            words = list(ast.literal_eval(f"[{call[2]}]"))
            yield path, FUNCTIONS[call[1]], words


def texts():
    """(file, context, text, plural) of everything marked for translation."""
    for path, (context_at, texts_at), words in [*python_texts(), *template_texts()]:
        context = words[context_at] if context_at is not None else None
        found = [words[at] for at in texts_at if at < len(words)]
        if found and isinstance(found[0], str) and found[0]:
            yield path.relative_to(ROOT), context, found[0], found[1] if len(found) > 1 else None


def indonesian(entry):
    if entry is None or entry.obsolete or "fuzzy" in entry.flags:
        return ""
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def test_there_is_something_to_translate():
    assert len({text for _path, _context, text, _plural in texts()}) > 200


def is_translated(context, text, plural):
    """By us, or by Django and the libraries, whose admin templates we write anew."""
    entry = ENTRIES.get((context, text))
    if indonesian(entry):
        return not plural or entry.msgid_plural == plural
    with translation.override("id"):
        theirs = translation.ngettext(text, plural, 2) if plural else translation.gettext(text)
    return context is None and theirs not in (text, plural)


def test_every_text_has_its_indonesian():
    missing = {f"{path}: {text!r}" for path, *words in texts() if not is_translated(*words) for text in words[1:2]}
    assert not missing, "\n".join(["", *sorted(missing)])


def test_placeholders_survive_translation():
    wrong = [
        entry.msgid
        for entry in PO.translated_entries()
        if not set(PLACEHOLDER.findall(indonesian(entry)))
        <= set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_up_to_date():
    compiled = {(entry.msgctxt, entry.msgid): indonesian(entry) for entry in polib.mofile(str(FOLDER / "django.mo"))}
    assert compiled == {key: indonesian(entry) for key, entry in ENTRIES.items() if indonesian(entry)}


@pytest.mark.parametrize("word", ["advokat ", "silahkan"])
def test_words_we_do_not_use(word):
    assert [entry.msgid for entry in PO if word in indonesian(entry).lower()] == []
