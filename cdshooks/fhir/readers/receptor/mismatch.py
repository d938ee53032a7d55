"""Lesions that take up FDG and no receptor tracer."""

from collections.abc import Iterator
from functools import lru_cache

from cdshooks.clinical.value import Flag
from cdshooks.fhir.chart import Said
from cdshooks.fhir.readers.receptor.prior import EarlierScans
from cdshooks.fhir.readers.receptor.scans import Scans
from cdshooks.fhir.readers.receptor.words import Context, Listener, mentions
from cdshooks.fhir.readers.wording import Wording, vocabulary
from cdshooks.fhir.reading import Reading
from cdshooks.knowledge.facts import Family

_OF_SCANS = frozenset({"sstr", "fdg"})
_MISMATCH = frozenset({"mismatch"})


def mismatches(scans: Scans) -> Iterator[Reading]:
    """imaging.discordant_lesion: a mismatch said or denied, or FDG uptake where SSTR has none."""
    told = _telling(scans.family)
    for said, w, context in scans.sentences:
        if context.tracer != "fdg" and not w.has(told):
            continue
        so = _denied_or_said(said, w, context, scans)
        if so is not None:
            yield Reading("imaging.discordant_lesion", Flag(so), said.place, said.entry.date)


@lru_cache(maxsize=8)
def _telling(family: Family) -> frozenset[str]:
    """The names of FDG, and the words of a mismatch."""
    tracers = vocabulary(family).saying("tracer")
    return _MISMATCH.union([name for name, tracer in tracers.items() if tracer == "fdg"])


def _denied_or_said(said: Said, w: Wording, context: Context, scans: Scans) -> bool | None:
    if w.of("not-a-scan"):
        return None  # "mismatch repair"
    named = {tracer for tracer, _ in mentions(w, scans.tracers)} | {context.tracer}
    if not named & _OF_SCANS:
        return None
    if w.affirmed("mismatch"):
        return True
    if named >= _OF_SCANS and _is_told_apart(said, w, context, scans):
        return True
    return False if w.denied("mismatch") else None


def _is_told_apart(said: Said, w: Wording, context: Context, scans: Scans) -> bool:
    """Does FDG take up what takes up no receptor tracer?"""
    earlier = EarlierScans(said, w)
    heard = Listener(w, scans.tracers, context, lambda hit: not earlier.of(hit)).heard()
    without = any(("sstr", kind) in heard for kind in ("denied", "part-denied", "lesion-denied"))
    return without and any(tracer == "fdg" and kind == "affirmed" for tracer, kind in heard)
