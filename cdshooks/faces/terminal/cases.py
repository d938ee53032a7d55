"""A new synthetic patient for fixtures/: its record from facts, its case.yaml to fill by hand."""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cdshooks.errors import InputUnreadable
from cdshooks.fhir.build.bundle import build_bundle
from cdshooks.knowledge.load import Knowledge

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_WIDTH = 118

_CASE = """\
title: {title}
as_of: {as_of}
{jurisdiction}synthetic: yes
shapes:
  - plain R4, as `cdshooks case new` writes it
# Built from: {facts}
# By hand, before you look at what the engine says: every row whose outcome is not not-offered (the
# board, T41 and T42, apart), such as {{T17: offer, T18: needs-data}}, and what is asked for.
expect: {{}}
requests: []
why: |
  ...
"""


def new_case(
    folder: Path,
    name: str,
    facts: Mapping[str, str],
    as_of: date,
    title: str,
    jurisdiction: str | None = None,
    knowledge: Knowledge | None = None,
) -> Path:
    """The folder of the new case under `folder`, with case.yaml and bundle.json.

    Raises InputUnreadable, and makes nothing, for a name that is taken or is no name and for facts
    that cannot be built.
    """
    if not _NAME.fullmatch(name):
        raise InputUnreadable(f"{name} is no name of a case: <patient-and-situation>, a-z, 0-9, -")
    made = folder / name
    if made.exists():
        raise InputUnreadable(f"{name} exists already")
    bundle = build_bundle(facts, as_of, knowledge=knowledge)
    case = _CASE.format(
        title=json.dumps(title, ensure_ascii=False),
        as_of=as_of.isoformat(),
        jurisdiction=f"jurisdiction: {jurisdiction}\n" if jurisdiction else "",
        facts="; ".join(f"{fact}={value}" for fact, value in facts.items()) or "nothing",
    )
    made.mkdir(parents=True)
    (made / "bundle.json").write_text(printed({"id": name, **bundle}) + "\n", encoding="utf-8")
    (made / "case.yaml").write_text(case, encoding="utf-8")
    return made


def printed(value: Any, indent: int = 0) -> str:
    """JSON with what fits on one line on one line, so that a record can be read and compared.

    >>> printed({"code": {"text": "Ki-67"}})
    '{"code": {"text": "Ki-67"}}'
    """
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(flat) + indent <= _WIDTH:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{json.dumps(key)}: {printed(one, indent + 2)}" for key, one in value.items()]
    else:
        lines = [printed(one, indent + 2) for one in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    listed = ",\n".join(inner + line for line in lines)
    return f"{opening}\n{listed}\n{' ' * indent}{closing}"
