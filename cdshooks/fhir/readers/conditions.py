"""What one Condition is: a NET, a look-alike, another cancer, a secondary, or nothing of these.

A known code decides; the text of the Condition may deny or doubt it, and what contradicts itself
is named
and not used (docs/architecture.md, "Reading").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cdshooks.fhir.chart import Chart, Said
from cdshooks.fhir.readers.naming import lexicon
from cdshooks.fhir.readers.standing import Standing, is_confirmed, standing
from cdshooks.fhir.record import Entry
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.sentences import Sentence
from cdshooks.knowledge.facts import Concept, Family

NEOPLASMS = frozenset({"NEN", "PPGL", "MTC"})
LOOK_ALIKES = frozenset({"excluded", "MiNEN"})
_SYNDROME_WORDS = "diagnosis/carcinoid-syndrome-words"
_RULE_OUT = "diagnosis/rule-out"
_GONE = "diagnosis/gone-words"
_TUMOURS = NEOPLASMS | LOOK_ALIKES
_NOT_THE_PATIENTS = frozenset({"family-history", "screening"})
_SAYS_NOTHING = frozenset({"cancer", "malignancy"})  # of which organ? it may be the NET itself
_NEAR = 6  # words between "history of" and the tumour
_METASTASES = ("metasta", "mets", "secondar", "deposit", "spread")
_LEADING = frozenset(
    {
        *("to", "in", "into", "the", "both", "and", "at", "der", "den", "im", "au", "aux", "dans"),
        *("du", "la", "le", "les", "en", "el", "no", "na", "nos", "nas"),
    }
)
# German, French, Spanish and Portuguese put the place behind ("metastases pulmonaires").
_NOUNS = ("metastase", "metastases", "metastasen", "metastasis")
_ABBREVIATION = "diagnosis/nen-abbreviation"
_HISTORY = "diagnosis/history-words"
_TREATED = "diagnosis/treated-words"
_HISTOLOGY_EXTENSION = "histology-morphology-behavior"


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One Condition (or morphology result) as read: what it is, how it stands, and what it says."""

    entry: Entry
    path: str
    printed: str
    entity: str
    standing: Standing
    secondary: bool = False
    concepts: tuple[Concept, ...] = field(default=())
    sites: tuple[str, ...] = ()

    def says(self, what: str) -> tuple[str, ...]:
        """Every value that its concepts say of `what`, each once."""
        return tuple(dict.fromkeys(c.says[what] for c in self.concepts if what in c.says))


def judge(entry: Entry, chart: Chart, family: Family, texts: Iterable[Said]) -> Finding | None:
    """The finding of one Condition; None if it says nothing about a tumour, or cannot be used."""
    stands = standing(entry)
    coded = (*concepts_of(entry.coded.codes, chart, family), *_histology(entry, chart, family))
    if stands == "ignored" or _entity(coded) in _NOT_THE_PATIENTS:
        return None
    texts = list(texts)
    named = _named(entry, chart, family) if not texts and not coded else ()
    words = _Words(texts, family)
    if words.denied and not words.affirmed:
        if _entity(coded) in NEOPLASMS:
            chart.report(entry, "code", "is coded as a tumour that its text denies; not used")
        return None
    concepts = (*coded, *words.affirmed, *named)
    entity = _settled(entry, chart, _entity(coded), _entity((*words.affirmed, *named)))
    doubted = _doubted(entry, chart, stands, words, entity)
    if entity is None or doubted is None:
        return None
    printed = entry.coded.printed
    finding = Finding(entry, "code", printed, entity, doubted, concepts=concepts)
    return _placed(replace(finding, secondary=_is_secondary(coded)), entry, chart, family)


def concepts_of(
    codes: Iterable[tuple[str, str]], chart: Chart, family: Family
) -> tuple[Concept, ...]:
    """The concepts of this family that codes belong to."""
    by_key = {concept.key: concept for concept in family.concepts.values()}
    return tuple(by_key[key] for key in chart.index.find(codes) if key in by_key)


