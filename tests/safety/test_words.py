"""A sentence gives a finding only where it states one: negation, doubt, questions, plans, relatives
and other tracers give none, and what a sentence gave is quoted on the card as read from text.

Each phrase is all that is known of the receptors of a patient to whom PRRT would be offered if they
were positive; so a phrase that is read wrongly shows itself as an offer.
"""

import pytest

from tests.fhir.readers.small import administration, concept, condition, measured, patient, report
from tests.safety.patients import assess_resources, body, card_of, outcomes

PRRT = "prrt-lu177-dotatate"
SSTR, FDG, NOTE = "Ga-68 DOTATATE PET/CT", "F-18 FDG PET/CT", "Tumour board"
POSITIVE, BORDERLINE, NEGATIVE, MIXED = "positive", "borderline", "negative", "heterogeneous"
FIT = (
    ("LOINC#718-7", 13, "g/dL"),
    ("LOINC#777-3", 200, "10*9/L"),
    ("LOINC#6690-2", 6, "10*9/L"),
    ("LOINC#2164-2", 90, "mL/min"),
    ("LOINC#1975-2", 0.6, "mg/dL"),
    ("LOINC#1751-7", 42, "g/L"),
    ("LOINC#89247-1", 0, "{score}"),
    ("LOINC#29593-1", 5, "%"),
)

