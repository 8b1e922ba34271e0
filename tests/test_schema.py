"""Errors of the corpus name file and field; `check` proves what a maintainer promised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from advisor.adapters.originals import FileReader
from advisor.ingest.check import check
from advisor.ingest.read import read_corpus

RULES = "northport-rules-2025"


def edit(corpus: Path, change: Callable[[dict], None], document: str = RULES) -> None:
    path = corpus / "documents" / document / "document.yaml"
    meta = yaml.safe_load(path.read_text("utf-8"))
    change(meta)
    path.write_text(yaml.safe_dump(meta, allow_unicode=True), "utf-8")


def findings(corpus: Path) -> list[tuple[str, str, str]]:
    found = check(read_corpus([corpus], FileReader()))
    return [(f.reason, f.document, f.detail) for f in found if f.severity == "error"]


def test_the_small_corpus_is_clean(tiny_corpus):
    assert findings(tiny_corpus) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m.update(kind="rumour"), "kind"),
        (lambda m: m.update(colour="red"), "colour"),
        (lambda m: m.pop("title"), "title"),
        (lambda m: m.update(issued="soon"), "issued"),
        (lambda m: m["in_force"].update(to="soon"), "in_force.to"),
        (lambda m: m.update(topics=["gossip"]), "topics"),
        (lambda m: m["sources"][0].update(url="northport"), "sources.0.url"),
        (lambda m: m["records"]["funding"][0]["cap"].pop("said"), "records.funding.0.cap.said"),
        (lambda m: m["records"]["funding"][0]["cap"].pop("value"), "records.funding.0.cap"),
        (lambda m: m["records"]["funding"][1].update(instrument="gift"), "records.funding.1.instrument"),
    ],
)
def test_a_schema_error_names_file_and_field(tiny_corpus, change, field):
    edit(tiny_corpus, change)
    quarantined = read_corpus([tiny_corpus], FileReader()).quarantined
    assert [e.reason for e in quarantined] == ["schema"]
    assert f"{RULES}/document.yaml" in str(quarantined[0])
    assert f"the field {field} " in str(quarantined[0])
    assert "\n" not in str(quarantined[0])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("document.yaml", b"title: [", "yaml_broken"),
        ("document.yaml", b"- a list", "schema"),
        ("document.yaml", b"", "schema"),
        ("document.yaml", b"title: {zh: a}\nkind: *nobody", "yaml_broken"),
        ("document.yaml", b"title: !!python/object/apply:os.system [true]", "yaml_broken"),
        ("document.yaml", "title: {zh: 办法}".encode("gbk"), "encoding_unknown"),
        ("zh.md", "办法".encode("gbk"), "encoding_unknown"),
    ],
)
def test_a_file_that_cannot_be_read_is_quarantined_by_name(tiny_corpus, name, content, reason):
    path = tiny_corpus / "documents" / RULES / name
    path.write_bytes(content)
    corpus = read_corpus([tiny_corpus], FileReader())
    assert [e.reason for e in corpus.quarantined] == [reason]
    assert str(path) in str(corpus.quarantined[0])
    assert len(corpus.documents) == 5


def test_a_folder_without_texts_or_without_metadata_is_quarantined(tiny_corpus):
    for name in ("zh.md", "en.md"):
        (tiny_corpus / "documents" / RULES / name).unlink()
    (tiny_corpus / "documents" / "term-mes" / "document.yaml").unlink()
    assert [e.reason for e in read_corpus([tiny_corpus], FileReader()).quarantined] == [
        "document_empty",
        "file_missing",
    ]


def replace_in(name: str, old: str, new: str):
    def change(corpus: Path) -> None:
        path = corpus / "documents" / RULES / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (replace_in("en.md", "200,000", "210,000"), {"figures_differ", "said_not_once"}),
        (replace_in("document.yaml", "value: 200000", "value: 210000"), {"said_lacks_figure"}),
        (lambda c: edit(c, lambda m: m.update(jurisdiction="TL/Atlantis")), {"place_unknown"}),
        (lambda c: edit(c, lambda m: m.update(industries=["whaling"])), {"industry_unknown"}),
        (lambda c: edit(c, lambda m: m.update(supersedes=[])), {"link_one_way"}),
        (lambda c: edit(c, lambda m: m.update(supersedes=["nobody", "northport-rules-2022"])), {"link_unknown"}),
        (lambda c: edit(c, lambda m: m.update(sources=[])), {"no_source"}),
        (lambda c: edit(c, lambda m: m["in_force"].update({"from": "2029-01-01"})), {"dates_reversed"}),
        (lambda c: (c / "documents" / RULES / "en.md").unlink(), {"language_missing"}),
    ],
)
def test_check_finds_what_the_schema_cannot(tiny_corpus, change, reasons):
    change(tiny_corpus)
    found = findings(tiny_corpus)
    assert {reason for reason, _, _ in found} == reasons
    assert {document for _, document, _ in found} <= {RULES, "northport-rules-2022"}


def test_a_broken_list_of_places_names_the_row(tiny_corpus):
    (tiny_corpus / "places.yaml").write_text("- {id: TL, zh: 测试国}\n", "utf-8")
    with pytest.raises(Exception, match=r"places\.yaml: the field 0\.en "):
        read_corpus([tiny_corpus], FileReader())


@pytest.mark.slow
def test_the_shipped_corpus_is_clean():
    from advisor.wiring import shipped_corpus

    assert findings(shipped_corpus()) == []