class _Words:
    """The concepts that the text of a Condition affirms, denies and doubts."""

    def __init__(self, texts: Iterable[Said], family: Family):
        by_key = {concept.key: concept for concept in family.concepts.values()}
        self.rule_out = self.history = self.doubtful = self.denied = False
        affirmed: dict[Concept, None] = {}
        for said in texts:
            hits = [hit for hit in said.hits if _is_meant(hit, said, by_key)]
            tumour = [h for h in hits if by_key[h.concept].says.get("entity") in _TUMOURS]
            self.rule_out |= any(hit.concept == _RULE_OUT for hit in hits)
            self.history |= _is_past(hits, by_key)
            self.doubtful |= any(hit.doubtful for hit in tumour)
            self.denied |= any(hit.negated for hit in tumour)
            affirmed.update((by_key[hit.concept], None) for hit in hits if not hit.negated)
        self.affirmed = tuple(affirmed)


def _is_meant(hit: Hit, said: Said, by_key: Mapping[str, Concept]) -> bool:
    """Is it a word of this family, and not only a part of a phrase that means another thing?"""
    concept = by_key.get(hit.concept)
    if concept is None or lexicon(concept.never_words).find(said.sentence):
        return False
    if said.sentence.text.strip(" .") in _SAYS_NOTHING:
        return False
    masked = [(h.first_token, h.last_token) for h in said.about(_SYNDROME_WORDS)]
    if _inside((hit.first_token, hit.last_token), masked, hit.concept):
        return False
    return set(concept.says) != {"site"} or not _is_metastatic_site(hit, said.sentence)


def _is_past(hits: Iterable[Hit], by_key: Mapping[str, Concept]) -> bool:
    """Is the tumour itself past: "history of carcinoid", "in remission", not that of another?

    After "Zustand nach Resektion eines NET" only the treatment is over.
    """
    hits = list(hits)
    tumours = [h for h in hits if "entity" in by_key[h.concept].says]
    past = [h for h in hits if h.concept == _HISTORY and not h.negated]
    treated = [hit.first_token for hit in hits if hit.concept == _TREATED]
    before = any(
        0 < t.first_token - h.last_token <= _NEAR
        and not any(h.last_token < at < t.first_token for at in treated)
        for h in past
        for t in tumours
    )
    return before or any(hit.concept == _GONE for hit in hits)


def _is_metastatic_site(hit: Hit, sentence: Sentence) -> bool:
    """Is the site where it went ("lung metastases"), not where it came from?"""
    words, part = sentence.words, sentence.part(hit.first_token)
    after = words[hit.last_token + 1 : hit.last_token + 2]
    same = bool(after) and sentence.part(hit.last_token + 1) == part
    if same and after[0].startswith(_METASTASES):
        return True
    before = [*words[max(0, hit.first_token - 5) : hit.first_token]]
    if before and before[-1] in _NOUNS and sentence.part(hit.first_token - 1) == part:
        return True
    while before and before[-1] in _LEADING:
        before.pop()
        if before and before[-1].startswith(_METASTASES):
            return True
    return False


def _inside(place: tuple[int, int], masked: list[tuple[int, int]], concept: str) -> bool:
    """Is a hit only the word "carcinoid" of "carcinoid syndrome"?"""
    return concept != _SYNDROME_WORDS and any(a <= place[0] and place[1] <= b for a, b in masked)


def _histology(entry: Entry, chart: Chart, family: Family) -> Iterable[Concept]:
    """What mCODE's histology extension says, by its codes or else in its words."""
    by_key = {concept.key: concept for concept in family.concepts.values()}
    for extension in entry.body.get("extension", ()):
        if str(extension.get("url", "")).endswith(_HISTOLOGY_EXTENSION):
            told = chart.coded(extension.get("valueCodeableConcept"))
            known = concepts_of(told.codes, chart, family)
            named = (by_key[key] for key in chart.names_in(told.names) if key in by_key)
            yield from known or named


def _named(entry: Entry, chart: Chart, family: Family) -> tuple[Concept, ...]:
    """Concepts by the display of a code that is not known, when the Condition has no text."""
    return tuple(
        concept
        for concept in family.concepts.values()
        if any(matched.entry is entry for matched in chart.matching(concept, "Condition"))
    )


_ORDER = (
    "family-history",
    "screening",
    "MiNEN",
    "excluded",
    "PPGL",
    "MTC",
    "NEN",
    "small-cell",
    "secondary-NEN",
    "secondary",
    "other-cancer",
)


def _entity(concepts: Iterable[Concept]) -> str | None:
    """The most telling entity among concepts; an abbreviation alone (NET, NEC) needs a site."""
    listed = list(concepts)
    said = {c.says["entity"] for c in listed if "entity" in c.says and c.key != _ABBREVIATION}
    if any(c.key == _ABBREVIATION for c in listed) and any("site" in c.says for c in listed):
        said.add("NEN")
    return next((entity for entity in _ORDER if entity in said), None)


