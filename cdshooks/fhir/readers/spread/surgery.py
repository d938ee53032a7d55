"""What can be resected, what was resected, and whether the margins were clear."""

from collections.abc import Iterator, Sequence
from typing import Final

from cdshooks.clinical.value import Flag
from cdshooks.fhir.readers.spread.record import TumourRecord, said_reading
from cdshooks.fhir.readers.wording import Wording, distance, overlaps
from cdshooks.fhir.reading import Reading, where
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.memory import Remembered

_UNRESECTABLE = "extent.unresectable_recorded"
_EXCLUDED, _RESECTABLE = "liver.resection_excluded", "liver.resectable_recorded"
_SUBJECTS = {
    "net-word": "disease",
    "liver-lesion": "liver",
    "liver": "liver",
    "metastasis": "disease",
    "primary": "primary",
    "primary-word": "primary",
    "tumour-word": "disease",
}
_WORDS = frozenset(
    {"unresectable", "resectable", "liver-surgery-excluded", "primary", "margin", "r0", "r1"}
)
_RESECTED, _MARGIN = "primary.resected", "primary.margin_positive"


def read(record: TumourRecord) -> Iterator[Reading]:
    """extent.unresectable_recorded, liver.resection_excluded, .resectable_recorded, primary.*."""
    yield from _procedures(record)
    resections = tuple(record.primary.resections)
    words = _WORDS.union(resections)
    for said, w in record.sentences:
        done = said.entry.type == "Procedure"
        for fact, so in _told((w, done, resections)) if w.has(words) else ():
            yield said_reading(fact, Flag(so), said)


def _each_once(key: tuple[Wording, bool, tuple[str, ...]]) -> tuple[tuple[str, bool], ...]:
    return tuple(dict.fromkeys(_said(*key)))


_told: Final = Remembered(_each_once, length=lambda key: len(key[0].sentence.text))


def _said(w: Wording, done: bool, resections: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """What a sentence says; `done`: it stands in a Procedure, which tells of itself by its code."""
    for hit in w.affirmed("unresectable"):
        if not w.around(hit, 3, "hedged"):
            yield from _unresectable(w, hit)
    if w.affirmed("liver-surgery-excluded"):
        yield from ((_EXCLUDED, True), (_RESECTABLE, False))
    for hit in w.affirmed("resectable"):
        if _is_liver(w, hit) and not w.around(hit, 3, "hedged"):
            yield from ((_EXCLUDED, False), (_RESECTABLE, True))
    if not done:
        yield from _primary(w, resections)
    yield from _margins(w)


def _unresectable(w: Wording, hit: Hit) -> Iterator[tuple[str, bool]]:
    """About the liver, the primary alone, or else the disease as a whole."""
    about = _subject(w, hit)
    if about != "liver":
        yield _UNRESECTABLE, True
    if about != "primary":
        yield from ((_EXCLUDED, True), (_RESECTABLE, False))


def _subject(w: Wording, hit: Hit) -> str:
    """What a word of resectability is said of: what follows it at once, or else stands before."""
    after = w.after(hit, 3, *_SUBJECTS)
    if any(h in w.of("net-word") for h in after):
        return "disease"
    before = w.before(hit, 6, *_SUBJECTS)
    for nearest in (*after[:1], *before[-1:]):
        of_liver = w.of("liver", "liver-lesion")
        if overlaps(nearest, of_liver) or any(distance(h, nearest) == 1 for h in of_liver):
            return "liver"
        return next(_SUBJECTS[name] for name in _SUBJECTS if nearest in w.of(name))
    return "disease"


def _is_liver(w: Wording, hit: Hit) -> bool:
    return bool(w.within(w.part(hit), "liver", "liver-lesion", "metastasis"))


# ---- the primary ---------------------------------------------------------------------------------


def _procedures(record: TumourRecord) -> Iterator[Reading]:
    for name in record.on_file(record.primary.resections):
        for matched in record.matching(name, "Procedure"):
            printed = matched.coded.printed
            place = where(matched.entry, "code", printed)
            yield Reading(_RESECTED, Flag(so=True), place, matched.entry.date)


def _primary(w: Wording, resections: Sequence[str]) -> Iterator[tuple[str, bool]]:
    for hit in w.affirmed("primary"):
        if w.after(hit, 4, "unresected") or w.before(hit, 2, "unresected"):
            yield _RESECTED, False
        elif any(not (h.negated or h.doubtful) for h in w.around(hit, 4, "resected")):
            yield _RESECTED, True
    for hit in w.affirmed(*resections):
        if w.before(hit, 3, "done") or w.after(hit, 2, "done"):
            yield _RESECTED, True


def _margins(w: Wording) -> Iterator[tuple[str, bool]]:
    """R0, R1, R2 and margins of the primary; the margin of a liver resection is another."""
    if w.of("liver", "liver-lesion"):
        return
    if w.of("net-word", "tumour-word", "margin", "n0", "n1", "primary", "resected"):
        yield from ((_MARGIN, True) for _ in w.affirmed("r1"))
        yield from ((_MARGIN, False) for _ in w.affirmed("r0"))
    for hit in w.of("margin"):
        near = w.around(hit, 4, "margin-involved")
        clear = w.around(hit, 4, "margin-clear")
        if any(not (h.negated or h.doubtful) for h in near) and not hit.doubtful:
            yield _MARGIN, True
        elif (clear or any(h.negated for h in near)) and not hit.doubtful:
            yield _MARGIN, False
