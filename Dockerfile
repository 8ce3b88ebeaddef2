# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY contracts contracts
COPY mock_server mock_server
COPY fuzz fuzz
COPY hakuna_mock hakuna_mock
RUN python -m venv /opt/hakuna-mock \
    && /opt/hakuna-mock/bin/pip install --no-cache-dir --disable-pip-version-check \
        -c constraints.txt . \
    && /opt/hakuna-mock/bin/python -m compileall -q /opt/hakuna-mock/lib \
    && /opt/hakuna-mock/bin/pip uninstall -y -q pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="hakuna-mock" \
      org.opencontainers.image.description="Sandbox mock server for the Hakuna Events API (unofficial)" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/hakuna-mock /opt/hakuna-mock
ENV PATH=/opt/hakuna-mock/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HAKUNA_MOCK_HOST=0.0.0.0
WORKDIR /tmp
USER 65532:65532
EXPOSE 4258
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["hakuna-mock", "healthcheck"]
ENTRYPOINT ["python", "-m", "mock_server"]
