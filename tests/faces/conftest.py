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


@pytest.fixture
def logged():
    """Replaces pytest's own handlers for the time of a test, and puts everything back."""
    root, level = logging.getLogger(), logging.getLogger().level
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
    root.setLevel(level)
