"""How far the disease has spread; the liver in numbers; what surgery found, did, or cannot do."""

from collections.abc import Iterator

from cdshooks.clinical.fact import Fact
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.readers import (
    spread_burden,
    spread_liver,
    spread_stage,
    spread_surgery,
)
from cdshooks.fhir.readers.spread_coded import coded_evidence
from cdshooks.fhir.readers.spread_record import TumourRecord
from cdshooks.fhir.readers.spread_specimens import specimen_evidence
from cdshooks.fhir.readers.spread_words import worded_evidence
from cdshooks.fhir.reading import Reading, Readings
from cdshooks.knowledge.facts import Family


def read(chart: Chart, family: Family, earlier: Readings) -> Iterator[Reading | Fact]:
    """extent.stage and .pattern, tumour.node_positive, liver.*, primary.*, burden.*, and others."""
    record = TumourRecord(chart, family, earlier)
    evidence = [
        *coded_evidence(record),
        *worded_evidence(record),
        *specimen_evidence(record),
    ]
    yield from spread_stage.read(evidence, earlier)
    yield from spread_surgery.read(record)
    yield from spread_liver.read(record)
    yield from spread_burden.read(record)
