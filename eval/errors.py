"""What can be wrong with an evaluation's input: one sentence that names file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class EvalError(Exception):
    """`reason` is a stable code; `where` is `file` or `file:line`."""

    def __init__(self, reason: str, where: str, problem: str) -> None:
        self.reason, self.where, self.problem = reason, where, problem
        super().__init__(f"{where}: {problem}")

    def as_dict(self) -> dict[str, str]:
        return {"reason": self.reason, "message": str(self), "where": self.where}


def read_text(path: Path) -> str:
    """The file's text; raises EvalError where it is missing or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise EvalError("file_missing", str(path), "there is no such file.") from None
    except IsADirectoryError:
        raise EvalError("file_missing", str(path), "is a folder, a file is needed.") from None
    except UnicodeDecodeError as error:
        raise EvalError("encoding_unknown", str(path), "is not UTF-8 text: save it as UTF-8.") from error


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(`file:line`, object) for every line that is not blank; raises EvalError at the first that is no JSON object."""
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise EvalError("not_json", where, f"this row is not JSON ({error}).") from error
        if not isinstance(row, dict):
            raise EvalError("not_json", where, "this row is not a JSON object.")
        yield where, row
