"""From a record to the facts of the vocabulary, each with where it was read."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

from cdshooks.clinical.fact import Fact, Facts, Problem
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.memory import Memory
from cdshooks.fhir.opener import ChartOpener
from cdshooks.fhir.pick import Picker
from cdshooks.fhir.readers import (
    allergy,
    diagnosis,
    pathology,
    patient,
    pregnancy,
    progression,
    setting,
    syndrome,
    therapy,
)
from cdshooks.fhir.readers.generic import GenericReader
from cdshooks.fhir.readers.receptor.read import read as read_receptor
from cdshooks.fhir.readers.spread.read import read as read_spread
from cdshooks.fhir.reading import Reading, Readings, absent, of_a_part, settle
from cdshooks.fhir.record import Reader as RecordReader
from cdshooks.fhir.record import Record
from cdshooks.fhir.reopened import bytes_of, chart_key
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import FactDefinition, FactKnowledge, Family

# A special reader gives readings, or a whole fact where the usual settling would be wrong.
SpecialReader: TypeAlias = Callable[[Chart, Family, Readings], Iterable[Reading | Fact]]

# In this order: each may look at what the earlier ones found.
SPECIAL_READERS: Mapping[str, SpecialReader] = {
    "setting": setting.read,
    "patient": patient.read,
    "diagnosis": diagnosis.read,
    "pathology": pathology.read,
    "therapy": therapy.read,
    "spread": read_spread,
    "progression": progression.read,
    "receptor": read_receptor,
    "syndrome": syndrome.read,
    "pregnancy": pregnancy.read,
    "allergy": allergy.read,
}
# Facts by name, and problems; it is kept and shared, so that nobody can change it.
_Extracted: TypeAlias = tuple[MappingProxyType[str, Fact], tuple[Problem, ...]]
# Without a NET none of these is read: a Ki-67 of another cancer must not become a fact.
_OF_THE_TUMOUR = ("tumour.", "imaging.", "extent.", "liver.", "primary.", "burden.", "progression.")


class Extractor:
    """Extracts facts with one knowledge base, compiled once.

    `memory` keeps what was read of resources and charts, for when they are opened again.
    """

    def __init__(
        self, knowledge: FactKnowledge, systems: CodeSystems, memory: Memory | None = None
    ):
        self._memory = memory if memory is not None and memory.limit else None
        self._definitions = {d.type.name: d for d in knowledge.definitions}
        self._special = [
            (read, knowledge.families[name], name not in _ALWAYS)
            for name, read in SPECIAL_READERS.items()
            if name in knowledge.families
        ]
        self._generic = [
            (
                definition.type.name,
                definition.type.name.startswith(_OF_THE_TUMOUR),
                GenericReader(definition, systems),
            )
            for definition in knowledge.definitions
            if definition.rules
        ]
        self._asked = _by_concept(self._generic)
        self._silent: dict[_Lacking, Mapping[str, Fact]] = {}
        names, prose = named_concepts(knowledge)
        self._opener = ChartOpener(names, prose, systems)
        self.record_reader = RecordReader(picker(names, prose, systems), systems, memory)

    def extract(self, record: Record, as_of: date) -> tuple[Facts, tuple[Problem, ...]]:
        """Every fact of the vocabulary that is read from records, and what could not be used."""
        key = chart_key(record, as_of) if self._memory is not None else None
        if self._memory is None or key is None:
            facts, found = self._read(record, as_of)
        elif (known := self._memory.get(key)) is not None:
            facts, found = known
        else:
            facts, found = self._read(record, as_of)
            self._memory.keep(key, (facts, found), bytes_of(facts, found))
        return Facts(facts), tuple(sorted({*record.problems, *found}))

    def _read(self, record: Record, as_of: date) -> _Extracted:
        """The facts by name, and what of the entries could not be used."""
        chart = self._opener.open(record, as_of)
        readings: defaultdict[str, list[Reading]] = defaultdict(list)
        whole: dict[str, Fact] = {}
        for read, family, is_of_a_net in self._special:
            if is_of_a_net and not readings.get("net.entity"):
                continue
            for found in read(chart, family, readings):
                if isinstance(found, Fact):
                    whole[found.name] = found
                else:
                    readings[found.fact].append(found)
        named = chart.concepts & self._asked.keys()
        asked = {place for key in named for place in self._asked[key]}
        has_net = bool(readings.get("net.entity"))
        for place in sorted(asked):
            fact, of_the_tumour, generic = self._generic[place]
            if has_net or not of_the_tumour:
                readings[fact] += generic.read(chart)
        of_entries = chart.problems[len(record.problems) :]
        return self._settled(readings, whole, chart), tuple(of_entries)

    def _settled(
        self, readings: Mapping[str, list[Reading]], whole: Mapping[str, Fact], chart: Chart
    ) -> MappingProxyType[str, Fact]:
        # Most facts are not read in most records: theirs are formed once for each silence.
        record, as_of, definitions = chart.record, chart.as_of, self._definitions
        facts = dict(self._when_silent(record))
        for name, found in readings.items():
            if name not in whole and name in definitions:
                facts[name] = settle(definitions[name], found, as_of, record)
        facts.update({name: whole[name] for name in whole.keys() & definitions.keys()})
        if record.unavailable or record.incomplete or record.without_older:
            for name in readings.keys() | whole.keys():
                if name in definitions:
                    definition = definitions[name]
                    lacking = _lacking(definition, record)
                    facts[name] = of_a_part(definition, facts[name], lacking)
        return MappingProxyType(facts)

    def _when_silent(self, record: Record) -> Mapping[str, Fact]:
        """Every fact as it is if nothing is read for it."""
        lacking = record.unavailable, record.incomplete, record.without_older
        if lacking not in self._silent:
            if len(self._silent) >= _SILENCES:
                self._silent.clear()
            self._silent[lacking] = {
                name: of_a_part(one, absent(one, (), record.unavailable), _lacking(one, record))
                for name, one in self._definitions.items()
            }
        return self._silent[lacking]


def _by_concept(generic: Sequence[tuple[str, bool, GenericReader]]) -> Mapping[str, Sequence[int]]:
    """Which of the readers, by their places, are asked for the sake of each concept."""
    asked: dict[str, list[int]] = {}
    for place, (*_, reader) in enumerate(generic):
        for concept in reader.concepts:
            asked.setdefault(concept, []).append(place)
    return asked


_Lacking: TypeAlias = tuple[frozenset[str], frozenset[str], frozenset[str]]
_SILENCES = 256  # combinations of missing resource types that are remembered


def _lacking(definition: FactDefinition, record: Record) -> frozenset[str]:
    """The types whose absence may change a fact that others tell.

    A closed fact by the highest reading (a therapy is past, or running) hears a silence in each of
    its types as "no more than that"; any other only misses values where a part is there. The
    highest may be an older one (a Ki-67 of an earlier specimen), the newest is none.
    """
    if definition.take != "highest":
        return record.incomplete
    silent_is_no = definition.silence.value is not None
    return record.unavailable if silent_is_no else record.incomplete | record.without_older


_ALWAYS = frozenset({"setting", "patient", "diagnosis"})


def named_concepts(knowledge: FactKnowledge) -> tuple[list[Concept], list[Concept]]:
    """The concepts by which resources are named, and those that are looked for in prose."""
    names: list[Concept] = []
    prose: list[Concept] = []
    for definition in knowledge.definitions:
        for rule in definition.rules:
            if set(rule.places) - {"text"}:
                names.append(rule.concept)
            if "text" in rule.places:
                prose += [rule.concept, *rule.answers]
    for family in knowledge.families.values():
        names.extend(family.concepts.values())
        prose.extend(family.concepts.values())
    return names, prose


def picker(names: Iterable[Concept], prose: Iterable[Concept], systems: CodeSystems) -> Picker:
    """What picks the resources that some fact may be read from."""
    codes = [code for concept in names for code in (*concept.codes, *concept.never)]
    return Picker(codes, names, prose, systems)
