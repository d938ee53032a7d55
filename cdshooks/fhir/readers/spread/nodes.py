"""Lymph nodes in sentences: positive or not, near the primary or far from it."""

import re
from collections.abc import Iterator

from cdshooks.fhir.readers.spread.denial import is_denied
from cdshooks.fhir.readers.spread.record import Primary, Sign
from cdshooks.fhir.readers.wording import Wording, overlaps
from cdshooks.fhir.text.folding import normalise
from cdshooks.fhir.text.lexicon import Hit

_RATIO = re.compile(r"(?<![\d/.])(\d{1,3}) ?(?:/|of|out of) ?(\d{1,3})(?![\d/.])")
_ENLARGED = "adenopat"  # adenopathy, adénopathie, adenopatía


def node_signs(w: Wording, primary: Primary) -> Iterator[Sign]:
    """What a sentence says of nodes."""
    for hit in w.of("nodes"):
        kind = _kind(w, hit)
        if kind is None:
            continue
        kind, place = _region(w, hit, kind, primary)
        if kind:
            yield kind, place


def _kind(w: Wording, hit: Hit) -> str | None:
    if hit.doubtful or w.around(hit, 6, "node-not-looked-at"):
        ratio = _ratio(w, hit)
        return ratio if not hit.doubtful else None
    if ratio := _ratio(w, hit):
        return ratio
    if is_denied(w, hit) or any(not clear.negated for clear in w.around(hit, 3, "node-clear")):
        return "no-node"
    if hit.negated:
        return None
    # German says it in one word ("Lymphknotenmetastasen").
    within = [f for f in w.of("node-finding") if overlaps(f, [hit])]
    told = [*within, *w.around(hit, 3, "node-finding")]
    findings = [f for f in told if not (f.negated or f.doubtful)]
    enlarged = _ENLARGED in normalise(hit.phrase) and w.around(hit, 3, "near-nodes")
    return "node" if findings or enlarged else None


def _ratio(w: Wording, hit: Hit) -> str | None:
    """By the nodes counted ("3/15 lymph nodes", "lymph nodes: 0 of 12")."""
    text = w.sentence.text[max(0, hit.start - 30) : hit.end + 30]
    found = _RATIO.search(text)
    if not found or int(found[1]) > int(found[2]):
        return None
    return "node" if int(found[1]) else "no-node"


def _region(w: Wording, hit: Hit, kind: str, primary: Primary) -> tuple[str | None, str]:
    """The kind for nodes of that region; no distant nodes says nothing of regional ones."""
    distant = w.within(w.part(hit), "distant-nodes")
    if overlaps(hit, distant) or w.around(hit, 3, "distant-nodes"):
        return ("metastatic" if kind == "node" else None), "distant-nodes"
    chest = w.around(hit, 3, "mediastinal-nodes")
    if not chest:
        return kind, "nodes"
    found, place = primary.node_kind(primary.family.concepts["mediastinal-nodes"])
    if kind == "no-node":
        return ("no-node" if found == "node" else None), place
    return found, place
