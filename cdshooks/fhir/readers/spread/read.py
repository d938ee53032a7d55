"""How far the disease has spread; the liver in numbers; what surgery found, did, or cannot do."""

from cdshooks.clinical.fact import Fact
from cdshooks.fhir.chart import Chart
from cdshooks.fhir.readers.spread import burden, liver, stage, surgery
from cdshooks.fhir.readers.spread.coded import coded_evidence
from cdshooks.fhir.readers.spread.record import TumourRecord
from cdshooks.fhir.readers.spread.specimens import specimen_evidence
from cdshooks.fhir.readers.spread.words import worded_evidence
from cdshooks.fhir.reading import Reading, Readings
from cdshooks.knowledge.facts import Family


def read(chart: Chart, family: Family, earlier: Readings) -> list[Reading | Fact]:
    """extent.stage and .pattern, tumour.node_positive, liver.*, primary.*, burden.*, and others."""
    record = TumourRecord(chart, family, earlier)
    evidence = [
        *coded_evidence(record),
        *worded_evidence(record),
        *specimen_evidence(record),
    ]
    return [
        *stage.read(evidence, earlier),
        *surgery.read(record),
        *liver.read(record),
        *burden.read(record),
    ]
