"""Which URLs belong to the base of a FHIR server."""

import re
from urllib.parse import urljoin

_UNSAFE = re.compile(r"[\\#\s\x00-\x1f\x7f]")
# Some servers cut a path parameter (;x) off a segment before they walk it, or decode it twice.
_CLIMBS = re.compile(r"/\.{1,2}(?:[/;]|$)|%2e|%2f|%5c|%3b|%25", re.IGNORECASE)


def resolved(base: str, link: str) -> str | None:
    """The URL of `link` if it stays under `base`: the same characters, then no way up or out.

    >>> resolved("https://ehr.example/fhir", "Patient/p1")
    'https://ehr.example/fhir/Patient/p1'
    >>> resolved("https://ehr.example/fhir", "https://ehr.example/other?page=2")
    """
    if _UNSAFE.search(link) or _CLIMBS.search("/" + link.partition("?")[0]):
        return None
    try:
        url = urljoin(f"{base}/", link)
    except ValueError:
        return None
    return url if url.startswith((f"{base}/", f"{base}?")) else None
