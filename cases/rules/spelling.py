"""Words as they are searched: one shape for every way of writing them, and one key for the spellings of a name."""

import re
import unicodedata

#: From this many letters on a piece inside a word is looked for ("tolak" in "menolak"); below, the beginning of a word.
INSIDE = 3
#: From this many letters on a slip of the finger is forgiven.
SLIP = 4
#: The share of the letter triples of a typed word that a name must have to be near it; pg_trgm's own threshold.
NEAR = 0.6
#: Words of one case that are indexed, in letters: some thirty pages of story and notes.
LONGEST = 60_000
_JOINED = re.compile(r"[_'’‘`ʼ]")
_APART = re.compile(r"[^\w]+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,3}[^\W\d_]?")

#: Names that are one name, however they are cut or spelled.
_SAME = {
    "muhammad": "m muh moh mhd mohd muhd mohamad mohammad muhamad mochamad mochammad muchamad muchammad mohamed mohammed"
    " muhamed muhammed mohamat muhamat mukhamad",
    "ahmad": "achmad akhmad ahmed amad achmed akhmed",
    "abdul": "abd abdoel abdull abdu",
    "siti": "st sitti sity",
    "nur": "noor nor noer nuur",
    "dwi": "dwie",
    "tri": "trie",
    "sri": "srie",
}
_ONE = {spelling: name for name, spellings in _SAME.items() for spelling in spellings.split()}
#: Too short to be looked for by every spelling: "M." is Muhammad in a name, and nothing when typed alone.
_ONLY_IN_NAMES = frozenset({"m"})
#: Letters that sound alike, in this order: the spelling of before 1972, Arabic names, f and p, y and i.
_SOUNDS = [
    (re.compile(pattern), letters)
    for pattern, letters in (
        ("oe|oo", "u"), ("dj", "j"), ("tj|ch", "c"), ("sj|sy|sh", "s"), ("kh|q", "k"), ("ph|f|v", "p"), ("th", "t"),
        ("dh", "d"), ("ae", "ai"), ("ie|ee", "i"), ("y$", "i"), ("x", "ks"), ("z", "s"), (r"(.)\1", r"\1"), ("(?<=.)h$", ""),
    )
]  # fmt: skip


def fold(text: str) -> str:
    """Lower case, without accents and signs, words apart by one space."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).lower())
    text = "".join(char for char in letters if not unicodedata.combining(char))
    return _APART.sub(" ", _JOINED.sub("", text)).strip()


def key(word: str) -> str:
    """One spelling for all of a folded name: "mohamad", "muh" and "muhammad"; "joesoef" and "yusuf" stay two."""
    word = _ONE.get(word, word)
    if word in _SAME or not word.isalpha():
        return word
    for pattern, letters in _SOUNDS:
        word = pattern.sub(letters, word)
    return _ONE.get(word, word)


def ways(word: str) -> list[str]:
    """The word as it was typed and, where that differs, its key."""
    other = "" if word in _ONLY_IN_NAMES else key(word)
    return [word, other] if other and other != word else [word]


def names_of(names: list[str], initials: str = "") -> str:
    """What is indexed of names: each word, its key where that differs, and the initials that lists show."""
    words = [word for name in names for word in fold(name).split()]
    keys = [other for word in words if (other := key(word)) != word]
    return " ".join(dict.fromkeys([*words, *keys, *_initials(initials)]))


def words_of(texts: list[str]) -> str:
    """What is indexed of free texts: each word once."""
    words = dict.fromkeys(word for text in texts for word in fold(text).split())
    return " ".join(words)[:LONGEST]


def typed(text: str, most: int) -> list[str]:
    """The words to look for; "S.R." is one, the initials."""
    words = [word for piece in text.split() for word in (_initials(piece) or fold(piece).split())]
    return list(dict.fromkeys(words))[:most]


def triples(word: str) -> set[str]:
    """The letter triples of one word, as pg_trgm counts them."""
    return {f"  {word} "[at : at + 3] for at in range(len(word) + 1)}


def nearness(words: list[str], names: str) -> float:
    """How near the worst of the typed words is to any word of a name, 0 to 1; 0 where one is not near."""
    near = [max((_nearness(way, name) for way in ways(word) for name in names.split()), default=0) for word in words]
    worst = min(near, default=0)
    return worst if worst >= NEAR else 0


def _nearness(word: str, name: str) -> float:
    """The share of the triples of the word that the name has; between equals the name of like length is nearer."""
    if word == name:
        return 1
    first, second = triples(word), triples(name)
    share = len(first & second) / len(first)
    return share if share < NEAR else share - min(abs(len(first) - len(second)), 5) / 1000


def _initials(text: str) -> list[str]:
    return ["inisial" + text.replace(".", "").lower()] if _INITIALS.fullmatch(text) else []
