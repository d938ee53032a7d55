"""What the text of a Condition says: which tumours it affirms, of which places, and how they stand.

An active tumour read as history is as dangerous as the reverse. So "history of" reaches the tumour
behind it and no other; what is told as present outweighs it; and of "no evidence of disease" and
"recurrent" the later one counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

from cdshooks.fhir.readers.naming import NEAR, words_in
from cdshooks.fhir.readers.origin import Origin, Places
from cdshooks.fhir.readers.tumour_presence import SPREADS, Presence, State
from cdshooks.fhir.readers.wording import Wording, overlaps, vocabulary
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.memory import Remembered
from cdshooks.fhir.text.sentences import Sentence
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import Family

NEOPLASMS: Final = frozenset({"NEN", "PPGL", "MTC"})
LOOK_ALIKES: Final = frozenset({"excluded", "MiNEN"})
TUMOURS: Final = NEOPLASMS | LOOK_ALIKES
_CANCERS: Final = TUMOURS | {"other-cancer", "skin-cancer", "small-cell"}
_ABBREVIATIONS: Final = ("nen-abbreviation", "nec-abbreviation")
_LOOKED_FOR: Final = 3  # words between "screening for" and the tumour


@dataclass(frozen=True, slots=True)
class Named:
    """A concept that a text names; a place with what it is to the tumour.

    "implied" is what a tumour says by its name.
    """

    concept: Concept
    hit: Hit
    origin: Origin | Literal["implied"]


class ConditionText:
    """The text of one Condition, sentence by sentence; without what it says of relatives."""

    def __init__(self, spoken: Sequence[Wording], family: Family):
        self._family = family
        own = [w for w in spoken if not w.sentence.about_family]
        self._own = [w.sentence for w in own]
        self.of_a_relative = bool(spoken) and not own
        self._spoken = [_Spoken(w, family) for w in own]
        self._bare = len(self._own) == 1 and self._says_nothing(self._own[0])

    def _says_nothing(self, sentence: Sentence) -> bool:
        """Is it "Cancer" and no more? It may be the NET itself."""
        words = " ".join(sentence.words)
        return words in self._family.concepts["unsaid-cancer"].heard

    @cached_property
    def affirmed(self) -> tuple[Named, ...]:
        """What it names and does not deny, look for, or tell of a carcinoid syndrome only."""
        return () if self._bare else tuple(one for s in self._spoken for one in s.affirmed())

    @property
    def denied(self) -> bool:
        """Does it deny a tumour?"""
        return any(hit.negated for s in self._spoken for hit in s.tumours)

    @property
    def doubtful(self) -> bool:
        return any(hit.doubtful for s in self._spoken for hit in s.tumours)

    @property
    def looks_for(self) -> bool:
        """Does it name a tumour that is only screened for, or feared?"""
        return any(s.looked_for for s in self._spoken)

    @property
    def rules_out(self) -> bool:
        return any(s.w.of("rule-out") for s in self._spoken)

    @property
    def is_of_metastasis(self) -> bool:
        """Is its tumour a metastasis ("liver metastases of a NET")?"""
        first = next((s for s in self._spoken if s.tumours), None)
        return first is not None and first.places.is_of_metastasis()

    @property
    def names_metastasis(self) -> bool:
        return any(s.w.affirmed(*SPREADS, "secondary-tumour") for s in self._spoken)

    @cached_property
    def state(self) -> State:
        """How the tumour stands by the text; "both" if it is called past and told as present."""
        events = [event for s in self._spoken for event in s.presence.events()]
        sure = [event for event in events if event != "maybe"]
        past = self._is_past
        if sure and sure[-1] == "gone":
            return "gone"
        if sure:
            return "both" if past else "present"
        if past and "maybe" in events:
            return "maybe"
        return "past" if past else ""

    @property
    def _is_past(self) -> bool:
        """Is the first tumour that it names called history?"""
        first = next((s for s in self._spoken if s.subjects), None)
        if first is None:
            return False
        if first.presence.is_past(first.subjects[0]):
            return True
        at = self._spoken.index(first)
        return any(s.presence.is_remark_of_history for s in self._spoken[at + 1 : at + 2])


def condition_text(texts: Sequence[str], family: Family) -> ConditionText:
    """What some texts of a Condition say together."""
    if len(texts) == 1:
        return _read(family)(texts[0])
    spoken = vocabulary(family).spoken
    return ConditionText([w for text in texts for w in spoken(text)], family)


@lru_cache(maxsize=8)
def _read(family: Family) -> Remembered[str, ConditionText]:
    spoken = vocabulary(family).spoken
    return Remembered(lambda text: ConditionText(spoken(text), family))


class _Spoken:
    """One sentence of the text of a Condition."""

    def __init__(self, w: Wording, family: Family):
        self.w = w
        self._concepts: Mapping[str, Concept] = family.concepts
        named = [(c, hit) for name, hit in w.named() if (c := family.concepts[name]).says]
        meant = [(c, hit) for c, hit in named if self._is_meant(c, hit)]
        self.looked_for = any(
            c.says.get("entity") in TUMOURS and self._is_looked_for(hit) for c, hit in meant
        )
        self._sites = [hit for concept, hit in meant if _is_site(concept)]
        self._meant = [
            (c, hit) for c, hit in meant if not self._is_looked_for(hit) and self._is_spelt(c, hit)
        ]
        self.tumours = self._of(TUMOURS)
        self.subjects = self.tumours or self._of(_CANCERS)

    def _of(self, entities: frozenset[str]) -> list[Hit]:
        found = [hit for c, hit in self._meant if c.says.get("entity") in entities]
        return sorted(found, key=lambda hit: (hit.first_token, hit.last_token))

    def _is_meant(self, concept: Concept, hit: Hit) -> bool:
        """Is it not a part of a phrase that means another thing ("carcinoid syndrome")?"""
        if overlaps(hit, self.w.of("carcinoid-syndrome-words")):
            return False
        if concept.says.get("entity") == "other-cancer" and overlaps(hit, self.w.of("skin-cancer")):
            return False
        if not concept.never_words:
            return True
        others = words_in(concept.never_words, self.w.sentence)
        return not any(
            self.w.part(other) == self.w.part(hit)
            and hit.first_token - NEAR <= other.last_token
            and other.first_token <= hit.last_token + NEAR
            for other in others
        )

    def _is_looked_for(self, hit: Hit) -> bool:
        before = self.w.before(hit, _LOOKED_FOR, "looked-for")
        return bool(before or self.w.after(hit, 1, "look-for"))

    @cached_property
    def places(self) -> Places:
        """The places that it names, beside its tumours."""
        return Places(self.w, self.tumours, self._meant_sites)

    @property
    def presence(self) -> Presence:
        """What it says of whether its tumour is still there."""
        return Presence(self.w, self.subjects, self._of(_CANCERS), self._meant_sites)

    @property
    def _meant_sites(self) -> list[Hit]:
        return [hit for concept, hit in self._meant if _is_site(concept)]

    def affirmed(self) -> Iterator[Named]:
        """What it does not deny; a place with what it is to the tumour."""
        for concept, hit in self._meant:
            if hit.negated:
                continue
            if not _is_site(concept):
                yield Named(concept, hit, "implied")  # an insulinoma is in the pancreas
            elif not self._is_of_another(hit):
                yield Named(concept, hit, self.places.origin(hit))

    def _is_of_another(self, site: Hit) -> bool:
        """Is it the place of another cancer: "breast cancer", "lung adenocarcinoma"?"""
        others = [h for h in self._of(frozenset({"other-cancer"})) if h not in self.tumours]
        exact = [h for h in others if not h.phrase.startswith("carcinoma")]
        return overlaps(site, exact) or any(h.first_token == site.last_token + 1 for h in exact)

    def _is_spelt(self, concept: Concept, hit: Hit) -> bool:
        """Is an abbreviation beside what makes a tumour of it?"""
        nen, nec = (self._concepts[name] for name in _ABBREVIATIONS)
        if concept is nen:
            return bool(self._sites) or bool(self.w.of("net-context", *SPREADS, "came-from"))
        return concept is not nec or bool(self.w.of("nec-context")) or self._is_of_a_site(hit)

    def _is_of_a_site(self, nec: Hit) -> bool:
        """Is it "NEC of the colon" or "colonic NEC", not "polyp of colon NEC"?"""
        before = [site for site in self._sites if site.last_token == nec.first_token - 1]
        if before:
            return not self.w.before(before[0], 2, "within")
        return bool(self.w.after(nec, 1, "within")) and any(
            0 < site.first_token - nec.last_token <= NEAR for site in self._sites
        )


def _is_site(concept: Concept) -> bool:
    return "site" in concept.says and concept.says.get("entity") in (None, "other-cancer")
