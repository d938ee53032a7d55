"""Ki-67, mitoses, grade, differentiation and size in the shapes that records send (E6, E7, H2)."""

from decimal import Decimal

import pytest

from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.readers.pathology import LOWER_LATER, UNDATED
from tests.records import (
    AS_OF,
    bundle,
    concept,
    condition,
    encoded,
    observation,
    readings_of,
    report,
)
from tests.shipped import KNOWLEDGE

NET = condition("ICD-10-CM#C7A.012")


def read(*resources):
    """(readings by fact, problems), with a NET on the problem list."""
    _, readings, problems = readings_of(KNOWLEDGE, ["diagnosis", "pathology"], NET, *resources)
    return readings, [problem.problem for problem in problems]


def values(fact, *resources):
    return [str(reading.value) for reading in read(*resources)[0].get(fact, ())]


def ki67(**value):
    return observation("LOINC#29593-1", **value)


def quantity(value, unit=None, **more):
    return {"valueQuantity": {"value": value} | ({"unit": unit} if unit else {}) | more}


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (quantity(4, "%"), "4 %"),
        (quantity(4, "percent"), "4 %"),
        (quantity(4, "{%}"), "4 %"),
        (quantity(0.04, "1"), "4 %"),
        (quantity(0.04, "{ratio}"), "4 %"),
        (quantity(4), "4 %"),
        (quantity(3, "%", comparator="<"), "< 3 %"),
        (quantity(20, "%", comparator=">"), "20-100 %"),
        (quantity(2.9999999, "%"), "2.9999999 %"),
        ({"valueInteger": 14}, "14 %"),
        ({"valueString": "4"}, "4 %"),
        ({"valueString": "4,0 %"}, "4 %"),
        ({"valueString": "<3%"}, "< 3 %"),
        ({"valueString": "3-5 %"}, "3-5 %"),
        ({"valueString": "approx. 20%"}, "20 %"),
        ({"valueString": "Ki-67 index is 8 %"}, "8 %"),
        (
            {"valueRange": {"low": {"value": 3, "unit": "%"}, "high": {"value": 20, "unit": "%"}}},
            "3-20 %",
        ),
        ({"valueRatio": {"numerator": {"value": 40}, "denominator": {"value": 1000}}}, "4 %"),
        ({"valueCodeableConcept": {"text": "12 %"}}, "12 %"),
        (quantity(0, "%"), "0 %"),
        (quantity(100, "%"), "100 %"),
    ],
)
def test_e6_ki67_is_read_in_every_shape(value, printed):
    assert values("tumour.ki67", ki67(**value)) == [printed]


@pytest.mark.parametrize(
    "value",
    [
        quantity(-1, "%"),
        quantity(100.0001, "%"),
        quantity(1e9, "%"),
        quantity(140),
        quantity(0.02),
        quantity(1),
        quantity(2, "mg/dL"),
        quantity(2, "1"),
        {"valueString": "pending"},
        {"valueString": "positive"},
        {"valueBoolean": True},
        {},
    ],
)
def test_e6_h2_an_unsure_ki67_is_named_and_never_used(value):
    readings, problems = read(ki67(**value))
    assert "tumour.ki67" not in readings
    assert problems or value.get("valueString") in ("pending", "positive") or not value


def test_several_percentages_of_one_result_are_all_read():
    assert values("tumour.ki67", ki67(valueString="8 %, hot spot 14 %")) == ["8 %", "14 %"]
    assert values("tumour.ki67", ki67(valueString="2 % (chromogranin 90 %)")) in (["2 %"], [])
    assert values("tumour.ki67", ki67(valueString="90 % chromogranin, 80 % synaptophysin")) == []


def test_asked_and_not_known_is_not_a_value():
    absent = {"dataAbsentReason": {"coding": [{"code": "unknown"}]}, **quantity(4, "%")}
    assert values("tumour.ki67", ki67(**absent)) == []


def test_h2_a_unitless_one_is_a_percentage_only_where_the_name_says_so():
    named = observation("LOINC#29593-1", text="Ki-67 [percent]", **quantity(1))
    assert values("tumour.ki67", named) == ["1 %"]


@pytest.mark.parametrize(
    "code",
    ["LOINC#85330-9", "LOINC#85331-7", "LOINC#33055-5", "LOINC#85337-4", "LOINC#85326-7"],
)
def test_e13_look_alike_codes_are_never_a_ki67(code):
    readings, problems = read(observation(code, text="Ki-67", **quantity(30, "%")))
    assert "tumour.ki67" not in readings
    assert "is named one thing and coded another; not used" in problems


