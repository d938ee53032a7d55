"""The processor time of a call by the size of its chart, as an SVG for light and dark pages."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pygal
from pygal.style import Style

from tests.bench.inside import VALIDATED
from tests.bench.measure import Results
from tests.bench.plan import COLD, FLOOR, HOT, RAW, SIZES, Cell
from tests.bench.tables import cell_cpu

# pygal leaves a finder of the old kind, of which Python warns at each import that follows.
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

# Of middle lightness: each has a contrast of 3 at least to white and to the dark of code hosts.
INK = "#7d8590"
COLOURS = ("#1f77d0", "#149e8c", "#8a8f98", "#d9650b", "#c0448f")

Line = Sequence[float | None]  # milliseconds, by SIZES


def lines(results: Results) -> Mapping[str, Line]:
    """What the plot shows. The floor and HealthChain are servers too, the last reads in process."""
    validated = [results.readers.get((VALIDATED, size)) for size in SIZES]
    return {
        f"net-patient-view, {COLD}": _served(results, COLD, (8, 8, 8, 1)),
        f"net-patient-view, {HOT}": _served(results, HOT, (8, 8, 8, 1)),
        "floor: socket and simdjson": _served(results, FLOOR, (1, 1, 1, 1)),
        RAW: _served(results, RAW, (8, 8, 8, 1)),
        "fhir.resources, the whole chart": [
            sorted(one)[len(one) // 2] / 1000 if one else None for one in validated
        ],
    }


def _served(results: Results, server: str, connections: Sequence[int]) -> Line:
    cells = (Cell(server, *one) for one in zip(SIZES, connections, strict=True))
    return [cell_cpu(results, cell) for cell in cells]


def svg(found: Mapping[str, Line]) -> bytes:
    """Both axes are logarithmic: a straight line that rises is a cost that grows as the chart."""
    chart = pygal.Line(
        style=Style(
            background="transparent",
            plot_background="transparent",
            foreground=INK,
            foreground_strong=INK,
            foreground_subtle=INK,
            colors=COLOURS,
            font_family="sans-serif",
            opacity=1,
            stroke_width=3,
            guide_stroke_color=INK,
            major_guide_stroke_color=INK,
            title_font_size=16,
            label_font_size=13,
            major_label_font_size=13,
            legend_font_size=14,
        ),
        js=(),
        logarithmic=True,
        width=860,
        height=480,
        title="Processor time of a call (ms) by Observations in the chart",
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        dots_size=4,
        show_y_guides=True,
        value_formatter=lambda value: f"{value:g}",
    )
    chart.x_labels = [f"{size:,}" for size in SIZES]
    shown = [value for line in found.values() for value in line if value]
    chart.y_labels = [one for one in (0.01, 0.1, 1, 10, 100, 1_000) if _near(one, shown)]
    for name, line in found.items():
        chart.add(name, list(line), allow_interruptions=True)
    chart.add_xml_filter(_without_scripts)
    rendered: bytes = chart.render()
    return rendered


def _without_scripts(root: Any) -> Any:
    """A picture on a page runs nothing."""
    for parent in list(root.iter()):
        for script in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(script)
    return root


def _near(label: float, shown: Sequence[float]) -> bool:
    return min(shown) / 10 < label < max(shown) * 10
