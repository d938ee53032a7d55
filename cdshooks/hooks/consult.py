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
from cdshooks.hooks.profile import EVERYTHING, Profile
from cdshooks.knowledge.load import Knowledge

NewUuid: TypeAlias = Callable[[], uuid.UUID]


@dataclass(frozen=True, slots=True, eq=False)
class Consult:
    """One patient's assessment with the knowledge it was made by, on one day, for one client.

    Without a patient id nothing can be drafted: an order would be nobody's.
    """

    assessment: Assessment
    knowledge: Knowledge
    patient_id: str | None
    as_of: date
    new_uuid: NewUuid
    profile: Profile = EVERYTHING

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

    @property
    def withdrawn(self) -> bool:
        """Is the knowledge so old that nothing may be advised by it?"""
        return self.as_of > self.knowledge.edition.not_used_after
