"""What Discord allows of a modal."""

from __future__ import annotations

from typing import Any

from .errors import Form, Refusal

JSON = dict[str, Any]
Path = tuple[str | int, ...]
ROW, STRING_SELECT, TEXT_INPUT, TEXT, LABEL = 1, 3, 4, 10, 18
UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 19, 21, 22, 23
IN_LABEL = (3, 4, 5, 6, 7, 8, UPLOAD, RADIO, CHECKBOXES, CHECKBOX)


def check(data: JSON | None) -> None:
    """Refuse (50035) a modal that Discord would refuse."""
    if not isinstance(data, dict):
        raise Refusal(50035, {"data": {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "This field is required"}]}})
    form, seen = Form(), set[str]()
    form.length(("data", "title"), data.get("title"), 1, 45)
    form.length(("data", "custom_id"), data.get("custom_id"), 1, 100)
    components = data.get("components") or []
    if form.length(("data", "components"), components, 1, 5):
        for index, item in enumerate(components):
            _check_row(form, ("data", "components", index), item, seen)
    form.raise_refused()


def _check_row(form: Form, path: Path, item: JSON, seen: set[str]) -> None:
    kind = item.get("type")
    if kind == TEXT:
        form.length((*path, "content"), item.get("content"), 1, 4000)
    elif kind == ROW:
        inside = item.get("components") or []
        if form.length((*path, "components"), inside, 1, 1):
            if inside[0].get("type") != TEXT_INPUT:
                form.refuse(
                    (*path, "components", 0, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (4,).'
                )
            else:
                form.length((*path, "components", 0, "label"), inside[0].get("label"), 1, 45)
                _check_input(form, (*path, "components", 0), inside[0], seen)
    elif kind == LABEL:
        form.length((*path, "label"), item.get("label"), 1, 45)
        form.length((*path, "description"), item.get("description") or "", 0, 100)
        inside = item.get("component") or {}
        if inside.get("type") not in IN_LABEL:
            message = f'Value of field "type" must be one of {IN_LABEL}.'
            form.refuse((*path, "component", "type"), "UNION_TYPE_CHOICES", message)
        else:
            _check_input(form, (*path, "component"), inside, seen)
    else:
        form.refuse((*path, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 10, 18).')


def _check_input(form: Form, path: Path, item: JSON, seen: set[str]) -> None:
    if form.length((*path, "custom_id"), item.get("custom_id"), 1, 100):
        if item["custom_id"] in seen:
            form.refuse((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        seen.add(item["custom_id"])
    kind = item["type"]
    if kind == TEXT_INPUT:
        _check_text_input(form, path, item)
    elif kind in (STRING_SELECT, RADIO, CHECKBOXES):
        low, high = {STRING_SELECT: (1, 25), RADIO: (2, 10), CHECKBOXES: (1, 10)}[kind]
        options = item.get("options") or []
        if form.length((*path, "options"), options, low, high):
            for index, option in enumerate(options):
                form.length((*path, "options", index, "label"), option.get("label"), 1, 100)
                form.length((*path, "options", index, "value"), option.get("value"), 1, 100)
    elif kind == UPLOAD and not 0 <= _given(item, "min_values", 1) <= _given(item, "max_values", 1) <= 10:
        form.refuse((*path, "max_values"), "NUMBER_TYPE_RANGE", "Value must be between 0 and 10.")


def _given(item: JSON, key: str, default: int) -> int:
    """A number that was sent; null is the same as nothing."""
    value = item.get(key)
    return default if value is None else int(value)


def _check_text_input(form: Form, path: Path, item: JSON) -> None:
    if item.get("style") not in (1, 2):
        form.refuse((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")
    form.length((*path, "placeholder"), item.get("placeholder") or "", 0, 100)
    low, high = item.get("min_length") or 0, item.get("max_length") or 4000
    if not 0 <= low <= 4000:
        form.refuse((*path, "min_length"), "NUMBER_TYPE_RANGE", "Value must be between 0 and 4000.")
    if not 1 <= high <= 4000 or low > high:
        form.refuse((*path, "max_length"), "NUMBER_TYPE_RANGE", "Value must be between min_length and 4000.")
    value = item.get("value") or ""
    form.length((*path, "value"), value, low if value else 0, min(high, 4000))
