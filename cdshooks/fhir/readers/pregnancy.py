"""Is the patient pregnant, or breastfeeding? The most careful reading there is.

Evidence of a pregnancy outweighs the recorded gender; silence is a no only where gender or age make
it one. What proves nothing (hCG, an ended pregnancy, old evidence) leaves the question open.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cdshooks.clinical.fact import Fact, Provenance
from cdshooks.clinical.value import Flag
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.dates import days_between
from cdshooks.fhir.readers.motherhood import Evidence, Gathering, Mother
from cdshooks.fhir.reading import Readings
from cdshooks.knowledge.facts import Family

PREGNANT, BREASTFEEDING = "patient.pregnant", "patient.breastfeeding"
VALID_DAYS = 308  # 44 weeks: evidence of a pregnancy after that is neither yes nor no
NEGATIVE_DAYS, NEGATIVE_WARN_DAYS = 14, 7  # of a negative status
BREASTFEEDING_DAYS = 730  # 24 months


def read(chart: Chart, family: Family, _earlier: Readings) -> Iterator[Fact]:
    """patient.pregnant and patient.breastfeeding as whole facts."""
    mother = Mother(chart)
    gathering = Gathering(chart, family, mother)
    yield _Question(chart, mother).pregnant(list(gathering.of_pregnancy()))
    yield _Question(chart, mother).breastfeeding(list(gathering.of_breastfeeding()))


class _Question:
    def __init__(self, chart: Chart, mother: Mother):
        self._chart, self._mother = chart, mother
        needed = {"Observation", "Condition"}
        self._lacking = ", ".join(sorted(chart.record.unavailable & needed))

    def pregnant(self, found: Sequence[Evidence]) -> Fact:
        """Section by section: evidence that counts, a negative status, what leaves it open, rules."""
        proofs = _of(found, "pregnant")
        valid = [one for one in proofs if self._is_within(one, VALID_DAYS)]
        denials = _of(found, "not pregnant", "cannot conceive")
        if valid:
            return self._proven(valid, denials)
        # From the status, the menopause or an operation onwards, what is older counts no more.
        open_ = [*proofs, *_of(found, "hcg"), *self._recently_ended(found)]
        settled = self._settled(denials, open_)
        if settled is not None:
            return settled
        if proofs or self._recently_ended(found):
            return _unknown(PREGNANT, "evidence of a pregnancy is too old or has ended", open_)
        if open_ and not self._mother.is_male:
            return _unknown(
                PREGNANT, "a positive hCG alone is no proof: a tumour can make it", open_
            )
        return self._by_rule(PREGNANT, _of(found, "not pregnant"))

    def _proven(self, valid: Sequence[Evidence], denials: Sequence[Evidence]) -> Fact:
        newest = max(map(_day, valid))
        later = [one for one in denials if _day(one) > newest]
        if later:
            why = "evidence of a pregnancy and a later denial disagree"
            return _unknown(PREGNANT, why, [*valid, *later])
        return Fact(PREGNANT, Flag(so=True), _places(valid))

    def _settled(self, denials: Sequence[Evidence], open_: Sequence[Evidence]) -> Fact | None:
        """A no by status (2 weeks), or by menopause or operation, that nothing later puts in doubt."""
        last_doubt = max(map(_day, open_), default=-1)
        for one in sorted(denials, key=_day, reverse=True):
            is_status = one.kind == "not pregnant"
            if _day(one) <= last_doubt or (is_status and not self._is_within(one, NEGATIVE_DAYS)):
                continue
            if is_status and self._lacking:
                continue
            aged = is_status and not self._is_within(one, NEGATIVE_WARN_DAYS)
            return Fact(PREGNANT, Flag(so=False), (one.where,), aged=aged)
        return None

    def _recently_ended(self, found: Sequence[Evidence]) -> list[Evidence]:
        return [one for one in _of(found, "ended") if self._is_within(one, VALID_DAYS)]

    def breastfeeding(self, found: Sequence[Evidence]) -> Fact:
        """By the newest record; of two on one day the one that affirms."""
        if not found:
            return self._by_rule(BREASTFEEDING, ())
        newest = max(map(_day, found))
        last = [one for one in found if _day(one) == newest]
        affirming = _of(last, "breastfeeding")
        if not affirming:
            return Fact(BREASTFEEDING, Flag(so=False), _places(last))
        if any(self._is_within(one, BREASTFEEDING_DAYS) for one in affirming):
            return Fact(BREASTFEEDING, Flag(so=True), _places(affirming))
        return _unknown(BREASTFEEDING, "the record of breastfeeding is too old or undated", last)

    def _by_rule(self, name: str, expired: Sequence[Evidence]) -> Fact:
        """Without evidence: no by gender or age, else unknown."""
        by = self._mother.excluded_by()
        if by is not None:
            return Fact(name, Flag(so=False), (by,))
        if self._lacking:
            return _unknown(name, f"not assessed: {self._lacking} not available", ())
        if expired:
            return _unknown(name, "the negative status is too old to be used", expired)
        return _unknown(name, "not documented", ())

    def _is_within(self, one: Evidence, days: int) -> bool:
        return one.date is not None and days_between(one.date, self._chart.as_of) <= days


def _of(found: Iterable[Evidence], *kinds: str) -> list[Evidence]:
    return [one for one in found if one.kind in kinds]


def _day(one: Evidence) -> int:
    """Sorts by the last day that the date may mean; undated evidence comes first."""
    return one.date.last.toordinal() if one.date else 0


def _places(found: Iterable[Evidence]) -> tuple[Provenance, ...]:
    return tuple(dict.fromkeys(one.where for one in found))


def _unknown(name: str, why: str, found: Iterable[Evidence]) -> Fact:
    return replace(Fact(name), why_absent=why, readings=_places(found))
