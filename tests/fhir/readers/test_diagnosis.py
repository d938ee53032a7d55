"""What is a NET, of which family and site, how it stands; and what is not one (robustness H5)."""

from datetime import date

import pytest

from cdshooks.fhir.text.memory import remember_texts
from tests.records import concept, condition, observation, readings_of, report
from tests.shipped import KNOWLEDGE


def diagnosed(*resources):
    """(net.status, entities, sites, problems)."""
    whole, readings, problems = readings_of(KNOWLEDGE, ["diagnosis"], *resources)
    status = next(iter(whole["net.status"].value.possible))
    entities = {v for r in readings.get("net.entity", ()) for v in r.value.possible}
    sites = {v for r in readings.get("tumour.site", ()) for v in r.value.possible}
    return status, entities, sites, [problem.problem for problem in problems]


def morphology(code):
    return observation("LOINC#31206-6", valueCodeableConcept=concept(code))


@pytest.mark.parametrize(
    ("resource", "entity", "site"),
    [
        (condition("ICD-10-CM#C7A.012"), "NEN", "jejunum-ileum"),
        (condition("ICD-10-CM#C7A012"), "NEN", "jejunum-ileum"),
        (condition("ICD-10-CM#C7A.8", text="Pancreatic neuroendocrine tumor"), "NEN", "pancreas"),
        (condition("ICD-10-CM#C7A.1"), "NEN", None),
        (condition("ICD-10-CM#C25.4"), "NEN", "pancreas"),
        (condition("ICD-10#C25.4"), "NEN", "pancreas"),
        (condition("ICD-10-CM#D3A.026"), "NEN", "rectum"),
        (condition("SNOMED#254611009"), "NEN", "pancreas"),
        (condition("SNOMED#255046005", text="NET of the ileum"), "NEN", "jejunum-ileum"),
        (condition("SNOMED#707594002"), "NEN", "lung"),
        (condition(text="Neuroendocrine tumour of the rectum"), "NEN", "rectum"),
        (condition(text="Well-differentiated NET, duodenal"), "NEN", "duodenum"),
        (condition(text="Carcinoid tumor of appendix"), "NEN", "appendix"),
        (condition(text="Insulinoma"), "NEN", None),
        (condition("ICD-10-CM#C17.2", text="Ileal NET G1"), "NEN", "jejunum-ileum"),
        (condition("ICD-10-CM#C20", text="Small cell neuroendocrine carcinoma"), "NEN", "rectum"),
        (condition("ICD-10-CM#C74.11"), "PPGL", "adrenal-paraganglia"),
        (condition(text="Metastatic paraganglioma"), "PPGL", None),
        (condition("ICD-10-CM#C73", text="Medullary thyroid carcinoma"), "MTC", "thyroid"),
        (condition("ICD-O-3#8240/3"), "NEN", None),
        (condition("ICD-O-3#8154/3"), "MiNEN", None),
        (condition("ICD-10-CM#C7B.02"), "NEN", None),
        (condition(text="Liver metastases of a neuroendocrine tumour"), "NEN", None),
        (
            condition("ICD-10-CM#C7A.8", bodySite=[{"text": "Tail of pancreas"}]),
            "NEN",
            "pancreas",
        ),
        (condition("ICD-10-CM#C7A.019", verification="confirmed"), "NEN", "small-bowel-nos"),
        (condition(text="SI-NET"), "NEN", "small-bowel-nos"),
        (condition(text="SI-NET of the ileum"), "NEN", "jejunum-ileum"),
        (condition(text="Islet cell carcinoma"), "NEN", "pancreas"),
        (condition(text="Islet cell tumor"), "NEN", "pancreas"),
        (condition(text="Duodenal insulinoma"), "NEN", "duodenum"),
        (condition(text="NET G2"), "NEN", None),
        (condition(text="NET of the cardia"), "NEN", "stomach"),
        (condition(text="Rectosigmoid NET"), "NEN", "hindgut-nos"),
        (condition(text="NEC of the bladder"), "NEN", "other"),
        (condition(text="Colonic NEC"), "NEN", "colon"),
        (condition(text="NEC G3"), "NEN", None),
        (condition(text="Primary hepatic NET"), "NEN", "other"),
        (condition(text="NET, breast cancer in 2010"), "NEN", None),
        (condition(text="Lung adenocarcinoma and ileal NET"), "NEN", "jejunum-ileum"),
        (condition(text="NET of the ileum; lung nodule"), "NEN", "jejunum-ileum"),
        (condition(text="NET with liver metastases"), "NEN", None),
        (condition("ICD-10-CM#C80.1", text="NET of unknown primary"), "NEN", None),
        (condition(text="Mother of two with NET of the ampulla"), "NEN", "ampulla"),
        (condition(text="NET of the ileum, mother had breast cancer"), "NEN", "jejunum-ileum"),
        (condition(text="Ileal NET (mother: breast cancer)"), "NEN", "jejunum-ileum"),
        (condition(text="Ileal NET, family history of colon cancer"), "NEN", "jejunum-ileum"),
        (condition(text="Ileal NET, daughter reports flushing"), "NEN", "jejunum-ileum"),
        (condition(text="Rectal NET found on screening colonoscopy"), "NEN", "rectum"),
        (condition(text="Screening colonoscopy, rectal NET"), "NEN", "rectum"),
    ],
)
def test_a_net_is_found_with_its_family_and_site(resource, entity, site):
    status, entities, sites, _ = diagnosed(resource)
    assert (status, entities) == ("active", {entity})
    assert site is None or sites == {site}


