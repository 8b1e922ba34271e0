"""Settings: defaults < advisor.toml < environment < command line, each fault named."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from advisor.errors import UserError
from advisor.settings import Settings


def write(folder: Path, text: str) -> Path:
    (folder / "advisor.toml").write_text(text, "utf-8")
    return folder


def test_the_later_wins(tmp_path, monkeypatch):
    folder = write(tmp_path, 'port = 1111\ntop_k = 5\nlanguage = "zh"\n')
    monkeypatch.setenv("ADVISOR_PORT", "2222")
    monkeypatch.setenv("ADVISOR_TOP_K", "6")
    settings = Settings.load(folder, port=3333)
    assert (settings.port, settings.top_k, settings.language, settings.host) == (3333, 6, "zh", "127.0.0.1")


def test_an_empty_variable_counts_as_unset(tmp_path, monkeypatch):
    monkeypatch.setenv("ADVISOR_PORT", "")
    assert Settings.load(tmp_path) == Settings()


def test_every_field_can_be_set_from_the_environment(tmp_path, monkeypatch):
    for field in fields(Settings):
        value = (
            "zh" if field.name == "language" else "9" if "int" in str(field.type) or "float" in str(field.type) else "x"
        )
        monkeypatch.setenv(f"ADVISOR_{field.name.upper()}", value)
    loaded = Settings.load(tmp_path)
    assert all(getattr(loaded, f.name) != getattr(Settings(), f.name) for f in fields(Settings))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("port = ", "settings_broken"),
        ("colour = 'red'", "settings_unknown"),
        ("port = 'many'", "settings_value"),
        ("port = -1", "settings_value"),
        ("port = 70000", "settings_value"),
        ("port = true", "settings_value"),
        ("top_k = 0", "settings_value"),
        ("chat_timeout_s = nan", "settings_value"),
        ("home = 5", "settings_value"),
        ("chat_model = ['a']", "settings_value"),
        ("language = 'fr'", "settings_value"),
    ],
)
def test_a_bad_setting_is_named(tmp_path, text, reason):
    with pytest.raises(UserError) as caught:
        Settings.load(write(tmp_path, text))
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)
    assert text.split(" ")[0] in str(caught.value).lower() or "advisor.toml" in str(caught.value)


def test_a_key_is_never_in_the_sentence(tmp_path):
    with pytest.raises(UserError) as caught:
        Settings.load(write(tmp_path, "chat_api_key = ['sk-secret']"))
    assert "sk-secret" not in caught.value.message("en") + str(caught.value.as_dict())
