"""Where the free texts of a resource stand."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from cdshooks.fhir.record import Entry

_Text = tuple[str, str, str]
_HOLD_TEXT = frozenset({"valueString", "valueCodeableConcept", "component", "note"})


def written_in(entry: Entry) -> Sequence[_Text]:
    """(path, source, text) of every free text of an entry that is read; never the narrative."""
    body, of_its_own = entry.body, _OF_ITS_OWN.get(entry.type)
    if of_its_own is _result and body.keys().isdisjoint(_HOLD_TEXT):
        return ()  # most have a number and no text
    found = [*of_its_own(body)] if of_its_own else []
    if "note" in body:
        for position, note in enumerate(body["note"]):
            found.append((f"note[{position}].text", "note", note.get("text", "")))
    return found


def _result(body: Mapping[str, Any]) -> Iterable[_Text]:
    parts = [(part, f"component[{n}].") for n, part in enumerate(body.get("component", ()))]
    return [text for part, path in [(body, ""), *parts] for text in _values(part, path)]


def _condition(body: Mapping[str, Any]) -> Iterable[_Text]:
    named = body.get("code", {})
    return [("code.text", "condition", named["text"])] if "text" in named else ()


def _procedure(body: Mapping[str, Any]) -> Iterable[_Text]:
    return _concept(body.get("code"), "code", "procedure")


def _report(body: Mapping[str, Any]) -> Iterator[_Text]:
    if "conclusion" in body:
        yield "conclusion", "report", body["conclusion"]
    for position, concept in enumerate(body.get("conclusionCode", ())):
        yield from _concept(concept, f"conclusionCode[{position}]", "report")
    yield from _forms(body)


def _values(part: Mapping[str, Any], path: str) -> Iterator[_Text]:
    if "valueString" in part:
        yield f"{path}valueString", "value", part["valueString"]
    yield from _concept(part.get("valueCodeableConcept"), f"{path}valueCodeableConcept", "value")


def _concept(concept: Any, path: str, source: str) -> Iterator[_Text]:
    if not isinstance(concept, Mapping):
        return
    if "text" in concept:
        yield f"{path}.text", source, concept["text"]
        return
    for position, coding in enumerate(concept.get("coding", ())):
        if "display" in coding:
            yield f"{path}.coding[{position}].display", source, coding["display"]


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
