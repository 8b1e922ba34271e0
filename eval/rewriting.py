"""What a model's rewrite of the question adds to retrieval and answer, and what a bad one costs: four scripted models beside none."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import advisor
from advisor import Advisor, Settings, prompts
from advisor.ask.defuse import Links, inert
from advisor.errors import ModelFault
from advisor.model import LANGUAGES
from advisor.ports import Message
from eval import score
from eval.errors import read_rows
from eval.load import Item, Placed
from eval.run import RUNS, Opener, Progress, run

TRANSLATIONS = Path(__file__).parent / "translations.jsonl"
SHOWN = ("recall@5", "document_recall@5", "vital_recall", "right", "evidence_cited")
_ASKED = re.compile(r"<question>\n(.*?)\n</question>", re.S)
_SYSTEMS = [f"rewrite.system.{language}" for language in LANGUAGES]
Wording = Callable[[Item], Mapping[str, str]]


@dataclass
class Rewords:
    """Proposes what `words` says for a question; never answers, so that the reply shows retrieval and nothing else."""

    items: Mapping[str, Item]
    words: Wording
    name: str = "scripted"
    asked: int = 0

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        if messages[0].text not in (prompts.render(s) for s in _SYSTEMS):
            raise ModelFault("model_unreadable")
        self.asked += 1
        found = _ASKED.search(messages[-1].text)
        item = self.items.get(found[1] if found else "")
        yield json.dumps(self.words(item), ensure_ascii=False) if item else ""


def measured(
    gold: Sequence[Placed],
    settings: Settings,
    runs: Path = RUNS,
    progress: Progress = print,
    opener: Opener = advisor.open_advisor,
) -> dict[str, Any]:
    """Figures over follow-ups and cross-lingual questions: without a model, with rewrites by hand, with bad ones."""
    wanted = [p for p in gold if p.item.standalone or p.item.hide]
    result: dict[str, Any] = {"questions": len(wanted), "models": {}}
    for name, words in variants([p.item for p in wanted]).items():
        chats: list[Rewords] = []
        folder = run(f"rewriting-{name}", wanted, settings, runs, opener=_opener(wanted, words, chats, opener))
        figures = score.score(score.load_run(folder.name, runs)).as_dict()["figures"]
        row = {
            k: {"value": figures[k]["value"], "n": figures[k]["numerator"], "of": figures[k]["denominator"]}
            for k in SHOWN
        }
        result["models"][name] = {"rewrites_asked": sum(c.asked for c in chats), **row}
        progress(f"asked {len(wanted)} questions: {name}")
    return result


def variants(items: Sequence[Item]) -> dict[str, Wording | None]:
    """`gold` is what a perfect model would say; `stray` rewrites every question into another one."""
    translated = {str(row["id"]): str(row["translation"]) for _, row in read_rows(TRANSLATIONS)}

    def gold(item: Item) -> dict[str, str]:
        found = {"question": item.standalone, "translation": translated.get(item.id)}
        return {k: v for k, v in found.items() if v}

    def stray(item: Item) -> dict[str, str]:
        others = [i for i in items if i.language == item.language and i.dialogue != item.dialogue and i.id != item.id]
        return gold(random.Random(item.id).choice(others))

    def babble(item: Item) -> dict[str, str]:
        dice = random.Random(item.id)
        words = sorted({w for i in items for w in re.findall(r"[A-Za-z]{3,}|[\u4e00-\u9fff]{2}", i.question)})
        said = [" ".join(dice.choices(words, k=12)) for _ in range(2)]
        return {"question": said[0], "translation": said[1]}

    def echo(item: Item) -> dict[str, str]:
        earlier = item.history[-1].question if item.history else item.question
        return {"question": earlier, "translation": earlier}

    return {"none": None, "gold": gold, "stray": stray, "babble": babble, "echo": echo}


def _opener(gold: Sequence[Placed], words: Wording | None, chats: list[Rewords], opener: Opener) -> Opener:
    items = {inert(p.item.question.strip(), Links()): p.item for p in gold}

    def opened(settings: Settings) -> Advisor:
        found = opener(settings)
        chat = Rewords(items, words) if words else None
        found.chat = chat
        chats.extend([chat] if chat else [])
        return found

    return opened


def table(result: Mapping[str, Any]) -> str:
    lines = [f"{'':10}{'asked':>7}" + "".join(f"{k:>22}" for k in SHOWN)]
    for name, row in result["models"].items():
        cells = (f"{row[k]['value']:.3f} {row[k]['n']:g}/{row[k]['of']:g}" for k in SHOWN)
        lines.append(f"{name:10}{row['rewrites_asked']:>7}" + "".join(f"{c:>22}" for c in cells))
    return "\n".join([f"over {result['questions']} follow-ups and cross-lingual questions", *lines])
