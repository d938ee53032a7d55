"""Which treatments run, which are over, and since when."""

from datetime import timedelta

import pytest

from cdshooks.fhir.readers import therapy
from tests.fhir.readers.small import (
    AS_OF,
    administration,
    concept,
    condition,
    facts,
    net,
    opened,
    procedure,
    report,
    request,
    resource,
    statement,
    value,
)


def days_ago(days):
    return (AS_OF - timedelta(days=days)).isoformat()


LANREOTIDE = "RxNorm#68092"


@pytest.mark.parametrize(
    ("made", "course"),
    [
        *((request(LANREOTIDE, status=s), "current") for s in ("active", "on-hold")),
        *((request(LANREOTIDE, status=s), "past") for s in ("stopped", "completed")),
        *(
            (request(LANREOTIDE, status=s), "none")
            for s in ("draft", "cancelled", "entered-in-error")
        ),
        *((request(LANREOTIDE, intent=i), "none") for i in ("proposal", "plan", "option")),
        (request(LANREOTIDE, intent="instance-order"), "current"),
        (request(LANREOTIDE, doNotPerform=True), "none"),
        *((statement(LANREOTIDE, status=s), "current") for s in ("active", "on-hold")),
        *((statement(LANREOTIDE, status=s), "past") for s in ("stopped", "completed")),
        *(
            (statement(LANREOTIDE, status=s), "none")
            for s in ("not-taken", "intended", "entered-in-error")
        ),
        (statement(LANREOTIDE, effectivePeriod={"start": "2026-01-01"}), "current"),
        (statement(LANREOTIDE, effectivePeriod={"start": "2025-01", "end": "2026-10"}), "past"),
        (administration(LANREOTIDE, on=days_ago(60)), "current"),
        (administration(LANREOTIDE, on=days_ago(61)), "past"),
        (administration("Octreotide LAR 30 mg", on=days_ago(60)), "current"),
        (administration("RxNorm#898589", on=days_ago(60)), "current"),
        (administration("RxNorm#7617", "Octreotide LAR 30 mg", on=days_ago(60)), "current"),
        (administration("RxNorm#7617", on=days_ago(1)), "past"),
        (administration("Octreotide 100 ug s.c.", on=days_ago(1)), "past"),
        (administration(LANREOTIDE, on=days_ago(1), status="in-progress"), "current"),
        (administration(LANREOTIDE, on=days_ago(1), status="not-done"), "none"),
        (administration(LANREOTIDE, on=days_ago(1), status="entered-in-error"), "none"),
    ],
)
def test_status_decides_whether_an_analogue_runs(made, course):
    assert value("prior.ssa", made) == course


@pytest.mark.parametrize(
    ("status", "course"),
    [
        ("in-progress", "current"),
        ("completed", "past"),
        ("stopped", "past"),
        ("not-done", "none"),
        ("preparation", "none"),
        ("entered-in-error", "none"),
    ],
)
def test_status_decides_whether_a_procedure_counts(status, course):
    assert value("prior.prrt", procedure("PRRT cycle 2", status=status)) == course


@pytest.mark.parametrize(
    ("fact", "name"),
    [
        ("prior.ssa", "RxNorm#7617"),
        ("prior.ssa", "ATC#H01CB02"),
        ("prior.ssa", "ATC#H01CB03"),
        ("prior.ssa", "Somatuline Depot"),
        ("prior.ssa", "Sandostatin"),
        ("prior.prrt", "RxNorm#1999682"),
        ("prior.prrt", "ATC#V10XX04"),
        ("prior.prrt", "Lutathera 7.4 GBq"),
        ("prior.prrt", "lutetium (177Lu) oxodotreotide"),
        ("prior.prrt", "177Lu-DOTATATE"),
        ("prior.prrt", "Y-90 DOTATOC"),
        ("prior.everolimus", "RxNorm#141704"),
        ("prior.everolimus", "ATC#L01XE10"),
        ("prior.everolimus", "Afinitor"),
        ("prior.sunitinib", "RxNorm#357977"),
        ("prior.sunitinib", "Sutent"),
        ("prior.cabozantinib", "RxNorm#1363268"),
        ("prior.cabozantinib", "Cabometyx"),
        ("prior.captem", "CAPTEM"),
        ("prior.captem", "Capecitabine + temozolomide"),
        ("prior.temozolomide", "CAPTEM"),
        ("prior.temozolomide", "RxNorm#37776"),
        ("prior.platinum_etoposide", "Carboplatin/etoposide"),
        ("prior.platinum_etoposide", "cisplatin and etoposide"),
        ("prior.interferon", "RxNorm#120608"),
        ("prior.interferon", "Interferon alfa-2b"),
        ("prior.belzutifan", "Welireg"),
        ("prior.mibg_therapy", "I-131 MIBG"),
        ("prior.mibg_therapy", "Azedra"),
        ("prior.chemotherapy_other", "Streptozocin"),
        ("prior.chemotherapy_other", "FOLFOX"),
        ("prior.chemotherapy_other", "RxNorm#194000"),
        ("prior.chemotherapy_other", "RxNorm#4179"),
    ],
)
def test_drugs_are_known_by_code_and_by_name(fact, name):
    assert value(fact, request(name)) == "current"


