"""Where the driver and the server are, from the environment that `cargo xtask test` prepares."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pyodbc
import pytest
import trino

# The environment decides which manager configuration is read; pooling would hide connects.
pyodbc.pooling = False

DRIVER = "Trino ODBC"


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
        """A connection of Trino's own client."""
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
        )


@pytest.fixture(scope="session")
def lab():
    path = os.environ.get("TRINO_LAB")
    if not path:
        pytest.fail("TRINO_LAB does not say which server to test against: use cargo xtask test")
    return Lab(json.loads(Path(path).read_text()))


@pytest.fixture
def connection(lab):
    with lab.connect() as connection:
        yield connection
    connection.close()


@pytest.fixture
def cursor(connection):
    return connection.cursor()
