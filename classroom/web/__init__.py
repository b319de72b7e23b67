"""
HTTP: pages, the JSON API, health and metrics. The only place in the program that knows aiohttp, besides app.

    routes      every URL on one page          endpoint    from a request to a typed call and back
    session people courses enrolments classes invitations admission    one resource a file
    problems    errors as problem+json         guard       origins, headers, proxies
    middleware  ids, log, errors, headers      cookies     the session cookie
    site        files in memory                pages       HTML, its policy and its preloads
    modules     the graph of ES imports        openapi     /openapi.json from the routes
    health      /healthz, /readyz              metrics     /metrics (and figures of other parts)
    malformed   what is no HTTP                server      all of it together
"""
