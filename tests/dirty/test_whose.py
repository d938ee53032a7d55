"""Resources of somebody else among the patient's own: named, never cited, and without effect."""

from dataclasses import replace
from functools import cache
from random import Random

import pytest

from cdshooks.engine import Engine
from cdshooks.errors import DataRequired, PatientMismatch
from tests.dirty.calls import (
    CASES,
    MRN,
    SOAK,
    answer,
    but_for_problems,
    call,
    chart,
    copied,
    entry,
    topic,
)
from tests.shipped import ENGINE, KNOWLEDGE

ANOTHERS = "is not the patient in context; set aside"
UNTOLD = "is not known to be the patient in context; set aside"
ANOTHERS_URN = "urn:uuid:0f0f0f0f-1111-4222-8333-444444444444"
# How a resource names somebody else; {id} and {base} are of the patient in context, whose MRN is 7.
NAMES_ANOTHER = {
    "relative": {"reference": "Patient/stranger"},
    "versioned": {"reference": "Patient/stranger/_history/3"},
    "absolute": {"reference": "{base}/Patient/stranger"},
    "absolute and versioned": {"reference": "{base}/Patient/stranger/_history/1"},
    "of another server": {"reference": "https://other.example/fhir/Patient/stranger"},
    "urn:uuid of another Patient": {"reference": ANOTHERS_URN},
    "an id that begins alike": {"reference": "Patient/{id}0"},
    "another MRN": {"identifier": {"system": MRN, "value": "8"}},
    "with the display of the patient": {"reference": "Patient/stranger", "display": "{id}"},
    "with the identifier of the patient": {
        "reference": "Patient/stranger",
        "identifier": {"system": MRN, "value": "7"},
    },
}
# It may be of the patient: it is not used, and its type is silent about nothing.
MAY_BE_THE_PATIENT = {
    "absent": None,
    "empty": {},
    "display only": {"display": "{id}"},
    "a text": "Patient/{id}",
    "a list of both": [{"reference": "Patient/{id}"}, {"reference": "Patient/stranger"}],
    "a group": {"reference": "Group/{id}"},
    "a contained patient": {"reference": "#{id}"},
    "urn:uuid of nobody": {"reference": "urn:uuid:00000000-1111-4222-8333-444444444444"},
    "the same id on another server": {"reference": "https://other.example/fhir/Patient/{id}"},
    "an identifier of another system": {"identifier": {"system": "urn:visit", "value": "7"}},
    "an identifier without a system": {"identifier": {"value": "7"}},
    "another case": {"reference": "patient/{id}"},
    "with a query": {"reference": "Patient/{id}?_format=json"},
    "with a fragment": {"reference": "Patient/{id}#stranger"},
    "no reference": {"reference": None},
}
STRANGER, UNUSED = "colon-nec-untreated", "**Could not be used:**"
MIXES, A_PART = (10_000, 500) if SOAK else (60, 30)
NAMES = [case.name for case in CASES]


def of_somebody_else(entries, subject, own, *, same_ids=False):
    """Entries about whom `subject` names (None: they name nobody), and that Patient."""
    made = []
    for resource in (copied(one["resource"]) for one in entries):
        if not same_ids:
            resource["id"] = f"strangers-{resource['id']}"[:64]
        for name in {"subject", "patient"} & resource.keys():
            resource[name] = filled(subject, own)
            if subject is None:
                del resource[name]
        made.append(entry(resource, own.base))
    other = {"resourceType": "Patient", "id": "stranger", "gender": "female"}
    return [*made, {"fullUrl": ANOTHERS_URN, "resource": other}]


def filled(subject, own):
    if isinstance(subject, str):
        return subject.replace("{id}", own.id).replace("{base}", own.base)
    if isinstance(subject, dict):
        return {name: filled(inner, own) for name, inner in subject.items()}
    return [filled(one, own) for one in subject] if isinstance(subject, list) else subject


def emptied(resource):
    """What a resource is and whose, with nothing in it."""
    kept = ("resourceType", "id", "subject", "patient")
    hollow = {name: resource[name] for name in kept if name in resource}
    inner = [emptied(one) for one in resource.get("contained", ())]
    return hollow | ({"contained": inner, "status": "final"} if inner else {})


