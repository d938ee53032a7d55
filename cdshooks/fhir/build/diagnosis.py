"""The patient and the tumour: what several facts say together in one resource."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cdshooks.clinical.value import Choice, Flag, Span, Value
from cdshooks.errors import InputUnreadable
from cdshooks.fhir.build.resources import DIAGNOSED, Frame, Resource, condition, word

PATIENT = ("patient.age",)
DIAGNOSIS = (
    *("net.status", "net.entity", "net.benign_only"),
    *("tumour.site", "tumour.coded_differentiation"),
)
# Not a fact, but a patient has one, and it decides whether a pregnancy is possible.
GENDER = "patient.gender"
GENDERS = ("male", "female", "other", "unknown")

_STANDINGS: Mapping[str, tuple[str, str]] = {
    "active": ("active", "confirmed"),
    "suspected": ("active", "provisional"),
    "history": ("resolved", "confirmed"),
}
_ENTITIES = {"NEN": "nen", "PPGL": "ppgl", "MTC": "mtc", "MiNEN": "minen"}
_EXCLUDED = "goblet-cell"
_HOMES = {"PPGL": "adrenal-paraganglia", "MTC": "thyroid"}
_SITES = {"small-bowel-nos": "small-bowel", **{f"{gut}-nos": gut for gut in ("midgut", "hindgut")}}


def patient(values: Mapping[str, Value], gender: str, patient_id: str, as_of: date) -> Resource:
    """A synthetic patient of that age, whose birthday is half a year away."""
    found: dict[str, Any] = {
        "resourceType": "Patient",
        "id": patient_id,
        "meta": {
            "security": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                    "code": "HTEST",
                    "display": "test health data",
                }
            ]
        },
        "name": [{"family": "Synthetic", "given": ["Patient"]}],
    }
    if gender:
        found["gender"] = gender
    age = values.get("patient.age")
    if isinstance(age, Span):
        if age.low != age.high or age.low is None or age.low % 1:
            raise InputUnreadable(f"patient.age={age}: accepted is one whole number of years")
        found["birthDate"] = _half_a_year_before(as_of, int(age.low))
    return found


def _half_a_year_before(as_of: date, years: int) -> str:
    months = as_of.year * 12 + as_of.month - 1 - years * 12 - 6
    return date(months // 12, months % 12 + 1, 1).isoformat()


def diagnosis(values: Mapping[str, Value], frame: Frame) -> list[Resource]:
    """The Condition of the tumour: an active NET of no known site, unless facts say otherwise."""
    status, entity = _one(values, "net.status", "active"), _one(values, "net.entity", "")
    if status == "none" and entity in ("", "excluded"):
        excluded = frame.concept("diagnosis", _EXCLUDED)
        code = frame.coded(excluded)
        return [condition(code, frame.ago(DIAGNOSED))] if entity else []
    if status == "none" or entity == "excluded":
        raise InputUnreadable("net.entity=excluded goes with net.status=none, and only that does")
    clinical, verification = _STANDINGS[status]
    code = frame.coded(frame.concept("diagnosis", _concept(values, entity or "NEN")))
    found = condition(code, frame.ago(DIAGNOSED), clinical, verification)
    site = _one(values, "tumour.site", "")
    if site and _HOMES.get(entity) != site:
        found["bodySite"] = [{"text": word(frame.concept("diagnosis", _site(site, entity)))}]
    return [found]


def _concept(values: Mapping[str, Value], entity: str) -> str:
    """The concept whose code says neither more nor less than the facts."""
    coded = _one(values, "tumour.coded_differentiation", "")
    benign = values.get("net.benign_only") == Flag(so=True)
    if entity != "NEN" and (coded or benign):
        raise InputUnreadable(f"net.entity={entity} goes with no coded differentiation")
    if benign and coded:
        raise InputUnreadable("net.benign_only=true goes with no coded differentiation")
    if benign:
        return "benign-nen"
    return {"well": "carcinoid-site-unknown", "poor": "nec-coded"}.get(coded, _ENTITIES[entity])


def _site(site: str, entity: str) -> str:
    """The concept of a site. Two sites are known by their own kind of tumour only."""
    if site in _HOMES.values() or entity in _HOMES:
        homes = ", ".join(f"{kind} of {home}" for kind, home in _HOMES.items())
        raise InputUnreadable(f"tumour.site={site}, net.entity={entity or 'NEN'}: there is {homes}")
    return f"site-{_SITES.get(site, site.removesuffix('-nos'))}"


def _one(values: Mapping[str, Value], name: str, otherwise: str) -> str:
    value = values.get(name)
    return next(iter(value.possible)) if isinstance(value, Choice) else otherwise
