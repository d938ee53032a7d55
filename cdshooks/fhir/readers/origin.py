"""Where a tumour came from and where it went: which place in a sentence is the primary's.

"Carcinoid of the ileum metastatic to the lung" came from the ileum. A place is told apart by what
it hangs on: the tumour before or behind it, or the metastases, also over a list of places ("lung,
liver and bone metastases").
"""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.text.lexicon import Hit

# linked: the tumour is said to be of this place; named: only the place is; spread: it went there.
Origin: TypeAlias = Literal["linked", "named", "spread"]

_DESCRIBED: Final = 4  # words between a place and its tumour ("tail of the pancreas")
_SPREADS: Final = ("metastasis", "metastatic")


class Places:
    """The places of one sentence. `tumours` and `sites` are hits of that sentence."""

    def __init__(self, w: Wording, tumours: list[Hit], sites: list[Hit]):
        self._w, self._tumours = w, tumours
        self._gaps = w.sentence.gaps
        self._inner = _covered([*sites, *w.of("other-place")])
        self._joins = _covered(w.of("list-words"))
        self._sites = sites

    def origin(self, site: Hit) -> Origin:
        """Is the primary there, or did it only spread there?"""
        spread_to = self._is_target(site)
        if self._precedes_tumour(site) or (self._came_from(site) and not spread_to):
            return "linked"
        if spread_to or self._precedes_metastasis(site, through_list=False):
            return "spread"
        if tumour := self._tumour_of(site):
            return "spread" if self._is_secondary(tumour) else "linked"
        in_list = self._precedes_metastasis(site, through_list=True)
        return "spread" if in_list or self._is_place_of_metastasis(site) else "named"

    def is_of_metastasis(self) -> bool:
        """Is the sentence about a metastasis, of which the tumour is told besides?"""
        if not self._tumours:
            return False
        first = self._tumours[0]
        before = [
            hit for hit in self._w.affirmed("metastasis") if hit.last_token < first.first_token
        ]
        behind = [
            hit for hit in self._w.of("metastasis") if hit.first_token == first.last_token + 1
        ]
        return bool(before or behind) or self._is_secondary(first)

    def _is_secondary(self, tumour: Hit) -> bool:
        """Is it a "secondary NET"? "Secondary to MEN1" is another thing."""
        return any(
            hit.last_token == tumour.first_token - 1 for hit in self._w.of("secondary-tumour")
        )

    def _precedes_tumour(self, site: Hit) -> bool:
        """As in "Ileal NET", "ileal, well differentiated NET"; not "lung NET metastasis"."""
        for tumour in self._tumours:
            between = range(site.last_token + 1, tumour.first_token)
            if site.last_token >= tumour.first_token or len(between) > _DESCRIBED:
                continue
            if any(self._is_break(at) for at in between) or self._names_another(between):
                continue
            after = tumour.last_token + 1
            return not any(hit.first_token == after for hit in self._w.of("metastasis"))
        return False

    def _is_break(self, at: int) -> bool:
        """A word that ends what describes the tumour."""
        parts = ("metastasis", "into", "within", "came-from", "list-words", "for-words")
        return at in _covered(self._w.of(*parts))

    def _names_another(self, between: range) -> bool:
        return any(hit.first_token in between for hit in self._sites)

    def _came_from(self, site: Hit) -> bool:
        """As in "From the ileum", "primary in the ileum", "ileal primary"."""
        behind = any(
            hit.first_token == site.last_token + 1 and hit.phrase.startswith("primary")
            for hit in self._w.of("came-from")
        )
        before = [hit for hit in self._w.of("came-from") if hit.last_token < site.first_token]
        return behind or any(self._leads(hit.last_token, site) for hit in before)

    def _leads(self, at: int, site: Hit) -> bool:
        """Do only joining words stand between a word and the place?"""
        between = range(at + 1, site.first_token)
        return len(between) <= _DESCRIBED and set(between) <= self._joins | _covered(
            self._w.of("part-words")
        )

    def _tumour_of(self, site: Hit) -> Hit | None:
        """The tumour of "NET of the ileum", "carcinoid in the tail of the pancreas"."""
        for tumour in self._tumours:
            between = range(tumour.last_token + 1, site.first_token)
            if not between or len(between) > _DESCRIBED + 2 or self._names_another(between):
                continue
            links = _covered(self._w.of("within"))
            barred = _covered(self._w.of(*_SPREADS, "into"))
            cut = any("," in self._gaps[n] for n in range(between.start, site.first_token + 1))
            if between.start in links and not cut and not barred & set(between):
                return tumour
        return None

    def _is_target(self, site: Hit) -> bool:
        """As in "Metastatic to the liver and lung", "metastatic ileal NET to the lung"."""
        at = self._before_list(site)
        if at not in _covered(self._w.of("into")):
            return False
        return any(hit.first_token < at for hit in self._w.of(*_SPREADS))

    def _is_place_of_metastasis(self, site: Hit) -> bool:
        """As in "Metastases in lung and ovary", "metastases: lung", "métastases pulmonaires"."""
        at = self._before_list(site)
        metastases = _covered(self._w.of("metastasis"))
        if at in _covered(self._w.of("within")):
            return at - 1 in metastases
        gap = self._gaps[at + 1]
        if any(sign in gap for sign in ":("):
            return at in metastases | _covered(self._w.of("metastatic"))
        return at in metastases and not gap.strip()

    def _before_list(self, site: Hit) -> int:
        """The word before the list of places that the site stands in."""
        at = site.first_token - 1
        while at in self._inner or at in self._joins:
            at -= 1
        return at

    def _precedes_metastasis(self, site: Hit, *, through_list: bool) -> bool:
        """As in "Lung metastases"; `through_list`: "lung, liver and bone metastases"."""
        starts = {hit.first_token for hit in self._w.of("metastasis")}
        at = site.last_token + 1
        while through_list and (at in self._inner or at in self._joins):
            at += 1
        if at not in starts:
            return False
        return "," not in self._gaps[at]


def _covered(hits: list[Hit]) -> set[int]:
    return set(_words(hits))


def _words(hits: list[Hit]) -> Iterator[int]:
    for hit in hits:
        yield from range(hit.first_token, hit.last_token + 1)
