"""From made-up outcomes to the goals, the tables, the page and the picture."""

import re
from xml.dom import minidom

import pytest

from tests.bench import tables
from tests.bench.figures import figures, of_bare_reader
from tests.bench.goals import FILE, Goal, Verdict, read_goals, verdicts
from tests.bench.inside import TWO_STEPS, VALIDATED
from tests.bench.load import Outcome
from tests.bench.measure import Results
from tests.bench.page import out_of_reach, page
from tests.bench.plan import BARE, CELLS, COLD, FLOOR, FULL, HOT, RAW, SIZES, TRUSTED, TYPED, Cell
from tests.bench.plot import lines, svg
from tests.bench.profiling import Profile
from tests.bench.stages import OTHER, STAGES

MS = {
    FLOOR: 0.1,
    BARE: 0.2,
    COLD: 1.0,
    HOT: 0.5,
    TRUSTED: 1.2,
    RAW: 8.0,
    TYPED: 30.0,
}  # for 100 Observations


def outcome(ms):
    """A hundred calls, each of so many milliseconds, one after another; the last takes twice it."""
    times = [ms] * 98 + [2 * ms] * 2
    return Outcome(times=times, seconds=ms / 10, cpu=ms / 10)


@pytest.fixture
def results():
    cost = dict.fromkeys((*STAGES, OTHER), 50.0) | {"record": 400.0, "extract": 200.0}
    return Results(
        FULL,
        cells={cell: [outcome(MS[cell.server] * cell.observations / 100)] * 3 for cell in CELLS},
        stages={(memory, size): [cost] * 3 for memory in (COLD, HOT) for size in SIZES},
        readers={
            (VALIDATED, 1_000): [95_000.0] * 3,
            (TWO_STEPS, 1_000): [500.0, 475.0, 450.0],
        },
        starts=[1.0, 1.4, 1.2],
        memory={1: 90.0, 2: 120.0, 3: 160.0},
        peaks=[5.0, 7.0, 6.0],
        profile=Profile({"fhir": 30.0, "hooks": 20.0}, {"hooks": 0.6, "fhir": 0.4}, 0.1),
    )


def test_each_figure_is_what_was_made_up(results):
    found = figures(results)
    assert found == pytest.approx(
        {
            "cold-100-to-floor": 10,
            "cold-1000-to-floor": 10,
            "hot-100-to-floor": 5,
            "hot-1000-to-floor": 5,
            "raw-100": 8,
            "raw-1000": 8,
            "typed-100": 30,
            "thousand-more": 10,
            "linear": 0,
            "tail-100": 2,
            "p99-1000": 20,
            "p99-10000": 200,
            "trust": 1.2,
            "rules-and-cards": 200,
            "validated-1000": 100,
            "start": 1.2,
            "worker": 35,
            "peak": 6,
        },
        abs=1e-9,
    )


def test_the_bare_reader_has_the_figures_of_reading_alone(results):
    assert of_bare_reader(results) == pytest.approx(
        {
            "cold-100-to-floor": 2,
            "cold-1000-to-floor": 2,
            "raw-100": 40,
            "raw-1000": 40,
            "typed-100": 150,
            "thousand-more": 2,
            "linear": 0,
            "p99-1000": 4,
            "p99-10000": 40,
            "validated-1000": 200,
        },
        abs=1e-9,
    )


def test_every_goal_has_a_figure_and_every_figure_a_goal(results):
    goals = read_goals(FILE.read_text(encoding="utf-8"))
    assert sorted(goal.figure for goal in goals) == sorted(figures(results))


def test_one_mistake_in_one_round_leaves_no_figure_of_that_side(results):
    cell = Cell(COLD, 100, 8)
    good = results.cells[cell][0]
    spoilt = Outcome(good.times, good.seconds, good.cpu, mistakes={"status 503": 1})
    results.cells[cell] = [good, spoilt, good]
    assert {"cold-100-to-floor", "raw-100", "typed-100"} & figures(results).keys() == set()
    assert "status 503" in tables.columns(tables.calls(results))


