"""The same words with their disguises taken off: what a reader would see, for rules that look at words."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from urllib.parse import unquote

from advisor.text import CJK, fold

_LEAST_ENCODED = 12
# Letters of other scripts that look like Latin ones.
_ALIKE = str.maketrans("аеорсухкмтвнігԁӏѕјԛԝαορντικυ", "aeopcyxkmtbhirdlsjqwaopvtiku")
_FIGURES = str.maketrans("013457@$", "oieastas")
_TAGS = re.compile("[\U000e0020-\U000e007e]")
_HIDDEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_BETWEEN = r"[\s.\-_*|/·,，、~+]{1,3}"
_SPELT = re.compile(rf"(?<![a-z0-9])(?:[a-z0-9]{_BETWEEN}){{4,}}[a-z0-9](?![a-z0-9])")
_SPELT_ZH = re.compile(rf"(?:[{CJK}]{_BETWEEN}){{3,}}[{CJK}]")
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{_LEAST_ENCODED},}}={{0,2}}")
_HEX = re.compile(rf"(?:[0-9a-fA-F]{{2}}[\s:]?){{{_LEAST_ENCODED},}}")
_LEET = re.compile(r"[a-z0134579@$]*[a-z][013457@$][a-z0134579@$]*")


def unveiled(text: str) -> tuple[str, ...]:
    """Readings of a text: as it stands, joined, decoded; duplicates left out.

    >>> "ignore all previous" in unveiled("i g n o r e  a l l  previous")[1]
    True
    >>> unveiled("What is an MES?")
    ('what is an mes?',)
    """
    seen = _TAGS.sub(lambda m: chr(ord(m[0]) - 0xE0000), text)
    seen = html.unescape(_HIDDEN.sub("", unquote(seen)))
    seen = _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), seen)
    seen = "".join(c for c in unicodedata.normalize("NFKD", seen) if not _is_accent(c))
    plain = fold(seen)
    readings = [plain, _joined(plain), plain.translate(_ALIKE), _LEET.sub(lambda m: m[0].translate(_FIGURES), plain)]
    readings += [fold(found) for found in _decoded(seen)]
    return tuple(dict.fromkeys(readings))


def turned(text: str) -> tuple[str, ...]:
    """The text read backwards and with its letters shifted by thirteen: nonsense, but for who wrote it so."""
    plain = fold(text)
    return plain[::-1], codecs.encode(plain, "rot13")


def _is_accent(char: str) -> bool:
    return unicodedata.category(char) == "Mn" and not "\u3099" <= char <= "\u309a"


def _joined(text: str) -> str:
    """Words that were spelt letter by letter, put together; two spaces part two words."""
    latin = _SPELT.sub(lambda m: re.sub(r"(?<=\S)[.\-_*|/·,~+\s](?=\S)", "", m[0]), text)
    latin = re.sub(r"\s{2,}", " ", latin)
    return _SPELT_ZH.sub(lambda m: re.sub(_BETWEEN, "", m[0]), latin)


def _decoded(text: str) -> list[str]:
    found = []
    for match in _BASE64.finditer(text):
        word = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            found.append(base64.b64decode(word + "=" * (-len(word) % 4)).decode("utf-8"))
        except (binascii.Error, UnicodeDecodeError):
            continue
    for match in _HEX.finditer(text):
        try:
            found.append(bytes.fromhex(re.sub(r"[\s:]", "", match[0])).decode("utf-8"))
        except (ValueError, UnicodeDecodeError):
            continue
    return [f for f in found if sum(c.isprintable() for c in f) > 0.8 * len(f)]
