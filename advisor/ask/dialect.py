"""Words of Cantonese, Sichuanese, Wu and the north as standard Chinese has them: no document is written in these."""

from __future__ import annotations

import re

_STANDARD = {
    # Cantonese, in both kinds of characters
    "几多|幾多": "多少",
    "几时|幾時": "什么时候",
    "攞|拎(?=到|钱|錢|补|補)": "拿",
    "乜嘢|咩嘢|乜野|咩(?=[^，。？?]|$)": "什么",
    "点样|點樣": "怎样",
    "点解|點解": "为什么",
    "边度|邊度": "哪里",
    "边个|邊個": "哪个",
    "边间|邊間": "哪家",
    "依家|而家|家下": "现在",
    "系咪|係咪": "是不是",
    "有冇": "有没有",
    "冇": "没有",
    "唔使|唔驶": "不用",
    "唔": "不",
    "嘅": "的",
    "哋": "们",
    "喺": "在",
    "係": "是",
    "畀|俾": "给",
    "嗰": "那",
    "呢(?=个|個|笔|筆|啲|度|份|间|間)": "这",
    "啲": "些",
    "嚟": "来",
    "睇": "看",
    "揾|搵": "找",
    "(?<=[\\d万萬千百])蚊": "元",
    "先至": "才",
    "仲(?=有|可|能|系|係|未|得|做|要|没)": "还",
    # Sichuanese
    "为啥子|為啥子": "为什么",
    "啥子": "什么",
    "咋个": "怎么",
    # "A lot" in standard Chinese, "how much" only where it asks.
    "好多(?=(?:钱|万|块|元|个点|家|人|台|天)?(?:[？?]|[嘛哦喃](?:[，,。？?]|$)))|(?<=[补给收要拿领报奖省得])好多(?=$|[，,。])": "多少",
    "有没得|有莫得": "有没有",
    "没得|莫得": "没有",
    "晓得": "知道",
    "不得行": "不行",
    "要得不": "行不行",
    # Wu
    "阿拉": "我们",
    "几钿": "多少钱",
    "啥辰光": "什么时候",
    "哪能(?=办|弄|做|申)": "怎么",
    "好伐|对伐": "吗",
    # The north
    "多咱|啥前儿": "什么时候",
    "咋整": "怎么办",
    "木有": "没有",
    "中不中": "行不行",
}
_WORDS = re.compile("|".join(f"(?P<w{i}>{pattern})" for i, pattern in enumerate(_STANDARD)))
_MEANT = tuple(_STANDARD.values())


def in_standard_chinese(text: str) -> str:
    """The same text with such words replaced.

    >>> in_standard_chinese("我哋清远五金厂改到二级攞到几多钱")
    '我们清远五金厂改到二级拿到多少钱'
    >>> in_standard_chinese("泡菜厂咋个弄的，为啥子说危险？补得了好多？")
    '泡菜厂怎么弄的，为什么说危险？补得了多少？'
    """
    return _WORDS.sub(lambda m: _MEANT[int(str(m.lastgroup)[1:])], text)
