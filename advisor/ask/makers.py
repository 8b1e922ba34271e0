"""Who made or sold a thing: where its brand is asked for, a name has to stand in the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.ask.ground import Ground
from advisor.model import LANGUAGES, Query, Statement
from advisor.text import fold

_ASKED = re.compile(
    r"(?:什么|啥|哪(?:个|种|家)|哪)(?:的)?(?:牌子|品牌|型号|牌(?!照))|(?:牌子|品牌|型号)(?:是|叫)(?:什么|啥|哪)|哪家(?:软件)?(?:公司|供应商|厂家|厂商|服务商)?(?:的|做的|开发的)(?:系统|软件|设备|机器|平台)|"
    r"\b(?:which|what|whose) (?:\w+ ){0,2}(?:brand|vendor|supplier|manufacturer|software (?:company|house|firm))\b|\b(?:which|what) make\b",
    re.I,
)
_NAME = re.compile(r"(?<=[a-z,;:)] )[A-Z][A-Za-z0-9&.-]{2,}|(?<=[\u4e00-\u9fff])\s?[A-Za-z][A-Za-z0-9&.-]{2,}")
_FIRM = re.compile(
    r"(?:由|与|和|同|采用|购买|引进|联合)([\u4e00-\u9fff]{2,8}(?:公司|科技|软件|集团|股份|联通|电信|移动))"
)


def asks_for_a_maker(query: Query) -> bool:
    return bool(_ASKED.search(query.text))


def names_a_maker(ground: Ground, query: Query, statements: Sequence[Statement]) -> bool:
    """Whether the first of these names somebody whom neither the question nor the document's own names hold, and who is no
    place; further lines name the programme that paid, or who reported it."""
    for cited in next((s.citations for s in statements if s.citations), ()):
        document = ground.generation.documents[cited.document]
        titles = [t.get(la) for t in (document.title, document.issuer) if t for la in LANGUAGES]
        aliases = [n for la in LANGUAGES for n in document.aliases.get(la, ())]
        known = fold(" ".join([query.text, query.previous or "", *titles, *aliases]))
        names = [n.strip() for n in _NAME.findall(cited.quote) if not ground.lexicon.places.find(n)]
        if any(fold(n) not in known for n in [*names, *_FIRM.findall(cited.quote)]):
            return True
    return False
