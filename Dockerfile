# whowhom in a container: installs at build time, needs no network after it, runs as nobody special.
#   docker build -t whowhom .
#   docker run --rm --network none -v "$PWD:/data" whowhom code articles/ --store crisis
# docs/docker.md has the rest.
FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# explorer and assistants with it; --build-arg EXTRAS=ray or "" for others or none
ARG EXTRAS=web,mcp
COPY pyproject.toml README.md LICENSE NOTICE /src/
COPY LICENSES /src/LICENSES
COPY src /src/src
RUN python -m venv /opt/whowhom \
 && /opt/whowhom/bin/pip install "/src[${EXTRAS}]" \
 && /opt/whowhom/bin/pip uninstall --yes pip \
 && find /opt/whowhom/lib -type d \( -name tests -o -name test \) -prune -exec rm -r {} + \
 && find /opt/whowhom/lib -type d -path "*/pyarrow/include" -prune -exec rm -r {} + \
 && find /opt/whowhom/lib -type f \( -name "*.pyx" -o -name "*.pxd" \) -delete

FROM python:3.12-slim
COPY --from=build /opt/whowhom /opt/whowhom
# /data is where stores and inputs are mounted; the cache holds the charts' script (900 KB)
RUN useradd --uid 10001 --create-home whowhom && mkdir /data && chown whowhom:whowhom /data
ENV PATH=/opt/whowhom/bin:$PATH PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 HOME=/home/whowhom
USER 10001:10001
WORKDIR /data
# loads the model and codes one article; a container that serves or watches runs for weeks
HEALTHCHECK --interval=10m --timeout=2m --start-period=1m CMD ["whowhom", "doctor"]
ENTRYPOINT ["whowhom"]
CMD ["--help"]