@pytest.mark.parametrize(
    "resource",
    [
        condition("ICD-10-CM#C4A.9"),
        condition("SNOMED#254632001"),
        condition("SNOMED#253001006"),
        condition("ICD-O-3#8247/3"),
        condition("ICD-O-3#8243/3"),
        condition("ICD-O-3#8574/3"),
        condition("ICD-10-CM#C7B.1"),
        condition("ICD-10-CM#C50.911"),
        condition("ICD-10-CM#C61"),
        condition("ICD-10-CM#C17.2"),
        condition("ICD-10-CM#C34.90", text="Small cell carcinoma of lung"),
        condition("ICD-10-CM#C34.90", text="Small cell neuroendocrine carcinoma of the lung"),
        condition("SNOMED#11010461000119101"),
        condition(text="Merkel cell carcinoma"),
        condition(text="Goblet cell adenocarcinoma of the appendix"),
        condition(text="Adenocarcinoma with neuroendocrine differentiation"),
        condition(text="No evidence of neuroendocrine tumour"),
        condition(text="Carcinoid excluded"),
        condition(text="Family history of carcinoid tumour"),
        condition("ICD-10-CM#Z80.0", text="Mother had a carcinoid tumour"),
        condition(text="Mother had a carcinoid tumour of the ileum"),
        condition(text="Her son had a carcinoid"),
        condition(text="Daughter: insulinoma"),
        condition(text="Carcinoid, in her mother"),
        condition(text="Carcinoid, family history of"),
        condition(text="Disorder of pancreas NEC"),
        condition(text="Polyp of colon, NEC"),
        condition(text="Malignant neoplasm of lung NEC"),
        condition(text="Gastric disorder NEC"),
        condition(text="Pituitary neuroendocrine tumour"),
        condition(text="PNET/Ewing sarcoma, primitive neuroectodermal tumor"),
        condition(text="Neuroendocrine tumor screening"),
        condition(text="Screening for neuroendocrine tumor"),
        condition(text="Increased risk of carcinoid"),
        condition("ICD-10-CM#E34.00"),
        condition(text="Carcinoid syndrome"),
        condition(text="NET charge adjustment"),
        condition(text="Rule out carcinoid tumour"),
        condition(text="Rule out carcinoid tumour", verification="confirmed"),
        condition("ICD-10-CM#C7A.012", verification="refuted"),
        condition("ICD-10-CM#C7A.012", verification="entered-in-error"),
        condition("ICD-10-CM#D37.8"),
        condition("ICD-10-CM#C78.7"),
        condition("ICD-10-CM#I10"),
    ],
)
def test_h5_what_is_no_net_gives_none(resource):
    assert diagnosed(resource)[0] == "none"


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (condition("ICD-10-CM#C7A.012", clinical="remission"), "history"),
        (condition("ICD-10-CM#C7A.012", clinical="resolved"), "history"),
        (condition("ICD-10-CM#C7A.012", clinical="relapse"), "active"),
        (condition("ICD-10-CM#C7A.012", clinical="active"), "active"),
        (condition("ICD-10-CM#C7A.012", verification="provisional"), "suspected"),
        (condition("ICD-10-CM#C7A.012", verification="differential"), "suspected"),
        (condition("ICD-10-CM#C7A.012", verification="unconfirmed"), "suspected"),
        (condition("ICD-10-CM#Z85.060"), "history"),
        (condition(text="History of carcinoid tumor of the ileum"), "history"),
        (condition("ICD-10-CM#Z85.060", text="Recurrent ileal carcinoid"), "active"),
        (condition("ICD-10-CM#Z85.060", text="Ileal carcinoid, possibly left behind"), "history"),
        (condition(text="History of carcinoid", verification="confirmed"), "history"),
        (condition(text="Carcinoid tumor of the ileum, history of smoking"), "active"),
        (condition("ICD-10-CM#C7A.012", abatementDateTime="2019-01-01"), "history"),
        (condition(text="Suspected NET of the ileum"), "suspected"),
        (condition(text="Suspected NET of the ileum", verification="confirmed"), "active"),
        (condition(text="Rule out carcinoid", verification="provisional"), "suspected"),
        (condition("ICD-10-CM#C7A.012", text="History of carcinoid", clinical="relapse"), "active"),
    ],
)
def test_how_a_net_stands(resource, status):
    assert diagnosed(resource)[0] == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("NET of the ileum, no evidence of disease progression", "active"),
        ("Ileal NET, no evidence of disease outside the liver", "active"),
        ("Ileal NET, no evidence of disease", "history"),
        ("Ileal NET, NED 2024", "history"),
        ("NET of the ileum. NED.", "history"),
        ("Ileal NET, NED 2015, recurrence 2020", "active"),
        ("Ileal NET, recurrence 2015, now NED", "history"),
        ("Ileal NET with liver metastases, resected, NED", "history"),
        ("Ileal NET, resected 2019, no recurrence", "history"),
        ("Ileal NET, no recurrence of flushing", "active"),
        ("Ileal NET, risk of recurrence", "active"),
        ("Ileal NET in remission", "history"),
        ("Ileal NET, depression in remission", "active"),
        ("Ileal NET, complete remission of symptoms", "active"),
        ("Ileal NET, partial remission", "active"),
        ("Ileal NET - remission", "history"),
        ("Ileal NET without recurrent disease", "history"),
        ("Ileal NET, no residual tumour", "history"),
        ("Ileal NET, no progressive metastases", "active"),
        ("Ileal NET s/p resection with residual disease", "active"),
        ("Recurrent flushing, history of carcinoid", "history"),
        ("History of progressive ileal NET", "active"),
        ("Suspected recurrence of ileal NET", "suspected"),
        ("Ileal NET, history of breast cancer", "active"),
        ("History of breast cancer and ileal NET", "history"),
        ("History of hypertension and ileal NET", "active"),
        ("History of appendicectomy for carcinoid", "active"),
        ("History of ileal NET, now with liver metastases", "active"),
        ("History of ileal NET, recurrent", "active"),
        ("History of metastatic ileal NET", "active"),
        ("History of ileal NET, on octreotide", "active"),
        ("History of ileal NET without metastases", "history"),
        ("History of ileal NET, possible recurrence", "suspected"),
        ("History of appendiceal NET, low risk of recurrence", "history"),
        ("No history of carcinoid", "none"),
        ("Ileal carcinoid, history of", "history"),
        ("Carcinoid (history)", "history"),
        ("Carcinoid by history", "history"),
        ("Carcinoid. History of.", "history"),
        ("Ileal NET, smoking history", "active"),
        ("Clinical history: ileal NET", "active"),
        ("Prior NET of the ileum", "history"),
        ("Prior PRRT for ileal NET", "active"),
        ("Previous NET resection, ileum", "active"),
        ("Previously treated ileal NET", "active"),
    ],
)
def test_active_or_history_by_its_text(text, status):
    """Either read as the other is dangerous."""
    assert diagnosed(condition(text=text))[0] == status


