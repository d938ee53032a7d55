"""Which words of a sentence are about an earlier scan, and of what day that scan is."""

import re
from dataclasses import dataclass
from datetime import timedelta

from cdshooks.fhir.chart import Said
from cdshooks.fhir.dates import FhirDate, read_date
from cdshooks.fhir.readers.wording import Wording, distance
from cdshooks.fhir.text.lexicon import Hit

_YEAR = re.compile(r"\b((?:19|20)\d{2})(?:-\d{2}(?:-\d{2})?)?\b")
_DATED = re.compile(r"(?:[^\d,]{0,15}|.{0,6}?)\b((?:19|20)\d{2}(?:-\d{2}(?:-\d{2})?)?)\b")
# "Krenning score 4 in 2019", "Krenning 3 (2019-03-02)": the score is of that year's scan.
_SCORE_OF = re.compile(
    r" ?[:=]? ?(?:of )?[0-4](?: ?(?:/|of|out of) ?4)? ?,? ?\(?"
    r"(?:(?:in|on|from|dated|of|im|am|en|em) )?((?:19|20)\d{2}(?:-\d{2}(?:-\d{2})?)?)\b"
)
_IN_A_NAME = (
    *("a-scan", "pet-ct", "sstr-scan", "sstr", "fdg", "mibg"),
    *("uptake", "positive", "negative", "non-avid", "strong", "weak"),
)
_ISOTOPES = frozenset({"ga", "68", "68ga", "ga-68", "cu", "64", "64cu", "cu-64", "f", "18", "f-18"})
_REPORTED = timedelta(days=31)  # a report may be that much later than its own scan


@dataclass(frozen=True, slots=True)
class _Scan:
    """An earlier scan, named from `first` to `last`. `compared`: only as what is compared with."""

    first: Hit
    last: Hit
    date: FhirDate | None
    compared: bool


class EarlierScans:
    """The earlier scans that a sentence names ("the prior PET", "the positive scan of 2024")."""

    def __init__(self, said: Said, w: Wording):
        self._said, self._w = said, w
        self._owners: dict[Hit, _Scan | None] = {}
        named = w.of("a-scan", "krenning")
        self._scans = [scan for hit in named if (scan := self._scan(hit)) is not None]

    def __bool__(self) -> bool:
        return bool(self._scans)

    def of(self, hit: Hit) -> bool:
        """Is a word about an earlier scan, and not about this one?"""
        return self._owner(hit) is not None

    def date(self, hit: Hit) -> FhirDate | None:
        """The day of the earlier scan that a word is about; None if it is not told."""
        owner = self._owner(hit)
        return owner.date if owner else None

    def compares(self, hit: Hit) -> bool:
        """Is the scan at this place only what the present one is compared with?"""
        here = (hit.first_token, hit.last_token)
        return any(
            scan.compared
            and scan.first.first_token <= here[1] + 2
            and here[0] <= scan.last.last_token
            for scan in self._scans
        )

    def _scan(self, hit: Hit) -> _Scan | None:
        w = self._w
        earlier = [h for h in w.before(hit, 5, "earlier") if self._names(h, hit)]
        date = self._dated(hit)
        if not earlier and date is None:
            return None
        first = earlier[0] if earlier else hit
        return _Scan(first, hit, date, bool(w.before(first, 5, "compared", "against")))

    def _names(self, earlier: Hit, scan: Hit) -> bool:
        """Is it the scan that is called earlier, and not what stands between?"""
        between = range(earlier.last_token + 1, scan.first_token)
        known = self._w.of(*_IN_A_NAME)
        told = {at for h in known for at in range(h.first_token, h.last_token + 1)}
        words = self._w.sentence.words
        return len(between) <= 1 or all(at in told or words[at] in _ISOTOPES for at in between)

    def _dated(self, hit: Hit) -> FhirDate | None:
        """The date behind the name of a scan, if it is surely before this report."""
        pattern = _SCORE_OF if hit in self._w.of("krenning") else _DATED
        found = pattern.match(self._said.sentence.text, hit.end)
        date = read_date(found[1])[0] if found else None
        own = self._said.entry.date
        if date is None or own is None:
            return None
        is_earlier = date.last.year < own.first.year or date.last + _REPORTED < own.first
        return date if is_earlier else None

    def _owner(self, hit: Hit) -> _Scan | None:
        if hit not in self._owners:  # a long sentence is asked of each word several times
            owner = next((scan for scan in self._scans if self._owns(scan, hit)), None)
            self._owners[hit] = owner
        return self._owners[hit]

    def _owns(self, scan: _Scan, hit: Hit) -> bool:
        w = self._w
        if w.part(scan.last) != w.part(hit):
            return False
        if scan.first.first_token <= hit.first_token <= scan.last.last_token:
            return True  # "the prior positive scan"
        if hit.last_token < scan.last.first_token:
            return self._leads_to(scan, hit)
        begun = [h for h in w.within(w.part(hit), "on-scan") if distance(h, scan.first) in (1, 2)]
        inside = any(h.first_token > self._start(hit) for h in begun)
        present = [h for h in w.before(hit, 20, "at-present") if distance(scan.last, h) > 0]
        return not (scan.compared or inside or present)

    def _leads_to(self, scan: _Scan, hit: Hit) -> bool:
        """Is it said of a scan named behind it ("positive scan of 2024", "avid on prior PET")?"""
        w = self._w
        if distance(hit, scan.first) <= 1 or (scan.date and 0 < distance(hit, scan.last) <= 2):
            return True
        links = [h for h in w.after(hit, 3, "on-scan") if distance(h, scan.first) in (1, 2)]
        between = w.after(hit, distance(hit, scan.first), "compared", "against")
        return (bool(links) or self._only(scan)) and not between

    def _only(self, scan: _Scan) -> bool:
        """Is it said to be of that scan alone ("on the prior scan only")?"""
        words = self._w.sentence.words
        around = words[max(0, scan.first.first_token - 3) : scan.first.first_token]
        return "only" in (*around, *words[scan.last.last_token + 1 : scan.last.last_token + 2])

    def _start(self, hit: Hit) -> int:
        """The first word of the part."""
        words = range(len(self._w.sentence.words))
        return next(at for at in words if self._w.sentence.part(at) == self._w.part(hit))


def sentence_date(said: Said, w: Wording, scans: EarlierScans) -> FhirDate | None:
    """The date of the entry, or an earlier one beside the name ("DOTATATE PET 2024: avid")."""
    dated = said.entry.date
    for hit in w.of("sstr-scan", "fdg", "mibg"):
        found = _YEAR.search(said.sentence.text, hit.end, hit.end + 25)
        if scans.compares(hit):
            continue  # "compared with the DOTATATE PET of 2024"
        if found and dated and int(found[1]) < dated.first.year:
            return read_date(found.group())[0] or dated
    return dated
