"""Is the patient pregnant, or breastfeeding? The most careful reading there is.

Evidence of a pregnancy outweighs the recorded gender; silence is a no only where gender or age make
it one. What proves nothing (hCG, an ended pregnancy, old evidence) leaves the question open.
"""

from collections.abc import Iterable, Iterator, Sequence

from cdshooks.clinical.fact import Fact, Provenance
from cdshooks.clinical.value import Flag
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.dates import days_between
from cdshooks.fhir.readers.gender import GenderAndAge
from cdshooks.fhir.readers.motherhood import Evidence, Gathering
from cdshooks.fhir.reading import Readings
from cdshooks.knowledge.facts import Family

PREGNANT, BREASTFEEDING = "patient.pregnant", "patient.breastfeeding"
VALID_DAYS = 308  # 44 weeks: evidence of a pregnancy after that is neither yes nor no
NEGATIVE_DAYS, NEGATIVE_WARN_DAYS = 14, 7  # of a negative status
BREASTFEEDING_DAYS = 730  # 24 months


def read(chart: Chart, family: Family, earlier: Readings) -> Iterator[Fact]:
    """patient.pregnant and patient.breastfeeding as whole facts."""
    gender = GenderAndAge(chart, earlier)
    question = _Question(chart, gender)
    if chart.concepts.isdisjoint(family.by_key):  # nothing on file, as of most patients
        yield question.pregnant(())
        yield question.breastfeeding(())
        return
    gathering = Gathering(chart, family, believes_words=gender.may_be_pregnant)
    yield question.pregnant(list(gathering.of_pregnancy()))
    yield question.breastfeeding(list(gathering.of_breastfeeding()))


class _Question:
    def __init__(self, chart: Chart, gender: GenderAndAge):
        self._as_of, self._gender = chart.as_of, gender
        self._excluded_by = gender.excluded_by()
        needed = {"Observation", "Condition"}
        self._lacking = ", ".join(sorted(chart.record.unavailable & needed))

    def pregnant(self, found: Sequence[Evidence]) -> Fact:
        """By what proves it, else by what denies it, else open where anything speaks for it."""
        if not found:
            return self._by_rule(PREGNANT, ())
        proofs = _of(found, "pregnant")
        denials = _of(found, "not pregnant", "cannot conceive")
        valid = self._within(VALID_DAYS, proofs)
        if valid:
            return _proven(valid, denials)
        ended = self._within(VALID_DAYS, _of(found, "ended"))
        raised = self._within(VALID_DAYS, _of(found, "hcg"))
        denied = self._denied(denials, [*proofs, *ended, *raised])
        if denied is not None:
            return denied
        if proofs or ended:
            why = "evidence of a pregnancy is too old, undated, or of one that ended"
            return _unknown(PREGNANT, why, [*proofs, *ended], expired=_dated(proofs))
        if raised and not self._gender.is_male:
            return _unknown(PREGNANT, "hCG alone is no proof: a tumour can make it", raised)
        return self._by_rule(PREGNANT, _of(found, "not pregnant"))

    def _denied(self, denials: Sequence[Evidence], doubts: Iterable[Evidence]) -> Fact | None:
        """A no by status (2 weeks), menopause or operation that nothing later puts in doubt."""
        last_doubt = max(map(_day, doubts), default=-1)
        for one in sorted(denials, key=_day, reverse=True):
            if one.kind == "cannot conceive":
                stands, aged = True, False
            else:
                stands = bool(self._within(NEGATIVE_DAYS, [one])) and not self._lacking
                aged = not self._within(NEGATIVE_WARN_DAYS, [one])
            if stands and _day(one) > last_doubt:
                return Fact(PREGNANT, Flag(so=False), (one.where,), aged=aged)
        return None

    def breastfeeding(self, found: Sequence[Evidence]) -> Fact:
        """By the newest record; of two on one day the one that affirms."""
        if not found:
            return self._by_rule(BREASTFEEDING, ())
        newest = max(map(_day, found))
        last = [one for one in found if _day(one) == newest]
        affirming = _of(last, "breastfeeding")
        if not affirming:
            return Fact(BREASTFEEDING, Flag(so=False), _places(last))
        if self._within(BREASTFEEDING_DAYS, affirming):
            return Fact(BREASTFEEDING, Flag(so=True), _places(affirming))
        why = "the record of breastfeeding is too old or undated"
        return _unknown(BREASTFEEDING, why, last, expired=_dated(last))

    def _by_rule(self, name: str, expired: Sequence[Evidence]) -> Fact:
        """Without evidence: no by gender or age, else unknown."""
        if self._excluded_by is not None:
            return Fact(name, Flag(so=False), (self._excluded_by,))
        if self._lacking:
            return _unknown(name, f"not assessed: {self._lacking} not available", ())
        if expired:
            why = "the negative status is too old to be used"
            return _unknown(name, why, expired, expired=_dated(expired))
        return _unknown(name, "not documented", ())

    def _within(self, days: int, found: Iterable[Evidence]) -> list[Evidence]:
        return [
            one
            for one in found
            if one.date is not None and days_between(one.date, self._as_of) <= days
        ]


def _proven(valid: Sequence[Evidence], denials: Sequence[Evidence]) -> Fact:
    newest = max(map(_day, valid))
    later = [one for one in denials if _day(one) > newest]
    if later:
        why = "evidence of a pregnancy and a later denial disagree"
        return _unknown(PREGNANT, why, [*valid, *later])
    return Fact(PREGNANT, Flag(so=True), _places(valid))


def _of(found: Iterable[Evidence], *kinds: str) -> list[Evidence]:
    return [one for one in found if one.kind in kinds]


def _day(one: Evidence) -> int:
    """Sorts by the last day that the date may mean; undated evidence comes first."""
    return one.date.last.toordinal() if one.date else 0


def _places(found: Iterable[Evidence]) -> tuple[Provenance, ...]:
    return tuple(dict.fromkeys(one.where for one in found))


def _dated(found: Iterable[Evidence]) -> bool:
    return any(one.date is not None for one in found)


def _unknown(name: str, why: str, found: Iterable[Evidence], *, expired: bool = False) -> Fact:
    return Fact(name, why_absent=why, readings=_places(found), expired=expired)
