"""Progressive, stable or responding; and for how long stable."""

from datetime import timedelta

import pytest

from tests.fhir.readers.small import (
    AS_OF,
    concept,
    condition,
    facts,
    net,
    observation,
    procedure,
    report,
    request,
    value,
)

STATUS, MONTHS = "progression.status", "progression.stable_months"


def status(*value, on="2026-11-01", **elements):
    return observation(
        "LOINC#97509-4", on=on, valueCodeableConcept=concept(*value) if value else None, **elements
    )


def days_ago(days):
    return (AS_OF - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (status("SNOMED#271299001"), "progressive"),
        (status("SNOMED#359746009"), "stable"),
        (status("SNOMED#268910001"), "responding"),
        (status("SNOMED#709137006"), None),
        (status("Progressive disease"), "progressive"),
        (status("PD"), "progressive"),
        (status("SD"), "stable"),
        (status("Stable"), "stable"),
        (status("Worsened"), "progressive"),
        (status("Mixed response"), "mixed"),
        (status("Partial response"), "responding"),
        (status(valueString="Unchanged since 2026-01"), "stable"),
        (status("SNOMED#271299001", status="preliminary"), None),
        (status("SNOMED#271299001", status="entered-in-error"), None),
        (status(dataAbsentReason=concept("unknown")), None),
        (observation("RECIST 1.1", valueString="PD"), "progressive"),
        (observation("Treatment response", valueString="CR"), "responding"),
    ],
)
def test_the_coded_disease_status(made, expected):
    assert value(STATUS, made) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Progressive disease.", "progressive"),
        ("RECIST: progressive disease in the liver.", "progressive"),
        ("RECIST PD.", "progressive"),
        ("RECIST 1.1: SD", "stable"),
        ("Disease status: stable", "stable"),
        ("Progression of the liver metastases.", "progressive"),
        ("Liver metastases have progressed since August.", "progressive"),
        ("New and progressing bone lesions.", "progressive"),
        ("Tumour has worsened.", "progressive"),
        ("Neuroendocrine tumour with mixed response.", "mixed"),
        ("Stable disease.", "stable"),
        ("Liver metastases unchanged.", "stable"),
        ("Metastatic NET. Stable for 8 months.", "stable"),
        ("No change of the mesenteric mass.", "stable"),
        ("No progression of the liver metastases.", "stable"),
        ("No evidence of disease progression.", "stable"),
        ("Neuroendocrine tumour. No evidence of progression.", "stable"),
        ("Partial response of the liver metastases.", "responding"),
        ("Regression of the liver lesions.", "responding"),
        ("Previously progressive lesions, now stable.", "stable"),
        ("Stable lesions in the liver; progression of the nodal metastases.", "progressive"),
        ("Progression of previously stable liver metastases.", "progressive"),
        ("Progression of the lesions compared with the previous CT.", "progressive"),
        ("Progression of the liver metastases is not seen.", "stable"),
        ("Progression without new lesions.", "progressive"),
        ("Progression in the liver and no new bone lesions.", "progressive"),
        ("Stable liver metastases and renal cysts.", "stable"),
        ("Liver metastases stable compared to the previous study.", "stable"),
        ("Progressive disease with pain.", "progressive"),
        ("Progressed on octreotide.", "progressive"),
        ("Progression despite somatostatin analogues.", "progressive"),
        ("No progression on octreotide.", "stable"),
        ("Progressed on CT.", None),
        ("Symptoms progressed on octreotide.", None),
        ("If progressed on octreotide, consider PRRT.", None),
        ("RECIST criteria: progressive disease.", "progressive"),
        ("Clinically and radiologically stable liver metastases.", "stable"),
        # not the tumour, or not said
        ("Patient is stable haemodynamically.", None),
        ("Known stable angina.", None),
        ("Stable vertebral fracture.", None),
        ("Metastatic NET. Stable cardiomegaly. Stable renal cysts.", None),
        ("Metastatic NET. Clinically stable.", None),
        ("Progressive dyspnoea.", None),
        ("Metastatic NET with progressive weight loss.", None),
        ("Stable coronary artery disease.", None),
        ("Symptoms of the tumour improved.", None),
        ("Lungs unchanged.", None),
        ("Possible progression of the liver metastases.", None),
        ("Is there progression of the metastases?", None),
        ("Progression of the metastases cannot be excluded.", None),
        ("If progression of the tumour, consider PRRT.", None),
        ("Median progression-free survival in this trial of liver metastases was 12 months.", None),
        ("PD neuroendocrine carcinoma.", None),
        ("The lesions are not stable.", None),
        ("Mother had progressive disease.", None),
    ],
)
@pytest.mark.parametrize("where", ["report", "value", "note"])
def test_sentences_count_where_they_speak_of_the_tumour(text, expected, where):
    made = {
        "report": lambda: report(text),
        "value": lambda: observation("Impression", valueString=text),
        "note": lambda: observation("CT abdomen", note=[{"text": text}]),
    }[where]()
    assert value(STATUS, made) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (net("Ileal NET, progressive", recorded="2026-10-01"), "progressive"),
        (net("Ileal NET, stable for 8 months", recorded="2026-10-01"), "stable"),
        (net(note=[{"text": "Progressed in August."}], recorded="2026-10-01"), "progressive"),
        (net("Ileal NET, progressive", recorded=None, onsetDateTime="2026-10-01"), None),
        (net("Ileal NET, progressive", recorded="2025-01-01"), None),
        (net("Ileal NET, no weight loss, stable weight", recorded="2026-10-01"), None),
    ],
)
def test_the_text_of_the_net_is_as_old_as_its_record(made, expected):
    assert value(STATUS, made) == expected


