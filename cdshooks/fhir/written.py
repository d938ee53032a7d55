"""Where the free texts of a resource stand."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from cdshooks.fhir.record import Entry

_Text = tuple[str, str, str]
# A result without any of these has no text, as most have a number.
HOLD_TEXT: Final = frozenset({"valueString", "valueCodeableConcept", "component", "note"})


def written_in(entry: Entry) -> Sequence[_Text]:
    """(path, source, text) of every free text of an entry that is read; never the narrative."""
    body, of_its_own = entry.body, _OF_ITS_OWN.get(entry.type)
    found = list(of_its_own(body)) if of_its_own else []
    if "note" in body:
        for position, note in enumerate(body["note"]):
            found.append((f"note[{position}].text", "note", note.get("text", "")))
    return found


def _result(body: Mapping[str, Any]) -> Iterable[_Text]:
    found = _values(body, "")
    for position, part in enumerate(body.get("component", ())):
        found += _values(part, f"component[{position}].")
    return found


def _condition(body: Mapping[str, Any]) -> Iterable[_Text]:
    named = body.get("code", {})
    return [("code.text", "condition", named["text"])] if "text" in named else ()


def _procedure(body: Mapping[str, Any]) -> Iterable[_Text]:
    return _concept(body.get("code"), "code", "procedure")


def _report(body: Mapping[str, Any]) -> Iterable[_Text]:
    found = [("conclusion", "report", body["conclusion"])] if "conclusion" in body else []
    for position, concept in enumerate(body.get("conclusionCode", ())):
        found += _concept(concept, f"conclusionCode[{position}]", "report")
    return [*found, *_forms(body)] if "presentedForm" in body else found


def _values(part: Mapping[str, Any], path: str) -> list[_Text]:
    found = [(f"{path}valueString", "value", part["valueString"])] if "valueString" in part else []
    if "valueCodeableConcept" in part:
        found += _concept(part["valueCodeableConcept"], f"{path}valueCodeableConcept", "value")
    return found


def _concept(concept: Any, path: str, source: str) -> list[_Text]:
    if not isinstance(concept, dict):
        return []
    if "text" in concept:
        return [(f"{path}.text", source, concept["text"])]
    return [
        (f"{path}.coding[{position}].display", source, coding["display"])
        for position, coding in enumerate(concept.get("coding", ()))
        if "display" in coding
    ]


def _forms(body: Mapping[str, Any]) -> Iterator[_Text]:
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


_OF_ITS_OWN: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterable[_Text]]]] = {
    "Observation": _result,
    "DiagnosticReport": _report,
    "Condition": _condition,
    "Procedure": _procedure,
}
