"""Everything that the cards of one patient are written from."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from cdshooks.clinical.assess import Assessment
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.value import Choice
from cdshooks.clinical.vocabulary import Vocabulary
from cdshooks.knowledge.load import Knowledge

NewUuid: TypeAlias = Callable[[str], str]
"""Name of a card or suggestion in its response -> its uuid."""

_NAMESPACE = uuid.UUID("6c1f3e0a-94c0-5a7e-9b51-d2a4f2d4d0c7")


def random_uuid(_: str) -> str:
    """128 random bits: nobody can guess the card of another patient."""
    return str(uuid.uuid4())


def stable_uuid(seed: str) -> NewUuid:
    """The same uuid for the same name, for goldens and examples."""
    return lambda name: str(uuid.uuid5(_NAMESPACE, f"{seed}/{name}"))


@dataclass(frozen=True, slots=True, eq=False)
class Consult:
    """One patient's assessment with the knowledge it was made by, on one day."""

    assessment: Assessment
    knowledge: Knowledge
    patient_id: str
    as_of: date
    new_uuid: NewUuid

    @property
    def facts(self) -> Facts:
        return self.assessment.facts

    @property
    def vocabulary(self) -> Vocabulary:
        return self.knowledge.vocabulary

    def fact(self, name: str) -> Fact:
        """A fact, unknown if this knowledge base has no such entry."""
        return self.facts.by_name.get(name) or Fact(name)

    @property
    def status(self) -> frozenset[str]:
        """What net.status may be; empty if that is not known at all."""
        value = self.fact("net.status").value
        return value.possible if isinstance(value, Choice) else frozenset()

    @property
    def signed(self) -> bool:
        """Has a NET board signed every treatment?"""
        return all(treatment.status != "draft" for treatment in self.knowledge.treatments)

    @property
    def outdated(self) -> bool:
        return self.as_of > self.knowledge.edition.valid_until
