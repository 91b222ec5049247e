# pyodbc with the driver on Debian. Build it beside the package:
#   docker build --file installer/docker/debian.Dockerfile --tag trino-odbc target/dist
# Not run with Docker; `cargo xtask test --only packages` installs the same package in a Debian root.
FROM python:3.13-slim-trixie
COPY trino-odbc_*_amd64.deb /tmp/
RUN apt-get update \
    && apt-get install --yes --no-install-recommends unixodbc ca-certificates /tmp/trino-odbc_*_amd64.deb \
    && rm -rf /tmp/trino-odbc_* /var/lib/apt/lists/*
RUN pip install --no-cache-dir pyodbc==5.3.0
USER nobody
CMD ["trino-odbc", "list"]