def test_ki67_by_name_and_as_a_component():
    named = observation(text="Ki-67 proliferation index", **quantity(8, "%"))
    panel = observation(
        text="Tumour markers",
        component=[{"code": {"text": "MIB-1"}, **quantity(9, "%")}],
    )
    assert values("tumour.ki67", named, panel) == ["8 %", "9 %"]


@pytest.mark.parametrize(
    ("sentence", "printed"),
    [
        ("Ki-67: 8 %.", ["8 %"]),
        ("Proliferation index (MIB-1) about 12 %", ["12 %"]),
        ("Ki-67 labelling index 2-3%", ["2-3 %"]),
        ("Ki67 <3%, mitoses 1/2 mm2", ["< 3 %"]),
        ("NET G2, Ki-67 = 14 percent", ["14 %"]),
        ("Ki-67 not done", []),
        ("Breast: Ki-67 30 %", []),
        ("Diffuse large B-cell lymphoma. Ki-67 90%.", []),
        ("Ki-67 was 2% in 2020, now 12% in the liver biopsy", ["2 %", "12 %"]),
        ("Ki-67 2 % in the primary and 15 % in the liver metastasis", ["2 %", "15 %"]),
        ("Ki-67 2%, synaptophysin 90%", ["2 %"]),
        ("Ki-67 2%, 90% synaptophysin positive", ["2 %"]),
        ("Ki-67 2% with 12% necrosis", ["2 %"]),
        ("Ki-67 2% and 80% of cells positive for chromogranin", ["2 %"]),
        ("Ki-67 3% to 5%", ["3-5 %"]),
        ("Family history: mother's carcinoid, Ki-67 8 %", []),
    ],
)
def test_ki67_in_prose(sentence, printed):
    assert values("tumour.ki67", report(sentence)) == printed


def titled(title, conclusion):
    return report(conclusion, code={"text": title})


@pytest.mark.parametrize(
    "resource",
    [
        titled("Left breast biopsy", "Ki-67 40 %."),
        titled("Left breast biopsy", "Invasive ductal carcinoma, Ki-67 40%."),
        ki67(specimen={"display": "Left breast core biopsy"}, **quantity(40, "%")),
    ],
)
def test_a_ki67_of_another_disease_is_never_the_nets(resource):
    assert values("tumour.ki67", resource) == []


def test_the_specimen_of_the_net_is_no_reason_to_leave_a_ki67_out():
    liver = ki67(specimen={"display": "Liver core biopsy"}, **quantity(4, "%"))
    assert values("tumour.ki67", liver) == ["4 %"]


def test_with_a_second_cancer_a_ki67_without_a_link_is_not_used():
    breast = condition("ICD-10-CM#C50.911")
    unlinked = ki67(**quantity(30, "%"))
    readings, problems = read(breast, unlinked)
    assert "tumour.ki67" not in readings
    assert "does not say of which of two cancers it is; not used" in problems
    linked = unlinked | {"focus": [{"reference": "Condition/r0"}]}
    assert values("tumour.ki67", breast, linked) == ["30 %"]
    other = unlinked | {"focus": [{"reference": "Condition/r1"}]}
    assert values("tumour.ki67", breast, other) == []


def listed(title, conclusion, *results):
    """A report that lists results, r0 being the NET and r1 the report."""
    references = [{"reference": one} for one in results]
    return titled(title, conclusion) | {"result": references}


def test_a_result_is_of_the_disease_of_the_report_that_lists_it():
    result = ki67(**quantity(40, "%"))
    breast = listed("Left breast biopsy", "Invasive ductal carcinoma.", "Observation/r2")
    assert values("tumour.ki67", breast, result) == []
    net = listed("Pathology", "Neuroendocrine tumour.", "Observation/r2/_history/1")
    assert values("tumour.ki67", net, result) == ["40 %"]
    both = listed("Pathology", "Neuroendocrine tumour. Breast: benign.", "Observation/r2")
    assert values("tumour.ki67", both, result) == ["40 %"]
    size = observation("LOINC#21889-1", **quantity(21, "mm"))
    assert values("tumour.size_mm", breast, size) == []


