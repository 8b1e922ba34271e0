"""What can go wrong, and who can mend it.

    AdvisorError            one sentence (what, where, what to do) and a stable reason code
    ├── UserError           the command or its input: whoever typed it
    ├── CorpusError         a document of the corpus: the maintainer
    ├── IndexFault          the derived index: rebuilt by `advisor ingest`
    ├── Busy                another process has the lock or the port
    └── ModelFault          an embedder or chat model that does not serve

Finding no answer is a result, never an error.
"""

from __future__ import annotations

from advisor.wording import say


class AdvisorError(Exception):
    """`reason` names an entry of `errors` in the wording; `blanks` fill it."""

    def __init__(self, reason: str, where: str | None = None, **blanks: object) -> None:
        self.reason = reason
        self.where = where
        self.blanks = blanks
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        return say(f"errors.{self.reason}", language, where=self.where or "", **self.blanks)

    def as_dict(self, language: str = "en") -> dict[str, object]:
        return {"reason": self.reason, "message": self.message(language), "where": self.where}


class UserError(AdvisorError):
    pass


class CorpusError(AdvisorError):
    pass


class IndexFault(AdvisorError):
    pass


class Busy(AdvisorError):
    pass


class ModelFault(AdvisorError):
    pass