@pytest.mark.parametrize("name", ["Stable angina", "Progressive multiple sclerosis"])
def test_another_condition_says_nothing(name):
    assert value(STATUS, condition(name)) is None


# ---- which one counts ----------------------------------------------------------------------------


def test_the_newest_status_counts():
    old, new = (
        status("SNOMED#271299001", on="2026-06-01"),
        report("Stable disease.", on="2026-10-01"),
    )
    assert value(STATUS, old, new) == value(STATUS, new, old) == "stable"


def test_of_one_day_the_worse_counts():
    both = status("SNOMED#359746009"), status("SNOMED#271299001")
    assert value(STATUS, *both) == value(STATUS, *reversed(both)) == "progressive"


def test_a_newer_undetermined_status_leaves_it_unknown():
    old, new = status("SNOMED#359746009", on="2026-06-01"), status("SNOMED#709137006")
    found = facts(old, new)[STATUS]
    assert (found.value, found.why_absent) == (None, "the newest disease status is undetermined")


@pytest.mark.parametrize(
    ("days", "known", "aged"),
    [(183, True, False), (184, True, True), (365, True, True), (366, False, False)],
)
def test_a_status_warns_after_6_and_is_gone_after_12_months(days, known, aged):
    found = facts(status("SNOMED#271299001", on=days_ago(days)))[STATUS]
    assert (found.value is not None, found.aged) == (known, aged)


# ---- a progression from before the treatment -----------------------------------------------------

PROGRESSED = "2026-05-10"


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (request("Afinitor", on="2026-05-09"), "progressive"),
        (request("Afinitor", on="2026-05-10"), "progressive"),
        (request("Afinitor", on="2026-05-11"), None),
        (request("Afinitor", on="2026-05"), "progressive"),
        (request("Afinitor", on="2026-06"), None),
        (request("Afinitor", on="2026-06-01", status="draft"), "progressive"),
        (request("Metoprolol", on="2026-06-01"), "progressive"),
        (procedure("PRRT", on="2026-06-01"), None),
        (procedure("TACE", on="2026-06-01"), None),
        (procedure("Colonoscopy", on="2026-06-01"), "progressive"),
    ],
)
def test_a_progression_from_before_the_newest_treatment_is_history(treatment, expected):
    assert value(STATUS, status("SNOMED#271299001", on=PROGRESSED), treatment) == expected


def test_the_reason_names_both_dates():
    treatment = request("Afinitor", on="2026-06-01")
    found = facts(status("SNOMED#271299001", on=PROGRESSED), treatment)[STATUS]
    assert found.why_absent == (
        "the progression of 2026-05-10 is from before the treatment that began on 2026-06-01"
    )
    assert len(found.readings) == 1


def test_a_renewed_request_is_no_new_start():
    old, new = request("Afinitor", on="2026-01-01"), request("Afinitor", on="2026-06-01")
    assert value(STATUS, status("SNOMED#271299001", on=PROGRESSED), old, new) == "progressive"


def test_a_stable_disease_from_before_the_treatment_stays_stable():
    treatment = request("Afinitor", on="2026-06-01")
    assert value(STATUS, status("SNOMED#359746009", on=PROGRESSED), treatment) == "stable"


# ---- how long ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Liver metastases stable for 8 months.", "8 months"),
        ("Stable disease over the last 8 months.", "8 months"),
        ("Stable disease for at least 6 months.", ">= 6 months"),
        ("Stable disease for 2 years.", "24 months"),
        ("Liver metastases unchanged since 2026-01.", "9-10 months"),
        ("Liver metastases unchanged since 01/2026.", "9-10 months"),
        ("Liver metastases unchanged since January 2026.", "9-10 months"),
        ("Liver metastases unchanged since 2026-01-15.", "10 months"),
        ("Liver metastases unchanged since 2026-01-16.", "9 months"),
        ("Liver metastases unchanged since 2027-01.", None),
        ("No progression of the metastases for 8 months.", "8 months"),
        ("Stable disease.", None),
        ("Progressive disease for 8 months.", None),
        ("Stable weight for 8 months.", None),
    ],
)
def test_months_of_stable_disease_as_stated(text, expected):
    assert value(MONTHS, report(text)) == expected


def test_months_from_the_first_to_the_newest_steady_status():
    """At least that long: nobody says what was before."""
    run = [
        status("SNOMED#359746009", on="2026-01-20"),
        status("SNOMED#268910001", on="2026-06-01"),
        status("SNOMED#359746009", on="2026-10-19"),
    ]
    found = facts(*run)[MONTHS]
    assert str(found.value) == ">= 8 months"
    assert found.notes


def test_a_progression_begins_the_months_anew():
    run = [
        report("Stable disease for 20 months.", on="2026-01-20"),
        status("SNOMED#271299001", on="2026-03-01"),
        status("SNOMED#359746009", on="2026-05-01"),
        status("SNOMED#359746009", on="2026-10-01"),
    ]
    assert value(MONTHS, *run) == ">= 5 months"


def test_progressive_disease_is_stable_for_no_known_time():
    run = report("Stable disease for 20 months.", on="2026-06-01"), status("SNOMED#271299001")
    found = facts(*run)[MONTHS]
    assert (found.value, found.why_absent) == (None, "the newest disease status is progressive")