def test_without_healthchain_its_goals_are_not_measured(results):
    for cell in [cell for cell in results.cells if cell.server in (RAW, TYPED)]:
        del results.cells[cell]
    found = verdicts(read_goals(FILE.read_text(encoding="utf-8")), figures(results), {})
    assert {one.goal.figure for one in found if one.words == "not measured"} == {
        *("raw-100", "raw-1000", "typed-100")
    }


@pytest.mark.parametrize(
    ("goal", "value", "used", "words"),
    [
        (Goal("a", "at most", 10, "ms"), 5, 0.5, "met"),
        (Goal("a", "at most", 10, "ms"), 10, 1.0, "met"),
        (Goal("a", "at most", 10, "ms"), 11, 1.1, "NOT MET"),
        (Goal("a", "at least", 10, "times", more=True), 20, 0.5, "met"),
        (Goal("a", "at least", 10, "times", more=True), 8, 1.25, "NOT MET"),
        (Goal("a", "at most", 10, "ms"), None, float("inf"), "not measured"),
    ],
)
def test_a_goal_is_met_up_to_its_limit(goal, value, used, words):
    verdict = Verdict(goal, value)
    assert (verdict.used, verdict.words) == (pytest.approx(used), words)


def test_the_worst_goal_comes_first():
    goals = [Goal("a", "a", 10, "ms"), Goal("b", "b", 10, "ms"), Goal("c", "c", 1, "x", more=True)]
    found = verdicts(goals, {"a": 9.0, "b": 12.0, "c": 2.0}, {})
    assert [one.goal.figure for one in found] == ["b", "a", "c"]


def test_all_that_is_printed_fits_into_80_columns(results):
    found = verdicts(
        read_goals(FILE.read_text(encoding="utf-8")), figures(results), of_bare_reader(results)
    )
    for rows in (tables.goals(found), tables.calls(results), tables.stages(results)):
        assert max(map(len, tables.columns(rows).splitlines())) <= 80


def test_the_slowest_stages_stand_in_their_order(results):
    rows = tables.slowest(results)
    assert [row[0] for row in rows[1:3]] == ["record", "extract"]
    assert rows[1][1:] == ("400", "42%")


def test_the_profile_tells_the_dearest_room_first_and_what_empty_calls_would_cost(results):
    rows = tables.profile(results)
    assert rows[1:] == [("hooks", "20", "60%"), ("fhir", "30", "40%"), ("all", "50", "")]
    assert "So many calls take 5 us here" in page(results, [])


def test_the_page_tells_goals_tables_machine_and_date(results):
    found = verdicts(
        read_goals(FILE.read_text(encoding="utf-8")), figures(results), of_bare_reader(results)
    )
    text = page(results, found)
    assert re.search(r"Measured on \d{4}-\d\d-\d\d: \d+ cores .* Python 3\.", text)
    assert re.search(r"^\d+ of 18 goals are met\.$", text, re.MULTILINE)
    assert "busy" not in text
    rows = text.split("## Goals")[1].split("## How")[0].strip().splitlines()[-18:]
    assert rows[0].startswith("| CPU of 1,000 more, irrelevant | 10 | <= 5 | 2 |")
    assert "NOT MET" in rows[0]
    assert "before anything is decided:\nnone." in text
    for head in ("Goals", "How it is measured", "Calls", "Stages", "What bounds it", "Workers"):
        assert f"## {head}\n" in text
    assert "{" not in text


def test_the_page_names_the_goals_that_reading_alone_does_not_reach():
    goals = [Goal("a", "a", 10, "ms"), Goal("b", "b", 10, "ms"), Goal("c", "c", 3, "x", more=True)]
    found = verdicts(goals, {"a": 99.0, "b": 99.0, "c": 0.5}, {"a": 11.0, "b": 9.0, "c": 2.5})
    assert out_of_reach(found) == "a (11); c (2.5)"


def test_a_page_from_a_busy_machine_says_so(results):
    results.load_before = 3.2
    assert "busy with other things (load average 3.2 before the run)" in page(results, [])


def test_the_picture_is_svg_with_every_line_and_asks_for_nothing_from_elsewhere(results):
    drawn = svg(lines(results))
    minidom.parseString(drawn)  # noqa: S318  our own picture
    text = drawn.decode()
    for name in lines(results):
        assert name in text
    assert b"<script" not in drawn
    assert set(re.findall(rb'href="(https?:[^"]*)"', drawn)) == set()
