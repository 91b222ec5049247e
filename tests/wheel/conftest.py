"""The server that `cargo xtask test` names."""

import json
import os
from pathlib import Path

import pyodbc
import pytest

pyodbc.pooling = False


@pytest.fixture(scope="session")
def facts():
    return json.loads(Path(os.environ["TRINO_LAB"]).read_text())


@pytest.fixture(scope="session")
def lab(facts):
    """The keywords of a connection."""
    return {
        "Host": facts["host"],
        "Port": facts["port"],
        "UID": facts["user"],
        "PWD": facts["password"],
        "SSL": facts["scheme"] == "https",
        "SSLTrustStore": facts["coordinator_ca"],
        "StorageTrustStore": facts["storage_ca"],
    }
