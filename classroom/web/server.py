"""
The aiohttp application: routes to handlers, the middleware around them.

Whoever owns the gateway attaches it afterwards; this module knows only what goes over plain HTTP.
"""

import msgspec
from aiohttp import web

from classroom.web import doors, openapi, routes
from classroom.web.endpoint import ID_PATTERN, MAX_BODY
from classroom.web.health import Health
from classroom.web.metrics import Metrics
from classroom.web.middleware import Handler, Watch
from classroom.web.pages import Pages
from classroom.web.parts import PARTS, Parts
from classroom.web.site import REVALIDATE, File, Site


def application(
    parts: Parts, *, site: Site, pages: Pages, health: Health, metrics: Metrics, watch: Watch
) -> web.Application:
    """Return the application with every URL of routes.py."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await watch.around(request, handler)

    app = web.Application(middlewares=[middleware], client_max_size=MAX_BODY)
    app[PARTS] = parts
    app.on_response_prepare.append(watch.prepare)
    for endpoint in routes.API:
        app.router.add_route(endpoint.method, endpoint.route, endpoint.serve)
    for download in routes.DOWNLOADS:
        app.router.add_route(download.method, download.route, download.serve)
    for door in routes.DOORS:
        app.router.add_route(door.method, door.route, door.serve)
    for path in {door.route: None for door in routes.DOORS}:
        app.router.add_route("OPTIONS", path, doors.options)
    for path, name in routes.PAGES.items():
        app.router.add_get(path.replace("}", ":" + ID_PATTERN + "}"), pages.named(name).serve)
    app.router.add_get(routes.STATIC, site.serve)
    if (icon := site.files.get("icon.svg")) is not None:
        # Browsers ask for this name by themselves where a page has no link to an icon.
        app.router.add_get(routes.FAVICON, _fixed(icon))
    described = File.of(
        msgspec.json.encode(openapi.document(routes.API, routes.DOORS, routes.DOWNLOADS)), ".json"
    )
    app.router.add_get(routes.OPENAPI, _fixed(described))
    app.router.add_get(routes.HEALTH, health.live)
    app.router.add_get(routes.READY, health.ready)
    app.router.add_get(routes.METRICS, metrics.serve)
    return app


def _fixed(file: File) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        return file.response(request, REVALIDATE)

    return serve
