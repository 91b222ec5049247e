"""Signing in with a certificate, at a real Trino."""

from contextlib import closing
from pathlib import Path

import pyodbc
import pytest

IDENTITIES = Path(__file__).parents[1] / "identities"


def user_of(lab, **changes):
    """Who the server says that we are, without user and password."""
    with closing(lab.connect(User=None, Password=None, **changes)) as connection:
        return connection.execute("SELECT current_user").fetchval()


@pytest.mark.parametrize(
    "keywords",
    [
        {"SSLClientCertificate": IDENTITIES / "both.pem"},
        {
            "SSLClientCertificate": IDENTITIES / "certificate.pem",
            "SSLClientKey": IDENTITIES / "encrypted.pem",
            "SSLClientKeyPassword": "changeit",
        },
        {"SSLKeyStorePath": IDENTITIES / "both.p12", "SSLKeyStorePassword": "changeit"},
        {"ClientCert": IDENTITIES / "certificate.pem", "ClientPrivateKey": IDENTITIES / "pkcs1.pem"},
    ],
    ids=["pem", "passphrase", "pkcs12", "pkcs1"],
)
def test_a_certificate_signs_in_the_person_it_names(secured, keywords):
    assert user_of(secured, **keywords) == "ann"


def test_without_a_certificate_the_server_refuses(secured):
    with pytest.raises(pyodbc.Error, match="28000|refused the credentials"):
        user_of(secured, SSLClientCertificate="", UID="ann")


def test_a_wrong_passphrase_is_told_without_connecting(secured):
    with pytest.raises(pyodbc.Error, match="not the passphrase"):
        user_of(
            secured,
            SSLClientCertificate=IDENTITIES / "certificate.pem",
            SSLClientKey=IDENTITIES / "encrypted.pem",
            SSLClientKeyPassword="hunter2",
        )


def test_storage_is_not_shown_the_certificate(secured):
    """Segments come from storage, which asks nobody for a certificate and would not know this one's authority."""
    with closing(
        secured.connect(
            User=None, Password=None, SSLClientCertificate=IDENTITIES / "both.pem"
        )
    ) as connection:
        rows = connection.execute("SELECT orderkey FROM tpch.tiny.orders").fetchall()
    assert len(rows) == 15000
