"""docs/sources.md names every row of the five sources, and only tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parent / "docs" / "sources.md"
#: How many rows each source has (PRACTICE, part A continued).
ROWS = [22, 15, 17, 17, 18]
OUT_OF_SCOPE = {"S2.17", "S4.18"}
LINE = re.compile(r"^\| (S\d\.\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.M)


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests of a file, those in classes included."""
    tree = ast.parse((HERE.parent / path).read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_row_stands_there_once():
    found = [row for row, *_rest in LINE.findall(TABLE.read_text())]
    assert found == [f"S{source}.{number}" for source, most in enumerate(ROWS) for number in range(1, most + 1)]


def test_every_row_names_a_test_that_exists_or_says_why_not():
    for row, _what, where, shown in LINE.findall(TABLE.read_text()):
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown)
        if row in OUT_OF_SCOPE:
            assert "Out of scope:" in shown and not named, row
            continue
        assert named and where.strip(), row
        for path, name in named:
            assert name in names_in(path), f"{row}: {path}::{name}"
