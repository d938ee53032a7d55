"""The knowledge as R4 resources: plans, activities, value sets, a code system and a map to it.

The conditions of a plan are statements of our rule language (docs/knowledge.md) as text/plain, with
the sentence beside each: a reader understands them, and no engine takes them for CQL.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from cdshooks.clinical.criterion import Criterion, Leaf, leaves
from cdshooks.clinical.treatment import Caveat, DraftOrder, Request, Saying, Treatment
from cdshooks.knowledge.export import BASE
from cdshooks.knowledge.export.terminology import computer_name, resource_id, terminology
from cdshooks.knowledge.export.wording import named, spoken, written
from cdshooks.knowledge.load import Knowledge
from cdshooks.knowledge.standing import Standing

Resource: TypeAlias = dict[str, Any]

USAGE = (
    "For display and exchange. Conditions are statements of the cdshooks-net rule language; they"
    " are yes, no or unknown, and unknown is never no. Options to discuss: nothing is ordered."
)
_LANGUAGE = "text/plain"
_PLAN = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
_ACTION = "http://terminology.hl7.org/CodeSystem/action-type"
_LISTS = (
    ("block", "Ruled out when any of these holds"),
    ("hold", "On hold when any of these holds: no therapy order is drafted"),
    ("caution", "Cautions"),
)


def resources(knowledge: Knowledge, base: str = BASE) -> Iterator[Resource]:
    """Every resource, each under a canonical URL below `base`; what is referred to comes first."""
    base = base.rstrip("/")
    yield from terminology(knowledge, base)
    yield from _Plans(knowledge, base).resources()


def transaction(listed: Iterable[Resource]) -> Resource:
    """A Bundle that puts the resources onto a server under their ids."""
    entries = [
        {
            "fullUrl": one["url"],
            "resource": one,
            "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
        }
        for one in listed
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


@dataclass(frozen=True, slots=True)
class _Action:
    """One part of a plan: when it applies, in which sense, with which reasons."""

    title: str
    criteria: Sequence[Criterion]
    any_of: bool = False


class _Plans:
    def __init__(self, knowledge: Knowledge, base: str):
        self._knowledge, self._base = knowledge, base
        self._vocabulary = named(knowledge)

    def resources(self) -> Iterator[Resource]:
        for treatment in self._knowledge.treatments:
            offer = _Action(treatment.summary, treatment.consider)
            lists = [
                _Action(title, getattr(treatment, name), any_of=True) for name, title in _LISTS
            ]
            head = self._head(treatment, "treatments", resource_id(treatment.id))
            yield from self._plan(head, [offer, *lists], treatment.orders, treatment.sayings)
        for request in self._knowledge.requests:
            asked = _Action(request.summary, request.ask_when)
            never = _Action("Not asked for when any of these holds", request.never_when, True)
            head = self._head(request, "requests", resource_id("request", request.id))
            yield from self._plan(head, [asked, never], request.orders, request.sayings)
        for warning in self._knowledge.warnings:
            shown = _Action(warning.text, warning.when_any, any_of=True)
            head = self._head(warning, "warnings", resource_id("warning", warning.id))
            yield from self._plan(
                head, [shown], warning.orders, [Saying(warning.text, warning.sources)]
            )

    def _plan(
        self,
        head: Resource,
        parts: Sequence[_Action],
        orders: Sequence[DraftOrder],
        sayings: Sequence[Saying],
    ) -> Iterator[Resource]:
        """The activities of the draft orders, then the plan that refers to them."""
        activities = [self._activity(head, order, n) for n, order in enumerate(orders, 1)]
        yield from activities
        told = [_Action(one.text, (one.when,)) for one in sayings if one.when]
        asked = [*parts, *told]
        first, *others = [self._action(one) for one in asked if one.criteria or one is parts[0]]
        drafts = [
            self._draft(order, activity) for order, activity in zip(orders, activities, strict=True)
        ]
        if drafts:
            first |= {"selectionBehavior": "any", "action": drafts}
        cited = [s for part in asked for one in part.criteria for s in _sources(one)]
        cited += [s for saying in sayings for s in saying.sources]
        found = {
            "resourceType": "PlanDefinition",
            **head,
            "type": {"coding": [{"system": _PLAN, "code": "eca-rule"}]},
            "usage": USAGE,
            "action": [first, *others],
        }
        said = " ".join(saying.text for saying in sayings if not saying.when)
        yield found | _filled({"purpose": said, "relatedArtifact": self._citations(cited)})

    def _head(self, rule: Treatment | Request | Caveat, kind: str, name: str) -> Resource:
        standing = self._knowledge.standings.get(f"{kind}/{rule.id}", Standing())
        reviewed = standing.status == "reviewed"
        head: Resource = {
            "id": name,
            "url": f"{self._base}/PlanDefinition/{name}",
            "version": standing.version,
            "name": computer_name(name),
            "title": rule.title,
            "status": "active" if reviewed else "draft",
            "experimental": not reviewed,
            "date": self._knowledge.edition.issued.isoformat(),
            "publisher": "The cdshooks-net authors",
            "description": f"{rule.title}. Not a medical order.",
            "effectivePeriod": {"end": self._knowledge.edition.valid_until.isoformat()},
        }
        signed = [one for one in standing.signatures if one.version == standing.version]
        if signed:
            head["approvalDate"] = max(one.day for one in signed).isoformat()
            head["reviewer"] = [{"name": f"{one.by}, {one.role}"} for one in signed]
        return head

    def _action(self, part: _Action) -> Resource:
        criteria = list(part.criteria)
        conditions = [self._any(criteria)] if part.any_of else [self._if(one) for one in criteria]
        found = {
            "title": part.title,
            "textEquivalent": " ".join(leaf.why for one in criteria for leaf in leaves(one)),
            "documentation": self._citations(s for one in criteria for s in _sources(one)),
            "condition": conditions,
        }
        return _filled(found)

    def _if(self, criterion: Criterion) -> Resource:
        return _condition(written(criterion), self._said(criterion))

    def _any(self, criteria: Sequence[Criterion]) -> Resource:
        texts = "; ".join(written(one) for one in criteria)
        said = "; or ".join(self._said(one) for one in criteria)
        return _condition(f"any({texts})", f"At least one of: {said}")

    def _said(self, criterion: Criterion) -> str:
        if isinstance(criterion, Leaf):
            said = spoken(criterion.statement.text, self._vocabulary)
            marks = {"yes": " (unknown counts as yes)", "silent": " (unknown asks for nothing)"}
            return said + marks.get(criterion.when_unknown, "")
        joint = "; or " if criterion.mode == "any" else "; and "
        return f"[{joint.join(self._said(part) for part in criterion.parts)}]"

    def _activity(self, head: Resource, order: DraftOrder, number: int) -> Resource:
        name = resource_id(head["id"], f"draft-{number}")
        texts = [
            one["text"]
            for key in ("dosageInstruction", "note")
            for one in order.resource.get(key, ())
        ]
        found = {
            "resourceType": "ActivityDefinition",
            **head,
            "id": name,
            "url": f"{self._base}/ActivityDefinition/{name}",
            "name": computer_name(name),
            "title": order.label,
            "description": " ".join([f"{order.label}: a draft to review and sign.", *texts]),
            "kind": order.resource["resourceType"],
            "intent": "proposal",
        }
        concept = {
            "code": _unnamed(order.resource.get("code")),
            "productCodeableConcept": _unnamed(order.resource.get("medicationCodeableConcept")),
            "priority": order.resource.get("priority"),
            "dosage": order.resource.get("dosageInstruction"),
        }
        return found | _filled(concept)

    def _draft(self, order: DraftOrder, activity: Resource) -> Resource:
        found: Resource = {
            "title": order.label,
            "type": {"coding": [{"system": _ACTION, "code": "create"}]},
            "definitionCanonical": f"{activity['url']}|{activity['version']}",
        }
        if order.unless is not None:
            said = f"Not when: {self._said(order.unless)}"
            found["condition"] = [_condition(f"unless {written(order.unless)}", said)]
        return found

    def _citations(self, cited: Iterable[str]) -> list[Resource]:
        listed = [self._knowledge.citations[one] for one in dict.fromkeys(cited)]
        return [
            _filled(
                {
                    "type": "citation",
                    "label": one.id,
                    "display": one.label,
                    "citation": f"{one.label} (read: {one.read})" if one.url else one.label,
                    "url": one.url,
                }
            )
            for one in listed
        ]


def _condition(expression: str, said: str) -> Resource:
    return {
        "kind": "applicability",
        "expression": {"description": said, "language": _LANGUAGE, "expression": expression},
    }


def _sources(criterion: Criterion) -> Iterator[str]:
    for leaf in leaves(criterion):
        yield from leaf.sources


def _unnamed(concept: Resource | None) -> Resource | None:
    """A concept without the words of a SNOMED CT code, of which identifiers alone are shipped."""
    if not concept or "coding" not in concept:
        return concept
    codings = [
        {k: v for k, v in one.items() if k != "display" or "snomed" not in one["system"]}
        for one in concept["coding"]
    ]
    return {**concept, "coding": codings}


def _filled(members: Resource) -> Resource:
    """The members that have a value: FHIR has no null and nothing empty."""
    return {key: value for key, value in members.items() if value not in (None, [], {}, "")}
