"""Past or present: what one sentence says of whether its tumour is still there.

"History of" reaches the tumour behind it and no other thing; "no evidence of disease" says that it
is gone, "no evidence of disease progression" does not; and "recurrent flushing" is no recurrence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from cdshooks.fhir.readers.naming import NEAR
from cdshooks.fhir.readers.wording import Wording, overlaps
from cdshooks.fhir.text.lexicon import Hit

# past: called history. present: told as there now. gone: told as no longer there.
State: TypeAlias = Literal["past", "present", "gone", "maybe", "both", ""]

_REACH: Final = 6  # words between "history of" and the tumour
_LOOKED_FOR: Final = 3  # words between "risk of" and the recurrence
SPREADS: Final = ("metastasis", "metastatic")


@dataclass(frozen=True, slots=True)
class Presence:
    """One sentence as it speaks of the presence of a tumour.

    `subjects` are the tumours that it is about (without a NET, other cancers), `cancers` all that
    it names, `sites` the places.
    """

    w: Wording
    subjects: Sequence[Hit]
    cancers: Sequence[Hit]
    sites: Sequence[Hit]

    def is_past(self, tumour: Hit) -> bool:
        """As in "History of carcinoid", "prior carcinoid", "carcinoid, history of"."""
        before = self.w.before(tumour, _REACH, "history-words")
        if any(not hit.negated and self._reaches(hit, tumour) for hit in before):
            return True
        return self._is_former(tumour) or self._is_told_behind(tumour)

    def _reaches(self, history: Hit, tumour: Hit) -> bool:
        """Is it the history of the tumour, not of what was done for it?"""
        between = range(history.last_token + 1, tumour.first_token)
        if any(hit.first_token in between for hit in self.w.of("for-words")):
            return False
        joins = self.w.of("joining-words")
        lists = [hit.first_token for hit in joins if hit.first_token in between]
        named = [hit.first_token for hit in (*self.subjects, *self.cancers)]
        sites = {at for hit in self.sites for at in _words(hit)}
        return all(at - 1 in sites or any(n < at for n in named if n in between) for at in lists)

    def _is_former(self, tumour: Hit) -> bool:
        """As in "Prior carcinoid", "previous ileal NET"; not "previous NET resection"."""
        first = min([tumour.first_token, *(h.first_token for h in self._beside(tumour))])
        former = any(hit.last_token == first - 1 for hit in self.w.of("former-words"))
        return former and not self.w.after(tumour, 1, "treated-words")

    def _beside(self, tumour: Hit) -> list[Hit]:
        """The place directly before the tumour."""
        return [hit for hit in self.sites if hit.last_token == tumour.first_token - 1]

    def _is_told_behind(self, tumour: Hit) -> bool:
        """Is it "carcinoid, history of" or "carcinoid by history"?"""
        remarks = any(map(self._is_remark_at_end, self.w.of("history-behind")))
        return remarks or bool(self.w.after(tumour, 1, "history-at-once"))

    def _is_remark_at_end(self, history: Hit) -> bool:
        gap = self.w.sentence.gaps[history.first_token]
        ends = history.last_token == len(self.w.sentence.words) - 1
        return ends and history.first_token > 0 and any(sign in gap for sign in ",(-:[/")

    @property
    def is_remark_of_history(self) -> bool:
        """Is it "History of." and no more?"""
        return any(
            hit.first_token == 0 and hit.last_token == len(self.w.sentence.words) - 1
            for hit in self.w.of("history-behind", "history-words")
        )

    def events(self) -> list[State]:
        """What it says of the tumour's presence, in order: gone, present, maybe present."""
        gone = [
            hit for hit in self.w.affirmed("gone-words", "remission-words") if self._is_gone(hit)
        ]
        again = [
            *(hit for hit in self.w.of("recurrence") if self._is_of_tumour(hit)),
            *(hit for hit in self.w.of("recurrent-words") if self._is_told_of_tumour(hit)),
        ]
        there = [
            *(hit for hit in self.w.of("active-words", *SPREADS) if not self._is_treated(hit)),
            *(hit for hit in self.w.of("growing-words") if self._is_told_of_tumour(hit)),
        ]
        found = [
            *((hit.first_token, "gone") for hit in gone),
            *((hit.first_token, _event(hit, denied="gone")) for hit in again),
            *((hit.first_token, _event(hit, denied="")) for hit in there),
        ]
        return [state for _, state in sorted(found, key=lambda one: one[0]) if state]

    def _is_gone(self, hit: Hit) -> bool:
        part = self.w.part(hit)
        if self.w.after(hit, 1, "gone-of-a-part"):
            after = self.w.sentence.words[hit.last_token + 2 : hit.last_token + 3]
            return any(word.isdigit() for word in after)  # "NED in 2024"
        if hit in self.w.of("gone-words"):
            return True
        of_symptoms = self.w.after(hit, 1, "within") and not self._names_tumour_after(hit)
        if of_symptoms or overlaps(hit, self.w.of("partial-remission")):
            return False
        # A depression in remission is no tumour in remission.
        own = [h for h in self.subjects if self.w.part(h) == part]
        return bool(own) or self._begins_part(hit)

    def _begins_part(self, hit: Hit) -> bool:
        part = self.w.part(hit)
        own = [at for at in range(hit.first_token) if self.w.sentence.part(at) == part]
        return set(own) <= {at for now in self.w.of("now-words") for at in _words(now)}

    def _is_of_tumour(self, recurrence: Hit) -> bool:
        """Not the "recurrence of flushing", nor the "risk of recurrence"."""
        if self.w.before(recurrence, _LOOKED_FOR, "looked-for"):
            return False
        return not self.w.after(recurrence, 1, "within") or self._names_tumour_after(recurrence)

    def _is_told_of_tumour(self, adjective: Hit) -> bool:
        """Is it "recurrent" by itself, or before the tumour; not "recurrent flushing"?"""
        return self.w.ends_part(adjective) or self._names_tumour_after(adjective)

    def _names_tumour_after(self, hit: Hit) -> bool:
        """Does a tumour, or the disease, follow in its part within a few words?"""
        things = [*self.subjects, *self.w.of("net-context", "disease-word", *SPREADS)]
        part = self.w.part(hit)
        return any(
            0 < thing.first_token - hit.last_token <= NEAR and self.w.part(thing) == part
            for thing in things
        )

    def _is_treated(self, hit: Hit) -> bool:
        return bool(
            self.w.before(hit, NEAR, "treated-words") or self.w.after(hit, 3, "treated-words")
        )


def _event(hit: Hit, *, denied: State) -> State:
    if hit.doubtful:
        return "maybe"
    return denied if hit.negated else "present"


def _words(hit: Hit) -> Sequence[int]:
    return range(hit.first_token, hit.last_token + 1)
