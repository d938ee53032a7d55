"""Building is the inverse of reading: what goes in as facts is what is read from the record."""

import json
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from cdshooks.clinical.fact import Facts
from cdshooks.clinical.value import Members, Span, Value
from cdshooks.clinical.vocabulary import FactType
from cdshooks.errors import InputUnreadable
from cdshooks.fhir.build.bundle import Builder, build_bundle
from cdshooks.fhir.build.values import value_of
from cdshooks.fhir.extract import Extractor
from tests.shipped import KNOWLEDGE

AS_OF = date(2026, 11, 15)
PATIENT = "patient-1"
TYPES = {d.type.name: d.type for d in KNOWLEDGE.facts.definitions}

SYMPTOMS = frozenset(name for name in TYPES if name.startswith("symptom."))
# A fact settles these as well, so a list that also gives one of them may contradict itself.
SETTLES = {
    "burden.visceral_crisis": {"burden.high"},
    "extent.pattern": {"extent.stage", "imaging.extrahepatic_excluded"},
    "extent.stage": {"extent.pattern", "tumour.node_positive"},
    "lab.bilirubin_mgdl": {"lab.bilirubin_uln"},  # one test, told in two ways
    "lab.bilirubin_uln": {"lab.bilirubin_mgdl"},
    "liver.resectable_recorded": {
        *("extent.stage", "extent.pattern", "liver.resection_excluded"),
    },
    "net.benign_only": {
        *("net.entity", "tumour.coded_differentiation", "extent.stage", "extent.pattern"),
        "liver.resectable_recorded",  # says that there are liver metastases
    },
    "net.entity": {"tumour.site", "tumour.coded_differentiation", "net.benign_only"},
    "prior.captem": {"prior.temozolomide"},
    "prior.platinum_etoposide": {"prior.chemotherapy_other"},
    "prior.prrt": {"prior.prrt_recent"},
    "progression.stable_months": {"progression.status"},
    "progression.status": {"progression.stable_months"},
    "risk.autoimmune_hepatitis": {"risk.autoimmune"},
    "risk.carcinoid_heart": {"syndrome.types", "syndrome.functional"},
    "risk.pvt_main": {"risk.pvt_any"},
    "syndrome.functional": {"syndrome.types"},
    "syndrome.types": {"syndrome.functional"},
    "tumour.node_positive": {"extent.stage"},
    **{symptom: {"symptom.asymptomatic"} for symptom in SYMPTOMS - {"symptom.hormonal"}},
    "symptom.hormonal": {"symptom.asymptomatic", "syndrome.hints"},
    **{
        f"tumour.{finding}": {"tumour.specimen_age"}  # the tissue has the date of its finding
        for finding in ("ki67", "mitoses", "grade_stated", "lung_type_stated", "differentiation")
    },
}
# Without a tumour no fact of it is read, and of a past one only some: built alone, below.
APART = {"net.status"}
# Of these facts only some values can be built; the others follow from further facts.
ONLY = {
    "net.entity": ("NEN", "PPGL", "MTC", "MiNEN"),
    "syndrome.functional": ("false",),
    "symptom.asymptomatic": ("true",),
    "imaging.extrahepatic_excluded": ("true",),
    "liver.resection_excluded": ("true",),
    "extent.pattern": ("liver-only", "liver-dominant", "disseminated"),
    "tumour.site": tuple(
        site
        for site in TYPES["tumour.site"].values
        if site not in ("adrenal-paraganglia", "thyroid")
    ),
}


@cache
def builder() -> Builder:
    return Builder(KNOWLEDGE)


@cache
def extractor() -> Extractor:
    return Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)


def read(facts: dict[str, str]) -> Facts:
    """What is read from the record that is built of some facts."""
    body = json.dumps(builder().bundle(facts, AS_OF, PATIENT)).encode()
    record = extractor().record_reader.read([("Bundle", body)], PATIENT)
    found, problems = extractor().extract(record, AS_OF)
    assert problems == ()
    return found


def as_asked(value: Value | None) -> object:
    """Of members those that are named; of a share that it ends at 100 %, if nothing says where."""
    if isinstance(value, Members):
        return value.has
    if isinstance(value, Span) and value.unit == "%" and value.high is None:
        return value._replace(high=Decimal(100))
    return value


# ---- any short list of facts --------------------------------------------------------------------

whole = st.integers(0, 400).map(str)
decimals = st.decimals("0.1", "99", places=1).map(lambda number: f"{number:f}")


@st.composite
def numbers(draw: st.DrawFn, fact_type: FactType) -> str:
    """A number, a limit or an interval, as a report prints it."""
    match fact_type.name:
        case "patient.age":
            return str(draw(st.integers(0, 110)))
        case "progression.stable_months":
            return str(draw(st.integers(1, 60)))
        case "patient.ecog":
            return str(draw(st.integers(0, 5)))
    one = draw(decimals)
    unit = draw(st.sampled_from(("", f" {fact_type.unit_text}".rstrip())))
    low, high = sorted((Decimal(one), Decimal(draw(decimals))))
    interval = f"{low}-{high}" if low < high else one
    return draw(st.sampled_from((one, f"<{one}", f"<={one}", f">{one}", interval))) + unit


def values(fact_type: FactType) -> st.SearchStrategy[str]:
    if fact_type.name in ONLY:
        return st.sampled_from(ONLY[fact_type.name])
    match fact_type.kind:
        case "number":
            return numbers(fact_type)
        case "flag":
            return st.sampled_from(("true", "false"))
        case "members":
            return st.sampled_from(("none", *fact_type.values))
    return st.sampled_from(fact_type.values)


