"""Addresses behind proxies, origins, and the policy of pages."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from classroom.web import guard

PROXIES = guard.networks(("10.0.0.0/8", "::1"))


def request(remote: str | None = "10.0.0.1", method: str = "POST", **headers: str) -> web.Request:
    plain = {name.replace("_", "-"): value for name, value in {"Host": "school.kg", **headers}.items()}
    return make_mocked_request(method, "/api/x?token=secret", plain).clone(remote=remote)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.5", "203.0.113.5"),  # the first was made up by the client
        ("10.0.0.1", "203.0.113.5, 10.0.0.9", "203.0.113.5"),  # two proxies of ours
        ("10.0.0.1", "10.0.0.7, 10.0.0.9", "10.0.0.7"),
        ("::1", "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  # no proxy of ours: not believed
        (None, "1.2.3.4", None),
        ("/run/socket", "1.2.3.4", "/run/socket"),
    ],
)
def test_the_true_address(remote: str | None, forwarded: str, seen: str | None) -> None:
    asked = request(remote, X_Forwarded_For=forwarded)
    assert guard.behind_proxy(asked, PROXIES).remote == seen


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert guard.behind_proxy(request(X_Forwarded_For="1.2.3.4"), ()).remote == "10.0.0.1"


@pytest.mark.parametrize(("said", "scheme"), [("https", "https"), ("http", "http"), ("gopher", "http")])
def test_the_true_scheme(said: str, scheme: str) -> None:
    assert guard.behind_proxy(request(X_Forwarded_Proto=said), PROXIES).scheme == scheme
    assert guard.behind_proxy(request("8.8.8.8", X_Forwarded_Proto=said), PROXIES).scheme == "http"


@given(st.text(alphabet=st.characters(codec="latin-1", exclude_characters="\r\n\0")))
def test_any_chain_of_hops_gives_an_address(chain: str) -> None:
    found = guard.behind_proxy(request(X_Forwarded_For=chain), PROXIES).remote
    assert found is not None
    guard.ipaddress.ip_address(found)


@pytest.mark.parametrize(
    ("headers", "cross"),
    [
        ({}, False),  # no browser
        ({"Origin": "http://school.kg"}, False),
        ({"Origin": "HTTP://SCHOOL.KG"}, False),
        ({"Origin": "https://school.kg"}, False),  # a proxy may do https without our knowing
        ({"Origin": "http://school.kg:8080"}, True),
        ({"Origin": ""}, True),
        ({"Origin": "http://[::1"}, True),
        ({"Origin": "http://school.kg.evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://school.kg", "Sec_Fetch_Site": "same-origin"}, False),
        ({"Origin": "http://school.kg", "Sec_Fetch_Site": "cross-site"}, True),
        ({"Sec_Fetch_Site": "same-origin"}, False),
        ({"Sec_Fetch_Site": "none"}, False),
        ({"Sec_Fetch_Site": "same-site"}, True),
        ({"Sec_Fetch_Site": "cross-site"}, True),
    ],
)
def test_who_is_cross_site(headers: dict[str, str], cross: bool) -> None:
    assert guard.is_cross_site(request(**headers), "") is cross
    assert not guard.is_cross_site(request(method="GET", **headers), "")


def test_the_public_url_is_our_origin_too() -> None:
    asked = request(Origin="https://class.kg")
    assert not guard.is_cross_site(asked, "https://class.kg/")
    assert guard.is_cross_site(asked, "https://other.kg")


def test_what_counts_as_forwarded_and_as_loopback() -> None:
    assert not guard.is_forwarded(request())
    assert guard.is_forwarded(request(X_Forwarded_For="1.2.3.4"))
    assert guard.is_forwarded(request(Via="1.1 proxy"))
    assert [guard.is_loopback(r) for r in ("127.0.0.1", "::1", "10.0.0.1", None, "x")] == [
        *(True, True, False, False, False)
    ]


def test_a_page_runs_nothing_but_its_files_and_its_map() -> None:
    policy = dict(part.partition(" ")[::2] for part in guard.page_policy(["sha256-abc="]).split("; "))
    assert policy["script-src"] == "'self' 'sha256-abc='"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in str(policy)
