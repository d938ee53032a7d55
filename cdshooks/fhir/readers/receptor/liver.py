"""Is disease outside the liver excluded by the right scans?"""

from collections.abc import Iterator
from datetime import date

import msgspec

from cdshooks.clinical.value import Choice, Flag
from cdshooks.fhir.chart import Said
from cdshooks.fhir.readers.receptor.scans import Scans
from cdshooks.fhir.readers.receptor.words import Context, mentions
from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.reading import Reading, Readings

_FACT = "imaging.extrahepatic_excluded"
_OUTSIDE = (frozenset({"disseminated"}), frozenset({"liver-dominant"}))
_TELLING = frozenset({"outside-liver", "liver-only"})
_NO_TRACER = "The tracer of this PET/CT is not named."


class _Report(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What a scan says of the liver and the rest. `kind`: pet-ct, receptor (no CT named) or ct."""

    kind: str
    excludes: bool
    reading: Reading


def outside_liver(scans: Scans, earlier: Readings) -> Iterator[Reading]:
    """imaging.extrahepatic_excluded.

    Yes by a PET/CT, or by a receptor scan and CT or MRI together; no by any word of such disease
    that is not older. FDG and other tracers do not exclude it.
    """
    reports = list(_reports(scans))
    found = _present(earlier)
    if not reports:
        yield from found
        return
    found += [report.reading for report in reports if not report.excludes]
    excluding = _enough([r for r in reports if r.excludes])
    newest = max((_day(reading) for reading in excluding), default=date.min)
    against = [reading for reading in found if not excluding or _day(reading) >= newest]
    yield from against or excluding


def _enough(reports: list[_Report]) -> list[Reading]:
    kinds = {report.kind for report in reports}
    enough = "pet-ct" in kinds or {"receptor", "ct"} <= kinds
    return [report.reading for report in reports] if enough else []


def _present(earlier: Readings) -> list[Reading]:
    """Disease outside the liver, as the extent of the disease says it."""
    return [
        Reading(_FACT, Flag(so=False), reading.where, reading.date)
        for reading in earlier.get("extent.pattern", ())
        if isinstance(reading.value, Choice) and reading.value.possible in _OUTSIDE
    ]


def _reports(scans: Scans) -> Iterator[_Report]:
    for said, w, context in scans.sentences:
        so = _excludes(w) if w.has(_TELLING) else None
        kind = _kind(said, w, context, scans) if so is not None else None
        if so is not None and kind is not None:
            note = _NO_TRACER if kind == "pet-ct" and context.tracer is None else ""
            reading = Reading(_FACT, Flag(so), said.place, said.entry.date, note if so else "")
            yield _Report(kind, so, reading)


def _excludes(w: Wording) -> bool | None:
    if w.affirmed("outside-liver"):
        return False
    return True if w.denied("outside-liver") or w.affirmed("liver-only") else None


def _kind(said: Said, w: Wording, context: Context, scans: Scans) -> str | None:
    """The scan that a sentence reports; None if it is of another tracer, or of no scan."""
    if said.entry.type not in ("Observation", "DiagnosticReport"):
        return None
    names = [*scans.names(said.entry.coded), w]
    tracers = {context.tracer} | {tracer for tracer, _ in mentions(w, scans.tracers)}
    if tracers - {None, "sstr"}:
        return None
    if any(one.of("pet-ct") for one in names):
        return "pet-ct"
    if "sstr" in tracers:
        return "receptor"
    by_code = scans.family.concepts["ct-mri"].key in scans.chart.index.find(said.entry.coded.codes)
    return "ct" if by_code or any(one.of("ct-mri") for one in names) else None


def _day(reading: Reading) -> date:
    return reading.date.last if reading.date else date.min
