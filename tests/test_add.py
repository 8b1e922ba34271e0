"""A maintainer's own document: one command, and the next question cites its page; a bad file changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from conftest import AS_OF
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from advisor import Question
from advisor.errors import AdvisorError
from advisor.ingest.add import Metadata

CHINESE = [
    ["北埠市灯塔计划申报通知", "北埠市测试局发布本通知，供测试使用。"],
    ["灯塔计划面向北埠市的印刷企业。", "灯塔计划对每家印刷企业补助7万元。", "申报截止日期为2027年3月31日。"],
]
ENGLISH = [
    ["Northport Lighthouse Scheme", "The Northport Test Office issued this notice for the tests."],
    [
        "The lighthouse scheme is for print shops in Northport.",
        "The lighthouse scheme pays each print shop 70,000 yuan.",
    ],
]


def write_pdf(path: Path, pages: list[list[str]], font: str = "Helvetica") -> Path:
    if font == "STSong-Light":
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    canvas = Canvas(str(path), pagesize=A4)
    for page in pages:
        canvas.setFont(font, 12)
        for i, line in enumerate(page):
            canvas.drawString(72, 760 - 24 * i, line)
        canvas.showPage()
    canvas.save()
    return path


def lock(path: Path, password: str, algorithm: str) -> Path:
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.encrypt(password, "owner", algorithm=algorithm)
    writer.write(path)
    return path


def cited(reply, document: str):
    return [c for s in reply.statements for c in s.citations if c.document == document]


@pytest.mark.parametrize(
    ("font", "pages", "question", "figure"),
    [
        ("STSong-Light", CHINESE, "灯塔计划给印刷企业补多少？", "7万元"),
        ("Helvetica", ENGLISH, "How much does the lighthouse scheme pay a print shop?", "70,000 yuan"),
    ],
    ids=["zh", "en"],
)
def test_the_next_question_cites_the_page(advisor, tmp_path, font, pages, question, figure):
    path = write_pdf(tmp_path / "lighthouse.pdf", pages, font)
    added = advisor.add(path, Metadata(title=pages[0][0], jurisdiction="Northport", issued="2026-10"))
    advisor.ingest()
    reply = advisor.ask(Question(question, as_of=AS_OF))
    found = [c for c in cited(reply, added.document) if figure in c.quote]
    assert found, reply.answer
    assert all(c.at == {"page": 2} for c in found)
    source = next(s for s in reply.sources if s.document == added.document)
    assert (source.text_origin, source.verification, source.jurisdiction) == ("original", "unverified", "TL/Northport")
    text = advisor.show(added.document, None)["text"]
    assert all(text[c.start : c.end] == c.quote for c in found)


def test_what_was_read_is_reported(advisor, tmp_path):
    added = advisor.add(write_pdf(tmp_path / "a.pdf", CHINESE, "STSong-Light"), Metadata(title="灯塔计划"))
    assert (added.language, added.pages, added.written) == ("zh", 2, True)
    meta = yaml.safe_load((advisor.layout.overlay / "documents" / added.document / "document.yaml").read_text("utf-8"))
    assert meta["jurisdiction"] == "TL/Northport"  # named in its first lines
    assert meta["text_origin"] == "original"


def test_a_dry_run_writes_nothing(advisor, tmp_path):
    added = advisor.add(write_pdf(tmp_path / "a.pdf", ENGLISH), Metadata(title="Lighthouse"), dry_run=True)
    assert added.written is False
    assert not advisor.layout.overlay.exists()


def test_the_same_title_again_replaces_the_document(advisor, tmp_path):
    path = tmp_path / "note.md"
    for share in (10, 15):
        path.write_text(f"# Harbour note\n\nThe harbour note names a share of {share} % for cranes.\n", "utf-8")
        added = advisor.add(path, Metadata())
    advisor.ingest()
    assert len(list((advisor.layout.overlay / "documents").iterdir())) == 1
    assert "15 %" in advisor.show(added.document, None)["text"]


def test_an_added_document_can_be_removed_and_only_that(advisor, tmp_path):
    path = tmp_path / "note.md"
    path.write_text("# Harbour note\n\nThe harbour note is about cranes.\n", "utf-8")
    added = advisor.add(path, Metadata())
    for name in ("southvale-voucher", "", ".", "..", "../documents", f"../documents/{added.document}", "nowhere"):
        with pytest.raises(AdvisorError) as caught:
            advisor.remove(name)
        assert caught.value.reason == "not_removable"
    assert (advisor.layout.overlay / "documents" / added.document / "document.yaml").exists()
    advisor.remove(added.document)
    assert advisor.ingest().documents == 6


# --- files that cannot be used --------------------------------------------------------------------


def text_file(name: str, content: bytes):
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def blank_pdf(folder: Path) -> Path:
    canvas = Canvas(str(folder / "scan.pdf"))
    canvas.rect(100, 100, 200, 200, fill=1)
    canvas.save()
    return folder / "scan.pdf"


def torn_pdf(folder: Path) -> Path:
    path = write_pdf(folder / "torn.pdf", ENGLISH)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    return path


BAD = {
    "encrypted": (lambda f: lock(write_pdf(f / "a.pdf", ENGLISH), "secret", "RC4-128"), "encrypted"),
    "encrypted-aes": (lambda f: lock(write_pdf(f / "a.pdf", ENGLISH), "secret", "AES-256"), "encrypted"),
    "scan": (blank_pdf, "no_text_layer"),
    "torn": (torn_pdf, "malformed"),
    "text-as-pdf": (text_file("a.pdf", b"only words"), "malformed"),
    "empty-pdf": (text_file("a.pdf", b""), "malformed"),
    "pdf-as-text": (lambda f: write_pdf(f / "a.pdf", ENGLISH).rename(f / "a.md"), "malformed"),
    "docx": (text_file("a.docx", b"PK\x03\x04"), "format_unknown"),
    "no-extension": (text_file("LICENSE", b"# words"), "format_unknown"),
    "gbk": (text_file("a.md", "# 补助办法\n\n补助50%。".encode("gbk")), "encoding_unknown"),
    "utf-16": (text_file("a.md", "# Rules".encode("utf-16-le")), "encoding_unknown"),
    "no-title": (text_file("a.md", b"Only a sentence."), "metadata_missing"),
    "empty": (text_file("a.md", b""), "file_empty"),
    "only-marks": (text_file("a.md", b"# \n\n---\n"), "file_empty"),
    "missing": (lambda f: f / "nowhere.md", "file_unreadable"),
    "folder": (lambda f: f, "file_unreadable"),
    "long-name": (lambda f: f / ("x" * 300 + ".md"), "file_unreadable"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_ends_in_one_sentence_and_changes_nothing(advisor, tmp_path, name):
    make, reason = BAD[name]
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in")
    good = tmp_path / "good.md"
    good.write_text("# Good\n\nA good note.\n", "utf-8")
    advisor.add(good, Metadata())
    before = {p: p.read_bytes() for p in sorted(advisor.layout.home.rglob("*")) if p.is_file()}
    with pytest.raises(AdvisorError) as caught:
        advisor.add(path, Metadata())
    assert caught.value.reason == reason
    for language in ("zh", "en"):
        sentence = caught.value.message(language)
        assert "\n" not in sentence
        assert str(path) in sentence
        assert sentence.endswith((".", "。"))
    assert {p: p.read_bytes() for p in sorted(advisor.layout.home.rglob("*")) if p.is_file()} == before


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_protected_pdf_that_needs_no_password_opens(advisor, tmp_path, algorithm):
    path = lock(write_pdf(tmp_path / "a.pdf", ENGLISH), "", algorithm)
    assert advisor.add(path, Metadata(title="Open"), dry_run=True).pages == 2


def test_a_page_without_text_is_reported(advisor, tmp_path):
    added = advisor.add(write_pdf(tmp_path / "a.pdf", [*ENGLISH, []]), Metadata(title="Half"), dry_run=True)
    assert "page 3 has no text layer" in added.warnings


@pytest.mark.parametrize(
    ("given", "option"),
    [
        (Metadata(jurisdiction="Atlantis"), "--jurisdiction"),
        (Metadata(kind="rumour"), "--kind"),
        (Metadata(language="fr"), "--language"),
        (Metadata(issued="last year"), "--issued"),
        (Metadata(issued="2026-13-40"), "--issued"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(advisor, tmp_path, given, option):
    path = tmp_path / "note.md"
    path.write_text("# Harbour note\n\nThe harbour note is about cranes.\n", "utf-8")
    with pytest.raises(AdvisorError) as caught:
        advisor.add(path, given)
    assert caught.value.reason == "settings_value"
    assert option in str(caught.value)
    assert not advisor.layout.overlay.exists()


def test_strange_titles_and_names_stay_inside_the_overlay(advisor, tmp_path):
    for title in ("../../escape", "x" * 400, "名" * 400, "a\nb: [c]", "\u202egnp.exe", "CON", "🚢", "{x}"):
        path = tmp_path / "note.md"
        path.write_text("The harbour note is about cranes.\n", "utf-8")
        added = advisor.add(path, Metadata(title=title))
        assert (advisor.layout.overlay / "documents" / added.document).is_dir()
    report = advisor.ingest()
    assert report.quarantined == ()
    assert sorted(p.name for p in advisor.layout.home.iterdir() if p.is_dir()) == ["corpus", "generations"]


def test_what_a_kill_left_of_an_add_or_a_removal_is_mended(advisor, tmp_path):
    path = tmp_path / "note.md"
    path.write_text("# Harbour note\n\nThe harbour note is about cranes.\n", "utf-8")
    folder = advisor.layout.overlay / "documents" / advisor.add(path, Metadata()).document
    folder.rename(folder.with_name(f".draft-{folder.name}"))  # killed between discarding the old and placing the new
    (folder.with_name(".gone-own-other")).mkdir()
    (folder.with_name(".draft-own-torn")).mkdir()
    report = advisor.ingest()
    assert report.documents == 7
    assert [p.name for p in folder.parent.iterdir()] == [folder.name]