def test_a_result_of_a_panel_is_of_the_disease_of_the_report_that_lists_the_panel():
    breast = listed("Left breast biopsy", "Invasive ductal carcinoma.", "Observation/r2")
    panel = observation(text="Markers", hasMember=[{"reference": "Observation/r3"}])
    assert values("tumour.ki67", breast, panel, ki67(**quantity(40, "%"))) == []


def test_with_a_second_cancer_a_report_that_names_a_net_links_its_results():
    breast = condition("ICD-10-CM#C50.911")
    result = ki67(**quantity(8, "%"))
    net = listed("Pathology", "Neuroendocrine tumour of the ileum.", "Observation/r3")
    assert values("tumour.ki67", breast, net, result) == ["8 %"]


@pytest.mark.parametrize(
    ("focus", "printed"),
    [
        ("Condition/r0", ["21 mm"]),
        ("http://server.example/fhir/Condition/r0/_history/2", ["21 mm"]),
        ("Condition/r1", []),
        ("Condition/elsewhere", []),
        (None, []),
    ],
)
def test_a_size_is_of_this_tumour_where_two_cancers_are_on_file(focus, printed):
    breast = condition("ICD-10-CM#C50.911")
    about = {"focus": [{"reference": focus}]} if focus else {}
    size = observation("LOINC#21889-1", **quantity(21, "mm"), **about)
    assert values("tumour.size_mm", breast, size) == printed


@pytest.mark.parametrize("focus", ["Condition/elsewhere", "urn:uuid:00000000"])
def test_a_result_about_a_diagnosis_that_was_not_sent_is_named_and_not_used(focus):
    readings, problems = read(ki67(**quantity(8, "%"), focus=[{"reference": focus}]))
    assert "tumour.ki67" not in readings
    assert problems == ["is about a diagnosis that is not here; not used"]


def test_a_result_about_a_metastasis_is_of_the_one_cancer_on_file():
    liver = condition("ICD-10-CM#C78.7")
    result = ki67(**quantity(8, "%"), focus=[{"reference": "Condition/r1"}])
    assert values("tumour.ki67", liver, result) == ["8 %"]
    assert values("tumour.ki67", liver, result, condition("ICD-10-CM#C50.911")) == []


@pytest.mark.parametrize(
    ("resource", "printed"),
    [
        (observation(text="Mitotic count", **quantity(2, "/2 mm2")), "2 per 2 mm2"),
        (observation(text="Mitotic count per 2 mm2", **quantity(2)), "2 per 2 mm2"),
        (observation(text="Mitotic rate", **quantity(2, "/mm2")), "4 per 2 mm2"),
        (observation("SNOMED#406094009", **quantity(5, "1")), None),
        (observation("SNOMED#406094009", **quantity(5)), "5 per 2 mm2"),
        (observation(text="Mitotic count", **quantity(5, "/10 HPF")), "5 per 2 mm2"),
        (observation(text="Mitotic count", **quantity(5, "/HPF")), None),
        (observation(text="Mitotic count", **quantity(5)), None),
        (observation("LOINC#85300-2", text="Mitotic rate", **quantity(2)), None),
        (observation(text="Mitotic count", valueString="3 per 2 mm2"), "3 per 2 mm2"),
        (observation(text="Mitotic count", valueString="not done"), None),
        (report("Mitotic count: 1/2 mm2"), "1 per 2 mm2"),
        (report("2 mitoses per 2 mm2"), "2 per 2 mm2"),
        (report("Mitotic rate < 2 per 2 mm2"), "< 2 per 2 mm2"),
        (report("Mitoses: 3 per 10 HPF"), "3 per 2 mm2"),
    ],
)
def test_h2_mitoses_are_read_per_2_mm2(resource, printed):
    assert values("tumour.mitoses", resource) == ([printed] if printed else [])


def test_h2_mitoses_per_ten_fields_are_flagged():
    reading = read(report("Mitoses: 3 per 10 HPF"))[0]["tumour.mitoses"][0]
    assert "field" in reading.note


