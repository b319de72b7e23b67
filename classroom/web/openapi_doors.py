"""
The doors for programs in /openapi.json: what they take and give is SDP, which has no schema.
"""

import re
from collections.abc import Iterable
from typing import Any

from classroom.web.doors import FRAGMENT, Door
from classroom.web.endpoint import ID_PATTERN
from classroom.web.problems import STATUS, TITLES

BEARER = "bearer"
SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A join token for the class, from its page or from `python -m classroom token`",
}


def paths(doors: Iterable[Door], problem: dict[str, Any]) -> dict[str, Any]:
    """Return the path items of `doors`; `problem` is the schema of a refusal."""
    found: dict[str, Any] = {}
    for door in doors:
        found.setdefault(door.path, {})[door.method.lower()] = _operation(door, problem)
    return found


def _operation(door: Door, problem: dict[str, Any]) -> dict[str, Any]:
    way = door.path.split("/")[1]
    operation: dict[str, Any] = {
        "operationId": f"{way}_{door.handler.__name__}",
        "tags": [way],
        "summary": door.summary,
        "description": re.sub(r"\s+", " ", door.handler.__doc__ or "").strip(),
        "security": [{BEARER: []}] if "unauthorized" in door.codes else [{}],
        "parameters": _parameters(door),
        "responses": _responses(door, problem),
    }
    if door.takes:
        operation["requestBody"] = {"required": True, "content": {door.takes: {"schema": {"type": "string"}}}}
    return operation


def _parameters(door: Door) -> list[dict[str, Any]]:
    shape = {"type": "string", "pattern": f"^{ID_PATTERN}$"}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": shape}
        for name in re.findall(r"{(\w+)}", door.path)
    ]
    for name, values, purpose in door.query:
        schema = {"type": "string", "enum": list(values), "default": values[0]}
        found.append(
            {"name": name, "in": "query", "required": False, "description": purpose, "schema": schema}
        )
    if door.takes == FRAGMENT:
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}})
    return found


def _responses(door: Door, problem: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done"}
    if door.gives:
        good["content"] = {door.gives: {"schema": {"type": "string"}}}
    if door.status == 201:
        good["headers"] = {name: {"schema": {"type": "string"}} for name in ("Location", "ETag", "Link")}
    responses = {str(door.status): good}
    if door.takes == FRAGMENT:
        responses["204"] = {"description": "Candidates were taken"}
    by_status: dict[int, list[str]] = {}
    for code in door.codes:
        by_status.setdefault(STATUS[code], []).append(code)
    for status, codes in sorted(by_status.items()):
        text = "; ".join(f"`{code}`: {TITLES[code]}" for code in codes)
        responses[str(status)] = {
            "description": text,
            "content": {"application/problem+json": {"schema": problem}},
        }
    return responses