def has_no_effect(own, strangers, sent):
    """The whole answer is what it is when the strangers' resources are empty; but for the problems
    that name them it is that of the patient alone."""
    found = answer(call(own, sent))
    hollow = [{**one, "resource": emptied(one["resource"])} for one in strangers]
    assert found == answer(call(own, [*own.entries, *hollow]))
    alone = of_alone(own)
    assert but_for_problems(found[1]) == but_for_problems(alone[1])
    about_problems = ("safety", "missing-data")
    assert [c for c in found[0] if topic(c) not in about_problems] == [
        c for c in alone[0] if topic(c) not in about_problems
    ]
    return named(found[1]) - named(alone[1])


@cache
def of_alone(own):
    return answer(call(own, own.entries))


def named(assessment):
    return {(one["reference"], one["problem"]) for one in assessment.get("problems", ())}


def references(strangers):
    """What is to be named: all that some fact may be read from."""
    return {
        f"{one['resource']['resourceType']}/{one['resource']['id']}"
        for one in strangers
        if one["resource"]["resourceType"] != "Patient"
    }


@pytest.mark.parametrize("subject", NAMES_ANOTHER.values(), ids=NAMES_ANOTHER)
def test_e1_what_names_another_patient_has_no_effect_and_is_named(subject):
    own = chart("ileum-g1-progressive-after-ssa")
    strangers = of_somebody_else(chart(STRANGER).entries, subject, own)
    problems = has_no_effect(own, strangers, [*strangers, *own.entries])
    assert {where for where, _ in problems} >= references(strangers)
    assert {what for _, what in problems} == {ANOTHERS}


@pytest.mark.parametrize("subject", MAY_BE_THE_PATIENT.values(), ids=MAY_BE_THE_PATIENT)
def test_e1_what_may_be_the_patients_is_named_and_never_cited_and_offers_nothing(subject):
    own = chart("ileum-g1-progressive-after-ssa")
    strangers = of_somebody_else(chart(STRANGER).entries, subject, own)
    cards, assessment = answer(call(own, [*strangers, *own.entries]))
    alone = of_alone(own)[1]
    assert "strangers-" not in str(assessment["facts"])
    assert (offered(assessment) - offered(alone), offered(alone) != set()) == (set(), True)
    cited = [card for card in cards if "strangers-" in card["detail"].split(UNUSED)[0]]
    assert cited == []
    assert {what for where, what in named(assessment) if "strangers-" in where} == {UNTOLD}


def offered(assessment):
    return {one["id"] for one in assessment["treatments"] if one["outcome"] == "offer"}


