"""Where the free texts of a resource stand."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from cdshooks.fhir.record import Entry

_HOLD_TEXT = {"valueString", "valueCodeableConcept", "component", "note"}


def may_hold_text(entry: Entry) -> bool:
    """A quick question: most Observations have a number and no text."""
    return entry.type != "Observation" or not _HOLD_TEXT.isdisjoint(entry.body)


def written_in(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """(path, source, text) of every free text of an entry that is read; never the narrative."""
    body = entry.body
    match entry.type:
        case "Observation":
            yield from _values(body, "")
            for position, part in enumerate(body.get("component", ())):
                yield from _values(part, f"component[{position}].")
        case "DiagnosticReport":
            yield from _report(body)
        case "Condition":
            if "text" in body.get("code", {}):
                yield "code.text", "condition", body["code"]["text"]
        case "Procedure":
            yield from _concept(body.get("code"), "code", "procedure")
    for position, note in enumerate(body.get("note", ())):
        yield f"note[{position}].text", "note", note.get("text", "")


def _report(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "conclusion" in body:
        yield "conclusion", "report", body["conclusion"]
    for position, concept in enumerate(body.get("conclusionCode", ())):
        yield from _concept(concept, f"conclusionCode[{position}]", "report")
    yield from _forms(body)


def _values(part: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    if "valueString" in part:
        yield f"{path}valueString", "value", part["valueString"]
    yield from _concept(part.get("valueCodeableConcept"), f"{path}valueCodeableConcept", "value")


def _concept(concept: Any, path: str, source: str) -> Iterator[tuple[str, str, str]]:
    if not isinstance(concept, Mapping):
        return
    if "text" in concept:
        yield f"{path}.text", source, concept["text"]
        return
    for position, coding in enumerate(concept.get("coding", ())):
        if "display" in coding:
            yield f"{path}.coding[{position}].display", source, coding["display"]


def _forms(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Attached reports of type text/plain, base64 in UTF-8."""
    for position, form in enumerate(body.get("presentedForm", ())):
        kind = str(form.get("contentType", "")).split(";")[0].strip().lower()
        data = form.get("data")
        if kind != "text/plain" or not data:
            continue
        try:
            raw = data if isinstance(data, bytes) else str(data).encode()
            yield f"presentedForm[{position}].data", "report", base64.b64decode(raw).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
