"""Metastases proved by a specimen: a NET in liver, bone or distant node, the primary elsewhere."""

from collections.abc import Iterator

from cdshooks.fhir.readers.spread.record import Evidence, TumourRecord, said_evidence
from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.reading import where

_SPECIMENS = ("specimen-liver", "specimen-bone", "specimen-distant-node")
_OF_SPECIMENS = frozenset(_SPECIMENS)
_PLACES = ("liver", "bone", "distant-nodes")


def specimen_evidence(record: TumourRecord) -> Iterator[Evidence]:
    """Biopsies that show a NET, and a Ki-67 counted in such a specimen."""
    yield from _sentences(record)
    yield from _named_reports(record)
    yield from _counted(record)


def _sentences(record: TumourRecord) -> Iterator[Evidence]:
    """Biopsy and tumour in one sentence."""
    for said, w in record.sentences:
        if said.entry.type != "Condition" and w.has(_OF_SPECIMENS) and _shows_net(w):
            for name in _SPECIMENS:
                place = record.family.concepts[name].says["specimen"]
                if w.affirmed(name) and _counts(place, record):
                    yield said_evidence(said, "metastatic", place)


def _named_reports(record: TumourRecord) -> Iterator[Evidence]:
    """The report is called a biopsy of that place, and a sentence of it names the tumour."""
    for name in record.on_file(_SPECIMENS):
        place = record.family.concepts[name].says["specimen"]
        if not _counts(place, record):
            continue
        for matched in record.matching(name, "DiagnosticReport", "Observation"):
            for said in record.chart.prose:
                if said.entry is matched.entry and _shows_net(record.heard(said)):
                    yield said_evidence(said, "metastatic", place)


def _counts(place: str, record: TumourRecord) -> bool:
    """A tumour in the liver may have begun there, unless the primary is known to be elsewhere."""
    return record.primary.is_elsewhere or place != "liver"


def _shows_net(w: Wording) -> bool:
    """Does it name the tumour as a finding, and not as what is known or asked?"""
    return bool(w.affirmed("net-word")) and not w.of("background-words")


def _counted(record: TumourRecord) -> Iterator[Evidence]:
    if not record.primary.is_elsewhere:
        return
    sited = [entry for entry in record.chart.of_type("Observation") if "bodySite" in entry.body]
    if not sited:
        return
    counted = {reading.where.reference for reading in record.earlier.get("tumour.ki67", ())}
    for entry in sited:
        if entry.reference in counted:
            site = record.chart.coded(entry.body.get("bodySite"))
            printed = where(entry, "bodySite", site.printed)
            for w in record.named(site.names):
                for name in _PLACES:
                    if w.affirmed(name):
                        yield Evidence("metastatic", printed, entry.date, name)
