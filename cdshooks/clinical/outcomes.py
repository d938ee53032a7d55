"""What became of every treatment for one patient."""

from collections.abc import Sequence
from typing import overload

from cdshooks.clinical.rows import Row
from cdshooks.clinical.weigh import Settling, TreatmentAssessment


class Outcomes(Sequence[TreatmentAssessment]):
    """Every treatment. Those that are not considered are weighed when somebody reads them.

    `considered` by the place of its row; `known` is what is known in the end.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        considered: dict[int, TreatmentAssessment],
        known: int,
        settling: Settling,
    ):
        self.considered = tuple(considered.values())
        self._rows, self._found, self._known, self._settling = rows, considered, known, settling

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> TreatmentAssessment: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[TreatmentAssessment]: ...
    def __getitem__(
        self, place: int | slice
    ) -> TreatmentAssessment | Sequence[TreatmentAssessment]:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        place = range(len(self))[place]
        one = self._found.get(place)
        if one is None:
            one, *_ = self._rows[place].weighed(self._known, self._settling)
            self._found[place] = one
        return one
