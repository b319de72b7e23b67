"""
/openapi.json: the HTTP API described by the table that serves it (OpenAPI 3.1, whose schemas are JSON Schema
2020-12).
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from classroom.web import openapi_doors, openapi_downloads
from classroom.web.doors import Door
from classroom.web.downloads import Download
from classroom.web.endpoint import ID_PATTERN, Endpoint
from classroom.web.problems import STATUS, TITLES, ProblemBody

_REF = "#/components/schemas/{name}"
_COOKIE = "session"
VERSION = "1.0.0"  # of the API, not of the program: it changes when a client has to


def document(
    endpoints: Iterable[Endpoint], doors: Iterable[Door] = (), downloads: Iterable[Download] = ()
) -> dict[str, Any]:
    """Return the description of `endpoints`, `doors` and `downloads`."""
    table = tuple(endpoints)
    types = {t for e in table for t in (e.body, e.answer) if t is not None} | {ProblemBody}
    wanted = sorted(types, key=repr)  # a set has no order, and the document should not change by itself
    schemas, components = msgspec.json.schema_components(wanted, ref_template=_REF)
    by_type = dict(zip(map(repr, wanted), schemas, strict=True))
    paths: dict[str, Any] = {}
    for endpoint in table:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, by_type)
    for download in downloads:
        operation = openapi_downloads.operation(download, by_type[repr(ProblemBody)], _COOKIE)
        paths.setdefault(download.path, {})[download.method.lower()] = operation
    paths |= openapi_doors.paths(doors, by_type[repr(ProblemBody)])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sabak",
            "version": VERSION,
            "summary": "People, courses, classes and the way into them, recordings",
            "description": "What happens inside a class goes over the connection that PROTOCOL.md describes.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                _COOKIE: {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "sabak",
                    "description": "Set by POST /api/session",
                },
                openapi_doors.BEARER: openapi_doors.SCHEME,
            },
        },
    }


def _operation(endpoint: Endpoint, by_type: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.handler.__module__.rpartition('.')[2]}_{endpoint.handler.__name__}",
        "tags": [endpoint.path.split("/")[2]],
        "summary": endpoint.summary,
        "description": (endpoint.handler.__doc__ or "").strip(),
        "security": [{}, {_COOKIE: []}] if endpoint.public else [{_COOKIE: []}],
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint, by_type),
    }
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": by_type[repr(endpoint.body)]}},
        }
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    shape_of_id = {"type": "string", "pattern": f"^{ID_PATTERN}$"}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": shape_of_id}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    if endpoint.query is not None:
        (_,), components = msgspec.json.schema_components([endpoint.query])
        shape = components[endpoint.query.__name__]
        for name, schema in shape["properties"].items():
            found.append(
                {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}
            )
    return found


def _responses(endpoint: Endpoint, by_type: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done"}
    if endpoint.answer is not None:
        good["content"] = {"application/json": {"schema": by_type[repr(endpoint.answer)]}}
    responses = {str(endpoint.status if endpoint.answer is not None else 204): good}
    always = ("unavailable",) + (() if endpoint.public else ("unauthorized",))
    always += ("bad_message", "bad_type", "too_large") if endpoint.body is not None else ()
    always += ("cross_site",) if endpoint.method != "GET" else ()
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(endpoint.codes + always):
        by_status.setdefault(STATUS[code], []).append(code)
    problem = {"application/problem+json": {"schema": by_type[repr(ProblemBody)]}}
    for status, codes in sorted(by_status.items()):
        description = "; ".join(f"`{code}`: {TITLES[code]}" for code in codes)
        responses[str(status)] = {"description": description, "content": problem}
    return responses
