"""Write advisor/models/pinyin.json: the characters of GB 2312 by how they are read, tones aside.

    pip install pypinyin && python scripts/build_pinyin.py

A character that is typed by its sound and chosen wrongly is found by it; `also` holds further readings, for text that is
typed in Latin letters.
"""

from __future__ import annotations

import json
from datetime import date
from importlib.metadata import version
from pathlib import Path

from pypinyin import Style, lazy_pinyin, pinyin

MODEL = Path(__file__).resolve().parent.parent / "advisor" / "models" / "pinyin.json"


def characters() -> list[str]:
    """The 6763 characters of GB 2312, in its order."""
    rows = [bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    return [c for row in rows if (c := row.decode("gb2312", "ignore"))]


def main() -> int:
    read: dict[str, str] = {}
    also: dict[str, str] = {}
    for character in characters():
        sound = lazy_pinyin(character)[0]
        read[sound] = read.get(sound, "") + character
        for other in sorted({*pinyin(character, style=Style.NORMAL, heteronym=True)[0]} - {sound}):
            also[other] = also.get(other, "") + character
    card = {
        "made": date.today().isoformat(),
        "command": "python scripts/build_pinyin.py",
        "from": f"pypinyin {version('pypinyin')}, MIT",
    }
    found = {"read": dict(sorted(read.items())), "also": dict(sorted(also.items()))}
    MODEL.write_text(json.dumps({**card, **found}, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