@pytest.mark.parametrize(
    ("fact", "name"),
    [
        ("prior.ssa", "Octreotide scan"),
        ("prior.ssa", "In-111 octreotide scintigraphy"),
        ("prior.prrt", "Ga-68 DOTATATE PET/CT"),
        ("prior.prrt", "Assessment for PRRT"),
        ("prior.prrt", "Referral: PRRT"),
        ("prior.mibg_therapy", "I-123 MIBG scan"),
        ("prior.mibg_therapy", "I-131 MIBG scintigraphy"),
        ("prior.interferon", "Interferon beta-1a"),
        ("prior.everolimus", "Everolimus-eluting stent"),
        ("prior.chemotherapy_other", "TACE with doxorubicin"),
        ("prior.liver_radiation", "External beam radiotherapy of the sacrum"),
        ("prior.liver_radiation", "SIRT work-up and mapping"),
    ],
)
def test_scans_plans_and_look_alikes_are_no_treatment(fact, name):
    assert value(fact, procedure(name)) == "none"


@pytest.mark.parametrize(
    "made",
    [
        procedure("Selective internal radiation therapy (SIRT)"),
        procedure("Y-90 radioembolisation, right lobe"),
        procedure("SBRT liver metastasis"),
        procedure("SNOMED#1156506007", bodySite=[concept("Liver structure")]),
        procedure("External beam radiotherapy", bodySite=[concept("Liver")]),
    ],
)
def test_radiation_of_the_liver(made):
    assert value("prior.liver_radiation", made) == "past"


def test_a_medication_named_by_reference_is_read():
    drug = {"resourceType": "Medication", "id": "m", "code": concept("Sutent")}
    made = request("x", contained=[drug], medicationReference={"reference": "#m"})
    del made["medicationCodeableConcept"]
    assert value("prior.sunitinib", made) == "current"


# ---- regimens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capecitabine", "temozolomide", "course"),
    [
        ("active", "active", "current"),
        ("completed", "completed", "past"),
        ("completed", "active", "past"),
    ],
)
def test_both_drugs_on_file_are_the_regimen(capecitabine, temozolomide, course):
    given = request("RxNorm#194000", status=capecitabine), request("Temodal", status=temozolomide)
    found = facts(*given)
    assert set(found["prior.captem"].value.possible) == {course}
    assert found["prior.chemotherapy_other"].assumed
    assert len(found["prior.captem"].readings) == 2


def test_one_drug_of_a_regimen_is_not_the_regimen():
    found = facts(request("RxNorm#194000"), request("RxNorm#4179"))
    assert found["prior.captem"].assumed
    assert found["prior.platinum_etoposide"].assumed
    assert not found["prior.chemotherapy_other"].assumed


def test_etoposide_with_either_platinum():
    for platinum in ("RxNorm#40048", "RxNorm#2555"):
        given = request("RxNorm#4179", status="completed"), request(platinum, status="completed")
        assert value("prior.platinum_etoposide", *given) == "past"


def test_current_beats_past():
    old, new = request(LANREOTIDE, status="completed"), request("RxNorm#7617", status="active")
    assert value("prior.ssa", old, new) == value("prior.ssa", new, old) == "current"


# ---- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "fact", "course"),
    [
        (report("Progressed on octreotide LAR."), "prior.ssa", "current"),
        (report("Disease progression on first-line lanreotide."), "prior.ssa", "current"),
        (report("Progression despite somatostatin analogues."), "prior.ssa", "current"),
        (net("Ileal NET, progressed on octreotide"), "prior.ssa", "current"),
        (net(note=[{"text": "Progressed on everolimus in 2025."}]), "prior.everolimus", "current"),
        (report("Progressed after PRRT."), "prior.prrt", "past"),
        (report("No progression on octreotide."), "prior.ssa", "none"),
        (report("If progression on octreotide, consider PRRT."), "prior.ssa", "none"),
        (report("Consider octreotide."), "prior.ssa", "none"),
        (report("Octreotide scan: progression of uptake."), "prior.ssa", "none"),
    ],
)
def test_progressed_on_a_drug_says_that_it_is_given(made, fact, course):
    assert value(fact, made) == course


