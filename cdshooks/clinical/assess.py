"""Every treatment, then what is asked for, then what is warned of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from cdshooks.clinical.asking import Asking, RequestAssessment, requested
from cdshooks.clinical.criterion import Leaf
from cdshooks.clinical.derive import Derivation, Deriver
from cdshooks.clinical.fact import Fact, Facts, Problem, Provenance
from cdshooks.clinical.marks import REMEMBERED, Given
from cdshooks.clinical.program import Answers, Program
from cdshooks.clinical.rows import Alert, Row, every_criterion
from cdshooks.clinical.staleness import Ages, out_of_date, told_data
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
    treatments: tuple[TreatmentAssessment, ...]
    requests: tuple[RequestAssessment, ...]
    warnings: tuple[CaveatAssessment, ...]
    problems: tuple[Problem, ...] = ()


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
        self._rows = [Row(treatment, program, vocabulary) for treatment in treatments]
        # Those that ask for the outcome of others come second.
        self._in_order = sorted(self._rows, key=lambda row: row.asks_outcomes)
        self._order = [self._in_order.index(row) for row in self._rows]
        self._requests = [Asking(request, program) for request in requests]
        self._warnings = [Alert(caveat, program) for caveat in warnings]
        self._vocabulary, self._ages = vocabulary, Ages(vocabulary)
        # What an assessment adds stands in this order: outcomes, needs, the state of the data.
        names = [row.outcome_name for row in self._in_order]
        names += [row.needs_name for row in self._rows]
        self._places = {name: Fact(name) for name in names}
        added = {*names, OUT_OF_DATE, SET_ASIDE}
        given = (marks for name, marks in program.marks.items() if name not in added)
        self._given = Given(given)

    def derive(self, facts: Facts) -> Facts:
        """The facts with every derived fact added."""
        return self._deriver.derive(facts)

    def assess(self, facts: Facts, problems: tuple[Problem, ...] = ()) -> Assessment:
        """Every treatment, then what is asked for, then what is warned of.

        Requests may ask what a treatment still needs, warnings also which data are out of date.
        """
        resting = self._ages.resting_on_old(facts)
        by_name, answers = facts.by_name.copy(), Answers(self._program, self._known(facts))
        facts = Facts(MappingProxyType(by_name), answers)  # these grow until all is asked
        weighed = self._weighed(facts, by_name, answers)
        rows = list(zip(self._rows, weighed, strict=True))
        asked = requested(self._requests, rows, facts, answers.known, self._vocabulary)
        known = answers.known
        old = self._old(resting, rows, asked, facts) if resting else ()
        for fact in _data_facts(old, problems):
            by_name[fact.name] = fact
            known ^= self._program.delta(fact)
        answers.learn(known)
        return Assessment(facts, weighed, asked, tuple(self._warned(facts, known)), problems)

    def _known(self, facts: Facts) -> int:
        answers = facts.answered
        if isinstance(answers, Answers) and answers.program is self._program:
            return answers.known  # they were derived here
        return self._program.known(facts.by_name, self._given)

    def _weighed(
        self, facts: Facts, by_name: dict[str, Fact], answers: Answers
    ) -> tuple[TreatmentAssessment, ...]:
        """Every treatment. Its outcome, and what leaves it undecided, become facts."""
        by_name.update(self._places)
        known, found = answers.known, []
        settling = Settling(facts, self._vocabulary)
        for row in self._in_order:
            one, outcome, needs, delta = row.weighed(known, settling)
            found.append(one)
            by_name[row.outcome_name], by_name[row.needs_name] = outcome, needs
            if delta:
                known ^= delta
        answers.learn(known)
        return tuple([found[place] for place in self._order])

    def _old(
        self,
        resting: set[str],
        weighed: Iterable[tuple[Row, TreatmentAssessment]],
        asked: Iterable[RequestAssessment],
        facts: Facts,
    ) -> tuple[str, ...]:
        """The data out of date that an answer rests on, of those facts that rest on such data.

        Only of the treatments that ask one of these it is looked up what their outcome rests on.
        """
        marks = self._program.marks
        bits = sum(marks[name].filed for name in resting if name in marks)
        names = {name for one in asked for name in one.facts}
        names.update(*(one.rests_on for row, one in weighed if row.decisive & bits))
        return out_of_date(resting & names, facts, self._vocabulary)

    def _warned(self, facts: Facts, known: int) -> Iterator[CaveatAssessment]:
        for warning in self._warnings:
            because = warning.because(known)
            if because:
                caveat = warning.caveat
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
