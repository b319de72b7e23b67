"""
Downloads in /openapi.json: the same table that serves them.
"""

import re
from typing import Any

from classroom.web.downloads import PATTERNS, Download
from classroom.web.endpoint import ID_PATTERN
from classroom.web.problems import STATUS, TITLES

_OCTETS = {"type": "string", "format": "binary"}


def operation(download: Download, problem: dict[str, Any], cookie: str) -> dict[str, Any]:
    """Return the description of one; `problem` is the schema of a refusal."""
    found: dict[str, Any] = {
        "operationId": f"{download.handler.__module__.rpartition('.')[2]}_{download.handler.__name__}",
        "tags": [download.path.split("/")[2]],
        "summary": download.summary,
        "description": (download.handler.__doc__ or "").strip(),
        "security": [{}, {cookie: []}],
        "parameters": [_parameter(name) for name in re.findall(r"{(\w+)}", download.path)],
        "responses": _responses(download, problem),
    }
    if download.ranged:
        text = "one range of octets: `bytes=FIRST-LAST`"
        found["parameters"].append(
            {
                "name": "Range",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": text,
            }
        )
    if download.takes:
        found["requestBody"] = {
            "required": True,
            "content": {name: {"schema": _OCTETS} for name in download.takes},
        }
    return found


def _parameter(name: str) -> dict[str, Any]:
    shape = {"type": "string", "pattern": f"^{PATTERNS.get(name, ID_PATTERN)}$"}
    return {"name": name, "in": "path", "required": True, "schema": shape}


def _responses(download: Download, problem: dict[str, Any]) -> dict[str, Any]:
    content = {name: {"schema": _OCTETS} for name in download.types}
    responses: dict[str, Any] = {"200": {"description": "Done", "content": content}}
    if not download.types:
        responses = {"204": {"description": "Done"}}
    if download.ranged:
        responses["206"] = {"description": "The range that was asked for", "content": content}
    always = ("unavailable",) + (("cross_site",) if download.method != "GET" else ())
    always += ("bad_type", "too_large") if download.takes else ()
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(download.codes + always):
        by_status.setdefault(STATUS[code], []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = {
            "description": "; ".join(f"`{code}`: {TITLES[code]}" for code in codes),
            "content": {"application/problem+json": {"schema": problem}},
        }
    return responses
