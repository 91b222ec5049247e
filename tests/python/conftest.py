"""Where the driver and the server are, from the environment that `cargo xtask test` prepares."""

import json
import os
import re
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyodbc
import pytest
import trino

# The environment decides which manager configuration is read; pooling would hide connects.
pyodbc.pooling = False

DRIVER = "Trino"

# What is installed for Windows alone.
collect_ignore = [] if sys.platform == "win32" else ["windows"]

# How the reason begins for skipping a test that is for other versions of Trino.
NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Lab:
    """A server to test against."""

    facts: dict

    def __getattr__(self, name):
        return self.facts[name]

    def keywords(self, **changes):
        """The connection keywords; a change to None leaves the keyword out."""
        keywords = {
            "Driver": "{" + DRIVER + "}",
            "Host": self.host,
            "Port": self.port,
            "User": self.user,
            "Password": self.password,
            "Catalog": "tpch",
            "Schema": "tiny",
            "SSL": 1 if self.scheme == "https" else 0,
            "SSLTrustStore": self.coordinator_ca,
            "StorageTrustStore": self.storage_ca,
        }
        keywords.update(changes)
        return {name: value for name, value in keywords.items() if value is not None}

    def connection_string(self, **changes):
        """A connection string for this server."""
        return ";".join(f"{name}={value}" for name, value in self.keywords(**changes).items())

    def connect(self, **changes):
        """A connection through the driver."""
        return pyodbc.connect(self.connection_string(**changes), autocommit=True, timeout=20)

    def peer(self):
        """A connection of Trino's own client, by the direct protocol."""
        secured = self.scheme == "https"
        return trino.dbapi.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            http_scheme=self.scheme,
            auth=trino.auth.BasicAuthentication(self.user, self.password) if secured else None,
            verify=self.coordinator_ca if secured else True,
            catalog="tpch",
            schema="tiny",
            encoding=None,
        )


def facts(variable):
    """The facts that the environment variable's file holds."""
    path = os.environ.get(variable)
    return Lab(json.loads(Path(path).read_text())) if path else None


@pytest.fixture(scope="session")
def lab():
    """A server, as a rule without TLS on the coordinator and with SSE-C on storage."""
    lab = facts("TRINO_LAB")
    if not lab:
        pytest.fail("TRINO_LAB does not say which server to test against: use cargo xtask test")
    return lab


@pytest.fixture(scope="session")
def secured():
    """A server that speaks TLS with a certificate of a private authority and asks for a password."""
    lab = facts("TRINO_LAB_SECURED")
    if not lab:
        pytest.skip("there is no secured server when somebody's own server is used")
    return lab


@pytest.fixture
def connection(lab):
    with closing(lab.connect()) as connection:
        yield connection


@pytest.fixture
def cursor(connection):
    return connection.cursor()


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a test that lacks something fails instead of skipping")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fails a skipped test under --no-skips, unless it is for other versions of Trino."""
    report = yield
    if report.skipped and item.config.getoption("--no-skips") and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not reason.startswith(NOT_APPLICABLE):
            report.outcome = "failed"
            report.longrepr = f"skipped: {reason}"
    return report


def pytest_configure(config):
    config.addinivalue_line("markers", "since(release): for servers of that release of Trino and later ones")


@pytest.fixture(autouse=True)
def applicable(request):
    """Says of a test that is for later servers which one it needs and which one there is."""
    marker = request.node.get_closest_marker("since")
    if marker:
        version = request.getfixturevalue("lab").version
        if release(version) < marker.args[0]:
            pytest.skip(f"{NOT_APPLICABLE}: Trino {version} lacks what came with {marker.args[0]}")


def release(version):
    """The number that a version of Trino begins with."""
    return int(re.match(r"\d+", version).group())


class Log:
    """The driver's log, as a connection's keywords ask for it."""

    def __init__(self, path):
        self.path = path
        self.keywords = {"LogLevel": "info", "LogPath": path}

    def finished(self):
        """The fields of each query that finished."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [
            dict(word.replace('"', "").split("=", 1) for word in line.split() if "=" in word)
            for line in lines
            if "query finished" in line
        ]


@pytest.fixture
def log(tmp_path):
    return Log(tmp_path / "driver.log")
