"""A row of the table of clients for each test, and the values that Trino's own client reads."""

import json
import os
from pathlib import Path

import pytest
import trino

# Each type once, as a column of one row.
LITERALS = {
    "boolean": "true",
    "tinyint": "TINYINT '-128'",
    "smallint": "SMALLINT '32767'",
    "integer": "INTEGER '-2147483648'",
    "bigint": "BIGINT '9007199254740991'",
    "real": "REAL '3.25'",
    "double": "DOUBLE '-1.5e100'",
    "decimal": "DECIMAL '-12345678901234567.25'",
    "varchar": "'Grüße, 世界'",
    "char": "CAST('ab' AS char(5))",
    "varbinary": "X'417A30'",
    "date": "DATE '1969-12-31'",
    "time": "TIME '01:02:03'",
    "timestamp": "TIMESTAMP '2020-05-06 07:08:09.123'",
    "zoned": "TIMESTAMP '2020-05-06 07:08:09.000 UTC'",
    "uuid": "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
    "json": """JSON '{"a":[1,null]}'""",
    "array": "ARRAY[1, NULL, 3]",
    "nothing": "CAST(NULL AS varchar)",
}

QUERY = "SELECT " + ", ".join(f"{literal} AS c_{name}" for name, literal in LITERALS.items())

rows = []


class Client:
    """What a test says of the client that it runs."""

    def __init__(self):
        self.name = self.version = None
        self.remarks = ""

    def is_called(self, name, version, remarks=""):
        self.name, self.version, self.remarks = name, str(version), remarks

    def is_missing(self, name, why):
        """There is no such client here, which its row says."""
        self.name, self.version = name, None
        pytest.skip(why)


@pytest.fixture
def client(request):
    request.node.client = Client()
    return request.node.client


@pytest.fixture(scope="session")
def facts():
    return json.loads(Path(os.environ["TRINO_LAB"]).read_text())


@pytest.fixture(scope="session")
def connection_string():
    return "DSN=" + os.environ["CLIENTS_DSN"]


@pytest.fixture(scope="session")
def keywords(facts):
    """The keywords of the data source."""
    values = {
        "Host": facts["host"], "Port": facts["port"], "UID": facts["user"], "TimeZone": "UTC",
        "StorageTrustStore": facts["storage_ca"],
    }
    return ";".join(f"{name}={value}" for name, value in values.items() if value)


@pytest.fixture(scope="session")
def expected(facts):
    """The row as Trino's own client reads it."""
    connection = trino.dbapi.connect(host=facts["host"], port=facts["port"], user=facts["user"])
    return dict(zip(LITERALS, connection.cursor().execute(QUERY).fetchone()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    client = getattr(item, "client", None)
    if client and (report.when == "call" or report.failed):
        reason = report.longrepr[2].removeprefix("Skipped: ") if report.skipped else ""
        result = "not run: " + reason if report.skipped else report.outcome
        rows.append({"client": client.name or item.name, "version": client.version, "result": result, "remarks": client.remarks})
    return report


def pytest_sessionfinish():
    if path := os.environ.get("CLIENTS_REPORT"):
        Path(path).write_text(json.dumps(rows, ensure_ascii=False))
