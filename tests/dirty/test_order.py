"""Order, duplicates and versions: one record, one answer."""

from random import Random

import pytest

from tests.dirty.calls import CASES, SOAK, answer, call, chart, copied

SHUFFLES = 9 if SOAK else 1  # of each patient, above 1,000 in all


@pytest.mark.parametrize("case", CASES if SOAK else CASES[::4], ids=lambda case: case.name)
def test_e12_the_order_of_the_entries_changes_nothing(case):
    own, random = chart(case.name), Random(case.name)
    told = answer(call(own, own.entries))
    for _ in range(SHUFFLES):
        assert answer(call(own, random.sample(own.entries, len(own.entries)))) == told


@pytest.mark.parametrize("case", CASES if SOAK else CASES[::8], ids=lambda case: case.name)
def test_e12_the_order_within_each_list_of_codings_changes_nothing(case):
    """Which of several codings of one thing stands first is chance."""
    own = chart(case.name)
    turned = [copied(one) for one in own.entries]
    for one in turned:
        turn_codings(one["resource"])
    _, assessment = answer(call(own, turned))
    alone = answer(call(own, own.entries))[1]
    assert {n: f.get("possible") for n, f in assessment["facts"].items()} == {
        n: f.get("possible") for n, f in alone["facts"].items()
    }
    assert assessment["treatments"] == alone["treatments"]


def turn_codings(node):
    if isinstance(node, dict):
        for name, child in node.items():
            if name == "coding" and isinstance(child, list):
                child.reverse()
            turn_codings(child)
    elif isinstance(node, list):
        for child in node:
            turn_codings(child)


# ---- versions and duplicates ---------------------------------------------------------------------


def outdated(resource, random):
    """An older version, with other contents, of a resource that is given a newer one."""
    number = random.randint(9, 11)  # so that numbers, and not texts, are compared
    new = resource | {"meta": {"versionId": str(number), "lastUpdated": "2026-01-02T00:00:00Z"}}
    old = {name: resource[name] for name in ("resourceType", "id", "subject", "patient")
           if name in resource}  # fmt: skip
    old |= {"meta": {"versionId": str(number - 1), "lastUpdated": "2026-01-03T00:00:00Z"}}
    return new, old | {"status": "entered-in-error"}


@pytest.mark.parametrize("case", CASES if SOAK else CASES[1::8], ids=lambda case: case.name)
def test_e11_old_versions_and_duplicates_change_nothing(case):
    """Each resource comes in a newer and an older version, some twice, in any order."""
    own, random = chart(case.name), Random(case.name)
    versions = []
    for one in own.entries:
        new, old = outdated(one["resource"], random)
        versions += [{**one, "resource": new}, {**one, "resource": old}]
    sent = versions + random.sample(versions, len(versions) // 2)
    random.shuffle(sent)
    assert answer(call(own, sent)) == answer(call(own, own.entries))


def outcome(status, percent, version=None, updated=None):
    meta = {"versionId": version, "lastUpdated": updated}
    return {
        "resourceType": "Observation",
        "id": "ki67-of-the-case",
        "meta": {name: value for name, value in meta.items() if value},
        "status": status,
        "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}]},
        "effectiveDateTime": "2026-11-10",
        "valueQuantity": {"value": percent, "unit": "%"},
    }


FINAL = outcome("final", 2, "1", "2026-11-10T08:00:00Z")


@pytest.mark.parametrize(
    ("versions", "value"),
    [
        ([FINAL, outcome("corrected", 12, "2")], ["12"]),
        ([FINAL, outcome("amended", 12, "10"), outcome("final", 5, "9")], ["12"]),
        ([FINAL, outcome("entered-in-error", 2, "2")], []),
        ([FINAL, outcome("cancelled", 2, "2")], []),
        ([FINAL, outcome("preliminary", 30, "0")], ["2"]),
        ([outcome("final", 2, None, "2026-11-10T08:00:00Z"),
          outcome("corrected", 12, None, "2026-11-10T09:00:00Z")], ["12"]),
        # The same moment, printed in two zones: the later instant is the newer version.
        ([outcome("final", 2, None, "2026-11-10T10:00:00+02:00"),
          outcome("corrected", 12, None, "2026-11-10T09:30:00Z")], ["12"]),
        ([outcome("final", 2, None, "2026-11-10T08:00:00Z"),
          outcome("corrected", 12, None, "2026-11-10T08:00:00.500Z")], ["12"]),
        ([FINAL, FINAL, FINAL], ["2"]),
    ],
)  # fmt: skip
def test_e11_of_versions_the_newest_counts_in_any_order(versions, value):
    own = chart("ileum-net-suspected")
    others = [one for one in own.entries if one["resource"]["resourceType"] != "Observation"]
    subject = {"subject": {"reference": f"Patient/{own.id}"}}
    for turn in range(len(versions)):
        sent = [{"resource": one | subject} for one in (*versions[turn:], *versions[:turn])]
        told = answer(call(own, [*others, *sent]))[1]["facts"]["tumour.ki67"]
        assert [span["low"] for span in told.get("possible", ())] == value


def test_e11_a_corrected_result_under_another_id_is_a_result_of_its_own():
    """Nothing in R4 says which of two resources corrects the other: the highest grade counts."""
    own = chart("ileum-net-suspected")
    subject = {"subject": {"reference": f"Patient/{own.id}"}}
    sent = [FINAL | subject, outcome("corrected", 12) | subject | {"id": "another"}]
    for listed in (sent, sent[::-1]):
        told = answer(call(own, [*own.entries, *({"resource": one} for one in listed)]))[1]
        assert told["facts"]["tumour.ki67"]["possible"][0]["low"] == "12"
