"""A wheel answers alone: code, corpus, prompts and models are in it, the evaluation is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.slow

ASK = """
import json
from advisor import Question, Settings, open_advisor
from advisor.prompts import prompts_folder
from advisor.wiring import shipped_corpus
reply = open_advisor(Settings()).ask(Question("Can my Spanish company still apply for Kit Digital?"))
print(json.dumps([str(shipped_corpus()), str(prompts_folder()), prompts_folder().is_dir(), [s.document for s in reply.sources]]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that no earlier build leaks in."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in ("advisor", "corpus", "prompts", "eval"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "runs"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md"):
        shutil.copy(ROOT / name, source / name)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(source)], check=True, capture_output=True, timeout=300)
    return next(folder.glob("advisor-*.whl"))


def test_it_carries_the_data_and_not_the_evaluation(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {n.split("/")[0] for n in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"advisor"}
    documents = [n for n in names if n.startswith("advisor/_corpus/documents/") and n.endswith("/document.yaml")]
    assert len(documents) == sum(1 for _ in (ROOT / "corpus" / "documents").glob("*/document.yaml"))
    for name in ("_corpus/places.yaml", "texts/zh.yaml", "ui/style.css", "models/embedder/model.safetensors"):
        assert f"advisor/{name}" in names
    for prompt in (ROOT / "prompts").glob("*.md"):
        assert f"advisor/_prompts/{prompt.name}" in names


def test_it_answers_from_its_own_files(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONPATH": str(tmp_path / "site")}
    ran = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tmp_path,
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    import json

    corpus, prompts, there, documents = json.loads(ran.stdout)
    assert corpus == str(tmp_path / "site" / "advisor" / "_corpus")
    assert prompts == str(tmp_path / "site" / "advisor" / "_prompts")
    assert there
    assert documents[0] == "es-kit-digital"
    assert (tmp_path / "data").is_dir()
