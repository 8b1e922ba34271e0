"""Paraphrases written by hand through the product's way from a model's words to verified statements: what survives, what is caught."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from advisor import Advisor
from advisor.adapters.lexicon import translate
from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.answer_llm import LLMAnswerer
from advisor.ask.entailed import entailed
from advisor.ask.lexicon import Lexicon
from advisor.ask.query import understand
from advisor.ask.verify import verify
from advisor.generation import Generation
from advisor.model import Answer, Citation, Language, Passage, Question, Statement
from advisor.ports import Message
from eval.errors import EvalError, read_rows

FAITHFUL = "faithful"
BARS = {FAITHFUL: 0.95, "number": 0.97, "place": 0.97, "negation": 0.80, "wrong_citation": 0.95}
# A model cites a passage and copies the sentence; some leave the copy out, and the sentence is then looked for.
WAYS = ("quoted", "labelled")


@dataclass(frozen=True, slots=True)
class Case:
    """What a model is made to say: `text`, citing `quote` of `document`; `source` is the sentence that it rewords."""

    id: str
    kind: str
    language: Language
    text: str
    document: str
    quote: str
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`shown`: the whole text was verified; `mended`: a part was, citing the sentence that it rewords after all."""

    case: Case
    shown: bool
    mended: bool
    because: tuple[str, ...]

    @property
    def right(self) -> bool:
        if self.case.kind == FAITHFUL:
            return self.shown
        return not self.shown or (self.case.kind == "wrong_citation" and self.mended)


@dataclass(frozen=True)
class Says:
    """A chat model with one sentence."""

    text: str
    quote: str
    name: str = "scripted"

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        row = {"text": self.text, "sources": ["P1"], **({"quote": self.quote} if self.quote else {})}
        yield json.dumps(row, ensure_ascii=False) + "\n"


def load_cases(path: Path) -> list[Case]:
    """One faithful case a row and one for each planted fault. Raises EvalError naming file and line."""
    found = [case for where, row in read_rows(path) for case in _cases(where, row)]
    if not found:
        raise EvalError("empty", str(path), "holds no rows.")
    return found


def _cases(where: str, row: Mapping[str, Any]) -> Iterator[Case]:
    texts = [row.get(k) for k in ("id", "language", "document", "quote", "paraphrase")]
    faults = row.get("faults", {})
    if not all(isinstance(t, str) and t for t in texts) or not isinstance(faults, dict):
        raise EvalError("bad_row", where, "needs id, language, document, quote and paraphrase as texts, and faults.")
    id, language, document, quote, said = (str(t) for t in texts)
    if language not in ("zh", "en"):
        raise EvalError("bad_row", where, "language must be zh or en.")
    own: Language = "zh" if language == "zh" else "en"
    yield Case(id, FAITHFUL, own, said, document, quote, quote)
    for kind, fault in faults.items():
        if kind == "wrong_citation" and isinstance(fault, dict):
            yield Case(id, kind, own, said, str(fault.get("document")), str(fault.get("quote")), quote)
        elif kind in BARS and isinstance(fault, str):
            yield Case(id, kind, own, fault, document, quote, quote)
        else:
            raise EvalError("bad_row", where, f"the fault {kind} is unknown or not a text.")


def measure(cases: Sequence[Case], advisor: Advisor, generation: Generation, as_of: date) -> dict[str, Any]:
    """Share right of each kind, by language, for models that copy the sentence and for those that only name the passage."""
    lexicon = Lexicon(generation, translate)
    extractive = ExtractiveAnswerer(generation, lexicon, advisor.embedder)
    result: dict[str, Any] = {"cases": len(cases), "entailment": advisor.settings.entailment, "ways": {}}
    for way in WAYS:
        outcomes = [_outcome(c, way, advisor, extractive, lexicon, as_of) for c in cases]
        wrong = [o for o in outcomes if not o.right]
        result["ways"][way] = {
            "kinds": _by_kind(outcomes),
            "wrong": [{"id": o.case.id, "kind": o.case.kind, "text": o.case.text, "because": o.because} for o in wrong],
        }
    return result


def _outcome(
    case: Case, way: str, advisor: Advisor, extractive: ExtractiveAnswerer, lexicon: Lexicon, as_of: date
) -> Outcome:
    generation = extractive.generation
    passage, citation = _cited(case, generation)
    query = understand(
        Question(generation.documents[case.document].title.get(case.language), case.language), lexicon, as_of
    )
    draft = Answer("answered", (Statement(citation.quote, "quoted", (citation,)),))
    writer = LLMAnswerer(extractive, Says(case.text, case.quote if way == "quoted" else ""), "no mark")
    answer = Answer("answered", tuple(s for s in writer.write(query, [], draft) if s))
    held = verify(answer, generation.documents, generation.places, lexicon.translate)
    if advisor.entailment:
        held = entailed(held, advisor.entailment, generation.documents)
    good = [s for s in held.statements if s.supported and s.citations]
    mended = bool(good) and all(any(case.source in c.quote for c in s.citations) for s in good)
    because = dict.fromkeys(f for s in held.statements for f in (s.unsupported_because or ()))
    return Outcome(case, bool(good) and len(good) == len(held.statements), mended, tuple(because))


def _cited(case: Case, generation: Generation) -> tuple[Passage, Citation]:
    for passage in generation.by_document.get((case.document, case.language), ()):
        if (at := passage.text.find(case.quote)) >= 0:
            start = passage.start + at
            found = Citation(case.document, case.language, passage.id, case.quote, start, start + len(case.quote))
            return passage, found
    raise EvalError("stale_quote", case.id, f"this quote is in no passage of {case.document}: {case.quote[:60]}")


def _by_kind(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for kind, bar in BARS.items():
        own = [o for o in outcomes if o.case.kind == kind]
        languages = {la: [o.right for o in own if o.case.language == la] for la in ("zh", "en")} | {
            "both": [o.right for o in own]
        }
        rows[kind] = {"bar": bar} | {
            la: {"share": round(sum(r) / len(r), 4) if r else None, "right": sum(r), "of": len(r)}
            for la, r in languages.items()
        }
    return rows


def table(result: Mapping[str, Any]) -> str:
    lines = []
    for way, found in result["ways"].items():
        lines.append(f"{way + ':':16}" + "".join(f"{la:>18}" for la in ("zh", "en", "both", "bar")))
        for kind, row in found["kinds"].items():
            shown = (row[la] for la in ("zh", "en", "both"))
            cells = (f"{c['share']:.3f} {c['right']}/{c['of']}" if c["of"] else "–" for c in shown)
            lines.append(f"{kind:16}" + "".join(f"{c:>18}" for c in cells) + f"{row['bar']:>18.2f}")
    return "\n".join(["share of faithful texts shown whole, and of planted faults not shown", *lines])