PHRASES = [
    # stated
    (SSTR, "Krenning score 4 in all target lesions.", POSITIVE),
    (SSTR, "Krenning 3", POSITIVE),
    (SSTR, "Intense uptake in multiple liver metastases.", POSITIVE),
    (SSTR, "Lesion uptake is higher than liver.", POSITIVE),
    (SSTR, "SUVmax 24.3, liver background 6.1.", POSITIVE),
    (NOTE, "Ga-68 DOTATATE PET/CT: intense uptake in all liver metastases.", POSITIVE),
    (SSTR, "Intense Anreicherung in allen Lebermetastasen.", POSITIVE),
    (SSTR, "Krenning 2", BORDERLINE),
    (SSTR, "Faint uptake in a mesenteric node.", BORDERLINE),
    (SSTR, "Uptake of the lesions is equal to liver.", BORDERLINE),
    (SSTR, "Krenning 1", NEGATIVE),
    (SSTR, "No DOTATATE-avid lesions.", NEGATIVE),
    (SSTR, "No pathological uptake.", NEGATIVE),
    (SSTR, "The liver metastases show no uptake.", NEGATIVE),
    (SSTR, "Non-avid liver metastases.", NEGATIVE),
    (SSTR, "Uptake in the liver metastases was not observed.", NEGATIVE),
    (SSTR, "Intense uptake in the liver metastases has been ruled out.", NEGATIVE),
    (SSTR, "The liver metastases fail to show uptake.", NEGATIVE),
    (SSTR, "All lesions are SSTR-negative.", NEGATIVE),
    (SSTR, "Keine pathologische Anreicherung.", NEGATIVE),
    (SSTR, "Not all lesions are avid.", MIXED),
    (SSTR, "Intense uptake in the liver; the bone lesions show no uptake.", MIXED),
    (SSTR, "Only some of the liver metastases show uptake.", MIXED),
    # numbers without a reference
    (SSTR, "SUVmax 24.3 in the liver lesion.", None),
    (SSTR, "Lesion SUVmax 18.", None),
    (SSTR, "Krenning score not reported.", None),
    (SSTR, "Krenning 7", None),
    (SSTR, "Krenning score: pending", None),
    # another tracer
    (FDG, "Intense uptake in the liver metastases.", None),
    (FDG, "Positive.", None),
    (NOTE, "F-18 FDG PET/CT: intense uptake in the liver.", None),
    (NOTE, "FDG-avid liver metastases.", None),
    (NOTE, "Ga-68 PSMA PET: intense uptake.", None),
    (NOTE, "I-123 MIBG scan positive.", None),
    (NOTE, "Exendin-4 PET: intense uptake in the pancreatic tail.", None),
    (NOTE, "Lu-177 DOTATATE: intense uptake on the post-therapy scan.", None),
    (SSTR, "FDG PET showed intense uptake.", None),
    (SSTR, "PSMA-avid lesion.", None),
    (SSTR, "Compared to FDG, uptake is more intense.", None),
    (NOTE, "PET/CT positive.", None),
    (NOTE, "PET shows avid liver lesions.", None),
    # tissue and blood
    (NOTE, "SSTR2A positive, synaptophysin positive.", None),
    (NOTE, "Immunohistochemistry: somatostatin receptor 2 positive.", None),
    (NOTE, "Pregnancy test negative.", None),
    (NOTE, "Intense pain, urine culture positive.", None),
    # doubt and questions
    (SSTR, "Possible uptake in the pancreatic head.", None),
    (SSTR, "Uptake in segment 4?", None),
    (SSTR, "Uptake cannot be excluded.", None),
    (SSTR, "Inconclusive uptake.", None),
    (SSTR, "SSTR expression could not be assessed.", None),
    (NOTE, "Is the tumour SSTR positive?", None),
    # plans and conditions
    (SSTR, "Study to assess SSTR expression.", None),
    (NOTE, "Plan: Ga-68 DOTATATE PET to assess SSTR expression.", None),
    (NOTE, "Consider PRRT if SSTR positive.", None),
    (NOTE, "DOTATATE PET not done; liver enzymes positive trend.", None),
    # other times, other people, other things
    (SSTR, "Previously avid lesion.", None),
    (SSTR, "Prior scan of 2023 was positive.", None),
    (NOTE, "DOTATATE PET 2023: intense uptake.", None),
    (SSTR, "Interval resolution of previously seen DOTATATE avid node.", None),
    (SSTR, "Family history: mother with intense uptake on PET.", None),
    (NOTE, "Mother: DOTATATE PET positive.", None),
    (SSTR, "Physiological uptake in spleen and kidneys.", None),
    (SSTR, "Uptake in degenerative changes of the spine.", None),
    (SSTR, "Incidental intense uptake in a meningioma.", None),
    (SSTR, "No uptake in the lungs.", None),
    (SSTR, "Intense arterial enhancement of the liver lesions.", None),
    (SSTR, "Mild ascites, marked splenomegaly.", None),
    (SSTR, "Krenning score 4 in 2019.", None),
    (SSTR, "Krenning score 4 (2019-03-02).", None),
    (SSTR, "Prior Krenning 4.", None),
    (SSTR, "Krenning score 4 in 2019, now Krenning score 1.", NEGATIVE),
    (SSTR, "Intense uptake in the liver metastases on the prior scan only.", None),
    (SSTR, "Intense uptake only on the prior scan.", None),
    # rules and legends
    (SSTR, "Krenning score 4 is required for PRRT.", None),
    (SSTR, "A Krenning score of 3 or 4 would be needed for PRRT.", None),
    (SSTR, "PRRT requires a Krenning score of at least 3.", None),
    (SSTR, "Threshold for PRRT: Krenning score 3.", None),
    (SSTR, "Intense uptake is required for PRRT.", None),
    (
        SSTR,
        "Krenning scale: 0 none, 1 very low, 2 equal to liver, 3 above liver, 4 above spleen",
        None,
    ),
    (SSTR, "Krenning scale: 0 none; 1 low; 2 as liver; 3 above liver; 4 above spleen", None),
    (SSTR, "Krenning 0 = no uptake, 1 = very low, 2 = as liver", None),
    (
        SSTR,
        "Krenning score 3 (0 none, 1 low, 2 equal to liver, 3 above liver, 4 above spleen).",
        POSITIVE,
    ),
    (SSTR, "Krenning score (0-4): 3", POSITIVE),
    (SSTR, "Krenning: 4 in the liver, 3 in the bones, 2 in the nodes.", POSITIVE),
    (SSTR, "Krenning score 4, above the threshold for PRRT.", POSITIVE),
    (SSTR, "Krenning score 4 in all lesions so that PRRT would be suitable.", POSITIVE),
    (SSTR, "Intense uptake in the liver metastases requires treatment.", POSITIVE),
    (SSTR, "Krenning score 4 and PRRT if the disease progresses.", POSITIVE),
    # organs that take up by themselves, and what does for many reasons
    (SSTR, "Uptake in the spleen, kidneys and adrenals.", None),
    (SSTR, "Intense uptake in the thyroid.", None),
    (SSTR, "Intense uptake in the pituitary.", None),
    (SSTR, "Intense uptake in the salivary glands.", None),
    (SSTR, "Focal uptake in a thyroid nodule.", None),
    (SSTR, "Intense uptake in the prostate.", None),
    (SSTR, "Uptake in osteophytes.", None),
    (SSTR, "Intense uptake at the injection site.", None),
    (SSTR, "Anreicherung in Milz und Nieren.", None),
    (SSTR, "No uptake in the spleen.", None),
    (SSTR, "Intense uptake in an adrenal metastasis.", POSITIVE),
    (SSTR, "Metastasis in the spleen with intense uptake.", POSITIVE),
    (SSTR, "Spleen and liver metastases show intense uptake.", POSITIVE),
    (SSTR, "Intense uptake in the pancreatic head and kidneys.", POSITIVE),
    (SSTR, "Uptake in the liver lesions is above spleen.", POSITIVE),
    (SSTR, "Lesions take up more than spleen and kidneys: intense uptake.", POSITIVE),
]
REACHED = {POSITIVE: "offer", BORDERLINE: "hold", NEGATIVE: "not-offered", MIXED: "not-offered"}


