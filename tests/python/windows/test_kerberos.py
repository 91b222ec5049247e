"""Kerberos by SSPI, at a real Trino and a real KDC: the user who is signed in, and another by name and password."""

from contextlib import closing

import pyodbc
import pytest


@pytest.fixture
def realm(secured):
    if not secured.realm:
        pytest.fail("the secured lab has no KDC: krb5-kdc and krb5-user are missing")
    return secured.realm


def connect(lab, **changes):
    # The service's name has the host that its certificate has, too.
    changes = {"Host": "localhost", "AuthenticationType": "Kerberos", **changes}
    return closing(lab.connect(User=None, Password=None, **changes))


def user_of(lab, **changes):
    """Who the server says that we are."""
    with connect(lab, **changes) as connection:
        assert len(connection.execute("SELECT orderkey FROM tpch.tiny.orders").fetchall()) == 15000
        return connection.execute("SELECT current_user").fetchval()


def test_the_user_who_is_signed_in_connects(secured, realm):
    assert user_of(secured) == "ann"


@pytest.fixture
def name(realm):
    """The user as Windows writes one of a domain."""
    return rf"{realm['name']}\ann"


def test_a_name_and_password_sign_in(secured, realm, name):
    assert user_of(secured, KerberosPrincipal=name, KerberosPassword=realm["password"]) == "ann"


def test_a_wrong_password_is_refused_and_not_shown(secured, name):
    with pytest.raises(pyodbc.Error) as refused:
        user_of(secured, KerberosPrincipal=name, KerberosPassword="wrong-secret")
    assert "28000" in str(refused.value) and "wrong-secret" not in str(refused.value)


def test_a_keytab_is_refused_with_what_windows_signs_in_with(secured, realm):
    with pytest.raises(pyodbc.Error, match="its own credentials or a password, not with a keytab"):
        user_of(secured, KerberosKeytab=realm["keytab"], KerberosPrincipal=realm["principal"])
