"""Words that nobody knows, read as what they were most likely meant to be: English ones by letters, Chinese names by sound."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache

from advisor.ask.lexicon import Lexicon
from advisor.ask.pinyin import readings
from advisor.ask.words import is_word
from advisor.gazetteer import Gazetteer
from advisor.text import CJK, STOP_EN, fold, stem

_WORD = re.compile(r"(?<![\w@./-])[A-Za-z]{4,}(?![\w@/-])")
# What a word of the language may end in without standing in any list.
_ENDING = re.compile(
    r"(?:ers?|ors?|able|ible|ly|ness|less|ing|ful|wear|m[ae]n|like|ish|wise|proof|makers?|house|yard)$"
)
_SHORT, _BRIEF, _LONG, _NAME = 4, 5, 8, 7
_SEEN = 2  # how often the corpus must have written a word to be what was meant


@dataclass(frozen=True)
class Vocabulary:
    """The words of one corpus: how often each stands there, which are written with a capital, and all by first letter and length."""

    counts: Counter[str]
    names: frozenset[str]
    places: frozenset[str]
    stems: frozenset[str]
    shelves: dict[tuple[str, int], tuple[str, ...]]


@lru_cache(maxsize=2)
def vocabulary(lexicon: Lexicon) -> Vocabulary:
    """Read once a generation."""
    plain: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for document in lexicon.documents.values():
        pieces = [document.texts.get("en", ""), document.title.en or "", *document.aliases.get("en", ())]
        for word in re.findall(r"[A-Za-z]{3,}", " ".join(pieces)):
            (capital if word[0].isupper() else plain)[word.lower()] += 1
    of_places = _words_of(lexicon.places)
    for word in of_places:
        capital[word] += _SEEN
    for word in _words_of(lexicon.industries):
        plain[word] += _SEEN
    places = frozenset(w for w in capital if capital[w] > plain[w] and w in of_places)
    counts = plain + capital
    for word in STOP_EN | _ASKING:
        counts[word] += _SEEN
    shelves: dict[tuple[str, int], list[str]] = {}
    for word, n in counts.items():
        if n >= _SEEN and len(word) >= _SHORT:
            shelves.setdefault((word[0], len(word)), []).append(word)
    names = frozenset(w for w in counts if capital[w] >= _SEEN)
    return Vocabulary(counts, names, places, frozenset(map(stem, counts)), {k: tuple(v) for k, v in shelves.items()})


def _words_of(names: Gazetteer) -> frozenset[str]:
    every = " ".join(f"{e.name.en or ''} {' '.join(e.other)}" for e in names.entries.values())
    return frozenset(re.findall(r"[a-z]{3,}", every.lower()))


_ASKING = frozenset("apply applying when what which where much many still does eligible deadline subsidy grant level".split())  # fmt: skip

# Typed as they are spoken; none is a slip.
_SPOKEN = frozenset("wont dont cant isnt arent wasnt werent hasnt havent hadnt doesnt didnt couldnt wouldnt shouldnt theyre youre weve theyve youve whats thats theres heres gonna wanna gotta kinda sorta dunno yeah yep nope innit skint cheers blimey".split())  # fmt: skip


def corrected(text: str, lexicon: Lexicon) -> str:
    """The text with such words put right; a word of the language or of the corpus stays, and so does an unknown name."""
    english = _WORD.sub(lambda m: _meant(m[0], _starts(text, m.start()), lexicon) or m[0], text)
    return _RUN.sub(lambda m: _named(m[0], lexicon), english)


_RUN = re.compile(f"[{CJK}]{{3,}}")
_SIZES = range(8, 2, -1)
_LONG_NAME = 4
_GAP = "\0"


@cache
def _sounds() -> dict[str, str]:
    """Character → its reading without the tone; what southern ears mix up is one."""
    return {
        c: re.sub(r"^(z|c|s)h", r"\1", sound).replace("ng", "n") for sound, cs in readings("read").items() for c in cs
    }


@lru_cache(maxsize=2)
def _chinese_names(lexicon: Lexicon) -> dict[str, str]:
    """Every name of three to eight characters by what is left of it when one of them is wrong."""
    names = {n for _, term in lexicon.terms.values() for n in term.names("zh")}
    names |= {a for d in lexicon.documents.values() for a in d.aliases.get("zh", ())}
    found: dict[str, str] = {}
    for name in sorted(n for n in names if len(n) in _SIZES and re.fullmatch(f"[{CJK}]+", n)):
        for i in range(len(name)):
            found.setdefault(f"{name[:i]}{_GAP}{name[i + 1 :]}", name)
    return found


@lru_cache(maxsize=2)
def _pairs(lexicon: Lexicon) -> frozenset[str]:
    """All pairs of neighbouring characters in the Chinese texts."""
    texts = (fold(d.texts.get("zh", "")) for d in lexicon.documents.values())
    return frozenset(t[i : i + 2] for t in texts for i in range(len(t) - 1))


@lru_cache(maxsize=4096)
def _named(run: str, lexicon: Lexicon) -> str:
    """A run of Chinese in which a name with one character of the same sound is put right."""
    names, folded = _chinese_names(lexicon), fold(run)
    if len(folded) != len(run):
        return run
    for size in _SIZES:
        for at in range(len(run) - size + 1):
            piece = folded[at : at + size]
            for i in range(size):
                name = names.get(f"{piece[:i]}{_GAP}{piece[i + 1 :]}")
                around = folded[max(at + i - 1, 0) : at + i + 2]
                if name and name != piece and _is_slip(piece, i, name, around, lexicon):
                    return run[:at] + name + _named(run[at + size :], lexicon)
    return run


def _is_slip(piece: str, at: int, name: str, around: str, lexicon: Lexicon) -> bool:
    """The same sound, beside no neighbour as the corpus would write it, and at the edge of a long name only."""
    if len(name) < _LONG_NAME and at in (0, len(name) - 1):
        return False
    if any(around[i : i + 2] in _pairs(lexicon) for i in range(len(around) - 1)):
        return False
    return _sounds().get(piece[at]) == _sounds().get(name[at], "")


def _starts(text: str, at: int) -> bool:
    """Whether a sentence begins here, so that a capital says nothing."""
    return not text[:at].strip() or text[:at].rstrip()[-1] in ".!?:;。！？：；，"


@lru_cache(maxsize=4096)
def _meant(word: str, starts: bool, lexicon: Lexicon) -> str | None:
    words, low = vocabulary(lexicon), word.lower()
    if low in words.counts or stem(low) in words.stems or word.isupper() or lexicon.translate(low, "zh"):
        return None
    if low in _SPOKEN or (len(low) <= _BRIEF and is_word(low)):
        return None  # so short a word is near too many others
    if (base := _ENDING.sub("", low)) != low and (stem(base) in words.stems or lexicon.translate(base, "zh")):
        return None
    named = word[0].isupper() and not starts
    if named and len(low) < _NAME:
        return None
    most = 2 if len(low) >= _LONG else 1
    found: list[tuple[int, int, int, str]] = []
    for length in range(len(low) - most, len(low) + most + 1):
        for other in words.shelves.get((low[0], length), ()):
            if named and other not in words.names:
                continue
            if len(low) < _NAME and other in words.places:
                continue
            if (d := distance(low, other, most)) <= most and (len(low) > _SHORT or length > _SHORT or d == 1):
                found.append((d, -length, -words.counts[other], other))
    if not found:
        return None
    best = min(found)[3]  # a letter is left out more often than changed or doubled
    return best.capitalize() if word[0].isupper() else best


def distance(a: str, b: str, most: int) -> int:
    """Letters left out, put in, changed or swapped with the next; more than `most` counts as `most` + 1.

    >>> distance("digitlabonus", "digitalbonus", 2), distance("intrest", "interest", 2), distance("aply", "apply", 1)
    (1, 1, 1)
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return min(row[-1], most + 1)
