"""Signs of spread in sentences: metastases, nodes, TNM, "localised", the pattern."""

import re
from collections.abc import Iterator
from typing import Final

from cdshooks.fhir.readers.spread.coded import STAGES, TNM, categories, is_local_four
from cdshooks.fhir.readers.spread.denial import PLACES, is_denied
from cdshooks.fhir.readers.spread.nodes import node_signs
from cdshooks.fhir.readers.spread.record import Evidence, Primary, Sign, TumourRecord, said_evidence
from cdshooks.fhir.readers.wording import Wording, overlaps
from cdshooks.fhir.text.lexicon import Hit
from cdshooks.fhir.text.memory import Remembered

# The T of TNM, and what is no artery by its "c" or "p": "cM1".
_STAGED = re.compile(r"[cpyra]{0,3}T(?:is|[0-4])[a-d]?|[cpy][cpyra]{0,2}(?:N[0-3]|M[01])[a-c]?")
# Where none of these stands, there are no TNM categories in a sentence.
_A_CATEGORY = re.compile(r"[TNM](?:is|[0-4Xx])")
_PATTERNS = ("liver-only", "liver-dominant", "disseminated")
_OF_PATTERNS = frozenset({*_PATTERNS, "extrahepatic"})
# A sentence with none of these, and without a category, has no sign.
_TELLING = _OF_PATTERNS | {*STAGES, "localised", "metastasis", "nodes", "liver-lesion"}
_OF_TUMOUR = ("net-word", "tumour-word", "metastasis", "liver-lesion")


def worded_evidence(record: TumourRecord) -> Iterator[Evidence]:
    """Signs in the sentences of reports, results, notes and the NET itself."""
    for said, w in record.sentences:
        if not w.has(_TELLING) and _A_CATEGORY.search(w.sentence.cased) is None:
            continue
        for kind, place in _signs((w, record.is_tumour(said.entry), record.primary)):
            yield said_evidence(said, kind, place)


def _signs_of(key: tuple[Wording, bool, Primary]) -> tuple[Sign, ...]:
    return tuple(_told(*key))


_signs: Final = Remembered(_signs_of, length=lambda key: len(key[0].sentence.text))


def _told(w: Wording, own: bool, primary: Primary) -> Iterator[Sign]:
    """The signs in a sentence; `own`: it stands in a diagnosis of the NET."""
    kinds = [*_stage(w, own, primary), *_categories(w, own), *_localised(w), *_pattern(w, own)]
    yield from ((kind, "unknown") for kind in dict.fromkeys(kinds))
    for hit in w.of("metastasis"):
        if not overlaps(hit, w.of("no-metastasis-meant")):
            yield from _metastasis(w, hit)
    yield from node_signs(w, primary)
    if any(is_denied(w, hit) for hit in w.of("liver-lesion")):
        yield "m0", "unknown"


def _stage(w: Wording, own: bool, primary: Primary) -> Iterator[str]:
    """Stage groups in the NET itself, or beside the word; kidneys and hearts have stages too."""
    if not w.has(STAGES.keys()):
        return
    for name in STAGES:
        for hit in w.affirmed(name):
            near = w.around(hit, 4, "net-word", "stage-system")
            of_net = near and not w.within(w.part(hit), "other-stage")
            if (own or of_net) and not is_local_four(hit.phrase, primary):
                yield STAGES[name]


def _categories(w: Wording, own: bool) -> Iterator[str]:
    """TNM, where the sentence is about the tumour: "M1" is also a part of an artery."""
    if _A_CATEGORY.search(w.sentence.cased) is None:
        return
    words = w.sentence.printed_words
    told = list(categories(words))
    staged = len(told) > 1 or any(_STAGED.fullmatch(word) for word in words)
    if own or staged or w.of(*_OF_TUMOUR, "nodes", "margin", "resected"):
        listed = w.of(*TNM)
        unsure = {hit.first_token for hit in listed if hit.negated or hit.doubtful}
        yield from categories(word for at, word in enumerate(words) if at not in unsure)


def _localised(w: Wording) -> Iterator[str]:
    """The tumour is called localised; "localised in the ileum" tells only where it is."""
    for hit in w.affirmed("localised"):
        placed = w.after(hit, 1, "located")
        if w.around(hit, 4, "localised-thing") and not placed:
            yield "localised"


def _pattern(w: Wording, own: bool) -> Iterator[str]:
    if not w.has(_OF_PATTERNS):
        return
    short = len(w.sentence.words) <= 4
    if short or own or w.of(*_OF_TUMOUR, "extrahepatic"):
        yield from (name for name in _PATTERNS if w.affirmed(name))
    if w.affirmed("extrahepatic"):
        yield "extrahepatic"
    elif any(is_denied(w, hit) for hit in w.of("extrahepatic")):
        yield "no-extrahepatic"


# ---- metastases ----------------------------------------------------------------------------------


def _metastasis(w: Wording, hit: Hit) -> Iterator[Sign]:
    places = _places(w, hit)
    if is_denied(w, hit):
        if w.around(hit, 4, "beyond") or overlaps(hit, w.of("extrahepatic")):
            return  # "no metastases outside the liver"
        if not places or "liver" in places or w.before(hit, 3, "distant"):
            yield "m0", "unknown"
    elif not (hit.negated or hit.doubtful):
        for place in places - {"nodes"} or ({"unknown"} if not places else set()):
            yield "metastatic", place
        listed = len(places) > 1 and not places & {"distant-nodes"}
        if "nodes" in places and listed and not w.of("mediastinal-nodes", "distant"):
            yield "node", "nodes"


def _places(w: Wording, hit: Hit) -> set[str]:
    """Where the metastases are: named directly before, after, or in a list with commas.

    German names the place in the same word ("Lebermetastasen").
    """
    near = [place for place in w.of(*PLACES) if overlaps(hit, [place])]
    near += _not_primary(w, hit, w.before(hit, 4, *PLACES) or w.after(hit, 1, *PLACES))
    if not near and w.after(hit, 3, "link"):
        near = _not_primary(w, hit, w.after(hit, 6, *PLACES))
    near += _listed(w, hit) if near else w.within(w.part(hit), "nodes")
    return {_PLACE.get(name, name) for name in PLACES for h in near if h in w.of(name)}


_PLACE = {"other-place": "elsewhere"}


def _not_primary(w: Wording, hit: Hit, places: list[Hit]) -> list[Hit]:
    return [place for place in places if not _of_primary(w, hit, place)]


def _of_primary(w: Wording, hit: Hit, place: Hit) -> bool:
    """Is it the site of the primary ("metastatic lung carcinoid", "metastases of a lung NET")?"""
    if w.after(place, 3, "net-word"):
        return not w.after(place, 1, "metastasis")
    between = [h for h in w.of("net-word") if hit.last_token < h.first_token < place.first_token]
    return bool(between) and not w.before(place, 2, "toward")


def _listed(w: Wording, hit: Hit) -> list[Hit]:
    """Places in parts that hold nothing else ("metastases in liver, bone and lung")."""
    found = []
    for step in (-1, 1):
        part = w.part(hit) + step
        while places := w.within(part, *PLACES):
            covered = sum(h.last_token - h.first_token + 1 for h in places)
            if covered + len(w.within(part, "small")) < w.length(part):
                break
            found += places
            part += step
    return found
