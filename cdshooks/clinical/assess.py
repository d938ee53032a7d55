"""Every treatment, then what is asked for, then what is warned of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import compress
from operator import not_, xor
from types import MappingProxyType

from cdshooks.clinical.alerts import Alerts
from cdshooks.clinical.asked import every_criterion
from cdshooks.clinical.asking import RequestAssessment, Requests
from cdshooks.clinical.criterion import Leaf
from cdshooks.clinical.derive import Derivation, Deriver
from cdshooks.clinical.fact import Fact, Facts, Problem, Provenance
from cdshooks.clinical.marks import REMEMBERED, Given
from cdshooks.clinical.outcomes import Outcomes
from cdshooks.clinical.program import Answers, Program
from cdshooks.clinical.rows import Row
from cdshooks.clinical.staleness import Ages, told_data
from cdshooks.clinical.treatment import Caveat, Request, Treatment
from cdshooks.clinical.value import Flag
from cdshooks.clinical.vocabulary import OUT_OF_DATE, SET_ASIDE, Vocabulary
from cdshooks.clinical.weigh import Settling, TreatmentAssessment

__all__ = ["Assessment", "Assessor", "CaveatAssessment", "RequestAssessment", "assess"]


@dataclass(frozen=True, slots=True, eq=False)
class CaveatAssessment:
    """A warning that is due. `text` names the data that it is about, where it is about such."""

    caveat: Caveat
    because: tuple[Leaf, ...]
    text: str
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Everything that follows from the facts of one patient."""

    facts: Facts
    treatments: Sequence[TreatmentAssessment]
    requests: tuple[RequestAssessment, ...]
    warnings: tuple[CaveatAssessment, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def considered(self) -> Sequence[TreatmentAssessment]:
        """Those of the treatments that are not ruled out, without a look at the others."""
        if isinstance(self.treatments, Outcomes):
            return self.treatments.considered
        return [one for one in self.treatments if one.outcome != "not-offered"]


class Assessor:
    """Derives and assesses with one knowledge, compiled once (program.py).

    `remembered`: how many values of a fact, results of a derivation and results of a treatment are
    kept for the patients to come; with 0 none is.
    """

    def __init__(
        self,
        derivations: Sequence[Derivation],
        treatments: Sequence[Treatment],
        requests: Sequence[Request],
        warnings: Sequence[Caveat],
        vocabulary: Vocabulary,
        remembered: int = REMEMBERED,
    ):
        criteria = every_criterion(derivations, treatments, requests, warnings, vocabulary)
        self._program = program = Program(criteria, vocabulary, remembered)
        self._deriver = Deriver(derivations, program)
        every = frozenset(vocabulary.types)
        self._rows = [Row(treatment, program, vocabulary, every) for treatment in treatments]
        placed = list(enumerate(self._rows))
        # Those that ask for the outcome of others come second.
        self._first = [one for one in placed if not one[1].asks_outcomes]
        self._second = [one for one in placed if one[1].asks_outcomes]
        self._ruled_out_by = [row.ruled_out_by for _, row in self._first]
        self._ruled_out = reduce(xor, (row.not_offered_bits for _, row in self._first), 0)
        self._requests = Requests(requests, program)
        self._warnings = Alerts(warnings, program)
        self._vocabulary, self._ages = vocabulary, Ages(vocabulary)
        # What an assessment adds stands in this order: outcomes, needs, the state of the data.
        # What nothing is known of yet is as it is of a treatment that is not offered.
        in_order = [row for _, row in (*self._first, *self._second)]
        self._places = {row.outcome_name: row.not_offered for row in in_order}
        self._places |= {row.needs_name: row.nothing for row in self._rows}
        added = {*self._places, OUT_OF_DATE, SET_ASIDE}
        given = (marks for name, marks in program.marks.items() if name not in added)
        self._given = Given(given)
        self._sound = self._bits_of(_SOUND.values())
        """The bits that say that nothing is wrong with the data."""

    def derive(self, facts: Facts, *others: Fact) -> Facts:
        """The facts, and others, with every derived fact added."""
        return self._deriver.derive(facts, others)

    def assess(self, facts: Facts, problems: tuple[Problem, ...] = ()) -> Assessment:
        """Every treatment, then what is asked for, then what is warned of.

        Requests may ask what a treatment still needs, warnings also which data are out of date.
        """
        aged = self._ages.old(facts)
        by_name, answers = facts.by_name.copy(), Answers(self._program, self._known(facts))
        facts = Facts(MappingProxyType(by_name), answers)  # these grow until all is asked
        settling = Settling(facts, self._vocabulary)
        considered = self._considered(by_name, answers, settling)
        open_rows = zip(map(self._rows.__getitem__, considered), considered.values(), strict=True)
        known = answers.known
        asked = self._requests.due(open_rows, facts, known, self._vocabulary)
        weighed = Outcomes(self._rows, considered, known, settling)
        old = self._resting_on(aged, weighed, asked, facts) if aged else ()
        if old or problems:
            data = _data_facts(old, problems)
            by_name.update({fact.name: fact for fact in data})
            known ^= self._bits_of(data)
        else:
            by_name.update(_SOUND)
            known ^= self._sound
        answers.learn(known)
        warned = tuple(self._warned(facts, known))
        return Assessment(facts, weighed, asked, warned, problems)

    def _bits_of(self, data: Iterable[Fact]) -> int:
        return reduce(xor, map(self._program.delta, data))

    def _known(self, facts: Facts) -> int:
        answers = facts.answered
        if isinstance(answers, Answers) and answers.program is self._program:
            return answers.known  # they were derived here
        return self._program.known(facts.by_name, self._given)

    def _considered(
        self, by_name: dict[str, Fact], answers: Answers, settling: Settling
    ) -> dict[int, TreatmentAssessment]:
        """The treatments that no plain statement rules out, by place, in their order.

        The outcome of every treatment, and what leaves it undecided, become facts. Most are ruled
        out, and then these facts are always the same.
        """
        by_name.update(self._places)
        known = answers.known
        # One plain statement rules out half of them: to pass over these is left to C.
        plain = map(not_, map(known.__and__, self._ruled_out_by))
        known, found = known ^ self._ruled_out, {}
        for place, row in compress(self._first, plain):
            ruled_out = row.ruled_out.get(known & row.grouped)
            if row.is_ruled_out(known) if ruled_out is None else ruled_out:
                continue
            one, told, delta = row.weighed(known, settling)
            by_name.update(told)
            if one.outcome != "not-offered":
                found[place] = one
            known ^= delta ^ row.not_offered_bits
        for place, row in self._second:
            one, told, delta = row.weighed(known, settling)
            by_name.update(told)
            if one.outcome != "not-offered":
                found[place] = one
            known ^= delta
        answers.learn(known)
        return dict(sorted(found.items())) if self._second else found

    def _resting_on(
        self,
        aged: Iterable[Fact],
        weighed: Outcomes,
        asked: Iterable[RequestAssessment],
        facts: Facts,
    ) -> tuple[str, ...]:
        """Those of the data out of date that an answer rests on; of one reading the first by name.

        What may fit is asked first. Of the others is looked up what rules them out, until one rests
        on such data, and only of those that ask what these stand behind.
        """
        requested = {name for one in asked for name in one.facts}
        by_reading: dict[object, str] = {}
        for fact, resting in self._ages.resting_on(aged, facts):
            rested_on = (
                not resting.isdisjoint(requested)
                or any(not resting.isdisjoint(one.rests_on) for one in weighed.considered)
                or any(
                    not resting.isdisjoint(weighed[place].rests_on)
                    for place, row in enumerate(self._rows)
                    if not resting.isdisjoint(row.treatment.consider_facts)
                )
            )
            if rested_on:
                by_reading.setdefault(fact.readings, fact.name)
        return tuple(by_reading.values())

    def _warned(self, facts: Facts, known: int) -> Iterator[CaveatAssessment]:
        for caveat, because in self._warnings.due(known):
            names = {name for leaf in because for name in leaf.statement.facts}
            told = told_data(names, facts, self._vocabulary)
            text = f"{caveat.text}: {', '.join(told)}" if told else caveat.text
            data = facts[OUT_OF_DATE].derived_from if OUT_OF_DATE in names else ()
            yield CaveatAssessment(caveat, because, text, data)


def _data_facts(old: tuple[str, ...], problems: Iterable[Problem]) -> tuple[Fact, Fact]:
    """Are data out of date that something rests on, and were values set aside?"""
    aside = dict.fromkeys(
        [Provenance(p.reference, p.path, printed=p.problem) for p in problems if p.set_aside]
    )
    return (
        Fact(OUT_OF_DATE, Flag(so=True), derived_from=old) if old else _NONE_OLD,
        Fact(SET_ASIDE, Flag(so=True), readings=tuple(aside)) if aside else _NONE_ASIDE,
    )


_NONE_OLD, _NONE_ASIDE = Fact(OUT_OF_DATE, Flag(so=False)), Fact(SET_ASIDE, Flag(so=False))
_SOUND = {fact.name: fact for fact in (_NONE_OLD, _NONE_ASIDE)}


def assess(
    treatments: Iterable[Treatment],
    requests: Iterable[Request],
    warnings: Iterable[Caveat],
    facts: Facts,
    vocabulary: Vocabulary,
    problems: tuple[Problem, ...] = (),
) -> Assessment:
    """Facts that are derived already, assessed by some rules."""
    rules = (tuple(treatments), tuple(requests), tuple(warnings))
    return _compiled((), *rules, vocabulary).assess(facts, problems)


# For those who look at a knowledge in parts; few, for each keeps what it compiled alive.
_compiled = lru_cache(maxsize=4)(Assessor)
