"""README and code say the same: its commands run, its tables are complete, its names are the front door."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from typing import get_args

import pytest
from conftest import ROOT, TINY
from test_add import ENGLISH, write_pdf

import advisor
from advisor.model import Status
from advisor.settings import Settings

README = (ROOT / "README.md").read_text("utf-8")
FENCES = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with `advisor` on the path, the small corpus and the PDF that README adds."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "bin").mkdir()
    script = folder / "bin" / "advisor"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m advisor.cli "$@"\n', "utf-8")
    script.chmod(0o755)
    write_pdf(folder / "my-notice.pdf", ENGLISH)
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("ADVISOR_")}
    surroundings |= {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    surroundings |= {"ADVISOR_CORPUS": str(TINY), "ADVISOR_HOME": str(folder / "home"), "LANG": "C.UTF-8"}
    return folder, surroundings


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "code"), [f for f in FENCES if f[0] in ("sh", "python")])
def test_a_fence_runs(place, kind, code):
    folder, surroundings = place
    run = ["sh", "-eu", "-c", code] if kind == "sh" else [sys.executable, "-c", code]
    ran = subprocess.run(run, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    if "my-notice.pdf" in code:
        assert "70,000 yuan" in ran.stdout


def test_every_fence_runs_or_is_an_illustration():
    assert {kind for kind, _ in FENCES} == {"sh", "python", "console"}
    assert sum(kind == "console" for kind, _ in FENCES) == 2


def test_every_setting_and_its_default_is_in_the_table():
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", README.split("## Settings")[1], re.M))
    assert list(rows) == [f.name for f in fields(Settings)]
    for field in fields(Settings):
        if field.default is not None:
            default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            assert rows[field.name].strip("` ") == default


def test_every_status_is_in_the_table():
    rows = re.findall(r"^\| `(\w+)` \|", README.split("### What a reply can be")[1].split("###")[0], re.M)
    assert rows == list(get_args(Status))


def test_the_front_door_is_what_readme_names():
    imported = re.search(r"^from advisor import (.+)$", README, re.M)
    assert imported is not None
    assert imported[1].split(", ") == advisor.__all__
    assert all(hasattr(advisor, name) for name in advisor.__all__)


def test_every_make_word_exists():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set(
        re.findall(
            r"\bmake ([a-z][\w-]*)",
            "\n".join([*re.findall(r"`([^`\n]+)`", README), *(c for _, c in FENCES), README[:900]]),
        )
    )
    assert {"chat", "test", "check"} <= named <= targets


def test_every_room_on_the_map_exists():
    rows = re.findall(r"^\| (`.+?`) \| ", README.split("## Map of the rooms")[1], re.M)
    paths = [p for row in rows for p in re.findall(r"`([^`]+)`", row)]
    assert len(paths) >= 15
    for path in paths:
        assert (ROOT / path).exists() or (ROOT / "advisor" / path).exists(), path


def test_every_command_is_shown():
    from typer.main import get_command

    from advisor.cli import app

    commands = set(get_command(app).commands)
    assert {c for c in commands if f"advisor {c}" not in README} == set()