@st.composite
def short_lists(draw: st.DrawFn) -> dict[str, str]:
    """Up to eight facts of which none settles another."""
    names = [name for name in builder().accepted if name not in APART]
    chosen = draw(st.lists(st.sampled_from(names), max_size=8, unique=True))
    facts: dict[str, str] = {}
    for name in chosen:
        settled = {other for given in facts for other in SETTLES.get(given, ())}
        if name not in settled and not SETTLES.get(name, set()) & set(facts):
            facts[name] = draw(values(TYPES[name]))
    return facts


@given(facts=short_lists())
@settings(max_examples=150, deadline=None)
def test_what_is_built_is_what_is_read(facts: dict[str, str]) -> None:
    found = read(facts)
    for name, text in facts.items():
        assert as_asked(value_of(TYPES[name], text)) == as_asked(found.value(name)), name


@given(facts=short_lists())
@settings(max_examples=100, deadline=None)
def test_nothing_is_read_that_was_not_built(facts: dict[str, str]) -> None:
    """Apart from what a fact settles by its nature, and from what age says of a pregnancy."""
    silent = read({})
    settled = {other for name in facts for other in SETTLES.get(name, ())}
    settled |= {"patient.pregnant", "patient.breastfeeding"} if "patient.age" in facts else set()
    for fact in read(facts):
        if fact.name not in facts and fact.name not in settled:
            assert fact.value == silent.value(fact.name), fact.name


@given(facts=short_lists())
@settings(max_examples=25, deadline=None)
def test_what_is_built_is_valid_r4(facts: dict[str, str]) -> None:
    Bundle.model_validate(builder().bundle(facts, AS_OF, PATIENT))


# ---- every value of every fact ------------------------------------------------------------------


def every_value() -> list[tuple[str, str]]:
    listed = []
    for name in builder().accepted:
        fact_type = TYPES[name]
        of_kind = {"flag": ("true", "false"), "members": ("none", *fact_type.values)}
        some = ONLY.get(name) or of_kind.get(fact_type.kind) or fact_type.values or ("1", "<=5")
        some = ("54",) if name in ("patient.age", "progression.stable_months") else some
        listed += [(name, value) for value in some]
    return listed


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(*one, id="=".join(one)) for one in every_value()]
)
def test_every_value_can_be_built_alone(name: str, text: str) -> None:
    assert as_asked(value_of(TYPES[name], text)) == as_asked(read({name: text}).value(name))


def test_the_facts_that_treatments_ask_for_can_be_built() -> None:
    """Those that cannot be built follow from dates, from other facts, or from the setting."""
    left = set(TYPES) - set(builder().accepted)
    assert left == {
        *("config.jurisdiction", "order.classes"),
        *("imaging.discordant_lesion", "imaging.sstr_superseded"),
        *("prior.prrt_recent", "tumour.specimens_differ", "tumour.grade_by_morphology"),
        *("net.benign_conflict", "tumour.specimen_age"),
        *("syndrome.hints", "syndrome.metanephrines_measured"),
    }


# ---- what cannot be built -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"tumour.sight": "pancreas"}, "there is no fact tumour.sight: .*tumour.site"),
        ({"tumour.site": "knee"}, "accepted is stomach, duodenum"),
        ({"tumour.ki67": "high"}, "accepted is a number %"),
        ({"tumour.ki67": "8 mm"}, "accepted is a number %"),
        ({"lab.platelets": "-5"}, "accepted is a number"),
        ({"symptom.obstruction": "maybe"}, "accepted is true or false"),
        ({"syndrome.types": "thyroid"}, "accepted is none, or some of carcinoid"),
        ({"tumour.grade_class": "G2"}, "follows from tumour.ki67, tumour.mitoses"),
        ({"prior.prrt_recent": "true"}, "prior.prrt_recent is not built"),
        ({"patient.gender": "pancreas"}, "accepted is male, female"),
        ({"patient.age": "40-50"}, "one whole number of years"),
        ({"net.status": "none", "tumour.ki67": "8 %"}, "contradict each other: tumour.ki67"),
        ({"net.entity": "PPGL", "tumour.site": "pancreas"}, "PPGL of adrenal-paraganglia"),
        ({"syndrome.types": "carcinoid", "syndrome.functional": "false"}, "contradict"),
        ({"extent.stage": "localised", "tumour.node_positive": "true"}, "contradict"),
    ],
    ids=lambda given: (
        "-".join(f"{k}={v}" for k, v in given.items()) if given.__class__ is dict else ""
    ),
)
def test_what_cannot_be_built_is_refused_with_what_is_accepted(
    facts: dict[str, str], says: str
) -> None:
    with pytest.raises(InputUnreadable, match=says):
        build_bundle(facts, AS_OF, knowledge=KNOWLEDGE)


def test_each_standing_of_a_tumour_can_be_built() -> None:
    for status in ("active", "suspected", "history", "none"):
        assert str(read({"net.status": status}).value("net.status")) == status
    excluded = read({"net.status": "none", "net.entity": "excluded"})
    assert str(excluded.value("net.entity")) == "excluded"


def test_a_share_is_never_more_than_a_hundred_percent() -> None:
    assert value_of(TYPES["tumour.ki67"], ">20 %") == Span(
        Decimal(20), Decimal(100), "%", low_open=True
    )


def test_the_record_has_the_id_that_was_asked_for_and_no_name_of_a_person() -> None:
    bundle = build_bundle({"tumour.site": "ampulla"}, AS_OF, "synthetic-7", KNOWLEDGE)
    patient, tumour = (entry["resource"] for entry in bundle["entry"])
    assert (patient["id"], tumour["subject"]) == (
        "synthetic-7",
        {"reference": "Patient/synthetic-7"},
    )
    assert patient["name"] == [{"family": "Synthetic", "given": ["Patient"]}]
