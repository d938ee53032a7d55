"""One line of JSON for each thing that happened, made of the keys on one list and nothing else.

What a caller sent can be anything: a token, a name, a chart. So a value is logged under a key that
is listed here, in the shape that the list gives it, or not at all. Of what libraries log only the
place is kept, because their messages hold URLs, statements and the values of exceptions.
"""

import hashlib
import hmac
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, TextIO

import orjson

TEXT_AT_MOST = 200
MEMBERS_AT_MOST = 32
FRAMES_AT_MOST = 6

_UNSAFE = re.compile(r"[^A-Za-z0-9_.:/<>+*()\[\]=-]")
_SAFE = re.compile(rf"[A-Za-z0-9_.:/<>+*()\[\]=-]{{0,{TEXT_AT_MOST}}}").fullmatch  # as most are
_UNSAFE_IN_SENTENCE = re.compile(r"[^A-Za-z0-9_.:;/<>+*()\[\]=,! -]")

# ---- the list ------------------------------------------------------------------------------------


def _word(value: Any) -> str | None:
    """A name or code of ours; whatever else might stand in it is a question mark."""
    if not isinstance(value, str):
        return None
    return value if _SAFE(value) else _UNSAFE.sub("?", value[:TEXT_AT_MOST])


def _sentence(value: Any) -> str | None:
    return _UNSAFE_IN_SENTENCE.sub("?", value[:TEXT_AT_MOST]) if isinstance(value, str) else None


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) else None


def _words(value: Any) -> list[str] | None:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    return [word for word in map(_word, list(value)[:MEMBERS_AT_MOST]) if word is not None]


def _by_word(shape: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any] | None]:
    """A table of words, with what `shape` makes of each cell."""

    def table(value: Any) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            return None
        shaped: dict[str, Any] = {}
        for given, cell in value.items():
            name, told = _word(given), shape(cell)
            if name is not None and told is not None:
                shaped[name] = told
            if len(shaped) == MEMBERS_AT_MOST:
                break
        return shaped

    return table


_table = _by_word(lambda cell: _word(cell) or _number(cell))
_sentences = _by_word(_sentence)

KEYS: Mapping[str, Callable[[Any], Any]] = {
    "time": _word,
    "level": _word,
    "event": _word,
    "method": _word,  # of a closed list
    "route": _word,  # the rule, never the path that was called
    "status": _number,
    "ms": _number,
    "client": _word,  # its name in the configuration
    "claimed": _word,  # the same, of the client that a token names and does not prove
    "service": _word,  # one that there is
    "reason": _sentence,  # of a 401, 403, 429 or 503, for us alone
    "at": _word,  # the element of a request that was refused
    "keys": _words,  # of prefetch, that a 412 asks for
    "lacking": _sentences,  # why each of them could not be had, in our own words
    "cards": _table,  # how many of each indicator
    "prefetch": _table,  # what came of each key
    "problems": _number,  # how many parts of the record could not be used
    "instance": _word,  # of the hook: a UUID, or the keyed hash of what is none
    "patient": _word,  # keyed hash
    "error": _word,  # the type of an exception
    "place": _words,  # file, line and function, the innermost last
    "number": _word,  # finds an internal error
    "logger": _word,  # who says `message`
    "message": _sentence,  # of the web server or of a room of ours, about itself
    "request_id": _word,
    "correlation_id": _word,
    "trace_id": _word,
    "span_id": _word,
    "worker": _number,  # process id
}


def allowed(event: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `event` that may be logged and says something, in the order of the list."""
    shaped = {}
    for key, shape in KEYS.items():
        if key in event:
            value = shape(event[key])
            if value or value == 0:
                shaped[key] = value
    return shaped


# ---- our own events ------------------------------------------------------------------------------

_log = logging.getLogger("cdshooks.log")
_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default=MappingProxyType({}))


@contextmanager
def in_log(ids: Mapping[str, str]) -> Iterator[None]:
    """Within it every line of the log, of libraries too, has these ids."""
    before = _ids.set(ids)
    try:
        yield
    finally:
        _ids.reset(before)


def tell(level: int, event: str, **fields: Any) -> None:
    """Log `event` with those of `fields` that are on the list.

    The record is made here: a call has one, and to look up who logs costs more than the call.
    """
    if _log.isEnabledFor(level):
        told = allowed({**_ids.get(), **fields, "event": event})
        record = logging.LogRecord(_log.name, level, "", 0, told, None, None)
        record.told = told
        _log.handle(record)


def tell_error(event: str, error: BaseException, **fields: Any) -> None:
    """Log the type and the place of `error`. Its text may hold what a chart said."""
    tell(logging.ERROR, event, error=_type(type(error)), place=_place(error), **fields)


def keyed_hash(key: bytes, *parts: str) -> str:
    """A name for `parts` that only a holder of `key` can find again (HMAC-SHA256, 64 bits)."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, hashlib.sha256).hex()[:16]


def _type(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def _place(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_AT_MOST:]
    return [
        f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno}:{frame.name}"
        for frame in frames
    ]


# ---- what the rest of the program logs -----------------------------------------------------------

# Of granian what it says of itself; it also logs the errors of an application.
_OF_GRANIAN = (
    "Starting granian",
    "Listening at",
    "Spawning worker",
    "Started worker",
    "Stopping",
    "Stopped worker",
    "Stopped old worker",
    "Shutting down",
    "Granian shutdown",
    "Killing",
    "Respawning worker",
    "Unexpected exit from worker",
    "Worker crash loop",
    "HUP signal",
)


def _reduced(record: logging.LogRecord) -> dict[str, Any]:
    """Of a record its logger and the type and place of its error.

    Its message only where that can hold nothing of a caller: our own rooms name clients, kinds and
    places (the rule of `errors.py`).
    """
    told: dict[str, Any] = {"event": "note", "logger": record.name}
    room = record.name.partition(".")[0]
    if room == "cdshooks" or (room == "_granian" and str(record.msg).startswith(_OF_GRANIAN)):
        told["message"] = _message(record)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        told.update(error=_type(type(error)), place=_place(error))
    return told


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit: lose no record
        return str(record.msg)


class _Lines(logging.Formatter):
    """A line for each record: an event of ours as it was told, of another what is safe of it."""

    def __init__(self, render: Callable[[dict[str, Any]], str]):
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "told", None) or allowed({**_ids.get(), **_reduced(record)})
        time = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        stamp = f"{time.isoformat(timespec='microseconds')}Z"
        return self._render({"time": stamp, "level": record.levelname.lower(), **told})


def _renderer(stream: TextIO, *, for_people: bool) -> Callable[[dict[str, Any]], str]:
    if for_people:
        import structlog  # noqa: PLC0415  loads rich, for a terminal alone

        console = structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="time")
        return lambda event: console(None, "", event)
    return lambda event: orjson.dumps(event).decode()


def configure_log(level: str, stream: TextIO | None = None, *, for_people: bool = False) -> None:
    """Let this process log to `stream` (standard error): JSON, or lines for a terminal."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines(_renderer(stream, for_people=for_people)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.raiseExceptions = False  # a record that cannot be written would be printed raw
    logging.captureWarnings(capture=True)
    threading.excepthook = lambda lost: _tell_lost(lost.exc_value)
    sys.unraisablehook = lambda lost: _tell_lost(lost.exc_value)


def _tell_lost(error: BaseException | None) -> None:
    """An error that nobody was there to catch; Python would print its text."""
    if error is not None:
        tell_error("lost-error", error)
