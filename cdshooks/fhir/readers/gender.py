"""What gender and age say about a pregnancy, before any evidence."""

from decimal import Decimal

from cdshooks.clinical.fact import Provenance
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Span
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.reading import Readings

_YOUNGEST, _MENOPAUSE, _OLDEST_MOTHER = 10, 56, 60  # years


class GenderAndAge:
    """Who cannot be pregnant, and of whom words about a pregnancy are believed to be her own."""

    def __init__(self, chart: Chart, earlier: Readings):
        self._patient = chart.record.patient
        self._age = next(iter(earlier.get("patient.age", ())), None)

    @property
    def is_male(self) -> bool:
        return self._patient is not None and self._patient.body.get("gender") == "male"

    @property
    def may_be_pregnant(self) -> bool:
        """Not male, and possibly between 10 and 60 years."""
        outside = self._is("<", _YOUNGEST) or self._is(">", _OLDEST_MOTHER)
        return not (self.is_male or outside)

    def excluded_by(self) -> Provenance | None:
        """Where it stands that without evidence it is a no: male, below 10, or 56 and older."""
        if self.is_male and self._patient is not None:
            return Provenance(self._patient.reference, "gender", printed="male")
        if self._age and (self._is("<", _YOUNGEST) or self._is(">=", _MENOPAUSE)):
            return self._age.where
        return None

    def _is(self, sign: str, years: int) -> bool:
        """Surely, whatever the day of birth."""
        age = self._age.value if self._age else None
        return isinstance(age, Span) and age.compare(sign, Decimal(years)) is Truth.YES
