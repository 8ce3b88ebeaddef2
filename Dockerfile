# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt hatch_build.py README.md LICENSE ./
COPY contracts contracts
COPY mock_server mock_server
COPY fuzz fuzz
COPY hakuna_mock hakuna_mock
ARG COMMIT=""
RUN python -m venv /opt/hakuna-mock \
    && HAKUNA_MOCK_COMMIT="$COMMIT" /opt/hakuna-mock/bin/pip install --no-cache-dir \
        --disable-pip-version-check -c constraints.txt '.[metrics,sqlite,postgres,yaml]' \
    && /opt/hakuna-mock/bin/python -m compileall -q /opt/hakuna-mock/lib \
    && /opt/hakuna-mock/bin/pip uninstall -y -q pip
# The bill of materials lists what the environment above holds; its maker stays in this stage.
RUN mkdir -p /opt/hakuna-mock/share && python -m venv /opt/sbom \
    && /opt/sbom/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check -q \
        'cyclonedx-bom==7.5.0' \
    && /opt/sbom/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
        --of JSON -o /opt/hakuna-mock/share/sbom.cdx.json /opt/hakuna-mock/bin/python

FROM python:3.13-slim
ARG COMMIT="" VERSION="" CREATED="" SOURCE=""
LABEL org.opencontainers.image.title="hakuna-mock" \
      org.opencontainers.image.description="Sandbox mock server and contract checks for the Hakuna Events API (unofficial)" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.source="$SOURCE"
COPY --from=build /opt/hakuna-mock /opt/hakuna-mock
ENV PATH=/opt/hakuna-mock/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HAKUNA_MOCK_HOST=0.0.0.0
# Where a volume keeps the state: HAKUNA_MOCK_STATE=/state/mock.db
RUN install -d -o 65532 -g 65532 /state
VOLUME /state
# Commands read and write here: docker run -v "$PWD:/w" …
RUN install -d -o 65532 -g 65532 /w
WORKDIR /w
USER 65532:65532
EXPOSE 4258
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["hakuna-mock", "healthcheck"]
ENTRYPOINT ["hakuna-mock"]
CMD ["serve"]
