"""What the setting decides, not the chart: jurisdiction, and the classes of the drafted orders.

Nothing is read here. The engine adds `config.jurisdiction`; `order.classes` is silent until the
service answers the order hooks.
"""

from collections.abc import Iterable

from cdshooks.clinical.fact import Fact
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.reading import Reading, Readings
from cdshooks.knowledge.facts import Family


def read(_chart: Chart, _family: Family, _earlier: Readings) -> Iterable[Reading | Fact]:
    """No reading."""
    return ()
