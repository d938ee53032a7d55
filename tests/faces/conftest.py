"""The log of this process, caught as it would be written, with every logger at debug level."""

import io
import json
import logging
import sys
import threading
import warnings

import pytest

from cdshooks.faces.log import configure_log


class Logged:
    """What was written since the last look."""

    def __init__(self, stream):
        self._stream, self._from = stream, 0

    def text(self):
        written = self._stream.getvalue()[self._from :]
        self._from += len(written)
        return written

    def events(self):
        return [json.loads(line) for line in self.text().splitlines()]


def loggers():
    known = logging.Logger.manager.loggerDict.values()
    return [log for log in known if isinstance(log, logging.Logger)]


@pytest.fixture
def logged():
    """Replaces pytest's own handlers for the time of a test, and puts everything back."""
    root = logging.getLogger()
    levels = {log: log.level for log in [root, *loggers()]}
    for log in levels:
        log.setLevel(logging.NOTSET)  # also those that we silence ourselves
    handlers, raising = root.handlers[:], logging.raiseExceptions
    hooks = threading.excepthook, sys.unraisablehook
    showing = warnings.showwarning
    stream = io.StringIO()
    configure_log("debug", stream)
    yield Logged(stream)
    logging.captureWarnings(capture=False)
    warnings.showwarning = showing
    threading.excepthook, sys.unraisablehook = hooks
    root.handlers[:], logging.raiseExceptions = handlers, raising
    for log, level in levels.items():
        log.setLevel(level)
