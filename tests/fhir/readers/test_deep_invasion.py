"""How deep the primary grows, in the words of pathology and endoscopy."""

import pytest

from tests.fhir.readers.small import net, report, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The tumour invades the muscularis propria.", True),
        ("Rectal NET G1, 8 mm, infiltrating the muscularis propria.", True),
        ("Growth into the subserosa.", True),
        ("The tumour extends through the muscularis propria.", True),
        ("NET of the duodenum with invasion of the serosa.", True),
        ("No invasion of the muscularis propria.", False),
        ("The tumour does not invade the muscularis propria.", False),
        ("Without muscularis propria involvement.", False),
        ("Invasion of the muscularis propria cannot be excluded.", False),
        ("Confined to the submucosa; the muscularis propria is free.", False),
        ("Invasion of the lamina propria and muscularis mucosae.", False),
        ("The risk of invasion of the muscularis propria was explained.", False),
        ("Adenocarcinoma of the colon invading the muscularis propria.", False),
        ("pT2 by size.", False),
    ],
)
def test_growth_into_the_muscle_layer(text, expected):
    assert value("tumour.deep_invasion", net("ICD-10-CM#C7A.026"), report(text)) is expected


def test_once_found_it_stays_whatever_a_later_biopsy_shows():
    deep = report("Invasion of the muscularis propria.", on="2026-01-10")
    later = report("No invasion of the muscularis propria.", on="2026-09-10")
    assert value("tumour.deep_invasion", deep, later) is True


def test_a_silent_record_is_read_as_no():
    assert value("tumour.deep_invasion", net("ICD-10-CM#C7A.026")) is False
