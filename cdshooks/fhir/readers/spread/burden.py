"""How much tumour there is in words, and whether a lesion lies beside a vessel or duct."""

from collections.abc import Iterator

from cdshooks.clinical.value import Flag
from cdshooks.fhir.readers.spread.record import TumourRecord, said_reading
from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.reading import Reading

_HIGH, _CRISIS, _LOW = "burden.high", "burden.visceral_crisis", "burden.low_stated"
_VESSELS = "lesion.near_vessels"
_WORDS = frozenset({"high-burden", "crisis", "low-burden", "vessel"})


def read(record: TumourRecord) -> Iterator[Reading]:
    """burden.high, .visceral_crisis and .low_stated, lesion.near_vessels."""
    for said, w in record.sentences:
        for fact, so in dict.fromkeys(_said(w)) if w.has(_WORDS) else ():
            yield said_reading(fact, Flag(so), said)


def _said(w: Wording) -> Iterator[tuple[str, bool]]:
    yield from ((_HIGH, not hit.negated) for hit in w.of("high-burden") if not hit.doubtful)
    for hit in w.of("crisis"):
        if hit.negated:
            yield from ((_CRISIS, False), (_HIGH, False))
        elif not hit.doubtful or w.before(hit, 2, "impending"):
            yield from ((_CRISIS, True), (_HIGH, True))
    if w.of("tumour-word", "metastasis", "liver", "net-word"):
        yield from ((_LOW, not hit.negated) for hit in w.of("low-burden") if not hit.doubtful)
    if any(_beside(w)):
        yield _VESSELS, True


def _beside(w: Wording) -> Iterator[bool]:
    """A lesion "abutting the portal vein", "encasing the superior mesenteric artery"."""
    for hit in w.affirmed("vessel"):
        words = [h for h in w.around(hit, 4, "beside") if not (h.negated or h.doubtful)]
        lesion = w.of(
            "liver-lesion", "metastasis", "tumour-word", "primary", "lesion-word", "net-word"
        )
        yield bool(words and lesion)
