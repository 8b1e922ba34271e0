"""A process that ingests and is killed: reads one order a line, forks, lets the child die there, says how it ended.

An order is JSON: {"home", "corpus", "event", "part", "delay"}. `event` is an audit event of Python (open, os.rename);
the child kills itself at the first such event whose path holds `part`, or `delay` seconds after it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path


def ingest(order: dict[str, str]) -> None:
    from conftest import small_advisor

    from advisor.adapters.chroma import ChromaEngine
    from advisor.adapters.lexical import Bm25Engine

    advisor = small_advisor(Path(order["corpus"]), Path(order["home"]))
    advisor.lexical, advisor.vector = Bm25Engine(), ChromaEngine()
    armed = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if armed[0] and event == order["event"] and any(order["part"] in str(a) for a in arguments[:2]):
            writes = event != "open" or (isinstance(arguments[1], str) and "w" in arguments[1])
            if not writes:
                return
            armed[0] = False
            if order["delay"]:
                threading.Timer(float(order["delay"]), os.kill, (os.getpid(), signal.SIGKILL)).start()
            else:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    advisor.ingest()


def main() -> None:
    import chromadb  # noqa: F401 - once, before the forks
    import conftest  # noqa: F401

    print("warm", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                ingest(json.loads(line))
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status), flush=True)


if __name__ == "__main__":
    main()
