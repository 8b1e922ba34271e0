"""Break the product on purpose, six ways: each must turn the figure that stands for it red beyond its interval."""

from __future__ import annotations

import importlib
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from advisor import Settings
from advisor.adapters.lexical import Bm25Engine
from advisor.text import sentences
from advisor.wiring import Advisor, shipped_corpus

# `import eval` would shadow the builtin; the package is addressed by name.
load, run, main = (importlib.import_module(f"eval.{n}") for n in ("load", "run", "__main__"))
compare = importlib.import_module("eval.compare")
pytestmark = pytest.mark.slow


# --- the breaks ----------------------------------------------------------------------------------


@dataclass
class DeafIndex:
    """Knows how rare words are, and finds none of them."""

    whole: object

    def search(self, parts, k):
        return []

    def idf(self, token):
        return self.whole.idf(token)


class DeafEngine(Bm25Engine):
    def open(self, directory):
        return DeafIndex(super().open(directory))


class DeafEmbedder:
    """Passages have their meaning; every question means the same."""

    def __init__(self, whole):
        self._whole = whole

    def __getattr__(self, name):
        return getattr(self._whole, name)

    def embed_question(self, text):
        return self._whole.embed_question("question")


class Deaf(Advisor):
    """Both legs are dropped; one alone is made up for by the other and by known questions."""

    def __init__(self, settings):
        super().__init__(settings, DeafEngine())
        self.embedder = DeafEmbedder(self.embedder)


class WrongPassage(Advisor):
    """Every citation points at a sentence, verbatim and at its place, of some other document that was found."""

    def ask(self, question):
        reply = super().ask(question)
        others = {s.document: self._other(s.document, reply.hits) for s in reply.sources}
        sources = tuple(replace(s, document=others[s.document].document) for s in reply.sources)
        languages = {s.document: p.language for s, p in zip(reply.sources, others.values(), strict=True)}
        sources = tuple(
            replace(s, language=languages[old.document]) for s, old in zip(sources, reply.sources, strict=True)
        )
        said = tuple(
            replace(s, citations=tuple(self._moved(c, others[c.document]) for c in s.citations))
            for s in reply.statements
        )
        return replace(reply, sources=sources, statements=said)

    def _other(self, document, hits):
        return next((h.passage for h in hits if h.passage.document != document), hits[0].passage)

    @staticmethod
    def _moved(citation, passage):
        start, end = sentences(passage.text)[0]
        return replace(
            citation, document=passage.document, language=passage.language, passage=passage.id,
            quote=passage.text[start:end], start=passage.start + start, end=passage.start + end,
        )  # fmt: skip


class WrongNumbers(Advisor):
    """The first digit of every number in the answer is another one; the quotes stay as they are."""

    def ask(self, question):
        reply = super().ask(question)
        said = tuple(replace(s, text=re.sub(r"\d+", self._other, s.text)) for s in reply.statements)
        return replace(reply, statements=said)

    @staticmethod
    def _other(match):
        digits = match.group()
        return str(int(digits[0]) % 9 + 1) + digits[1:]


class NeverAbstains(Advisor):
    """What would be a refusal is served as an answer, with whatever was found first."""

    def ask(self, question):
        reply = super().ask(question)
        return replace(reply, status="answered", reason=None) if reply.status == "abstained" else reply


class WrongLanguage(Advisor):
    """The reader's language is taken for the other one."""

    def ask(self, question):
        return super().ask(replace(question, language="en" if re.search(r"[一-鿿]", question.text) else "zh"))


# --- an edition of the corpus from before the rules ended -----------------------------------------

_ENDED = re.compile(
    r"结束|截止|取代|替代|废止|失效|停止|关闭|\b(?:ended|closed|replace[sd]?|expired|invalid|no longer)\b", re.I
)


def earlier_edition(target: Path) -> Path:
    """The shipped corpus, in which rules that are over are still in force and no sentence says otherwise."""
    corpus = Path(shutil.copytree(shipped_corpus(), target))
    for path in corpus.glob("documents/*/document.yaml"):
        meta = yaml.safe_load(path.read_text("utf-8"))
        if meta.get("status") in ("expired", "superseded") or path.parent.name == "iso-27001-sme":
            kept = path.read_text("utf-8")
            meta |= {"status": "in_force", "superseded_by": None, "in_force": {"from": None, "to": None}}
            path.write_text(yaml.safe_dump(meta, allow_unicode=True, sort_keys=False), "utf-8")
            for text in path.parent.glob("??.md"):
                lines = text.read_text("utf-8").split("\n")
                text.write_text(
                    "\n".join(x for x in lines if x.startswith("#") or x in kept or not _ENDED.search(x)), "utf-8"
                )
    return corpus


# --- the runs ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gold():
    """Dev questions that need no view of the corpus: every refusal and every outdated rule, and half of the others."""
    found = [p for p in load.load_gold(load.GOLD, ["dev"]) if not p.item.hide and not p.item.history]
    return [p for n, p in enumerate(found) if n % 2 or p.item.type in ("unanswerable", "outdated")]


@pytest.fixture(scope="module")
def runs(full_advisor, gold, tmp_path_factory):
    """A folder with the run of the product as it is."""
    folder = tmp_path_factory.mktemp("runs")
    run.run("whole", gold, full_advisor.settings, folder)
    return folder


@pytest.mark.parametrize(
    ("broken", "figure"),
    [
        (Deaf, "recall@5"),
        (WrongPassage, "citation_recall"),
        (WrongNumbers, "numeric_exactness"),
        (NeverAbstains, "refusal_recall"),
        (WrongLanguage, "language_fidelity"),
    ],
)
def test_a_broken_product_turns_its_figure_red(runs, full_advisor, gold, broken, figure):
    run.run("broken", gold, full_advisor.settings, runs, opener=broken)
    assert_red(runs, figure)


def test_serving_the_superseded_version_turns_currency_red(runs, gold, tmp_path):
    settings = Settings(home=tmp_path / "home", corpus=earlier_edition(tmp_path / "corpus"))
    run.run("broken", gold, settings, runs)
    assert_red(runs, "currency")


def assert_red(runs, figure):
    """Worse, with its whole interval below no change, and the command says so by its exit status."""
    row = compare.compare("whole", "broken", runs)["figures"][figure]
    assert row["verdict"] == "worse", row
    assert main.main(["compare", "whole", "broken", "--runs", str(runs)]) == 1
    assert main.main(["compare", "whole", "whole", "--runs", str(runs)]) == 0