def test_a_tumour_called_past_and_present_is_active_and_named():
    problems = diagnosed(condition(text="History of ileal NET, recurrent"))[3]
    assert problems == ["calls the tumour past and present; read as active"]


def secondary(code, text):
    return condition(f"ICD-10-CM#{code}", text=text)


@pytest.mark.parametrize(
    ("resource", "sites"),
    [
        ("Ileal NET with lung and ovarian metastases", {"jejunum-ileum"}),
        ("Ileal NET with lung, liver and bone metastases", {"jejunum-ileum"}),
        ("NET, lung metastases", set()),
        ("Metastatic ileal NET to the lung", {"jejunum-ileum"}),
        ("Metastases in lung and ovary of ileal carcinoid", {"jejunum-ileum"}),
        ("Metastases: liver, lung; NET of the ileum", {"jejunum-ileum"}),
        ("Metastasis of the lung from NET of the ileum", {"jejunum-ileum"}),
        ("Carcinoid of the ileum metastatic to the lung", {"jejunum-ileum"}),
        ("NET of the pancreas metastatic to liver and lung", {"pancreas"}),
        ("NET of the pancreatic tail with metastases to the liver, lung and ovary", {"pancreas"}),
        ("Secondary NET of lung", set()),
        ("Secondary NET of the lung from ileum", {"jejunum-ileum"}),
        ("Lung NET metastasis from ileum", {"jejunum-ileum"}),
        ("Lung NET with liver metastases", {"lung"}),
        ("NET of the lung, liver metastases", {"lung"}),
        ("Liver metastases of a lung NET", {"lung"}),
        ("Metastatic lung carcinoid", {"lung"}),
        ("Lung carcinoid metastatic to the ovary", {"lung"}),
        ("Ovarian metastasis of a carcinoid of the appendix", {"appendix"}),
        ("Liver metastases, ileal primary, NET", {"jejunum-ileum"}),
        (secondary("C78.7", "Liver metastases from ileal NET"), {"jejunum-ileum"}),
        (secondary("C78.7", "Metastatic ileal NET"), {"jejunum-ileum"}),
        (secondary("C78.00", "Metastatic NET of lung"), set()),
        (secondary("C78.00", "NET of the lung"), set()),
        (secondary("C78.00", "Lung metastases of a lung NET"), {"lung"}),
        (condition(text="Liver metastases of a NET", bodySite=[{"text": "Lung"}]), set()),
        (condition(text="Metastatic NET", bodySite=[{"text": "Ileum"}]), {"jejunum-ileum"}),
    ],
)
def test_where_a_tumour_went_is_not_where_it_came_from(resource, sites):
    made = condition(text=resource) if isinstance(resource, str) else resource
    assert diagnosed(made)[0] == "active"
    assert diagnosed(made)[2] == sites


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Her mother had a carcinoid", "speaks of a relative"),
        ("Carcinoid screening", "only looked for"),
    ],
)
def test_a_code_that_its_text_takes_back_is_named_and_not_used(text, said):
    status, _, _, problems = diagnosed(condition("ICD-10-CM#C7A.8", text=text))
    assert status == "none"
    assert said in problems[0]


