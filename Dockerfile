# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
# .dockerignore lets through what a release is built from, and nothing else.
COPY . .
ARG COMMIT=""
# The environment gets no pip of its own: the one of this stage installs into it.
RUN python -m venv --without-pip /opt/hakuna-mock \
    && HAKUNA_MOCK_COMMIT="$COMMIT" pip --python /opt/hakuna-mock/bin/python install --no-cache-dir \
        --disable-pip-version-check -c constraints.txt '.[metrics,sqlite,postgres,yaml]'
# The bill of materials lists what the environment above holds; its maker stays in this stage, and
# comes without the libraries that would look at its own work again.
RUN mkdir -p /opt/hakuna-mock/share && python -m venv --without-pip /opt/sbom \
    && pip --python /opt/sbom/bin/python install --no-cache-dir --no-compile --no-deps \
        --disable-pip-version-check -q 'cyclonedx-bom==7.5.0' 'cyclonedx-python-lib==11.12.0' \
        'boolean.py==5.0' 'chardet==7.7.0' 'defusedxml==0.7.1' 'license-expression==30.4.4' \
        'packageurl-python==0.17.6' 'packaging==26.4' 'pip-requirements-parser==32.0.1' \
        'py-serializable==2.2.0' 'pyparsing==3.3.3' 'sortedcontainers==2.4.0' \
    && /opt/sbom/bin/cyclonedx-py environment --output-reproducible --no-validate \
        --pyproject pyproject.toml --of JSON -o /opt/hakuna-mock/share/sbom.cdx.json \
        /opt/hakuna-mock/bin/python

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
# Where a volume keeps the state, HAKUNA_MOCK_STATE=/state/mock.db, and where commands read and
# write: docker run -v "$PWD:/w" …
RUN install -d -o 65532 -g 65532 /state /w
VOLUME /state
WORKDIR /w
USER 65532:65532
EXPOSE 4258
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["hakuna-mock", "healthcheck"]
ENTRYPOINT ["hakuna-mock"]
CMD ["serve"]