@pytest.mark.parametrize(
    ("text", "fact", "course"),
    [
        ("s/p PRRT", "prior.prrt", "past"),
        ("Ileal NET, s/p 4 cycles of Lutathera.", "prior.prrt", "past"),
        ("Completed 4 cycles of PRRT in 2023.", "prior.prrt", "past"),
        ("Prior PRRT.", "prior.prrt", "past"),
        ("Post-PRRT scan.", "prior.prrt", "past"),
        ("Previously treated with everolimus.", "prior.everolimus", "past"),
        ("Status post SIRT.", "prior.liver_radiation", "past"),
        ("No prior PRRT.", "prior.prrt", "none"),
        ("Not s/p PRRT.", "prior.prrt", "none"),
        ("Prior to PRRT, check renal function.", "prior.prrt", "none"),
        ("PRRT planned.", "prior.prrt", "none"),
        ("Completed PRRT evaluation.", "prior.prrt", "none"),
        ("s/p hemicolectomy, considering PRRT.", "prior.prrt", "none"),
        ("s/p hemicolectomy on octreotide.", "prior.ssa", "none"),
        ("History of diarrhoea on octreotide.", "prior.ssa", "none"),
        ("Mother s/p PRRT.", "prior.prrt", "none"),
    ],
)
def test_a_treatment_that_a_text_calls_over_is_past(text, fact, course):
    assert value(fact, report(text)) == course


def test_the_text_of_the_net_may_say_that_a_treatment_is_over():
    assert value("prior.prrt", net("Ileal NET s/p PRRT")) == "past"
    assert value("prior.prrt", net("Ileal NET s/p PRRT"), request("Lutathera")) == "current"


def test_a_chemotherapy_in_words_may_be_that_of_another_cancer():
    text = report("s/p FOLFOX. s/p PRRT.")
    assert value("prior.chemotherapy_other", text) == "past"
    colon = condition("ICD-10-CM#C18.7")
    assert value("prior.chemotherapy_other", text, colon) == "none"
    assert value("prior.prrt", text, colon) == "past"


# ---- what silence means --------------------------------------------------------------------------


def test_silence_is_none_and_assumed():
    found = facts()["prior.ssa"]
    assert found.assumed
    assert set(found.value.possible) == {"none"}


def test_silence_of_what_could_not_be_had_is_unknown():
    found = facts(unavailable=["MedicationRequest"])["prior.ssa"]
    assert found.value is None
    assert "MedicationRequest" in found.why_absent


# ---- PRRT of late, and starts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "recent"),
    [
        (administration("RxNorm#1999682", on=days_ago(183)), True),
        (administration("RxNorm#1999682", on=days_ago(184)), False),
        (procedure("PRRT", on=days_ago(900), status="in-progress"), True),
        (request("Lutathera", on=days_ago(900)), True),
        (administration("RxNorm#1999682", on=None), False),
        (request(LANREOTIDE), False),
    ],
)
def test_prrt_is_recent_within_6_months(made, recent):
    assert value("prior.prrt_recent", made) is recent


def starts(*resources):
    """The dates on which treatments began, as the progression reader gets them."""
    chart, families = opened(*resources)
    readings = therapy.read(chart, families["therapy"], {})
    return sorted(reading.date.text for reading in readings if reading.fact == "therapy_start")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([request(LANREOTIDE, on="2025-03-01")], ["2025-03-01"]),
        (
            [request(LANREOTIDE, on="2025-03-01"), request(LANREOTIDE, on="2026-03-01")],
            ["2025-03-01"],
        ),
        (
            [request("RxNorm#7617", on="2025-03-01"), request("Sandostatin LAR", on="2026-03-01")],
            ["2025-03-01"],
        ),
        (
            [request(LANREOTIDE, on="2025-03-01"), request("Afinitor", on="2026-03-01")],
            ["2025-03-01", "2026-03-01"],
        ),
        (
            [statement(LANREOTIDE, effectivePeriod={"start": "2025-01-05", "end": "2025-12-31"})],
            ["2025-01-05"],
        ),
        (
            [procedure("TACE", on="2025-05-01"), procedure("TACE", on="2026-05-01")],
            ["2025-05-01", "2026-05-01"],
        ),
        ([procedure("SNOMED#71273005", on="2025-05-01")], ["2025-05-01"]),
        ([procedure("TACE", on="2025-05-01", status="not-done")], []),
        ([procedure("TACE planning", on="2025-05-01")], []),
        ([request(LANREOTIDE, on="2025-03-01", status="draft")], []),
        (
            [
                resource(
                    "MedicationRequest",
                    medicationCodeableConcept=concept("Sutent"),
                    status="active",
                    intent="order",
                )
            ],
            [],
        ),
    ],
)
def test_a_drug_begins_with_its_first_entry_and_each_liver_procedure_by_itself(made, expected):
    assert starts(*made) == expected
