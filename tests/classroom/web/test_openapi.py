"""The document: valid, complete, and about nothing that is not served."""

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from classroom.web import openapi, routes
from classroom.web.problems import STATUS, TITLES

DOCUMENT: dict[str, Any] = openapi.document(routes.API, routes.DOORS)
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]


def test_it_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_route_is_described_once() -> None:
    described = {(method.upper(), path) for path, method, _ in OPERATIONS}
    served = [(line.method, line.path) for line in (*routes.API, *routes.DOORS)]
    assert described == set(served)
    assert len(described) == len(served)
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_it_does_not_change_by_itself() -> None:
    assert openapi.document(routes.API) == openapi.document(routes.API)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_says_what_a_client_needs(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"].endswith(".")
    assert any(status.startswith("2") for status in operation["responses"])
    in_path = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
    assert in_path == re.findall(r"{(\w+)}", path)
    assert ("requestBody" in operation) <= (method in ("post", "put", "patch"))
    if {} not in operation["security"]:
        assert "401" in operation["responses"]


def test_bodies_refuse_what_they_do_not_name() -> None:
    bodies = [
        o["requestBody"]["content"]["application/json"]["schema"]
        for _, _, o in OPERATIONS
        if "application/json" in o.get("requestBody", {}).get("content", {})
    ]
    for body in bodies:
        name = body["$ref"].rpartition("/")[2]
        assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False, name


def test_every_code_has_a_status_and_a_title() -> None:
    assert STATUS.keys() == TITLES.keys()
    assert {code for endpoint in routes.API for code in endpoint.codes} <= STATUS.keys()


def test_no_schema_has_a_hash() -> None:
    schemas = DOCUMENT["components"]["schemas"].values()
    names = {name for schema in schemas for name in schema.get("properties", ())}
    assert {"login", "seat"} <= names
    assert not [name for name in names if "hash" in name or "digest" in name]