@pytest.mark.parametrize(
    ("resource", "grade"),
    [
        (observation("NCIt#C18000", valueCodeableConcept=concept("SNOMED#1155708003")), "G1"),
        (observation("NCIt#C18000", valueCodeableConcept=concept("SNOMED#1286893008")), "G2"),
        (observation("NCIt#C18000", valueCodeableConcept=concept("SNOMED#1155707008")), "G3"),
        (observation("NCIt#C18000", valueCodeableConcept={"text": "WHO grade 2"}), "G2"),
        (observation("LOINC#33732-9", valueString="G1"), "G1"),
        (observation("LOINC#33732-9", valueString="grade II"), "G2"),
        (observation("LOINC#33732-9", valueInteger=3), "G3"),
        (observation("SNOMED#371469007", valueCodeableConcept={"text": "intermediate"}), "G2"),
        (observation("NAACCR#3844", valueString="1"), "G1"),
        (report("Well-differentiated NET, grade 2"), "G2"),
        (report("Neuroendocrine tumour G1"), "G1"),
        (report("Low grade neuroendocrine tumour"), "G1"),
        (condition("ICD-10-CM#C7A.012", stage=[{"summary": {"text": "G2"}}]), "G2"),
        (report("Steatosis grade 2 in NET patient"), None),
        (report("Adenocarcinoma grade 3, no NET"), None),
        (report("Toxicity grade 3 under therapy of the NET"), None),
        (report("Stomatitis grade 3 on everolimus."), None),
        (report("Krenning grade 3 uptake"), None),
        (report("Grade 3 (uptake greater than liver)"), None),
        (report("Invasive ductal carcinoma, grade 3."), None),
        (report("Grade 2 diarrhea."), None),
        (report("NET on everolimus, hepatitis grade 3."), None),
        (condition(text="Hepatic encephalopathy grade 3"), None),
        (titled("Left breast biopsy", "Grade 3."), None),
        (titled("Ga-68 DOTATATE PET/CT", "NET lesions, grade 3."), None),
        (titled("FDG PET/CT", "Known NET. Grade 3."), None),
        (titled("Clinic note", "NET. Symptoms: grade 3, worse."), None),
        (titled("Pathology", "Neuroendocrine tumour. Histology: grade 2, margins free."), "G2"),
        (titled("Surgical pathology: neuroendocrine tumour", "Grade 2."), "G2"),
        (report("NET of the ileum, not G3"), None),
        (report("NET G2, not G3"), "G2"),
        (report("NET, WHO grade II"), "G2"),
        (titled("Pathology", "Neuroendocrine tumour. G2/3."), "G2"),
        (
            observation(
                "NCIt#C18000", specimen={"display": "Breast biopsy"}, valueString="grade 3"
            ),
            None,
        ),
        (observation("NCIt#C18000", valueCodeableConcept={"text": "G1 or G2"}), None),
        (observation("NCIt#C18000", valueCodeableConcept={"text": "not assessed"}), None),
    ],
)
def test_stated_grades(resource, grade):
    assert values("tumour.grade_stated", resource) == ([grade] if grade else [])


def graded(text):
    return observation("NCIt#C18000", valueCodeableConcept={"text": text})


def test_a_grade_result_that_states_differentiation_only_is_no_problem():
    assert read(graded("Poorly differentiated"))[1] == []
    assert read(graded("NET G3"))[0]["tumour.grade_stated"]


@pytest.mark.parametrize(
    ("resource", "stated"),
    [
        (report("Well differentiated neuroendocrine tumour"), ["well"]),
        (report("Moderately differentiated neuroendocrine carcinoma"), ["well"]),
        (report("Poorly differentiated neuroendocrine carcinoma"), ["poor"]),
        (report("NET G3"), ["well"]),
        (report("G3 neuroendocrine tumor"), ["well"]),
        (report("Large cell neuroendocrine carcinoma"), ["poor"]),
        (report("High grade neuroendocrine neoplasm"), []),
        (report("Not poorly differentiated"), []),
        (graded("NET G3"), ["well"]),
        (graded("Neuroendocrine tumor, grade 3"), ["well"]),
        (graded("G3, well differentiated"), ["well"]),
        (graded("Well-differentiated NET G3"), ["well"]),
        (graded("Poorly differentiated (G3)"), ["poor"]),
        (graded("Poorly differentiated"), ["poor"]),
        (graded("Neuroendocrine carcinoma G3"), ["poor"]),
        (graded("G3"), []),
        (report("NEC G3"), ["poor"]),
        (report("Neuroendocrine carcinoma, G3."), ["poor"]),
        (report("Neuroendocrine carcinoma grade 3"), ["poor"]),
        (report("High-grade neuroendocrine carcinoma"), ["poor"]),
        (titled("Pathology", "Neuroendocrine carcinoma of the colon. Grade 3."), ["poor"]),
        (titled("Pathology", "Neuroendocrine tumour and carcinoma. Grade 3."), []),
        (condition(text="Neuroendocrine carcinoma of the rectum, grade 3"), ["poor"]),
        (condition(text="High-grade neuroendocrine carcinoma of the colon"), ["poor"]),
        (report("Neuroendocrine carcinoma"), []),
        (report("Low grade neuroendocrine carcinoma"), []),
        (report("Neuroendocrine carcinoma, intermediate grade"), []),
        (report("Neuroendocrine carcinoma, not high grade"), []),
        (report("Neuroendocrine carcinoma, not G3"), []),
        (report("Well differentiated neuroendocrine carcinoma, grade 3"), ["well"]),
        (report("Possibly poorly differentiated"), []),
        (observation("LOINC#31206-6", valueCodeableConcept=concept("ICD-O-3#8240/3")), ["well"]),
        (observation("LOINC#31206-6", valueCodeableConcept=concept("ICD-O-3#8013/3")), ["poor"]),
        (observation("LOINC#31206-6", valueCodeableConcept=concept("ICD-O-3#8246/3")), []),
        (condition(text="Well differentiated NET of the ileum"), []),
        (condition(text="Poorly differentiated NEC of the colon"), ["poor"]),
    ],
)
def test_differentiation_is_what_pathology_states(resource, stated):
    """A label may say "poorly", but never makes a high-grade tumour well differentiated."""
    assert sorted(set(values("tumour.differentiation", resource))) == stated


