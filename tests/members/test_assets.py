"""What is shipped to the browser: nothing from elsewhere, nothing the CSP refuses, nothing heavy."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings

from members.views.components import icons

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
CSS = sorted(STATIC.rglob("*.css"))
BOOTSTRAP = STATIC / "vendor" / "bootstrap" / "bootstrap.min.css"
SHA256 = "9ae3d307012b8ca9271d61a8156ee0b0f6a780c269c3dbce25c7140704a3ef43"


def symbols():
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons" / "sprite.svg").read_text()))


def test_bootstrap_is_the_file_that_was_built():
    assert hashlib.sha256(BOOTSTRAP.read_bytes()).hexdigest() == SHA256


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_styles_hold_nothing_the_csp_refuses(path):
    text = path.read_text()
    assert "data:" not in text.replace("No data:", "").replace("no data:", "")
    assert "@import" not in text and "sourceMappingURL" not in text
    assert not re.search(r"url\(\s*['\"]?(https?:)?//", text)


def test_styles_of_a_page_stay_within_the_budget():
    sent = [BOOTSTRAP, STATIC / "css" / "tokens.css", STATIC / "css" / "kawal.css"]
    assert sum(len(brotli.compress(path.read_bytes())) for path in sent) <= 25_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in sent) <= 35_000


def test_every_icon_that_a_template_names_is_drawn():
    asked = set()
    for path in TEMPLATES.rglob("*.html"):
        asked |= set(re.findall(r'{%\s*icon "([a-z0-9-]+)"', path.read_text()))
        asked |= set(re.findall(r'(?:icon_name|act_icon|icon)="([a-z0-9-]+)"', path.read_text()))
    assert asked - symbols() == set()
    assert symbols() == set(icons()), "the component page shows every icon"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_no_inline_style_or_script(path):
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or "application/json" in script, script


def test_the_manifest_names_pictures_that_exist():
    manifest = json.loads((STATIC / "icons" / "manifest.webmanifest").read_text())
    for icon in manifest["icons"]:
        assert (STATIC / "icons" / icon["src"]).is_file()
