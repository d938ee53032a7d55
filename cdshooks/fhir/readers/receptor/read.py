"""Uptake on scans: somatostatin receptors, FDG, mIBG, and where two of them disagree.

The newest scan decides; what is said on one day counts together. A diagnosis that mentions the
receptor status counts only where no scan is on file: its date is not that of a scan.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import structs

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.value import Choice, Flag
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.readers.receptor.change import changes_after
from cdshooks.fhir.readers.receptor.liver import outside_liver
from cdshooks.fhir.readers.receptor.mismatch import mismatches
from cdshooks.fhir.readers.receptor.scans import Scans
from cdshooks.fhir.readers.receptor.statements import Statement, statements
from cdshooks.fhir.readers.receptor.status import (
    any_positive,
    newest_day,
    receptor_status,
    some_without,
)
from cdshooks.fhir.reading import Reading, Readings, choice
from cdshooks.knowledge.facts import Family

_SSTR = "imaging.sstr_status"
_OCTREOSCAN = "Read from an OctreoScan: a receptor PET should replace it."
_MISMATCH = "A report names a lesion with FDG uptake and without receptor uptake."
_MENTIONED = "Mentioned in the diagnosis only: the scan is not on file."
_SOME_WITHOUT = "Some lesions take up no mIBG."


def read(chart: Chart, family: Family, earlier: Readings) -> list[Reading | Fact]:
    """imaging.*: the status of each tracer, and what follows from them."""
    scans = Scans(chart, family)
    said = statements(scans)
    mismatched = list(mismatches(scans))
    of_receptors = _receptors(_about("sstr", said, scans), mismatched, scans, earlier)
    found: list[Reading | Fact] = [*mismatched, *of_receptors]
    others = {statement.tracer for statement in said}
    for tracer in [tracer for tracer in ("fdg", "mibg") if tracer in others]:
        newest = newest_day(_about(tracer, said, scans))
        note = _SOME_WITHOUT if tracer == "mibg" and some_without(newest) else ""
        found += _readings(f"imaging.{tracer}_status", any_positive(newest), newest, note)
    return [*found, *outside_liver(scans, earlier)]


def _about(tracer: str, said: Sequence[Statement], scans: Scans) -> Sequence[Statement]:
    """What scans say of a tracer; if none does, what a diagnosis says.

    A report of another tracer tells of a lesion or of an older scan, and not of the status.
    """
    found = []
    for statement in said:
        if statement.tracer != tracer:
            continue
        context = scans.context(statement.entry, statement.part)
        if context is not None and (not context.titled or context.tracer == tracer):
            found.append(statement)
    of_scans = [s for s in found if s.entry.type in ("Observation", "DiagnosticReport")]
    return of_scans or found


def _receptors(
    said: Sequence[Statement], mismatched: Sequence[Reading], scans: Scans, earlier: Readings
) -> Iterator[Reading | Fact]:
    if not said:
        return
    newest = newest_day(said)
    readings = list(_readings(_SSTR, receptor_status(newest), newest, _note(newest, scans)))
    readings = _with_mismatch(readings, mismatched)
    day = readings[0].date
    steps = dict(scans.family.concepts["superseded"].says)
    limit = int(steps.pop("days"))
    changes = list(changes_after(day.last, earlier, steps)) if day else []
    yield from (
        structs.replace(c, fact="imaging.sstr_superseded", value=Flag(so=True)) for c in changes
    )
    if changes and day and (scans.chart.as_of - day.last).days > limit:
        why = f"the scan of {day.text} is over {limit} days old, and the disease changed after it"
        yield Fact(_SSTR, readings=tuple(r.where for r in readings), why_absent=why, expired=True)
    else:
        yield from readings


def _readings(
    fact: str, possible: frozenset[str], said: Sequence[Statement], note: str
) -> Iterator[Reading]:
    for s in said:
        yield Reading(fact, Choice(possible), s.place, s.date, note)


def _note(said: Sequence[Statement], scans: Scans) -> str:
    if said[0].entry.type == "Condition":
        return _MENTIONED
    return _OCTREOSCAN if all(scans.is_octreoscan(s.entry) for s in said) else ""


def _with_mismatch(readings: list[Reading], mismatched: Sequence[Reading]) -> list[Reading]:
    """A lesion without receptors makes a positive status heterogeneous; the newest word counts."""
    last = max((_day(reading) for reading in mismatched), default=date.min)
    found = [r for r in mismatched if _day(r) == last and r.value == Flag(so=True)]
    possible = readings[0].value
    if not found or not isinstance(possible, Choice) or "positive" not in possible.possible:
        return readings
    value = choice("heterogeneous")
    scan = [structs.replace(reading, value=value, note=_MISMATCH) for reading in readings]
    return [*scan, *(structs.replace(scan[0], where=reading.where) for reading in found)]


def _day(reading: Reading) -> date:
    return reading.date.last if reading.date else date.min
