"""Every JSON endpoint with bodies and queries that Hypothesis makes up: refused or done, never a 500."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classroom.web import routes
from classroom.web.endpoint import Endpoint
from tests.classroom.web.conftest import Visitor

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=400)
    | st.sampled_from(["", " ", "\0", "\ud800", "a" * 301, "u_1", "admin", "teacher", "ky", "2026", "-1"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
IDS = st.sampled_from(["u_1", "now", "demo", "x", "A" * 64]) | st.from_regex(
    r"\A[A-Za-z][A-Za-z0-9_-]{0,63}\Z"
)
WITH_BODY = [endpoint for endpoint in routes.API if endpoint.body is not None]
WITH_QUERY = [endpoint for endpoint in routes.API if endpoint.query is not None]


def bodies(endpoint: Endpoint) -> st.SearchStrategy[Any]:
    """Bodies that are nearly right: the fields that it names, each perhaps absent, perhaps nonsense."""
    fields = {
        field.encode_name: _near(field.type) | SCALARS for field in msgspec.structs.fields(endpoint.body)
    }
    near = st.fixed_dictionaries({}, optional=fields)
    right = st.fixed_dictionaries(
        {
            name: _near(field.type)
            for name, field in zip(fields, msgspec.structs.fields(endpoint.body), strict=True)
        }
    )
    return right | near | JSON


def _near(kind: Any) -> st.SearchStrategy[Any]:
    schema = msgspec.json.schema(kind)
    schema = schema | schema.get("$defs", {}).get(schema.get("$ref", "").rpartition("/")[2], {})
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 2**53 - 1)) | st.integers(
                0, 12
            )
        case "array":
            return st.lists(st.sampled_from(["admin", "chat", "u_1"]), max_size=3)
        case "object":
            return st.just({})
        case _:
            return st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60)


def address(endpoint: Endpoint, identifiers: list[str]) -> str:
    path = endpoint.path
    for identifier in identifiers:
        head, brace, rest = path.partition("{")
        path = head + identifier + rest.partition("}")[2] if brace else path
    return path


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=lambda e: f"{e.method} {e.path}")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_bodies(administrator: Visitor, endpoint: Endpoint, data: st.DataObject) -> None:
    path = address(endpoint, data.draw(st.lists(IDS, min_size=2, max_size=2)))
    raw = data.draw(bodies(endpoint).map(_encode))
    headers = {"Content-Type": "application/json"}
    status, answer = await administrator.ask(endpoint.method, path, data=raw, headers=headers)
    assert status < 500 or answer["code"] == "unavailable", answer


@pytest.mark.parametrize("endpoint", WITH_QUERY, ids=lambda e: f"{e.method} {e.path}")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_queries(administrator: Visitor, endpoint: Endpoint, data: st.DataObject) -> None:
    names = st.sampled_from(endpoint.query.__struct_fields__) | st.text(max_size=5)
    values = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
        ["true", "all", "mine", "1", "200", "u_1"]
    )
    query = data.draw(st.dictionaries(names, values, max_size=4))
    status, answer = await administrator.ask(endpoint.method, endpoint.path, params=query)
    assert status < 500, answer


def _encode(value: object) -> bytes:
    import json

    return json.dumps(value).encode("utf-8", "surrogatepass")
