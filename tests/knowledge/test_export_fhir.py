"""The knowledge as R4: valid, complete, true to the files, and without what is not ours to ship."""

import json
import re

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cdshooks.knowledge.codes import Code
from cdshooks.knowledge.export.fhir import BASE, resources, transaction
from cdshooks.knowledge.export.terminology import resource_id
from cdshooks.knowledge.load import load
from tests.knowledge.editions import replaced
from tests.shipped import KNOWLEDGE

RESOURCES = list(resources(KNOWLEDGE))
BY_TYPE = {
    kind: {one["id"]: one for one in RESOURCES if one["resourceType"] == kind}
    for kind in ("PlanDefinition", "ActivityDefinition", "ValueSet", "CodeSystem", "ConceptMap")
}
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"


def walk(value):
    """Every object inside a resource."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from walk(inner)


@pytest.mark.parametrize("kind", BY_TYPE)
def test_every_resource_is_valid_r4(kind):
    """R4 and R4B do not differ in these types."""
    assert BY_TYPE[kind]
    for one in BY_TYPE[kind].values():
        get_fhir_model_class(kind).model_validate(one)
    bundle = transaction(BY_TYPE[kind].values())
    get_fhir_model_class("Bundle").model_validate(bundle)


def test_ids_and_urls_are_unique_and_of_the_allowed_form():
    urls = [one["url"] for one in RESOURCES]
    assert len(set(urls)) == len(urls)
    assert [
        one["id"] for one in RESOURCES if not re.fullmatch(r"[A-Za-z0-9.-]{1,64}", one["id"])
    ] == []
    assert all(one["url"] == f"{BASE}/{one['resourceType']}/{one['id']}" for one in RESOURCES)


def test_each_treatment_request_and_warning_is_a_plan():
    expected = {one.id for one in KNOWLEDGE.treatments}
    expected |= {f"request-{one.id}".replace("_", "-") for one in KNOWLEDGE.requests}
    expected |= {f"warning-{one.id}".replace("_", "-") for one in KNOWLEDGE.warnings}
    assert set(BY_TYPE["PlanDefinition"]) == expected


@pytest.mark.parametrize("treatment", KNOWLEDGE.treatments, ids=lambda one: one.id)
def test_a_plan_holds_every_statement_reason_and_source_of_its_treatment(treatment):
    plan = BY_TYPE["PlanDefinition"][treatment.id]
    expressions = " ".join(
        one["expression"]["expression"]
        for one in walk(plan)
        if "expression" in one
        if isinstance(one["expression"], dict)
    )
    reasons = " ".join(one.get("textEquivalent", "") for one in plan["action"])
    for leaf in treatment.every_leaf():
        assert leaf.statement.text in expressions
        assert leaf.why in reasons
    cited = {one["label"] for one in plan["relatedArtifact"]}
    assert cited >= set(treatment.sources)


def test_a_plan_refers_only_to_activities_that_are_there():
    there = {f"{one['url']}|{one['version']}" for one in BY_TYPE["ActivityDefinition"].values()}
    wanted = {
        one["definitionCanonical"]
        for plan in BY_TYPE["PlanDefinition"].values()
        for one in walk(plan)
        if "definitionCanonical" in one
    }
    assert wanted == there


def test_what_nobody_signed_is_a_draft():
    assert {one["status"] for one in BY_TYPE["PlanDefinition"].values()} == {"draft"}
    assert {one["experimental"] for one in RESOURCES} == {True}


def test_a_signed_treatment_is_active_and_names_who_signed(mappings):
    who = '{by: A. Reader, role: oncologist, date: 2026-12-01, version: "1"}'
    signed = f"status: reviewed\nreviewed: [{who}]"
    replaced(mappings, "treatments/everolimus.yaml", "status: draft", signed)
    replaced(mappings, "blocks/active-net.yaml", "block:", f"{signed}\nblock:")
    plan = next(one for one in resources(load(mappings)) if one["id"] == "everolimus")
    assert (plan["status"], plan["experimental"]) == ("active", False)
    assert plan["approvalDate"] == "2026-12-01"
    assert plan["reviewer"] == [{"name": "A. Reader, oncologist"}]


def test_no_word_of_snomed_is_shipped():
    assert [
        one
        for resource in RESOURCES
        for one in walk(resource)
        if one.get("system") == SNOMED and "display" in one
    ] == []
    listed = [
        concept
        for value_set in BY_TYPE["ValueSet"].values()
        for part in ("include", "exclude")
        for group in value_set["compose"].get(part, ())
        if group["system"] == SNOMED
        for concept in group["concept"]
    ]
    assert listed
    assert [one for one in listed if set(one) != {"code"}] == []


@pytest.mark.parametrize(("system", "holder"), [(LOINC, "Regenstrief"), (SNOMED, "IHTSDO")])
def test_a_value_set_names_whose_codes_it_holds(system, holder):
    using = [one for one in BY_TYPE["ValueSet"].values() if system in json.dumps(one["compose"])]
    assert using
    assert [one["id"] for one in using if holder not in one["copyright"]] == []


def concepts():
    for definition in KNOWLEDGE.facts.definitions:
        for rule in definition.rules:
            yield from (rule.concept, *rule.answers)
    for family in KNOWLEDGE.facts.families.values():
        yield from family.concepts.values()


def stands(code: Code, value_set, part) -> bool:
    """Whether a value set lists the code, or for a prefix the codes that begin so."""
    uri = KNOWLEDGE.systems.by_name[code.system].uri
    groups = [one for one in value_set["compose"].get(part, ()) if one["system"] == uri]
    if code.prefix:
        filters = [one["value"] for group in groups for one in group.get("filter", ())]
        return any(re.fullmatch(pattern, f"{code.code}9") for pattern in filters)
    return code.code in [one["code"] for group in groups for one in group.get("concept", ())]


@pytest.mark.parametrize(("part", "listed"), [("include", "codes"), ("exclude", "never")])
def test_every_code_stands_in_a_value_set_and_every_look_alike_is_excluded(part, listed):
    for concept in (one for one in concepts() if one.codes):
        value_set = BY_TYPE["ValueSet"][resource_id(concept.key)]
        assert [c for c in getattr(concept, listed) if not stands(c, value_set, part)] == []


def test_the_map_leads_only_to_facts_and_values_that_exist():
    (system,) = BY_TYPE["CodeSystem"].values()
    (concept_map,) = BY_TYPE["ConceptMap"].values()
    codes = {one["code"] for one in walk(system["concept"]) if "code" in one}
    targets = {
        target["code"]
        for group in concept_map["group"]
        for element in group["element"]
        for target in element["target"]
    }
    assert targets
    assert targets - codes == set()


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("777-3", "lab.platelets"),
        ("35868009", "syndrome.types:carcinoid"),
        ("C7A.012", "tumour.site:jejunum-ileum"),
    ],
)
def test_a_code_leads_to_what_it_says(code, means):
    (concept_map,) = BY_TYPE["ConceptMap"].values()
    elements = [one for group in concept_map["group"] for one in group["element"]]
    (element,) = (one for one in elements if one["code"] == code)
    assert means in [target["code"] for target in element["target"]]
