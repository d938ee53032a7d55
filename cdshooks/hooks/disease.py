"""The disease in one line, and how each part of that line is known."""

from collections.abc import Mapping

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.value import Choice, Value
from cdshooks.hooks.card import prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.wording import Wording

FINDINGS = (
    "net.status",
    "tumour.site",
    "tumour.grade_class",
    "imaging.sstr_status",
    "extent.stage",
)
HEADLINE = ("net.family", *FINDINGS[1:])
PATTERN = "extent.pattern"
EVERY = ("net.family", *FINDINGS, PATTERN)
UNGRADED = ("PPGL", "MTC", "excluded")  # families that these grades do not apply to


def headline(consult: Consult) -> str:
    """Family, site, grade class, receptors and extent, as Markdown; what is not known says so."""
    return _line(consult.saying(HEADLINE), consult)


def disease(consult: Consult, detail: Detail) -> None:
    """The headline, then the findings behind it."""
    said = consult.saying(EVERY)
    detail.paragraph(_line(said, consult))
    stage, pattern = said.get("extent.stage"), said.get(PATTERN)
    if pattern and not _is_pattern(_value(stage), pattern.value):
        del said[PATTERN]
    said.pop("net.family", None)  # the headline says it
    detail.findings(said.values())


def _line(said: Mapping[str, Fact], consult: Consult) -> str:
    told = [_value(said.get(name)) for name in HEADLINE]
    suspected, pattern = consult.status == {"suspected"}, consult.fact(PATTERN).value
    line: str = consult.wording.once((_headline, suspected, *told, pattern))
    return line


def _value(fact: Fact | None) -> Value | None:
    """The value of a fact, unless it is only assumed."""
    return None if fact is None or fact.assumed else fact.value


def _headline(
    wording: Wording,
    suspected: bool,
    family: Value | None,
    site: Value | None,
    grade: Value | None,
    receptors: Value | None,
    stage: Value | None,
    pattern: Value | None,
) -> str:
    graded = str(family) not in UNGRADED
    parts = (
        f"{'Suspected ' if suspected else ''}{_family(family)}",
        _part(wording, "tumour.site", site, "primary site"),
        _part(wording, "tumour.grade_class", grade, "grade") if graded else "",
        f"SSTR {receptors or 'not known'}",
        _extent(wording, stage, pattern),
    )
    return f"**{prose(' · '.join(filter(None, parts)))}**"


def _family(family: Value | None) -> str:
    if family is None:
        return "NET, family not known"
    return "Other neuroendocrine tumour" if str(family) == "excluded" else str(family)


def _extent(wording: Wording, stage: Value | None, pattern: Value | None) -> str:
    extent = _part(wording, "extent.stage", stage, "extent")
    return f"{extent}, {pattern}" if _is_pattern(stage, pattern) else extent


def _is_pattern(stage: Value | None, pattern: Value | None) -> bool:
    """Is it settled where the metastases are?"""
    settled = isinstance(pattern, Choice) and len(pattern.possible) == 1
    return settled and str(stage) == "metastatic"


def _part(wording: Wording, name: str, value: Value | None, word: str) -> str:
    return f"{word} not known" if value is None else wording.vocabulary[name].text(value)
