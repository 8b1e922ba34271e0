"""compose.yaml: no engine runs it here, but its words are checked: known settings, loopback only, the versions of the Makefile."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
import yaml
from conftest import ROOT

from advisor.settings import Settings

TEXT = (ROOT / "compose.yaml").read_text("utf-8")
SERVICES = yaml.safe_load(TEXT)["services"]
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


def test_every_variable_is_a_setting() -> None:
    known = {f"ADVISOR_{f.name.upper()}" for f in fields(Settings)}
    assert set(SERVICES["advisor"]["environment"]) <= known
    assert SERVICES["advisor"]["environment"]["ADVISOR_CHAT_MODEL"].startswith("ollama:")


def test_only_the_chat_is_published_and_only_on_this_machine() -> None:
    published = {name: s.get("ports", []) for name, s in SERVICES.items() if s.get("ports")}
    assert published == {"advisor": [f"127.0.0.1:{Settings().port}:{Settings().port}"]}


def test_what_waits_waits_for_something_that_can_happen() -> None:
    for service in SERVICES.values():
        for name, waited in service.get("depends_on", {}).items():
            assert waited["condition"] in CONDITIONS
            assert waited["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]
        assert "image" in service or "build" in service
    assert set(yaml.safe_load(TEXT)["volumes"]) == {
        v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", [])
    }


def test_the_model_that_is_fetched_is_the_one_that_is_asked() -> None:
    asked = SERVICES["advisor"]["environment"]["ADVISOR_CHAT_MODEL"].removeprefix("ollama:")
    assert SERVICES["model"]["entrypoint"] == ["ollama", "pull", asked]
    default = re.search(r":-(.+)}", asked)
    assert default
    assert f"ollama:{default[1]}" in (ROOT / "README.md").read_text("utf-8")


def test_it_builds_with_the_torch_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    torch = re.search(r"^TORCH := (\S+)", makefile, re.M)
    assert torch
    assert torch[1] in SERVICES["advisor"]["build"]["dockerfile_inline"]


@pytest.mark.parametrize("line", ["COPY . .", "USER advisor", 'CMD ["advisor", "serve"]'])
def test_the_image_does_what_it_must(line: str) -> None:
    assert line in SERVICES["advisor"]["build"]["dockerfile_inline"].splitlines()
