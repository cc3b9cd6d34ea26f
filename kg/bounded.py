"""Questions answered in a process of their own, which is ended where one takes too long.

Nothing can stop a query inside the engine, so what runs it is stopped: as the service does with its workers.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kg.apart import more_stack
from kg.errors import KgError, unforeseen
from kg.offline import go_offline

if TYPE_CHECKING:
    from kg.ask import Answer

VARIABLE, DEFAULT = "KG_ASK_SECONDS", 20.0
Shown = Callable[["Answer"], str]


def seconds() -> float:
    """The longest time of a question. Raises KgError where KG_ASK_SECONDS says no such time."""
    given = os.environ.get(VARIABLE, str(DEFAULT))
    with contextlib.suppress(ValueError):
        if 0 < float(given) <= 3600:
            return float(given)
    raise KgError(f"变量 {VARIABLE} 应为 0 到 3600 之间的秒数，现为“{given[:40]}”")


class Questions:
    """Answers the questions of one session, each as ``shown`` makes a text of its answer."""

    def __init__(self, data: Path, shown: Shown, limit: float) -> None:
        self.data, self.shown, self.limit = data, shown, limit
        self.stopped = 0  # questions that took too long
        self._context: list[str] = []  # the questions that the last answer leans on
        self._child = 0

    def __enter__(self) -> Questions:
        self._start()
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        self._end(kill=failed is not None)

    def ask(self, question: str, *, leaning: bool = False) -> str:
        """The answer; one that says so where it takes longer than the limit. Raises KgError."""
        if not self._child:
            self._start()
        pickle.dump((question, leaning), self._to)
        self._to.flush()
        if not select.select([self._from], [], [], self.limit)[0]:
            self._end()
            self.stopped += 1
            return self.shown(self._too_long(question))
        text, self._context = self._reply()
        return str(text)

    def _too_long(self, question: str) -> Answer:
        from kg.ask import Answer

        said = f"超过 {self.limit:g} 秒时限，已停止：请写明年度、部门或项目，缩小范围再问（时限由 {VARIABLE} 指定）"
        return Answer(question, said, "none", method="none")

    def _start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        theirs, mine = os.pipe()
        back, answer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(mine)
            os.close(back)
            self._serve(os.fdopen(theirs, "rb"), os.fdopen(answer, "wb"))
        os.close(theirs)
        os.close(answer)
        self._child, self._to, self._from = child, os.fdopen(mine, "wb"), os.fdopen(back, "rb")
        self._reply()

    def _reply(self) -> Any:
        try:
            done, value = pickle.load(self._from)  # noqa: S301 - our own child wrote it
        except EOFError:
            self._end()
            raise KgError("回答这个问题的进程意外结束（多半是内存不够）：请缩小范围再问") from None
        if not done:
            raise value
        return value

    def _end(self, *, kill: bool = True) -> None:
        """End the child: in the middle of its work, or (``kill`` false) because nobody asks any more."""
        if self._child:
            child, self._child = self._child, 0
            if kill:
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(OSError):
                self._to.close()
            os.waitpid(child, 0)
            self._from.close()

    def _serve(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        """The child: opens the graph, says so, answers until nobody asks."""
        import kg

        code = 1

        def say(done: bool, value: Any) -> None:
            pickle.dump((done, value), answers)
            answers.flush()

        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            more_stack()
            go_offline()
            with kg.open(self.data) as graph:
                previous = graph.asker.resume(self._context) if self._context else None
                say(True, None)
                while True:
                    question, leaning = pickle.load(questions)  # noqa: S301 - our own parent wrote it
                    answer = graph.ask(question, previous if leaning else None)
                    previous = answer if answer.answers else previous
                    say(True, (self.shown(answer), previous.context if previous else []))
        except (EOFError, BrokenPipeError):
            code = 0
        except KgError as error:
            say(False, error)
        except Exception as error:  # noqa: BLE001 - told to the parent, whatever it is
            say(False, KgError(unforeseen(error)))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
