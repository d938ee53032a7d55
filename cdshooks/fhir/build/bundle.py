"""A short list of facts as a record: the inverse of reading, for fixtures and tests.

`extract(build(facts)) == facts`: every record is read back before it is handed out, so a fact that
the others contradict is an error here and not a surprise later.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from cdshooks.clinical.fact import Facts
from cdshooks.clinical.value import Members, Span, Value
from cdshooks.errors import InputUnreadable
from cdshooks.fhir.build.diagnosis import DIAGNOSIS, GENDER, GENDERS, PATIENT, diagnosis, patient
from cdshooks.fhir.build.generic import generic
from cdshooks.fhir.build.resources import Frame, Resource
from cdshooks.fhir.build.special import maker_of
from cdshooks.fhir.build.values import capped, value_of
from cdshooks.fhir.extract import Extractor
from cdshooks.knowledge.facts import FactDefinition
from cdshooks.knowledge.load import Knowledge, load

_SERVER = "https://ehr.example.org/fhir"


def build_bundle(
    facts: Mapping[str, str],
    as_of: date,
    patient_id: str = "patient-1",
    knowledge: Knowledge | None = None,
) -> dict[str, Any]:
    """The R4 Bundle of a synthetic patient of whom just this is known.

    >>> facts = {"tumour.site": "pancreas", "tumour.ki67": "3-20 %"}
    >>> bundle = build_bundle(facts, date(2026, 11, 15))
    >>> [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    ['Patient', 'Condition', 'Observation']
    """
    return _builder(knowledge).bundle(facts, as_of, patient_id)


@lru_cache(maxsize=2)
def _builder(knowledge: Knowledge | None) -> "Builder":
    return Builder(knowledge or load())


class Builder:
    """Builds records with one knowledge base, compiled once.

    Without `net.status` the record has an active NET, since without a tumour no fact of it is read.
    `patient.gender` (male, female, other, unknown) is taken besides the facts.
    """

    def __init__(self, knowledge: Knowledge):
        self._knowledge = knowledge
        self._definitions = {d.type.name: d for d in knowledge.facts.definitions}
        self._extractor = Extractor(knowledge.facts, knowledge.systems)

    @property
    def accepted(self) -> tuple[str, ...]:
        """The names of the facts that can be built."""
        together = {*PATIENT, *DIAGNOSIS}
        found = (n for n, d in self._definitions.items() if n in together or d.rules or maker_of(n))
        return tuple(sorted(found))

    def bundle(self, facts: Mapping[str, str], as_of: date, patient_id: str) -> dict[str, Any]:
        """Raises InputUnreadable for what cannot be built, and for facts that contradict others."""
        given = dict(facts)
        gender = given.pop(GENDER, "")
        if gender and gender not in GENDERS:
            raise InputUnreadable(f"{GENDER}={gender}: accepted is {', '.join(GENDERS)}")
        values = {name: value_of(self._definition(name).type, text) for name, text in given.items()}
        frame = Frame(as_of, self._knowledge.systems, self._knowledge.facts.families)
        made = [("", patient(values, gender, patient_id, as_of))]
        made += [("net", one) for one in diagnosis(values, frame)]
        for name, value in values.items():
            made += [(name, one) for one in self._made(name, value, frame)]
        found = _bundle(made, patient_id)
        self._read_back(found, values, as_of, patient_id)
        return found

    def _definition(self, name: str) -> FactDefinition:
        if name in self.accepted:
            return self._definitions[name]
        vocabulary = self._knowledge.vocabulary
        if name not in vocabulary:
            near = difflib.get_close_matches(name, self.accepted)
            told = f"did you mean {' or '.join(near)}?" if near else ", ".join(self.accepted)
            raise InputUnreadable(f"there is no fact {name}: {told}")
        settling = ", ".join(vocabulary[name].asks) or "others"
        raise InputUnreadable(f"{name} is not built: it follows from {settling}")

    def _made(self, name: str, value: Value, frame: Frame) -> Iterable[Resource]:
        if name in (*PATIENT, *DIAGNOSIS):
            return ()
        maker = maker_of(name) or generic
        return maker(self._definitions[name], value, frame)

    def _read_back(
        self, bundle: Mapping[str, Any], values: Mapping[str, Value], as_of: date, patient_id: str
    ) -> None:
        body = ("Bundle", orjson.dumps(bundle))
        record = self._extractor.record_reader.read([body], patient_id)
        read, _ = self._extractor.extract(record, as_of)
        wrong = {name: one for name, one in values.items() if not agree(one, read.value(name))}
        if wrong:
            lost = "; ".join(_said(name, value, read) for name, value in wrong.items())
            raise InputUnreadable(f"the facts contradict each other: {lost}")


def agree(wanted: Value, found: Value | None) -> bool:
    """Does a record say what was wanted? Of members no more is asked than those that were named."""
    if isinstance(wanted, Members) and isinstance(found, Members):
        return found.has == wanted.has and found.lacks >= wanted.lacks
    return wanted == (capped(found) if isinstance(found, Span) else found)


def _said(name: str, value: Value, read: Facts) -> str:
    found = read[name]
    reads = f"reads as {found.value}" if found.value is not None else "is not read"
    return f"{name}={value} {reads}"


def _bundle(made: Iterable[tuple[str, Resource]], patient_id: str) -> dict[str, Any]:
    entries = [
        {"fullUrl": f"{_SERVER}/{one['resourceType']}/{one['id']}", "resource": one}
        for one in _named(made, patient_id)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _named(made: Iterable[tuple[str, Resource]], patient_id: str) -> Iterator[Resource]:
    """The resources with ids after their facts, and with their subject."""
    used: dict[str, int] = {}
    for fact, resource in made:
        kind = resource["resourceType"]
        if kind == "Patient":
            yield resource
            continue
        name = fact.replace(".", "-").replace("_", "-")
        used[name] = used.get(name, 0) + 1
        unique = name if used[name] == 1 else f"{name}-{used[name]}"
        subject = "patient" if kind == "AllergyIntolerance" else "subject"
        reference = {"reference": f"Patient/{patient_id}"}
        yield {"resourceType": kind, "id": unique, **resource, subject: reference}
