"""What is taken away from a record becomes unknown, never no, nought or normal.

Facts are hidden one by one in every patient: what is said then must be true whatever the hidden
fact may be. Elements are taken out of every resource: no option may come of it.
"""

from functools import cache

import pytest

from cdshooks.clinical.derive import derive
from cdshooks.clinical.weigh import weigh
from tests.knowledge.encoding import DERIVATIONS, KNOWLEDGE, VOCABULARY, facts
from tests.knowledge.test_second_encoding_neighbours import pool
from tests.property.test_laws import READ_CLOSED, TREATMENTS, closed_answers, listed, way
from tests.safety.patients import CASES, SOAK, assessed, body, card_of, facts_of, some
from tests.test_fixtures import SELECTED, TELLING, asked_of_the_record, by_id, silent

# What may come of it once a hidden fact is known, by what is said while it is hidden.
MAY_BECOME = {
    "not-offered": {"not-offered"},
    "blocked": {"blocked", "not-offered"},
    "hold": {"hold", "blocked"},
    "offer-check": {"offer", "offer-check", "hold", "blocked"},
    "offer": {"offer"},
}
STRIDE = 1 if SOAK else 40  # of the facts on file


def on_file(known):
    """The facts that were read from the record, in the order of the vocabulary."""
    names = [one.name for one in VOCABULARY if one.name in known.by_name]
    return [name for name in names if name not in DERIVATIONS and known[name].readings]


@cache
def statements(name):
    treatment = TREATMENTS[name]
    return listed(treatment.consider, treatment.block, treatment.hold)


def of_the_record(name, known):
    """What the statements of a treatment say that are about the record itself."""
    asked = statements(name)
    answers = [one.ask(known) for one in asked if one.closed]
    return [*answers, *(closed_answers(one, known) for one in way(asked))]


def outcomes(known, names=TREATMENTS):
    return {name: weigh(TREATMENTS[name], known, VOCABULARY).outcome for name in names}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_h1_what_is_said_without_a_fact_is_true_whatever_the_fact_is(case):
    """Exempt is what a statement asks of the record itself ("not recorded"); the list of the facts
    that may be asked so stands with the laws."""
    whole = facts_of(case)
    for name in on_file(whole)[len(case.name) % STRIDE :: STRIDE]:
        hidden = derive(whole.without([name]), KNOWLEDGE.derivations)
        said = outcomes(hidden)
        for value in pool().get(name, ()):
            known = derive(whole.having([facts({name: value}, ())[name]]), KNOWLEDGE.derivations)
            after = outcomes(known, [one for one in said if said[one] in MAY_BECOME])
            for treatment, outcome in after.items():
                if outcome not in MAY_BECOME[said[treatment]]:
                    told = of_the_record(treatment, hidden), of_the_record(treatment, known)
                    assert told[0] != told[1], (name, value, treatment, said[treatment], outcome)
                    assert name in READ_CLOSED[treatment], (name, treatment)


# ---- elements of the record ----------------------------------------------------------------------

# Without these a resource says something else, not less: that it is refuted, of whom it is, or
# (a comparator) that a number is a bound. Their absence has rows of its own.
MODIFIERS = {
    *("resourceType", "id", "meta", "status", "clinicalStatus", "verificationStatus", "intent"),
    *("subject", "patient", "comparator", "modifierExtension", "contained"),
}


def paths(value, path=()):
    """The place of each element, of each item of a list and each member within, the outer first."""
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in parts:
        if key not in MODIFIERS:
            yield (*path, key)
            if isinstance(inner, dict | list):
                yield from paths(inner, (*path, key))


def without(case, position, path):
    """(the id of the resource, the record without one of its elements)."""
    bundle = case.bundle()
    *outer, last = path
    holder = resource = bundle["entry"][position]["resource"]
    for key in outer:
        holder = holder[key]
    del holder[last]
    return resource.get("id"), bundle


def elements():
    """(case, position, path) of every element of every resource."""
    for case in CASES:
        for position, entry in enumerate(case.bundle()["entry"]):
            for path in paths(entry["resource"]):
                yield case, position, path


@pytest.mark.parametrize("part", range(10))
def test_h1_no_option_comes_of_an_element_that_is_taken_away(part):
    """Exempt as for whole resources: what silence denies, and the resources that tell something by
    being there (the corrected version, the other cancer)."""
    tried = some(elements(), 240)[part::10]
    for case, position, path in tried:
        gone, bundle = without(case, position, path)
        if (case.name, gone) in TELLING:
            continue
        whole, found = assessed(case), assessed(case, bundle)
        before = by_id(whole)
        for name, outcome in by_id(found).items():
            if asked_of_the_record(name) & silent(whole, found):
                continue
            assert outcome != "offer" or before[name] == "offer", (case.name, gone, path, name)
            assert outcome != "offer-check" or before[name] in SELECTED, (
                case.name,
                gone,
                path,
                name,
            )
    assert len(tried) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_h1_what_silence_was_taken_for_stands_on_the_card(case):
    """An option that rests on what is not recorded says so: a reader can object."""
    found = assessed(case)
    card = card_of(found, "options")
    for one in found["treatments"]:
        if one["outcome"].startswith("offer") and PLACE[one["id"]] == "option":
            silent_on = [said.partition(": not recorded")[0] for said in one["because"]]
            labels = [label for label in silent_on if label in LABELS]
            lacking = [label for label in labels if not tells_silence(label, body(card))]
            assert lacking == [], one["id"]


PLACE = {one.id: one.place for one in KNOWLEDGE.treatments}
LABELS = {one.label for one in VOCABULARY}


def tells_silence(label, text):
    listed_ = [line for line in text.splitlines() if "Nothing on file about: " in line]
    return f"{label}: not recorded" in text or any(label in line for line in listed_)