def test_the_strongest_entry_wins():
    old = condition("ICD-10-CM#Z85.060")
    new = condition("ICD-10-CM#C7A.012")
    assert diagnosed(old, new)[0] == diagnosed(new, old)[0] == "active"


def test_a_metastasis_beside_a_net_in_history_is_suspected_and_named():
    old, liver = condition("ICD-10-CM#Z85.060"), condition("ICD-10-CM#C78.7")
    status, _, sites, problems = diagnosed(old, liver)
    assert (status, sites) == ("suspected", {"small-bowel-nos"})
    assert problems == ["is a metastasis beside a NET in history: read as suspected"]
    assert diagnosed(old, liver, condition("ICD-10-CM#C50.911"))[0] == "history"
    assert diagnosed(old, liver, condition("ICD-10-CM#Z85.3"))[0] == "history"


def test_a_metastasis_of_a_net_has_the_site_of_the_primary_in_history():
    two = [condition("ICD-10-CM#Z85.060"), condition("ICD-10-CM#C7B.02")]
    assert diagnosed(*two)[0] == "active"
    assert diagnosed(*two)[2] == {"small-bowel-nos"}


def test_a_text_that_denies_its_code_is_named_and_not_used():
    status, _, _, problems = diagnosed(condition("ICD-10-CM#C7A.012", text="No carcinoid found"))
    assert status == "none"
    assert problems == ["is coded as a tumour that its text denies; not used"]


