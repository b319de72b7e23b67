"""
Who may send what from where: the true address behind a proxy, the origin of a request, the headers of every
answer.

A proxy is believed only when its own address is in `trusted_proxies`; otherwise anybody could write himself
an address and walk around the throttle of the sign-in. Cross-site requests are refused by what browsers say
themselves (Sec-Fetch-Site, else Origin): no token has to travel through pages, and a client that is no
browser sends neither.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import hdrs, web

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_HOPS = 16  # Addresses read from X-Forwarded-For; a longer chain is made up.

_DENIED = (
    *("accelerometer", "browsing-topics", "geolocation", "gyroscope", "hid", "magnetometer"),
    *("midi", "payment", "serial", "usb", "xr-spatial-tracking"),
)
_OWN = (
    *("autoplay", "camera", "display-capture", "fullscreen", "microphone", "picture-in-picture"),
    *("screen-wake-lock", "speaker-selection"),
)
PERMISSIONS = ", ".join([f"{name}=(self)" for name in _OWN] + [f"{name}=()" for name in _DENIED])

HEADERS: Mapping[str, str] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# What a page is put together from is no document and needs no more than these two. A first visit fetches a
# hundred of them: the full set of headers weighed half as much as their compressed contents.
PART_TYPES = frozenset({"text/javascript", "text/css", "application/json", "image/png"})
PART_HEADERS: Mapping[str, str] = {
    name: HEADERS[name] for name in ("Cross-Origin-Resource-Policy", "X-Content-Type-Options")
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
# For whatever is no page: an answer that somebody opens as a document may do nothing at all.
BARE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def page_policy(script_hashes: list[str]) -> str:
    """
    Return the Content-Security-Policy of a page whose inline scripts have these hashes (`sha256-...`).

    `'self'` in connect-src covers wss: of the same host (CSP level 3). Trusted Types forbid what the client
    never does: making script or markup out of strings.
    """
    scripts = " ".join(["'self'", *(f"'{value}'" for value in script_hashes)])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "media-src 'self' blob:",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the networks of the trusted proxies; the settings have checked the texts."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def behind_proxy(request: web.Request, trusted: tuple[Network, ...]) -> web.Request:
    """
    Return `request` with the client's own address and scheme, as far as trusted proxies vouch for them.

    The address is the last one in X-Forwarded-For that no trusted proxy has: what stands before it came from
    outside.
    """
    if not _is_trusted(request.remote, trusted):
        return request
    hops = [part.strip() for part in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")]
    remote = request.remote or ""
    for hop in reversed(hops[-MAX_HOPS:]):
        if not _is_address(hop):
            break
        remote = hop
        if not _is_trusted(hop, trusted):
            break
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    return request.clone(remote=remote, scheme=scheme if scheme in ("http", "https") else request.scheme)


def is_cross_site(request: web.Request, public_url: str) -> bool:
    """
    Return whether a browser says that another site's page made this request, which would change something.

    Sec-Fetch-Site is the browser's own judgement (sent over https and to this machine itself); elsewhere
    Origin has to name our host.
    """
    if request.method in SAFE_METHODS:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    return not is_own_page(request, public_url)


def is_own_page(request: web.BaseRequest, public_url: str) -> bool:
    """
    Return whether Origin names the host that is being visited, or there is none: no browser, no page.

    The scheme is left out: behind a proxy that nobody told us of, we would take https for http and turn
    everybody away.
    """
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return True
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:  # brackets that are no IPv6 address
        return False
    return host != "" and host in (request.host.lower(), urlsplit(public_url).netloc.lower())


def is_forwarded(request: web.Request) -> bool:
    """Return whether some proxy stands before us, believed or not."""
    return any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"))


def is_loopback(remote: str | None) -> bool:
    """Return whether `remote` is this machine."""
    return remote is not None and _is_address(remote) and ipaddress.ip_address(remote).is_loopback


def _is_trusted(remote: str | None, trusted: tuple[Network, ...]) -> bool:
    if not trusted or remote is None or not _is_address(remote):
        return False
    address = ipaddress.ip_address(remote)
    return any(address.version == network.version and address in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