def test_a_label_only_implies_that_a_tumour_is_well_differentiated():
    labelled = condition(text="Well differentiated NET of the ileum")
    assert "well" in values("tumour.coded_differentiation", labelled)


def test_typical_and_atypical_carcinoid_are_not_confused():
    assert values("tumour.lung_type_stated", report("Typical carcinoid of the lung")) == ["TC"]
    assert values("tumour.lung_type_stated", report("Atypical carcinoid of the lung")) == ["AC"]


@pytest.mark.parametrize(
    ("resource", "printed"),
    [
        (observation("LOINC#21889-1", **quantity(2.1, "cm")), ["21 mm"]),
        (observation("LOINC#33728-7", **quantity(14, "mm")), ["14 mm"]),
        (
            observation(
                "LOINC#21889-1",
                component=[{"code": concept("LOINC#33728-7"), **quantity(18, "mm")}],
            ),
            ["18 mm"],
        ),
        (observation("LOINC#21889-1", bodySite={"text": "Liver"}, **quantity(40, "mm")), []),
        (report("Tumour of 14 x 12 mm in the pancreatic tail"), ["14 mm"]),
        (report("Pancreatic lesion measuring 1.8 cm"), ["18 mm"]),
        (report("Tumour measuring 12 mm, liver metastasis of 30 mm"), ["12 mm"]),
        (report("Lymph node measuring 15 mm"), []),
        (observation("LOINC#21889-1", **quantity(14)), []),
        (observation("LOINC#21889-1", valueString="15 x 12 mm"), ["15 mm"]),
        (observation("LOINC#21889-1", valueString="12 mm x 15 mm"), ["15 mm"]),
        (observation("LOINC#21889-1", valueString="15 × 12 × 9 mm"), ["15 mm"]),
        (observation("LOINC#21889-1", valueString="14 mm (pT1)"), ["14 mm"]),
        (observation("LOINC#21889-1", valueString="liver lesion 40 x 30 mm"), []),
        (observation(text="Tumor size", valueString="1.4 x 1.2 cm"), ["14 mm"]),
        (observation(text="Size of primary tumor", **quantity(14, "mm")), ["14 mm"]),
        (titled("CT pancreas", "12 mm pancreatic neuroendocrine tumor"), ["12 mm"]),
        (report("Pancreatic NET 1.4 cm"), ["14 mm"]),
        (report("NET G1 (14 mm)"), ["14 mm"]),
        (report("14 mm tumour in the tail"), ["14 mm"]),
        (report("Tumor 1.4 x 1.2 cm"), ["14 mm"]),
        (report("30 mm liver tumour"), []),
        (report("NET of the ileum with 15 mm lymph node"), []),
        (report("Tumor 3 mm from the margin"), []),
        (report("Tumor 3 cm from the pylorus"), []),
        (report("12 mm from the tumour to the duct"), []),
        (report("Pancreatic duct 6 mm, NET"), []),
        (report("5 mm tumour-free margin"), []),
        (report("30 mm tumour thrombus"), []),
        (report("Tumor thrombus 30 mm"), []),
        (report("Tumor invades 3 mm into the muscularis"), []),
        (report("No tumour 10 mm"), []),
        (report("NET, 14 mm"), ["14 mm"]),
        (report("Pancreatic NET G2, 14 mm in diameter, no invasion"), ["14 mm"]),
        (report("NET, 14 mm lymph node"), []),
        (report("Well differentiated NET, G2, Ki-67 8%, 22 mm, nodes 2/14"), ["22 mm"]),
        (report("NET, G2, liver metastasis, 22 mm"), []),
        (report("NET, hernia, 22 mm"), []),
        (report("NET, margin 5 mm"), []),
        (report("NET, 5 mm cyst of the kidney"), []),
        (report("Two tumours, 8 and 14 mm"), ["14 mm"]),
        (report("Multiple gastric NETs up to 6 mm"), ["6 mm"]),
        (report("Liver tumours of 30 mm"), []),
        (report("Breast tumor 15 mm"), []),
        (titled("MRI breast", "15 mm tumour"), []),
        (condition(text="Brain tumor 15 mm"), []),
    ],
)
def test_sizes_of_the_primary(resource, printed):
    assert values("tumour.size_mm", resource) == printed