def test_a_code_of_a_net_named_another_cancer_is_named_and_not_used():
    coded = condition("ICD-10-CM#C7A.012", text="Adenocarcinoma of the ileum")
    status, _, _, problems = diagnosed(coded)
    assert status == "none"
    assert "named another cancer" in problems[0]


def test_a_site_code_becomes_a_net_by_the_morphology_of_its_specimen():
    ileum = condition("ICD-10#C17.2")
    assert diagnosed(ileum)[0] == "none"
    assert diagnosed(ileum, morphology("ICD-O-3#8240/3"))[:3] == (
        "active",
        {"NEN"},
        {"jejunum-ileum"},
    )
    assert diagnosed(ileum, morphology("ICD-O-3#8140/3"))[0] == "none"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Neuroendocrine tumour", "active"),
        ("Possible neuroendocrine tumour", "none"),
        ("No neuroendocrine tumour", "none"),
        ("Adenocarcinoma", "none"),
        ("Adenocarcinoma with neuroendocrine differentiation", "none"),
    ],
)
def test_the_morphology_may_come_in_words(words, status):
    ileum = condition("ICD-10#C17.2")
    told = observation("LOINC#31206-6", valueCodeableConcept={"text": words})
    assert diagnosed(ileum, told)[0] == status


@pytest.mark.parametrize(("site", "status"), [("ICD-10#C34.9", "none"), ("ICD-10#C20", "active")])
def test_small_cell_is_a_nec_outside_the_lung_only(site, status):
    assert diagnosed(condition(site), morphology("ICD-O-3#8041/3"))[0] == status


def test_a_morphology_of_one_of_two_cancers_makes_neither_a_net():
    two = [condition("ICD-10#C17.2"), condition("ICD-10#C50.9")]
    assert diagnosed(*two, morphology("ICD-O-3#8240/3"))[0] == "none"


def test_another_active_cancer_is_known_to_the_readers_that_follow():
    _, readings, _ = readings_of(
        KNOWLEDGE, ["diagnosis"], condition("ICD-10-CM#C7A.012"), condition("ICD-10-CM#C50.911")
    )
    assert len(readings["other_cancer"]) == 1


@pytest.mark.parametrize(
    ("other", "active"),
    [
        (condition("ICD-10-CM#Z85.3", text="Personal history of breast cancer"), False),
        (condition("ICD-10-CM#Z12.31", text="Screening mammogram for breast cancer"), False),
        (condition(text="Screening mammogram for breast cancer"), False),
        (condition(text="Breast cancer screening"), False),
        (condition(text="Fear of breast cancer"), False),
        (condition(text="Breast cancer detected on screening mammogram"), True),
        (condition(text="Breast cancer, fear of recurrence"), True),
        (condition(text="Breast cancer in remission"), False),
        (condition(text="Breast cancer, history of"), False),
        (condition("ICD-10-CM#C44.311"), False),
        (condition("ICD-10#C44.3"), False),
        (condition("ICD-10-CM#C44.311", text="Basal cell carcinoma of the nose"), False),
        (condition(text="Basal cell carcinoma"), False),
        (condition(text="Squamous cell carcinoma of skin"), False),
        (condition(text="Basal cell carcinoma and breast cancer"), True),
        (condition(text="Squamous cell carcinoma of the lung"), True),
        (condition(text="Melanoma"), True),
        (condition("ICD-10-CM#G89.3", text="Pain of breast cancer"), False),
        (condition(text="Pain of breast cancer"), False),
        (condition(text="Cancer-related fatigue"), False),
        (condition(text="Carcinoma"), False),
        (condition(text="Malignant neoplasm"), False),
        (condition("ICD-10-CM#C80.1"), False),
        (condition("SNOMED#363346000"), False),
        (condition("SNOMED#363346000", text="Breast cancer"), True),
        (condition("ICD-10-CM#C50.911"), True),
        (condition("ICD-10-CM#C34.90", text="Carcinoma"), True),
    ],
)
def test_what_is_another_active_cancer(other, active):
    """A past one, a screening, a pain, a skin cancer or a cancer of no organ is none."""
    _, readings, _ = readings_of(KNOWLEDGE, ["diagnosis"], condition("ICD-10-CM#C7A.012"), other)
    assert ("other_cancer" in readings) is active