def candidate(*more):
    """A fit man with a progressive ileal G2 NET after an analogue, whose receptors nobody knows."""
    return assess_resources(
        *(patient(gender="male"), condition("ICD-10-CM#C7A.012", recorded="2025-02-01")),
        report("CT: liver metastases of the neuroendocrine tumour, progressive disease."),
        administration("Lanreotide", on="2026-09-01"),
        *(measured(*one, id=f"fit-{n}") for n, one in enumerate(FIT)),
        *more,
    )


def said(title, words):
    return {**report(words, on="2026-11-05", id="said"), "code": concept(title)}


def test_h6_the_table_has_sixty_phrases():
    assert len({(title, words) for title, words, _ in PHRASES}) >= 60


@pytest.mark.parametrize(("title", "words", "status"), PHRASES)
def test_h6_a_phrase_gives_the_status_that_it_states_and_no_other(title, words, status):
    found = candidate(said(title, words))
    assert found["facts"]["imaging.sstr_status"].get("possible") == (status and [status])
    assert outcomes(found)[PRRT] == REACHED.get(status, "needs-data")


@pytest.mark.parametrize(("title", "words", "status"), [one for one in PHRASES if one[2]])
def test_h6_what_was_read_from_text_says_so_and_quotes_it(title, words, status):
    found = candidate(said(title, words))
    for reading in found["facts"]["imaging.sstr_status"]["readings"]:
        assert reading["fromText"] is True
        assert reading["printed"] in words
    shown = body(card_of(found, "options"))
    (line,) = [one for one in shown.splitlines() if one.startswith("- Somatostatin receptors")]
    assert "Read from “" in line
    assert "`DiagnosticReport/said`" in line


@pytest.mark.parametrize(("title", "words", "status"), [one for one in PHRASES if not one[2]])
def test_h6_without_a_reading_the_scan_is_asked_for(title, words, status):
    found = candidate(said(title, words))
    assert "sstr_imaging" in {one["id"] for one in found["requests"]}
    assert f"SSTR {status or 'not known'}" in body(card_of(found, "options")).splitlines()[0]


# ---- other facts that are read from words --------------------------------------------------------

