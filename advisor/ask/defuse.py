"""Takes the power out of text: what a model reads cannot command it, what it writes cannot act on a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,400}>")
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.|mailto:|javascript:|data:[a-z]+/)[^\s<>\"'”’）)\]】，。；、]*[^\s<>\"'”’）)\]】，。；、.,;:!?]",
    re.I,
)
_CHANNEL = re.compile(r"[‹<]\|[^|]{0,60}\|[›>]|\[/?(?:INST|SYS)\]|[‹<]{2}/?SYS[›>]{2}", re.I)
_ROLE = re.compile(
    r"^([ \t#>*_]*)(system|assistant|user|human|developer|ai|tool|系统|助手|用户|人类|开发者)([ \t*_]*)[:：]",
    re.I | re.M,
)
_LABEL = re.compile(r"[\[【(（]\s*P\s?(\d{1,3})\s*[\]】)）]")
# Names of hosts as people write them without a scheme; a full stop between two words of prose is not one.
_HOST = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|io|dev|app|info|biz|top|xyz|site|online|eu|de|uk|es|it|fr|sg|hk|my|kr|jp|us|ru|example|test|invalid|local)(?![\w-])(?::\d+)?(?:/[^\s]*)?",
    re.I,
)
_DISGUISED = re.compile(r"\s?[\[({]\s?(?:\.|dot|点)\s?[\])}]\s?|\s(?:dot|点)\s", re.I)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TOKEN = re.compile(r"\[?LINK(\d{1,4})\]?")


def visible(text: str) -> str:
    """Without what no reader sees: control and format characters, Unicode tags, variation selectors, private use."""
    return "".join(c for c in text if c in "\n\t" or not _hidden(c))


def _hidden(char: str) -> bool:
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0000" <= char <= "\U000e0fff" or char in "\u115f\u1160\u3164\uffa0\u2800":
        return True
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")


@dataclass
class Links:
    """Addresses taken out of what a model reads, each behind a token."""

    urls: list[str] = field(default_factory=list)

    def hide(self, url: str) -> str:
        if url not in self.urls:
            self.urls.append(url)
        return f"LINK{self.urls.index(url) + 1}"

    def restore(self, text: str, hosts: frozenset[str]) -> str:
        """Tokens back to addresses at these hosts; any other token goes."""

        def address(match: re.Match[str]) -> str:
            n = int(match[1]) - 1
            return self.urls[n] if n < len(self.urls) and host(self.urls[n]) in hosts else ""

        return _TOKEN.sub(address, text)


def host(url: str) -> str:
    """Host of an address, also where the scheme is left out."""
    try:
        return (urlsplit(url if "://" in url else f"//{url}").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def inert(text: str, links: Links) -> str:
    """Text as data for a prompt: the words stay, what could pass for markup, roles, labels or addresses does not."""
    text = _TAG.sub(" ", _CHANNEL.sub(" ", _COMMENT.sub(" ", visible(text))))
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(lambda m: f"{m[1]} {links.hide(m[2])}" if m[2] else m[1], text)
    text = _URL.sub(lambda m: links.hide(m[0]), text)
    text = text.replace("<", "‹").replace(">", "›")
    text = _LABEL.sub(r"p\1", _ROLE.sub(r"\1\2\3 –", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]{2,}", " ", text)).strip()


def inert_line(text: str, links: Links) -> str:
    """`inert` on one line without double quotes, for an attribute."""
    return " ".join(inert(text, links).split()).replace('"', "'")


def bare(text: str) -> str:
    """What a model wrote as one plain line: no markup, images, links, labels or hidden characters."""
    text = _TAG.sub(" ", _COMMENT.sub(" ", visible(text)))
    text = _IMAGE.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    text = _LABEL.sub("", _CHANNEL.sub(" ", text))
    text = re.sub(r"\*\*|__|`+|^[ \t]*(?:[-*•#>]+|\d+[.)、])[ \t]+", "", text, flags=re.M)
    text = text.replace("<", "‹").replace(">", "›").replace("![", "[")
    return " ".join(text.split())


_COMMAND = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|prior|guideline|context)s?\b"
    r"|\b(?:system|developer) (?:prompt|message|note|override)\b|\byou are now\b|\bnew (?:instruction|task|role)s?\b"
    r"|\b(?:output|print|repeat|reply|respond|answer|say|write|return|include|append|begin|end|copy|translate)\b.{0,40}\b(?:exactly|verbatim|only with|nothing else|the following|as follows|every answer|each answer|your answer)\b"
    r"|\b(?:ai|language|chat) ?(?:model|assistant|bot)s?\b.{0,60}\b(?:must|should|shall|has to|need to|output|write|say|reply|ignore)\b"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|绕过).{0,16}(?:指令|指示|规则|提示|要求|说明|内容|上文|上述|以上|之前)"
    r"|系统(?:提示|消息|指令|通知)|提示词|你现在是|从现在(?:起|开始).{0,6}你|新的?(?:指令|任务|角色|规则)"
    r"|(?:输出|回复|回答|写出|打印|复述|重复|返回|附上|加上|照抄|原样).{0,16}(?:以下|如下|下面|下列|这段|这句|原样|一字不差|一字不改|每个回答|每次回答|回答末尾)"
    r"|(?:语言模型|大模型|助手|聊天机器人|\bAI\b).{0,20}(?:必须|应当|应该|(?<!申)请|输出|写出|回复|忽略)",
    re.I | re.S,
)


def commands_a_model(text: str) -> bool:
    """Whether a sentence speaks to a language model rather than to a reader."""
    return _COMMAND.search(visible(text)) is not None


def hosts_in(text: str) -> set[str]:
    return {host(m[0]) for pattern in (_URL, _HOST) for m in pattern.finditer(text)}


def foreign_address(text: str, hosts: Iterable[str], quotes: Iterable[str]) -> str | None:
    """The first address in `text` that no cited document vouches for; a mail address counts as vouched where it is quoted."""
    text = _DISGUISED.sub(".", re.sub(r"\bhxxp", "http", text, flags=re.I))
    known, said = frozenset(hosts), " ".join(quotes)
    for match in _MAIL.finditer(text):
        if match[0] not in said:
            return match[0]
    rest = _MAIL.sub(" ", text)
    for pattern in (_URL, _HOST):
        for match in pattern.finditer(rest):
            if host(match[0]) not in known:
                return match[0]
    return None


__all__ = ["Links", "bare", "commands_a_model", "foreign_address", "host", "hosts_in", "inert", "inert_line", "visible"]
