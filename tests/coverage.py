"""`python -m tests.coverage`: writes the pages of docs/ that are tables of rows.

Which row of the treatment logic is covered by which file, shown by which patients and held by which
table; and which row carries each statement of the documents that the project began with.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from cdshooks.knowledge.load import Knowledge, load
from tests.knowledge.test_cautions import CAUTIONS, REQUESTS, WARNINGS
from tests.knowledge.test_second_encoding_neighbours import outcomes_by_hand
from tests.property.strategies import FIT
from tests.rows import TITLES, page_text
from tests.test_fixtures import BOARD, CASES

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = {
    "offer": ("offer",),
    "check": ("offer-check",),
    "hold or blocked": ("hold", "blocked"),
    "undecided": ("needs-data",),
}
WRITTEN = "Written by `make docs`; do not edit."


def rows() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load((DOCS / "rows.yaml").read_text(encoding="utf-8")))


def seeds() -> dict[str, list[dict[str, Any]]]:
    return dict(yaml.safe_load((DOCS / "seeds.yaml").read_text(encoding="utf-8")))


def files(knowledge: Knowledge) -> dict[str, list[str]]:
    """Row to the files of mappings/ that name it."""
    found: dict[str, list[str]] = {row: [] for row in rows()}
    kinds = {
        "treatments": knowledge.treatments,
        "requests": knowledge.requests,
        "warnings": knowledge.warnings,
    }
    for folder, owners in kinds.items():
        for owner in owners:
            for row in owner.covers:
                found.setdefault(row, []).append(f"{folder}/{owner.id}.yaml")
    return {row: sorted(listed) for row, listed in found.items()}


# ---- rows.md ------------------------------------------------------------------------------------


def rows_page(knowledge: Knowledge) -> str:
    covering = files(knowledge)
    return "\n".join(
        [
            *("# The rows: what is encoded, and what shows it", "", WRITTEN, ""),
            "The treatment logic has 42 treatment rows (T) and 16 diagnostic and data-quality",
            "rows (D); [seeds.md](seeds.md) says where they come from. Files of `mappings/` name",
            "the rows that they cover. `formula`: a second encoding in Python reaches the same",
            "outcome for thousands of patients. `table`: hand-written rows say when cautions,",
            "requests or warnings are told.",
            *("", "## What covers them", ""),
            *_table(("row", "meaning", "files", "tests"), _covering(covering)),
            *("", "## Which patients of `fixtures/` show them", ""),
            "The board (T41, T42) fits every patient with a tumour and is left out.",
            *("", *_table(("row", *SHOWN, "not offered"), _shown(covering))),
            *("", "## Which patients show what is asked and warned of", ""),
            *_table(("row", "asked or warned", "patients"), _told(covering)),
            "",
        ]
    )


def _covering(covering: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    for row, told in rows().items():
        how = f" ({told['as']})" if "as" in told else ""
        listed = ", ".join(f"`{file}`" for file in covering[row])
        yield (
            row,
            told["means"] + how,
            listed or "none: see the meaning",
            ", ".join(_tests(covering[row])),
        )


def _tests(listed: Iterable[str]) -> list[str]:
    """The kinds of hand-written tests that hold these files."""
    names = [Path(file).stem for file in listed]
    formula = any(name in outcomes_by_hand(FIT) for name in names)
    table = any(name in {*CAUTIONS, *REQUESTS, *WARNINGS} for name in names)
    return ["formula"] * formula + ["table"] * table


def _shown(covering: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    for row in rows():
        if row[0] == "T" and covering[row] and row not in BOARD:
            named = [_named(row, outcomes) for outcomes in SHOWN.values()]
            without = sum(row not in case.told["expect"] for case in CASES)
            yield row, *named, f"{without} patients"


def _named(row: str, outcomes: tuple[str, ...]) -> str:
    return _first([case.name for case in CASES if case.told["expect"].get(row) in outcomes])


def _told(covering: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    for row, listed in covering.items():
        names = {Path(file).stem for file in listed if not file.startswith("treatments/")}
        for name in sorted(names):
            shown = [case.name for case in CASES if name in _asked(case.told)]
            yield row, f"`{name}`", _first(shown)


def _asked(told: Any) -> set[str]:
    return {*told["requests"], *told.get("warnings", ())}


def _first(names: list[str]) -> str:
    """Two names, and how many more there are."""
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more


# ---- seeds.md -----------------------------------------------------------------------------------


def seeds_page(knowledge: Knowledge) -> str:
    page = ["# The documents that this project began with, statement by statement", "", WRITTEN, ""]
    page += [
        "Each statement is told in our words, with the rows of [rows.md](rows.md) that carry it,"
    ]
    page += ["or the reason why nothing follows from it, or why the row says something else."]
    for source, statements in seeds().items():
        citation = knowledge.citations[source]
        page += ["", f"## [{citation.label}]({citation.url})", ""]
        page += _table(("statement", "rows", "remark"), map(_statement, statements))
    return "\n".join([*page, ""])


def _statement(told: dict[str, Any]) -> tuple[str, ...]:
    return told["says"], ", ".join(told.get("rows", ())) or "no rule", told.get("why", "")


def _table(head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *body]
    return [f"| {' | '.join(line)} |" for line in lines]


def pages() -> dict[Path, str]:
    knowledge = load()
    contract = {DOCS / f"{page}.md": page_text(page) for page in TITLES}
    return {
        DOCS / "rows.md": rows_page(knowledge),
        DOCS / "seeds.md": seeds_page(knowledge),
        **contract,
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(DOCS.parent)} written")