DENIED = [
    ("extent.stage", "No liver metastases?"),
    ("extent.unresectable_recorded", "The tumour is not unresectable."),
    ("progression.status", "Rule out progression of the neuroendocrine tumour."),
    ("progression.status", "Progressive disease cannot be excluded."),
    ("symptom.obstruction", "No bowel obstruction."),
    ("symptom.cord_compression", "No spinal cord compression."),
    ("syndrome.refractory", "Carcinoid syndrome, not refractory."),
    ("progression.status", "Progression in the liver on the current CT is excluded."),
    ("symptom.obstruction", "Bowel obstruction by the tumour is excluded."),
    ("symptom.cord_compression", "Spinal cord compression at T5 has been ruled out."),
    ("prior.prrt", "PRRT is planned."),
    ("prior.prrt", "No PRRT so far."),
    *(
        ("tumour.differentiation", f"Poorly differentiated {words}.")
        for words in (
            *("carcinoma is excluded", "neuroendocrine carcinoma was ruled out"),
            *("component is not seen", "carcinoma cannot be excluded", "carcinoma?"),
        )
    ),
    ("tumour.grade_stated", "Neuroendocrine tumour grade 3 excluded."),
    ("tumour.differentiation", "NET G3 is excluded."),
    ("tumour.grade_stated", "Grade 3 neuroendocrine carcinoma is excluded."),
    ("tumour.grade_stated", "Grade 3 toxicity under therapy of the neuroendocrine tumour."),
]


@pytest.mark.parametrize(("fact", "words"), DENIED)
def test_h6_what_is_denied_doubted_or_planned_is_not_read(fact, words):
    """Unknown, not recorded, or no: never that it is so."""
    found = assess_resources(
        patient(gender="male"), condition("ICD-10-CM#C7A.012"), report(words, id="said")
    )["facts"][fact]
    assert found.get("possible") in (None, [False]) or found.get("assumed")


RULES = [
    ("tumour.ki67", "Ki-67: pending. Reference: Ki-67 <3 % G1."),
    ("tumour.ki67", "Ki-67 <3 % would be G1."),
    ("tumour.ki67", "G3 is defined as Ki-67 > 20 %."),
    ("tumour.ki67", "Definition: NET G3 has Ki-67 > 20 %."),
    ("tumour.ki67", "Ki-67 cut-off for NET G3: 20 %."),
    ("tumour.ki67", "Consider chemotherapy if Ki-67 > 20 %."),
    ("tumour.ki67", "NET G1 Ki-67 <3 %, NET G2 Ki-67 3-20 %, NET G3 Ki-67 >20 %."),
    ("tumour.mitoses", "NET G1 is defined as < 2 mitoses per 2 mm2."),
    ("tumour.mitoses", "Reference range: NET G1 < 2 mitoses per 2 mm2."),
    ("tumour.grade_stated", "NET G3 is defined as Ki-67 > 20 %."),
    ("tumour.grade_stated", "Ki-67 <3 % would be NET G1."),
    ("tumour.grade_stated", "NET G3 if Ki-67 is above 20 %."),
    ("tumour.differentiation", "A NEC is defined as poorly differentiated neoplasm."),
]


@pytest.mark.parametrize(("fact", "words"), RULES)
def test_h6_a_rule_or_a_legend_is_no_finding_of_the_patient(fact, words):
    found = assess_resources(
        patient(gender="male"), condition("ICD-10-CM#C7A.012"), report(words, id="said")
    )["facts"]
    assert "possible" not in found[fact]


@pytest.mark.parametrize(
    "words",
    [
        "Suspected NET G2 with Ki-67 8 %.",
        "NET G2, Ki-67 8 % (G1 is defined as Ki-67 <3 %).",
        "NET G2, Ki-67 8 % (reference: G1 <3 %).",
        "Ki-67: 8 %, NET G2 (WHO 2019: G1 <3 %, G2 3-20 %, G3 >20 %).",
        "NET G2, Ki-67 8 %, above the threshold of 3 %.",
        "NET G2, Ki-67 8 %, as would be expected.",
        "Chromogranin A within the normal range and NET G2 with Ki-67 8 %.",
        "NET G2 with Ki-67 8 % requires therapy.",
        "If clinically indicated, please send more tissue; NET G2, Ki-67 8 %.",
        "NET with 2 mitoses per 10 HPF, 3 nodes, 4 blocks, Ki-67 8 %.",
    ],
)
def test_h6_a_finding_beside_a_rule_is_read(words):
    found = assess_resources(
        patient(gender="male"), condition("ICD-10-CM#C7A.012"), report(words, id="said")
    )["facts"]
    assert found["tumour.ki67"]["possible"] == [{"low": "8", "high": "8", "unit": "%"}]