def test_h3_two_specimens_of_unlike_grade_are_noticed():
    low, high = ki67(**quantity(1, "%")), ki67(**quantity(40, "%"))
    assert "tumour.specimens_differ" in read(low, high)[0]
    assert "tumour.specimens_differ" not in read(low, ki67(**quantity(12, "%")))[0]
    assert Decimal(40) == read(high)[0]["tumour.ki67"][0].value.high


def mitotic(count):
    return observation(text="Mitotic count per 2 mm2", **quantity(count))


def graded(grade):
    return observation("NCIt#C18000", valueCodeableConcept={"text": grade})


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        (mitotic(1), mitotic(21), True),
        (mitotic(1), mitotic(20), False),
        (mitotic(2), mitotic(21), False),
        (graded("G1"), graded("G3"), True),
        (graded("G2"), graded("G3"), False),
        (ki67(**quantity(2, "%")), graded("G3"), False),  # not two specimens: grade_conflict
    ],
)
def test_h3_mitoses_and_stated_grades_of_two_specimens_may_differ_too(one, other, differ):
    assert ("tumour.specimens_differ" in read(one, other)[0]) is differ


@pytest.mark.parametrize(
    ("earlier", "later", "highest", "is_said"),
    [
        (quantity(12, "%"), quantity(4, "%"), "12 %", True),
        (quantity(4, "%"), quantity(12, "%"), "12 %", False),
        (quantity(4, "%"), quantity(4, "%"), "4 %", False),
        ({"valueString": "8-10 %"}, quantity(2, "%"), "8-10 %", True),
        ({"valueString": "3-10 %"}, quantity(5, "%"), "5-10 %", False),
    ],
)
def test_h3_the_highest_specimen_counts_and_a_lower_later_one_is_told(
    earlier, later, highest, is_said
):
    dated = (
        ki67(**earlier, date="2025-01-10", id="first"),
        ki67(**later, date="2026-02-10", id="second"),
    )
    fact = settled("tumour.ki67", *dated)
    assert str(fact.value) == highest
    assert (LOWER_LATER in fact.notes) is is_said
    assert {place.date for place in fact.readings} == {"2025-01-10", "2026-02-10"}


def test_an_undated_result_counts_and_says_that_it_has_no_date():
    fact = settled("tumour.ki67", ki67(**quantity(4, "%"), date=None))
    assert (str(fact.value), fact.notes) == ("4 %", (UNDATED,))
    assert settled("tumour.ki67", ki67(**quantity(4, "%"))).notes == ()


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (["2026-11-15"], "0 d"),
        (["2024-11-15"], "730 d"),
        (["2024-11-14", "2020-01-01"], "731 d"),
        (["2024-11"], "715-744 d"),
        ([None], None),
    ],
)
def test_the_age_of_the_newest_tissue(dates, days):
    tissue = [ki67(**quantity(4, "%"), date=one, id=f"k{n}") for n, one in enumerate(dates)]
    value = settled("tumour.specimen_age", *tissue).value
    assert (value and str(value)) == days


def settled(name, *resources):
    """One fact of a record, as it is settled."""
    extractor = Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)
    body = encoded(bundle(NET, *resources))
    record = extractor.record_reader.read((("Bundle", body),), "p")
    return extractor.extract(record, AS_OF)[0][name]