def test_a_rough_site_gives_way_to_an_exact_one():
    two = [condition("ICD-10-CM#C7A.019"), condition("ICD-10-CM#C7A.012")]
    assert diagnosed(*two)[2] == {"jejunum-ileum"}


def test_h3_two_exact_sites_leave_both_possible():
    two = [condition("ICD-10-CM#C7A.012"), condition("ICD-10-CM#C7A.090")]
    assert diagnosed(*two)[2] == {"jejunum-ileum", "lung"}


def test_a_secondary_is_never_a_primary_site():
    two = [condition("ICD-10-CM#C7A.8"), condition("ICD-10-CM#C7B.02", text="NET of liver")]
    assert diagnosed(*two)[2] == set()


def test_the_primary_may_stand_in_a_report():
    said = report("Liver metastases; primary in the ileum.")
    assert diagnosed(condition("ICD-10-CM#C7A.8"), said)[2] == {"jejunum-ileum"}
    denied = report("No primary in the ileum.")
    assert diagnosed(condition("ICD-10-CM#C7A.8"), denied)[2] == set()


@pytest.mark.parametrize(
    ("resources", "benign"),
    [
        ([condition("ICD-10-CM#D3A.026")], True),
        ([condition("ICD-10-CM#D13.7")], True),
        ([condition("ICD-10-CM#D3A.026"), condition("ICD-10-CM#C7A.026")], False),
        ([condition("ICD-10-CM#C7A.026")], False),
    ],
)
def test_benign_only_if_every_code_is(resources, benign):
    _, readings, _ = readings_of(KNOWLEDGE, ["diagnosis"], *resources)
    assert ("net.benign_only" in readings) is benign


# A code, with all else that may make another diagnosis of it.
ALIKE = [
    condition("ICD-10-CM#C7A.8", text=text, clinical=clinical, verification=verification, **more)
    for text in ("Neuroendocrine tumor", "Neuroendocrine tumor?", "History of neuroendocrine tumor")
    for clinical, verification in (
        ("active", "confirmed"),
        ("active", "unconfirmed"),
        ("recurrence", None),
        ("resolved", "confirmed"),
    )
    for more in ({}, {"bodySite": [{"text": "ileum"}]}, {"abatementDateTime": "2020-01-01"})
]


def test_conditions_that_are_alike_are_each_judged_by_all_that_they_say():
    """What came of one is remembered under its code, text and status; whichever came first."""
    remember_texts(on=False)
    try:
        alone = [diagnosed(one) for one in ALIKE]
    finally:
        remember_texts(on=True)
    for order in (1, -1):
        assert [diagnosed(one) for one in ALIKE[::order]] == alone[::order]
    assert len({str(told) for told in alone}) > 4


@pytest.mark.parametrize("as_of", [date.min, date.max])
def test_a_chart_may_be_opened_on_any_day(as_of):
    whole, _, _ = readings_of(KNOWLEDGE, ["diagnosis"], ALIKE[0], as_of=as_of)
    assert whole["net.status"].value.possible == {"active"}


@pytest.mark.parametrize("order", [1, -1])
def test_two_diagnoses_of_one_result_both_count_whichever_stands_first(order):
    """A metastasis beside a NET and an excluded tumour may be of either: it grades no NET."""
    named = ("Merkel cell carcinoma", "Neuroendocrine tumour")
    parts = [
        {"code": concept("LOINC#31206-6"), "valueCodeableConcept": {"text": text}}
        for text in named[::order]
    ]
    histology = observation(text="Histology", component=parts)
    ki67 = observation(text="Ki-67", valueQuantity={"value": 2, "unit": "%", "code": "%"})
    of_metastasis = ki67 | {"focus": [{"reference": "Condition/r0"}]}
    resources = condition("ICD-10#C78.7"), histology, of_metastasis
    _, readings, _ = readings_of(KNOWLEDGE, ["diagnosis", "pathology"], *resources)
    assert "tumour.ki67" not in readings
