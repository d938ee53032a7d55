"""A new folder under fixtures/ from a short list of facts."""

import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from cdshooks.errors import InputUnreadable

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEAD = """\
title: {title}
as_of: {as_of}
{jurisdiction}synthetic: yes
shapes:
  - built from facts by `cdshooks case new`
# Every row whose outcome is not `not-offered`, as a clinician expects it: {{T18: offer-check}}.
# Written by hand and never regenerated; see it fail before the knowledge is changed.
expect: {{}}
"""


def facts_of(arguments: Iterable[str]) -> dict[str, str]:
    """`tumour.ki67="14 %"` and the like, by name. Raises InputUnreadable."""
    facts: dict[str, str] = {}
    for argument in arguments:
        name, sign, value = (part.strip() for part in argument.partition("="))
        if not sign or not name or not value:
            raise InputUnreadable(f'{argument!r} is no fact: write tumour.ki67="14 %"')
        if name in facts:
            raise InputUnreadable(f"{name} is given twice")
        facts[name] = value
    return facts


def write_case(
    root: Path,
    name: str,
    facts: Iterable[str],
    *,
    title: str,
    as_of: date,
    jurisdiction: str | None,
) -> Path:
    """The new folder, with case.yaml and bundle.json. Raises InputUnreadable and makes nothing."""
    from cdshooks.fhir.build import build_bundle  # noqa: PLC0415  compiles the knowledge

    folder = root / name
    if not _NAME.fullmatch(name):
        raise InputUnreadable(f"{name!r} is no name: use words, digits and hyphens")
    if folder.exists():
        raise InputUnreadable(f"{folder} is there already")
    bundle = build_bundle(facts_of(facts), as_of)
    folder.mkdir(parents=True)
    (folder / "bundle.json").write_text(
        json.dumps(bundle, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    head = _HEAD.format(
        title=json.dumps(title, ensure_ascii=False),
        as_of=as_of.isoformat(),
        jurisdiction=f"jurisdiction: {jurisdiction}\n" if jurisdiction else "",
    )
    (folder / "case.yaml").write_text(head, encoding="utf-8")
    return folder
