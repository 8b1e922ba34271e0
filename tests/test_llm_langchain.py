"""The parts for LangChain, and the document that shows them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import TINY
from langchain_core.runnables import RunnableLambda

from advisor.adapters.langchain import AdvisorRetriever, AdvisorRunnable
from advisor.wiring import Advisor

PAGE = Path(__file__).parent.parent / "docs" / "langchain.md"
QUESTION = "How much does Northport pay a firm that reaches level 2?"


def test_the_retriever_gives_passages_with_their_place(advisor: Advisor) -> None:
    found = AdvisorRetriever(advisor=advisor).invoke(QUESTION)
    assert found[0].metadata["document"] == "northport-rules-2025"
    for document in found:
        m = document.metadata
        assert advisor.document(m["document"]).texts[m["language"]][m["start"] : m["end"]] == document.page_content


def test_the_runnable_gives_the_reply(advisor: Advisor) -> None:
    chain = AdvisorRunnable(advisor) | RunnableLambda(lambda reply: reply["sources"][0]["document"])
    assert chain.invoke(QUESTION) == "northport-rules-2025"
    assert chain.batch([{"question": "北埠市对达到二级的企业最多补助多少？", "language": "zh"}]) == [
        "northport-rules-2025"
    ]
    follow = {
        "question": "And for level 3?",
        "history": [{"question": QUESTION, "answer": "200,000"}],
        "profile": {"employees": 30},
    }
    assert "320,000" in AdvisorRunnable(advisor).invoke(follow)["answer"]


@pytest.mark.slow
def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ADVISOR_CORPUS", str(TINY))
    monkeypatch.setenv("ADVISOR_HOME", str(tmp_path))
    names: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S):
        exec(compile(code, str(PAGE), "exec"), names)
    out = capsys.readouterr().out
    assert "case-pump-maker" in out
    assert names["status"] in ("answered", "abstained", "partial")
    names["advisor"].close()  # type: ignore[attr-defined]
