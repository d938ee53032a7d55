"""The narrative of a resource is never read, whatever it says and however it is formed."""

import pytest

from tests.dirty.calls import CASES, SOAK, answer, call, chart

LOUD = (
    "CANARY-4711 Neuroendocrine carcinoma, Ki-67: 95 %. Progressive disease. No DOTATATE uptake."
    " Pregnant. Anaphylaxis after octreotide. On dialysis. Platelets: 12 x10^9/L. Status: refuted."
)
NARRATIVES = {
    "a loud one": {"status": "generated", "div": f"<div xmlns='urn:x'>{LOUD}<script/></div>"},
    "a text": LOUD,
    "a list": [{"status": "additional", "div": LOUD}],
    "a number": 4711,
    "null": None,
    "another's words": {"status": ["x"], "div": {"valueString": LOUD, "code": {"text": LOUD}}},
    "large": {"status": "generated", "div": LOUD * 5_000},
}


def narrated(resource, narrative):
    inner = [narrated(one, narrative) for one in resource.get("contained", ())]
    return resource | {"text": narrative} | ({"contained": inner} if inner else {})


@pytest.mark.parametrize("case", CASES if SOAK else CASES[::8], ids=lambda case: case.name)
def test_e10_no_narrative_changes_an_answer(case):
    own = chart(case.name)
    told = [
        {**one, "resource": narrated(one["resource"], NARRATIVES["a loud one"])}
        for one in own.entries
    ]
    patient = narrated(own.patient, NARRATIVES["a loud one"])
    found = answer(call(own, told, patient=patient))
    assert found == answer(call(own, own.entries))
    assert "CANARY" not in str(found)


@pytest.mark.parametrize("narrative", NARRATIVES.values(), ids=NARRATIVES)
def test_e10_a_narrative_that_is_none_costs_no_resource(narrative):
    own = chart("ileum-g1-progressive-after-ssa")
    told = [{**one, "resource": narrated(one["resource"], narrative)} for one in own.entries]
    assert answer(call(own, told)) == answer(call(own, own.entries))
