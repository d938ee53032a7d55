"""Where in a buffer a Raw stands that was decoded from it.

msgspec keeps a Raw as a view of the buffer and does not tell of which part; the buffer protocol of
Python does. What comes of it is only ever used to cut a piece out of the buffer.
"""

import ctypes

from msgspec import Raw


class _View(ctypes.Structure):
    """Py_buffer (Python/C API, buffer protocol; part of the stable ABI since Python 3.11)."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    )


_get, _release = ctypes.pythonapi.PyObject_GetBuffer, ctypes.pythonapi.PyBuffer_Release
_get.argtypes = (ctypes.py_object, ctypes.POINTER(_View), ctypes.c_int)
_get.restype = ctypes.c_int
_release.argtypes = (ctypes.POINTER(_View),)
_release.restype = None


def address(one: bytes | Raw) -> int:
    """Where its first byte stands, for as long as nobody lets go of the buffer."""
    view = _View()
    _get(one, view, 0)
    found: int | None = view.buf
    _release(view)
    return found or 0


def end_of(raw: Raw, buffer: bytes, start: int) -> int | None:
    """The place after a Raw in its buffer, which begins at the address `start`.

    None if it does not stand there: a Raw may also be a copy.
    """
    place = address(raw) - start
    # It takes any buffer, so that nothing is copied.
    stands = place >= 0 and buffer.startswith(raw, place)
    return place + len(raw) if stands else None
