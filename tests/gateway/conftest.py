"""The fronts that `cargo xtask test` starts before two coordinators, and a connection through each."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pyodbc
import pytest

pyodbc.pooling = False

# ODBC by ctypes.
sys.path.append(str(Path(__file__).parents[1] / "python"))


class Fronts:
    """Fronts by name, and what lies in the bucket behind them."""

    def __init__(self, facts):
        self.facts = facts
        self.mode = facts["mode"]

    def string(self, front, tls=False, **keywords):
        """A connection string for one front."""
        keywords = {
            "Driver": "{Trino}",
            "Host": "127.0.0.1",
            "Port": self.facts["ports"][front],
            "UID": self.facts["user"],
            "SSL": int(tls),
            "SSLTrustStore": self.facts["ca"] if tls else None,
            "StorageTrustStore": self.facts["storage_ca"],
            **keywords,
        }
        return ";".join(f"{name}={value}" for name, value in keywords.items() if value is not None)

    def connect(self, front, tls=False, autocommit=True, **keywords):
        """A connection through one front."""
        return pyodbc.connect(
            self.string(front, tls, **keywords), autocommit=autocommit, timeout=30
        )

    def doctor(self, front, **more):
        """The last sentence of `trino-odbc doctor` on one front, with places as the documentation has them."""
        run = subprocess.run(
            [os.environ["TRINO_ODBC_COMMAND"], "doctor", self.string(front, **more)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        sentence = run.stdout.strip().splitlines()[-1]
        shown = {front: "trino.example:443", "a": "10.0.0.7:8080", "b": "10.0.0.8:8080"}
        for name, place in shown.items():
            sentence = sentence.replace(f"127.0.0.1:{self.facts['ports'][name]}", place)
        return sentence

    def objects(self):
        """How many segments are in the bucket."""
        return sum(len(files) for _, _, files in os.walk(Path(self.facts["objects"])))


@pytest.fixture(scope="session")
def fronts():
    return Fronts(json.loads(Path(os.environ["TRINO_FRONTS"]).read_text()))


@pytest.fixture
def connect(fronts):
    """Connects through a front; the connection is closed with the test."""
    opened = []

    def connect(front, **more):
        connection = fronts.connect(front, **more)
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        # One that the test has closed refuses to be closed again.
        with suppress(pyodbc.ProgrammingError):
            connection.close()
