"""Labels that people put on cases: short, in small letters, without the numbers of anybody."""

from cases.rules.masking import find

LONGEST = 30
#: So many on one case.
MOST = 10


def clean_label(text: str) -> str:
    """A label as it is kept, "" where it is none: too long, empty, or the number of somebody."""
    label = " ".join(text.replace(",", " ").split()).lower().lstrip("#").strip()
    return "" if len(label) > LONGEST or find(label) else label


def labels_of(text: str) -> list[str]:
    """The labels of a text, parted by commas, each once."""
    return [label for label in dict.fromkeys(clean_label(part) for part in text.split(",")) if label]
