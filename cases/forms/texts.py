"""Texts as people type them; they are typed alike everywhere, so the fields live in members."""

from members.forms.texts import SaidField, SubmitKey, one_line

__all__ = ["SaidField", "SubmitKey", "one_line"]