@pytest.mark.parametrize("part", range(MIXES // A_PART))
def test_e1_random_mixes_of_two_patients_are_the_patient_alone(part):
    random = Random(part)
    for _ in range(A_PART):
        mine, theirs = random.sample(NAMES, 2)
        own, other = chart(mine), chart(theirs).entries
        how = random.choice([*NAMES_ANOTHER])
        some = random.sample(other, random.randint(1, len(other)))
        same_ids = random.random() < 0.3
        strangers = of_somebody_else(some, NAMES_ANOTHER[how], own, same_ids=same_ids)
        sent = random.sample(mixed := [*own.entries, *strangers], len(mixed))
        has_no_effect(own, strangers, sent)


KI67 = {"coding": [{"system": "http://loinc.org", "code": "29593-1"}]}


def loud(own, **more):
    """A Ki-67 of somebody else, as high as can be."""
    subject = {"reference": "Patient/stranger"}
    quantity = {"value": 90, "unit": "%"}
    made = {"resourceType": "Observation", "id": "loud", "status": "final", "subject": subject}
    made |= {"code": KI67, "effectiveDateTime": "2026-11-01", "valueQuantity": quantity} | more
    return entry(made, own.base)


@pytest.mark.parametrize(
    "pointer",
    [
        {"resourceType": "DiagnosticReport", "result": [{"reference": "Observation/loud"}]}
        | {"code": {"text": "Pathology: neuroendocrine tumour"}, "conclusion": "See the result."},
        {"resourceType": "Observation", "hasMember": [{"reference": "Observation/loud"}]}
        | {"code": {"text": "Pathology of the neuroendocrine tumour"}},
        {"resourceType": "Observation", "focus": [{"reference": "Observation/loud"}]}
        | {"code": KI67},
    ],
    ids=lambda one: f"{one['resourceType']} by {[*one][1]}",
)
def test_e1_what_is_the_patients_takes_nothing_from_another_to_which_it_points(pointer):
    own = chart("ileum-g1-progressive-after-ssa")
    subject, when = {"reference": f"Patient/{own.id}"}, "2026-11-02"
    made = pointer | {"id": "pointer", "status": "final", "subject": subject}
    entries = (*own.entries, entry(made | {"effectiveDateTime": when}, own.base))
    has_no_effect(replace(own, entries=entries), [loud(own)], [loud(own), *entries])


def test_e1_a_result_of_another_contained_in_the_patients_report_is_not_used():
    own = chart("ileum-g1-progressive-after-ssa")
    inner = loud(own)["resource"]
    subject = {"reference": f"Patient/{own.id}"}
    report = {"resourceType": "DiagnosticReport", "id": "holder", "status": "final"}
    report |= {"code": {"text": "Pathology"}, "subject": subject, "contained": [inner]}
    found = answer(call(own, [*own.entries, entry(report, own.base)]))[1]
    assert found["facts"] == of_alone(own)[1]["facts"]
    assert ("DiagnosticReport/holder#loud", ANOTHERS) in named(found)


def test_e1_an_entry_of_another_under_the_url_of_the_patients_own_takes_no_reference_to_it():
    """Two entries with one fullUrl are no FHIR; what is said of the tumour stays of the tumour."""
    own = chart("ileum-g1-progressive-after-ssa")
    url = f"{own.base}/Condition/net"
    other = {"resourceType": "Condition", "id": "breast", "subject": {"reference": "Patient/q"}}
    stranger = {"fullUrl": url, "resource": other | {"code": {"text": "Breast cancer"}}}
    subject, focus = {"reference": f"Patient/{own.id}"}, [{"reference": url}]
    of_the_net = loud(own, id="of-the-net", subject=subject, focus=focus)
    mine = replace(own, entries=(*own.entries, of_the_net))
    for sent in ([stranger, *mine.entries], [*mine.entries, stranger]):
        has_no_effect(mine, [stranger], sent)


def test_p53_e1_a_patient_of_another_id_than_in_context_is_a_412_and_no_card():
    own = chart("ileum-g1-progressive-after-ssa")
    for other in ({**own.patient, "id": "stranger"}, {**own.patient, "id": own.id.upper()}):
        with pytest.raises(PatientMismatch):
            answer(call(own, own.entries, patient=other))


def told_or_refused(body, engine=ENGINE):
    """The answer; where all diagnoses are a stranger's, the words of the refusal."""
    try:
        return answer(body, engine)
    except DataRequired as refused:
        return str(refused)


def test_e1_a_memory_full_of_another_patient_changes_no_answer():
    """One engine, which remembers what it read: each patient alone, mixed, and with one another's
    resources under the very same ids and bytes, but for whose they are."""
    warm, random = Engine(KNOWLEDGE, memory_bytes=16_777_216), Random(11)
    for _ in range(1_000 if SOAK else 15):
        mine, theirs = random.sample(NAMES, 2)
        own, other = chart(mine), chart(theirs)
        answer(call(other, other.entries), warm)
        how = NAMES_ANOTHER[random.choice([*NAMES_ANOTHER])]
        same_ids = random.random() < 0.5
        entries = random.choice([other.entries, own.entries])
        strangers = of_somebody_else(entries, how, own, same_ids=same_ids)
        for body in (call(own, [*own.entries, *strangers]), call(own, own.entries)):
            assert told_or_refused(body, warm) == told_or_refused(body)
    assert warm.memory.hits > 50
