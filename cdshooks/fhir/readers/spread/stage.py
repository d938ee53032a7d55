"""From signs of spread to the stage, the pattern of metastases, and the state of the nodes."""

from collections.abc import Iterator, Sequence

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.value import Choice, Flag
from cdshooks.fhir.readers.spread.record import Evidence
from cdshooks.fhir.reading import Reading, Readings

_CONFINED = frozenset({"m0", "localised", "regional", "local-or-regional"})
_NODES_UNKNOWN = "No node status is on file: read as localised."
_M0_TOO = "The record also says that there are no metastases; the metastasis counts."
_OPEN = frozenset({"liver-only", "liver-dominant", "disseminated"})
_NOT_DISTANT = frozenset({"liver", "unknown", "nodes"})


def read(evidence: Sequence[Evidence], earlier: Readings) -> Iterator[Reading | Fact]:
    """extent.stage, extent.pattern and tumour.node_positive.

    A tumour that is coded benign and has metastasised is treated as malignant, and named.
    """
    benign = list(_benign(earlier))
    stage, supporting, note = _stage([*evidence, *benign])
    if benign and stage == {"metastatic"}:
        places = tuple(sign.where for sign in supporting)
        yield Fact("net.benign_only", Flag(so=False), places)
        yield Reading("net.benign_conflict", Flag(so=True), benign[0].where, benign[0].date)
    for sign in supporting:
        yield Reading("extent.stage", Choice(stage), sign.where, sign.date, note)
    for pattern, sign in _patterns(evidence, stage, supporting):
        yield Reading("extent.pattern", Choice(pattern), sign.where, sign.date)
    for sign in evidence:
        if sign.kind in ("node", "no-node"):
            positive = Flag(so=sign.kind == "node")
            yield Reading("tumour.node_positive", positive, sign.where, sign.date)


def _patterns(
    evidence: Sequence[Evidence], stage: frozenset[str], supporting: Sequence[Evidence]
) -> Iterator[tuple[frozenset[str], Evidence]]:
    """The pattern, as far as the stage tells whether there are metastases."""
    if stage == {"metastatic"}:
        pattern, signs = _pattern(evidence)
        yield from ((pattern, sign) for sign in signs)
    elif stage and "metastatic" not in stage:
        yield from ((frozenset({"no-metastasis"}), sign) for sign in supporting)


def _benign(earlier: Readings) -> Iterator[Evidence]:
    """A tumour that is only coded benign is localised unless something says otherwise."""
    for reading in earlier.get("net.benign_only", ()):
        if reading.value == Flag(so=True):
            yield Evidence("benign", reading.where, reading.date)


def _stage(signs: Sequence[Evidence]) -> tuple[frozenset[str], list[Evidence], str]:
    """(possible stages, the signs for them, a note); any sign of a metastasis outweighs M0."""
    kinds = {sign.kind for sign in signs}
    if spread := _of(signs, "metastatic", *_OPEN):
        return frozenset({"metastatic"}), spread, _M0_TOO if kinds & _CONFINED else ""
    confined = _of(signs, *_CONFINED)
    nodes = _of(signs, "node", "some-node")
    if confined and kinds & {"node", "regional"}:
        return frozenset({"regional"}), [*confined, *nodes], ""
    if confined:
        return _without_nodes(signs, kinds, confined, nodes)
    if nodes:
        return frozenset({"regional", "metastatic"}), nodes, ""
    benign = _of(signs, "benign")
    return (frozenset({"localised"}) if benign else frozenset()), benign, ""


def _without_nodes(
    signs: Sequence[Evidence], kinds: set[str], confined: list[Evidence], nodes: list[Evidence]
) -> tuple[frozenset[str], list[Evidence], str]:
    either = frozenset({"localised", "regional"})
    if nodes or kinds & _CONFINED == {"local-or-regional"}:
        return either, [*confined, *nodes], ""
    known = "no-node" in kinds or "localised" in kinds
    return (
        frozenset({"localised"}),
        [*confined, *_of(signs, "no-node")],
        "" if known else _NODES_UNKNOWN,
    )


def _pattern(signs: Sequence[Evidence]) -> tuple[frozenset[str], list[Evidence]]:
    """The patterns that are possible for metastatic disease, and the signs for them."""
    kinds = {sign.kind for sign in signs}
    metastases = _of(signs, "metastatic")
    distant = [sign for sign in metastases if sign.place not in _NOT_DISTANT]
    if "liver-dominant" in kinds:
        return frozenset({"liver-dominant"}), _of(signs, "liver-dominant")
    if distant or "disseminated" in kinds:
        return frozenset({"disseminated"}), [*distant, *_of(signs, "disseminated")]
    if "extrahepatic" in kinds:
        return _OPEN - {"liver-only"}, _of(signs, "extrahepatic")
    in_liver = [sign for sign in metastases if sign.place == "liver"]
    if "liver-only" in kinds or ("no-extrahepatic" in kinds and in_liver):
        return frozenset({"liver-only"}), _of(signs, "liver-only", "no-extrahepatic")
    return _OPEN, in_liver or metastases


def _of(signs: Sequence[Evidence], *kinds: str) -> list[Evidence]:
    return [sign for sign in signs if sign.kind in kinds]
