"""Everything that the cards of one patient are written from."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from cdshooks.clinical.assess import Assessment
from cdshooks.clinical.criterion import Leaf
from cdshooks.clinical.fact import Fact
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.value import Choice
from cdshooks.clinical.weigh import Settling, TreatmentAssessment
from cdshooks.hooks.finding import Findings
from cdshooks.hooks.ids import NewUuid
from cdshooks.hooks.profile import EVERYTHING, Profile
from cdshooks.hooks.wording import wording_of
from cdshooks.knowledge.load import Knowledge

OFFERED = ("offer", "offer-check")


class Consult:
    """One patient's assessment with the knowledge it was made by, on one day, for one client.

    Without a patient id nothing can be drafted: an order would be nobody's.
    """

    def __init__(
        self,
        assessment: Assessment,
        knowledge: Knowledge,
        patient_id: str | None,
        as_of: date,
        new_uuid: NewUuid,
        profile: Profile = EVERYTHING,
    ):
        self.assessment, self.facts = assessment, assessment.facts
        self.knowledge, self.vocabulary = knowledge, knowledge.vocabulary
        self.patient_id, self.new_uuid, self.profile = patient_id, new_uuid, profile
        self.wording = wording_of(knowledge)
        self.outdated = as_of > knowledge.edition.valid_until
        self.withdrawn = as_of > knowledge.edition.not_used_after
        """Is the knowledge so old that nothing may be advised by it?"""
        status = self.fact("net.status").value
        self.status = status.possible if isinstance(status, Choice) else frozenset()
        """What net.status may be; empty if that is not known at all."""
        self.offered: list[TreatmentAssessment] = []
        self.stopped: dict[str, list[TreatmentAssessment]] = {"blocked": [], "hold": []}
        for one in assessment.considered:
            outcome = one.outcome
            if outcome in OFFERED:
                self.offered.append(one)
            elif outcome != "needs-data":
                self.stopped[outcome].append(one)
        self.completing: tuple[dict[str, Any], bytes] | None = None
        """What the drafts have in common, once there is one (orders.py)."""
        self.found = Findings(self.facts, self.wording)
        self._settling = Settling(self.facts, self.vocabulary)

    def fact(self, name: str) -> Fact:
        """A fact, unknown if this knowledge base has no such entry."""
        return self.facts.by_name.get(name) or Fact(name)

    def may_settle(self, asked: AbstractSet[str], leaf: Leaf) -> bool:
        """Would one of these base facts settle the statement?"""
        if asked.isdisjoint(self.wording.reach(leaf)):  # whoever the patient is
            return False
        settled_by = self._settling
        bases = [base for name in leaf.statement.facts for base in settled_by[name]]
        return not asked.isdisjoint(bases)

    def assesses(self, treatment: Treatment) -> bool:
        """Is it one of the treatments that were assessed?"""
        return any(one.treatment is treatment for one in self.assessment.treatments)

    def saying(self, names: Iterable[str]) -> dict[str, Fact]:
        """Those of some facts that are known, so that not every value that there is is possible."""
        said: dict[str, Fact] = {}
        facts = self.facts.by_name
        for name in names:
            fact = facts.get(name)
            if fact is None or fact.value is None:
                continue
            if isinstance(fact.value, Choice):
                every = self.wording.every_value(name)
                if every is not None and fact.value.possible >= every:
                    continue
            said[name] = fact
        return said
