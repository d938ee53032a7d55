"""A small vocabulary for the manual of the rule language."""

from decimal import Decimal
from types import MappingProxyType

from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.value import Choice, Flag, Members, Span
from cdshooks.clinical.vocabulary import FactType, Vocabulary

TYPES = (
    FactType("tumour.ki67", "Ki-67", "number", unit="%", unit_text="%"),
    FactType("patient.age", "Age", "number", unit="a", unit_text="years"),
    FactType("lab.platelets", "Platelets", "number", unit="10*9/L", unit_text="x10^9/L"),
    FactType("patient.ecog", "ECOG", "number"),
    FactType("tumour.site", "Primary site", "choice", values=("ileum", "lung", "pancreas")),
    FactType(
        "tumour.grade_class",
        "WHO grade",
        "choice",
        values=("G1", "G2", "G3-NET", "NEC", "HG-UNDET"),
        reads_as={"HG-UNDET": frozenset({"G3-NET", "NEC"})},
    ),
    FactType("extent.advanced", "Advanced", "flag"),
    FactType("symptom.obstruction", "Obstruction", "flag", closed=True),
    FactType(
        "prior.ssa",
        "SSA",
        "choice",
        values=("none", "current", "past"),
        closed=True,
        silent_value="none",
    ),
    FactType("syndrome.types", "Syndrome", "members", values=("carcinoid", "insulin")),
)
VOCABULARY = Vocabulary({fact_type.name: fact_type for fact_type in TYPES})


def facts(**given):
    """Facts by name with dots as double underscores; what is not given is silent."""
    known = {fact_type.name: fact_type.when_silent() for fact_type in TYPES}
    for key, value in given.items():
        name = key.replace("__", ".")
        known[name] = Fact(name, _value(VOCABULARY[name], value))
    return Facts(MappingProxyType(known))


def _value(fact_type, value):
    match fact_type.kind:
        case "number":
            low, high = value if isinstance(value, tuple) else (value, value)
            return Span(Decimal(str(low)), Decimal(str(high)), fact_type.unit)
        case "choice":
            return Choice(frozenset(value.split("|")))
        case "flag":
            return Flag(value)
    return Members(frozenset(value), frozenset(fact_type.values) - frozenset(value))
