"""What one sentence says of the uptake of each tracer.

Each word of uptake belongs to one tracer: the one it stands beside ("FDG-negative"), else the one
named before it, else the one that the report is about.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from cdshooks.fhir.readers.receptor.strength import DENYING, STRENGTH, UPTAKE, Group, Kind
from cdshooks.fhir.readers.wording import Wording, distance, overlaps
from cdshooks.fhir.text.legend import is_of_a_rule
from cdshooks.fhir.text.lexicon import Hit

_COMPARING = ("above", "equal", "below", "compared")


class Context(msgspec.Struct, frozen=True, gc=False):
    """The tracer of a sentence that names none. `titled`: the name of the report says it."""

    tracer: str | None
    titled: bool


def mentions(w: Wording, tracers: Mapping[str, str]) -> list[tuple[str, Hit]]:
    """(tracer, hit) of every tracer named; beside lutetium and the like it is "other"."""
    if not w.has(tracers.keys()):
        return []
    treatment = w.of("treatment")
    found = []
    for name, hit in w.named():
        if name in tracers:
            treats = overlaps(hit, treatment) or any(0 < distance(t, hit) <= 3 for t in treatment)
            found.append(("other" if treats else tracers[name], hit))
    return found


class Listener:
    """Hears one sentence. `tracers`: the tracer that each of their concepts names.

    `heeds`: which of its words are listened to, such as those of the present scan.
    """

    def __init__(
        self,
        w: Wording,
        tracers: Mapping[str, str],
        context: Context,
        heeds: Callable[[Hit], bool] = lambda _: True,
    ):
        self.w, self.context, self.heeds = w, context, heeds
        self._mentions = mentions(w, tracers)
        self._compared = [m for m in self._mentions if w.before(m[1], 4, *_COMPARING)]
        self._named = [m for m in self._mentions if m not in self._compared]

    def heard(self) -> list[tuple[str, Kind]]:
        """What is said of each tracer, each once."""
        if self.w.of("not-a-scan") and not self.w.of("sstr-scan"):
            return []
        groups: dict[tuple[int, str], list[tuple[str, Hit]]] = {}
        for name, hit in self.w.named():
            if name in (*UPTAKE, *DENYING, *STRENGTH) and self._counts(hit):
                tracer = self.governor(hit)
                if tracer in ("sstr", "fdg", "mibg"):
                    groups.setdefault((self.w.part(hit), tracer), []).append((name, hit))
        said: list[tuple[str, Kind]] = []
        for (part, tracer), hits in groups.items():
            if all(other == tracer for other, _ in self._compared):  # not "lower than mIBG"
                named = [hit for _, hit in self._named if self.w.part(hit) == part]
                group = Group(self.w, part, hits, named, titled=self.context.titled)
                said += [(tracer, kind) for kind in group.kinds()]
        return list(dict.fromkeys([*said, *self._others(said)]))

    def governor(self, hit: Hit) -> str | None:
        """The tracer that a word of uptake belongs to."""
        here = [m for m in self._named if self.w.part(m[1]) == self.w.part(hit)]
        touching = [m for m in here if overlaps(m[1], [hit]) or distance(m[1], hit) == 1]
        touching += [m for m in here if distance(hit, m[1]) == 1]
        free = [m for m in self._named if not (self.context.titled and self._is_spent(m[1]))]
        earlier = [m for m in free if m[1].last_token < hit.first_token]
        here = [m for m in here if m in free]
        nearest = [m for m in earlier if m in here]
        for candidates in (touching[:1], nearest[-1:], here[:1], earlier[-1:]):
            if candidates:
                return candidates[0][0]
        return self.context.tracer

    def _is_spent(self, mention: Hit) -> bool:
        """Does it only make a word of its own ("SSTR-negative lesion")?"""
        return any(distance(mention, hit) == 1 for hit in self.w.of(*UPTAKE, *DENYING))

    def _counts(self, hit: Hit) -> bool:
        """Is it said for sure, of now, and of the tumour?"""
        w = self.w
        if not self.heeds(hit):
            return False
        if hit.doubtful or w.before(hit, 4, "formerly") or w.before(hit, 8, "intended"):
            return False
        if w.within(w.part(hit), "not-assessed") or is_of_a_rule(w.sentence, hit.start, hit.end):
            return False
        return not self._of_organ(hit) and (hit.negated or not self._of_healthy_tissue(hit))

    def _of_organ(self, hit: Hit) -> bool:
        """Is it of an organ that takes up by itself, or of something as unspecific?

        "Uptake in the kidneys" says nothing of the tumour, "in the adrenal metastasis" does.
        """
        w = self.w
        for organ in w.within(w.part(hit), "organ"):
            ahead, behind = distance(hit, organ), distance(organ, hit)
            near = 0 < behind <= 3 or 0 < ahead <= 8
            if not near or w.around(organ, 3, "lesion") or w.before(organ, 6, *_COMPARING):
                continue
            others = [h for h in w.of("lesion", "region") if not overlaps(h, [organ])]
            if not any(0 < distance(hit, h) < ahead for h in others):
                return True
        return False

    def _of_healthy_tissue(self, hit: Hit) -> bool:
        w = self.w
        for healthy in w.within(w.part(hit), "not-tumour"):
            if w.before(healthy, 3, *_COMPARING) or w.after(healthy, 2, "liver", "background"):
                continue  # "above physiological liver uptake" is a measure
            ahead = distance(hit, healthy)
            if 0 < distance(healthy, hit) <= 3 or (
                0 < ahead <= 8 and not w.after(hit, ahead, "lesion")
            ):
                return True
        return False

    def _others(self, said: Iterable[tuple[str, Kind]]) -> Iterator[tuple[str, Kind]]:
        """What was affirmed is denied of other lesions ("others not", "not in the bone")."""
        w = self.w
        ended = any(w.ends_part(hit) for hit in w.of("others-not"))
        if ended or any(w.after(hit, 6, "lesion") for hit in w.of("not-in")):
            for tracer, kind in said:
                if kind == "affirmed":
                    yield tracer, "lesion-denied"
