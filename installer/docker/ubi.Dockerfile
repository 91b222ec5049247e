# pyodbc with the driver on Red Hat's Universal Base Image. Build it beside the package:
#   docker build --file installer/docker/ubi.Dockerfile --tag trino-odbc target/dist
# Not run: no registry of images was at hand. `cargo xtask test --only packages` installs the same package by rpm.
FROM registry.access.redhat.com/ubi9/python-312
USER 0
COPY trino-odbc-*.x86_64.rpm /tmp/
RUN dnf install --assumeyes unixODBC /tmp/trino-odbc-*.x86_64.rpm \
    && rm -f /tmp/trino-odbc-*.rpm \
    && dnf clean all
RUN pip install --no-cache-dir pyodbc==5.3.0
USER 1001
CMD ["trino-odbc", "list"]
