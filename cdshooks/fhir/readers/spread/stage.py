"""From signs of spread to the stage, the pattern of metastases, and the state of the nodes."""

from collections.abc import Sequence

import msgspec

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.value import Choice, Flag
from cdshooks.fhir.readers.spread.record import Evidence
from cdshooks.fhir.reading import Reading, Readings
from cdshooks.fhir.text.memory import Remembered

_CONFINED = frozenset({"m0", "localised", "regional", "local-or-regional"})
_NODES_UNKNOWN = "No node status is on file: read as localised."
_M0_TOO = "The record also says that there are no metastases; the metastasis counts."
_OPEN = frozenset({"liver-only", "liver-dominant", "disseminated"})
_NOT_DISTANT = frozenset({"liver", "unknown", "nodes"})


def read(evidence: Sequence[Evidence], earlier: Readings) -> list[Reading | Fact]:
    """extent.stage, extent.pattern and tumour.node_positive.

    A tumour that is coded benign and has metastasised is treated as malignant, and named.
    """
    benign = _benign(earlier)
    every = [*evidence, *benign]
    judged = _judged(tuple([(sign.kind, sign.place) for sign in every]))
    supporting, found = [every[at] for at in judged.supporting], list[Reading | Fact]()
    if benign and judged.stage == {"metastatic"}:
        places = tuple(sign.where for sign in supporting)
        found.append(Fact("net.benign_only", Flag(so=False), places))
        conflict = Reading("net.benign_conflict", Flag(so=True), benign[0].where, benign[0].date)
        found.append(conflict)
    stage, pattern = Choice(judged.stage), Choice(judged.pattern)
    for sign in supporting:
        found.append(Reading("extent.stage", stage, sign.where, sign.date, judged.note))
    for sign in [every[at] for at in judged.patterned]:
        found.append(Reading("extent.pattern", pattern, sign.where, sign.date))
    for sign in evidence:
        if sign.kind in ("node", "no-node"):
            positive = Flag(so=sign.kind == "node")
            found.append(Reading("tumour.node_positive", positive, sign.where, sign.date))
    return found


class _Judged(msgspec.Struct, frozen=True, gc=False):
    """What signs amount to: stages and patterns that are possible, and which signs are for them."""

    stage: frozenset[str]
    supporting: tuple[int, ...]
    note: str
    pattern: frozenset[str]
    patterned: tuple[int, ...]


class _Sign(msgspec.Struct, frozen=True, gc=False):
    """A sign of spread, whosever it is: the `at`th of the record."""

    at: int
    kind: str
    place: str


def _judge(every: tuple[tuple[str, str], ...]) -> _Judged:
    signs = [_Sign(at, kind, place) for at, (kind, place) in enumerate(every)]
    stage, supporting, note = _stage(signs)
    pattern, patterned = _patterns(signs, stage, supporting)
    places = tuple(sign.at for sign in supporting), tuple(sign.at for sign in patterned)
    return _Judged(stage, places[0], note, pattern, places[1])


# There are some twenty kinds and places, and most records have few of them.
_judged = Remembered(_judge)


def _patterns(
    signs: Sequence[_Sign], stage: frozenset[str], supporting: Sequence[_Sign]
) -> tuple[frozenset[str], Sequence[_Sign]]:
    """The pattern, as far as the stage tells whether there are metastases."""
    if stage == {"metastatic"}:
        return _pattern(signs)
    if stage and "metastatic" not in stage:
        return frozenset({"no-metastasis"}), supporting
    return frozenset(), ()


def _benign(earlier: Readings) -> list[Evidence]:
    """A tumour that is only coded benign is localised unless something says otherwise."""
    return [
        Evidence("benign", reading.where, reading.date)
        for reading in earlier.get("net.benign_only", ())
        if reading.value == Flag(so=True)
    ]


def _stage(signs: Sequence[_Sign]) -> tuple[frozenset[str], list[_Sign], str]:
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
    signs: Sequence[_Sign], kinds: set[str], confined: list[_Sign], nodes: list[_Sign]
) -> tuple[frozenset[str], list[_Sign], str]:
    either = frozenset({"localised", "regional"})
    if nodes or kinds & _CONFINED == {"local-or-regional"}:
        return either, [*confined, *nodes], ""
    known = "no-node" in kinds or "localised" in kinds
    return (
        frozenset({"localised"}),
        [*confined, *_of(signs, "no-node")],
        "" if known else _NODES_UNKNOWN,
    )


def _pattern(signs: Sequence[_Sign]) -> tuple[frozenset[str], list[_Sign]]:
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


def _of(signs: Sequence[_Sign], *kinds: str) -> list[_Sign]:
    return [sign for sign in signs if sign.kind in kinds]
