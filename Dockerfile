# Sabak in a container: the same command as everywhere, without root, with /data as its only place to write.

# The web client's third-party files come from package-lock.json; nothing of Node stays in the image.
FROM node:22-slim AS client
WORKDIR /srv/sabak
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY static static
RUN node static/vendor.mjs

FROM python:3.11-slim-bookworm AS server
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/sabak
WORKDIR /srv/sabak
# Dependencies first: they change less often than the program, and a layer is only built when it changes.
COPY pyproject.toml README.md LICENSE ./
RUN mkdir classroom signaling && touch classroom/__init__.py signaling/__init__.py \
    && /opt/sabak/bin/pip install '.[postgresql]' \
    && /opt/sabak/bin/pip uninstall --yes sabak
COPY classroom classroom
COPY signaling signaling
COPY --from=client /srv/sabak/static static
# Compiled once here: the root of the running container cannot be written.
RUN /opt/sabak/bin/python -m classroom.i18n static/vendor/i18n \
    && /opt/sabak/bin/python -m compileall -q classroom signaling

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Sabak" \
      org.opencontainers.image.description="A self-hosted real-time virtual classroom" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=server /opt/sabak /opt/sabak
COPY --from=server /srv/sabak /srv/sabak
RUN useradd --system --uid 10001 --no-create-home sabak && install -d -o sabak -g sabak -m 0700 /data
WORKDIR /srv/sabak
USER sabak
ENV PATH=/opt/sabak/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    SABAK_HOST=0.0.0.0 \
    SABAK_DATA=/data \
    SABAK_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080/tcp 8443/udp 8443/tcp
# /readyz is for whoever sends people here; a container is not restarted because Redis is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"SABAK_PORT\", 8080)}/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "classroom"]
CMD ["serve"]