def _settled(entry: Entry, chart: Chart, coded: str | None, worded: str | None) -> str | None:
    """One entity from code and text. A look-alike named by either is never read as a NET."""
    if coded in NEOPLASMS and worded in LOOK_ALIKES:
        chart.report(entry, "code", "is coded as a NET and named something else; not used as a NET")
        return worded
    if coded in LOOK_ALIKES and worded in NEOPLASMS:
        chart.report(entry, "code", "is named a NET and coded as something else; not used as a NET")
        return coded
    if coded in NEOPLASMS and worded == "other-cancer" and _names_other_histology(entry, chart):
        chart.report(entry, "code", "is coded as a NET and named another cancer; not used as a NET")
        return "other-cancer"
    if worded in NEOPLASMS and coded in (None, "other-cancer", "secondary", "small-cell"):
        return "secondary-NEN" if coded == "secondary" else worded
    return coded or worded


def _names_other_histology(entry: Entry, chart: Chart) -> bool:
    return any(
        said.entry is entry and said.about("diagnosis/other-histology")
        for said in chart.said("condition")
    )


def _doubted(
    entry: Entry, chart: Chart, stands: Standing, words: _Words, entity: str | None
) -> Standing | None:
    """The standing after words of doubt; "rule out" without an unconfirmed status is nothing."""
    if entity in NEOPLASMS and words.rule_out and stands != "suspected":
        chart.report(entry, "code.text", "asks to rule the tumour out; not used")
        return None
    if words.doubtful and stands == "active" and not is_confirmed(entry):
        return "suspected"
    if words.history and stands == "active":
        return "history"
    return stands


def _is_secondary(coded: Iterable[Concept]) -> bool:
    """A code of a secondary makes it one; words do not, since they mostly tell the primary too."""
    said = {concept.says.get("entity") for concept in coded}
    return bool(said & {"secondary", "secondary-NEN"}) and not said & NEOPLASMS


def _placed(finding: Finding, entry: Entry, chart: Chart, family: Family) -> Finding:
    """With its primary site, "small cell" settled by it, history by its code.

    A secondary has no primary site.
    """
    sites = () if finding.secondary else _sites(finding, entry, chart, family)
    entity = finding.entity
    if entity == "small-cell" or (entity == "NEN" and _is_small_cell(finding)):
        outside_lung = bool(sites) and "lung" not in sites
        entity = "NEN" if outside_lung or (entity == "NEN" and not sites) else "excluded"
    stands: Standing = "history" if finding.says("history") else finding.standing
    return replace(finding, sites=sites, entity=entity, standing=stands)


def _is_small_cell(finding: Finding) -> bool:
    return any(concept.key == "diagnosis/small-cell-nec" for concept in finding.concepts)


def _sites(finding: Finding, entry: Entry, chart: Chart, family: Family) -> tuple[str, ...]:
    """NET code first, then another code of the Condition, its body site, its text."""
    coded = concepts_of(entry.coded.codes, chart, family)
    of_tumour = [c for c in coded if c.says.get("entity") in NEOPLASMS]
    for concepts in (of_tumour, coded, _body_sites(entry, chart, family), finding.concepts):
        found = tuple(dict.fromkeys(c.says["site"] for c in concepts if "site" in c.says))
        if found:
            return found
    return ()


def _body_sites(entry: Entry, chart: Chart, family: Family) -> Iterable[Concept]:
    by_key = {concept.key: concept for concept in family.concepts.values()}
    for site in entry.body.get("bodySite", ()):
        found = chart.coded(site)
        for key in (*chart.index.find(found.codes), *chart.names_in(found.names)):
            if key in by_key:
                yield by_key[key]


def morphology(matched: Any, chart: Chart, family: Family) -> Finding | None:
    """The finding of a morphology result (ICD-O-3 code of a specimen)."""
    value: Mapping[str, Any] = matched.part.get("valueCodeableConcept", {})
    found = chart.coded(value)
    concepts = concepts_of(found.codes, chart, family)
    entity = _entity(concepts)
    if entity is None:
        return None
    path = f"{matched.path}.valueCodeableConcept".strip(".")
    return Finding(matched.entry, path, found.printed, entity, "active", concepts=concepts)
