"""The disease in one line, and how each part of that line is known."""

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.value import Choice
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail

FINDINGS = (
    "net.status",
    "tumour.site",
    "tumour.grade_class",
    "imaging.sstr_status",
    "extent.stage",
)
PATTERN = "extent.pattern"
UNGRADED = ("PPGL", "MTC", "excluded")  # families that these grades do not apply to


def headline(consult: Consult) -> str:
    """Family, site, grade class, receptors and extent; what is not known says so."""
    suspected = consult.status == {"suspected"}
    graded = _text(consult, "net.family") not in UNGRADED
    parts = (
        f"{'Suspected ' if suspected else ''}{_family(consult)}",
        _part(consult, "tumour.site", "primary site"),
        _part(consult, "tumour.grade_class", "grade") if graded else "",
        f"SSTR {_text(consult, 'imaging.sstr_status') or 'not known'}",
        _extent(consult),
    )
    return " · ".join(filter(None, parts))


def disease(consult: Consult, detail: Detail) -> None:
    """The headline, then the findings behind it."""
    detail.paragraph(f"**{consult.wording.markdown(headline(consult))}**")
    for name in FINDINGS:
        detail.finding(name)
    if _pattern(consult):
        detail.finding(PATTERN)


def _family(consult: Consult) -> str:
    family = _text(consult, "net.family")
    return {"": "NET, family not known", "excluded": "Other neuroendocrine tumour"}.get(
        family, family
    )


def _extent(consult: Consult) -> str:
    stage, pattern = _part(consult, "extent.stage", "extent"), _pattern(consult)
    return f"{stage}, {pattern}" if pattern else stage


def _pattern(consult: Consult) -> str:
    """Where the metastases are, if that is settled."""
    value = consult.fact(PATTERN).value
    if not isinstance(value, Choice) or len(value.possible) > 1:
        return ""
    return str(value) if _text(consult, "extent.stage") == "metastatic" else ""


def _part(consult: Consult, name: str, word: str) -> str:
    fact = consult.fact(name)
    if fact.value is None or not _is_told(fact, consult):
        return f"{word} not known"
    return consult.vocabulary[name].text(fact.value)


def _text(consult: Consult, name: str) -> str:
    fact = consult.fact(name)
    return str(fact.value) if _is_told(fact, consult) else ""


def _is_told(fact: Fact, consult: Consult) -> bool:
    return not (fact.assumed or consult.says_nothing(fact))
