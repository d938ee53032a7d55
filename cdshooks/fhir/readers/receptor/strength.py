"""How strong the uptake of one tracer is, in one part of a sentence, and in which lesions."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from cdshooks.fhir.readers.receptor.denial import denial
from cdshooks.fhir.readers.wording import Wording, distance, overlaps
from cdshooks.fhir.text.lexicon import Hit

# exception: some lesions and others not. most: only some are spoken of. not-strong: at most weak.
# below: less than liver. lesion-denied: a lesion that is there takes up nothing. part-denied: none
# does in one region. denied: none does anywhere.
Kind: TypeAlias = Literal[
    "exception",
    "most",
    "affirmed",
    "below",
    "weak",
    "not-strong",
    "lesion-denied",
    "part-denied",
    "denied",
]

UPTAKE = ("uptake", "positive")
DENYING = ("negative", "non-avid")
STRENGTH = ("strong", "weak", "open", "above", "equal", "below")
_LEVELS: dict[tuple[str, str], str] = {
    ("above", "liver"): "strong",
    ("above", "spleen"): "strong",
    ("equal", "liver"): "weak",
    ("equal", "spleen"): "strong",
    ("equal", "background"): "none",
    ("below", "liver"): "none",
    ("below", "background"): "none",
}
_SHARE = re.compile(r"\b(\d{1,2}) ?(?:/|of|out of) ?(?:the )?(\d{1,2})\b")


class Group:
    """The words of uptake of one tracer in one part of a sentence. `named`: tracers named there."""

    def __init__(
        self,
        w: Wording,
        part: int,
        hits: Sequence[tuple[str, Hit]],
        named: Sequence[Hit],
        *,
        titled: bool,
    ):
        self.w, self.part, self._hits, self._named, self._titled = w, part, hits, named, titled
        self._is_short = titled and len(w.sentence.words) <= 3  # all of an answer

    def kinds(self) -> Iterator[Kind]:
        if self._is_exception():
            yield "exception"
            return
        levels = self._levels()
        yield from self._affirmed(levels)
        for kind in self._denied(levels):
            partly = kind == "lesion-denied" and self._within("most")
            yield "exception" if partly else kind

    def _of(self, *names: str, negated: bool = False) -> list[Hit]:
        return [hit for name, hit in self._hits if name in names and hit.negated == negated]

    def _within(self, *names: str) -> list[Hit]:
        return self.w.within(self.part, *names)

    # ---- affirmed, denied ----

    def _affirmed(self, levels: set[str]) -> Iterator[Kind]:
        bare = [hit for hit in self._of(*UPTAKE) if self._speaks(hit)]
        strong = "strong" in levels or any(bare or self._alone(h) for h in self._strong())
        weak = any(self._weakens(hit, bare) for hit in self._of("weak", "open"))
        if self._within("most") and (bare or strong):
            yield "most"
        elif strong:
            yield "affirmed"
        elif "none" in levels:
            yield "lesion-denied" if self._within("lesion") else "below"
        elif "not-strong" in levels and bare:
            yield "not-strong"
        elif weak or "weak" in levels or (bare and self._of("strong", negated=True)):
            yield "weak"
        elif bare:
            yield "affirmed"

    def _strong(self) -> list[Hit]:
        """Not the "intense" of "less intense than liver"."""
        measures = self._within("weak", "above", "equal", "below")
        return [hit for hit in self._of("strong") if not overlaps(hit, measures)]

    def _denied(self, levels: set[str]) -> Iterator[Kind]:
        for hit in self._of(*DENYING):
            if self._speaks(hit):
                yield denial(self.w, hit) or "denied"
        adjectives = self._within(*DENYING)
        for hit in self._of(*UPTAKE, negated=True):
            if overlaps(hit, adjectives) or self._within("except"):
                continue
            if self._of("strong", negated=True) or "not-strong" in levels:
                yield "not-strong"
            elif kind := denial(self.w, hit):
                yield kind

    # ---- compared with liver, spleen, background ----

    def _levels(self) -> set[str]:
        if not self.w.of(*UPTAKE, "strong", "weak", "krenning", "suv"):
            return set()  # "a nodule above the liver"
        found = set()
        for name, hit in self._hits:
            if name in ("above", "equal", "below"):
                found |= {self._level(name, hit)}
        return {level for level in found if level}

    def _level(self, name: str, hit: Hit) -> str | None:
        for reference in ("liver", "spleen", "background"):
            places = self.w.after(hit, 5, reference)
            if places and not self.w.after(places[0], 1, "lesion"):
                level = _LEVELS.get((name, reference))
                if hit.negated:
                    return "not-strong" if level == "strong" else None
                return level
        return None

    # ---- some lesions and others not ----

    def _is_exception(self) -> bool:
        uptake = [hit for name, hit in self._hits if name in (*UPTAKE, "strong", "weak")]
        if not uptake and not self._is_short:
            return False
        partly = any(self._of_uptake(hit, uptake) for hit in self._within("some-not"))
        excepted = self._within("except") and self._of(*UPTAKE, "strong")
        return bool(partly or excepted or (uptake and self._is_share()))

    def _of_uptake(self, hit: Hit, uptake: Sequence[Hit]) -> bool:
        """A scan may call the liver heterogeneous: the word counts beside a word of uptake."""
        if hit.doubtful:
            return False
        if not hit.phrase.startswith("heterogen") or self._is_short:
            return True
        bare = [one for one in uptake if one in self.w.of(*UPTAKE)]
        return not hit.negated and any(
            0 < distance(hit, one) <= 2 or 0 < distance(one, hit) <= 3 for one in bare
        )

    def _is_share(self) -> bool:
        """Fewer than all ("3 of 5 lesions")."""
        if self.w.of("krenning") or not self._within("lesion"):
            return False
        shares = _SHARE.finditer(self.w.sentence.text)
        return any(int(found[1]) < int(found[2]) for found in shares)

    # ---- words that need company ----

    def _speaks(self, hit: Hit) -> bool:
        """Is a word that may be about anything ("positive") about the scan?"""
        if hit in self.w.of("uptake", "non-avid") or self._named:
            return True
        if not self._titled:
            return False
        if hit.phrase.endswith(" for") or self._within("whole") or self.w.length(self.part) == 1:
            return True
        return self._is_short or any(not lesion.negated for lesion in self._within("lesion"))

    def _alone(self, hit: Hit) -> bool:
        """May "intense" stand without a word of uptake? Not where vessels or contrast are meant."""
        if self.w.around(hit, 4, "enhancement"):
            return False
        return self._is_short or bool(self._named)

    def _weakens(self, hit: Hit, bare: Sequence[Hit]) -> bool:
        """Does "mild" belong to the uptake, and not to something else in the sentence?"""
        if self._is_short or any(_qualifies(hit, one) for one in bare):
            return True
        return hit in self.w.of("open") and any(_qualifies(hit, one) for one in self._named)


def _qualifies(quality: Hit, hit: Hit) -> bool:
    """Is it close enough ("mild to moderate tracer uptake", "uptake is only mild")?"""
    return distance(quality, hit) in range(5) or distance(hit, quality) in range(4)
