"""What a person reads when something is wrong, and how soon."""

import re
import socket
import time
from contextlib import closing

import pyodbc
import pytest

QUERY_ID = r"\d{8}_\d{6}_\d{5}_[a-z0-9]{5}"


def refused(lab, **changes):
    """SQLSTATE and message of a connection that is refused within seconds."""
    started = time.monotonic()
    with pytest.raises(pyodbc.Error) as raised:
        lab.connect(**changes)
    assert time.monotonic() - started < 10
    state, message = raised.value.args
    return state, message


@pytest.mark.parametrize(
    ("sql", "state", "native", "words"),
    [
        ("SELECT * FROM tpch.tiny.nowhere", "42S02", 46, "nowhere"),
        ("SELECT nowhere FROM tpch.tiny.nation", "42S22", 47, "nowhere"),
        ("SELEC 1", "42000", 1, "SELEC"),
        ("SELECT 1 / (nationkey - nationkey) FROM tpch.tiny.nation", "22012", 8, "zero"),
        ("SELECT * FROM nowhere.tiny.nation", "3D000", 44, "nowhere"),
    ],
)
def test_the_servers_error_arrives_with_state_number_and_query(cursor, sql, state, native, words):
    with pytest.raises(pyodbc.Error) as raised:
        cursor.execute(sql).fetchall()
    got, message = raised.value.args
    assert got == state
    assert words in message
    assert f"({native})" in message
    assert re.search(QUERY_ID, message)


def test_an_error_leaves_the_connection_usable(connection):
    cursor = connection.cursor()
    with pytest.raises(pyodbc.Error):
        cursor.execute("SELECT * FROM tpch.tiny.nowhere")
    assert cursor.execute("SELECT 1").fetchval() == 1


def test_an_unknown_keyword_does_not_keep_from_connecting(lab):
    with closing(lab.connect(Nonsense="1")) as connection:
        assert connection.execute("SELECT 1").fetchval() == 1


def test_pyodbcs_default_of_manual_commit_does_not_keep_from_reading(lab):
    with closing(pyodbc.connect(lab.connection_string())) as connection:
        assert connection.execute("SELECT 1").fetchval() == 1


def test_a_wrong_host_is_named(lab):
    state, message = refused(lab, Host="nowhere.invalid")
    assert state == "08001"
    assert "nowhere.invalid" in message


def test_a_port_where_nobody_listens_is_named(lab):
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        state, message = refused(lab, Host="127.0.0.1", Port=port)
    assert state == "08001"
    assert str(port) in message


def test_a_missing_host_is_named(lab):
    _, message = refused(lab, Host=None)
    assert "Host" in message


def test_tls_to_a_server_without_is_told(lab):
    if lab.scheme == "https":
        pytest.skip("this server speaks TLS")
    started = time.monotonic()
    state, message = refused(lab, SSL=1)
    assert time.monotonic() - started < 2
    assert state == "08001"
    assert str(lab.port) in message
    assert "SSL=false" in message


def test_no_tls_to_a_server_with_is_told_at_once(secured):
    for more in ({}, {"ValidateConnection": 0}):
        started = time.monotonic()
        with pytest.raises(pyodbc.Error, match="SSL=true") as raised:
            with closing(secured.connect(SSL=0, Password=None, SSLTrustStore=None, **more)) as connection:
                connection.execute("SELECT 1")
        assert time.monotonic() - started < 2
        assert raised.value.args[0] in ("08001", "08S01")


def test_a_long_message_keeps_beginning_and_query(cursor):
    with pytest.raises(pyodbc.Error) as raised:
        cursor.execute("SELECT fail('begin' || rpad('', 100000, '😀') || 'end')").fetchall()
    message = raised.value.args[1]
    assert "begin" in message and "end" in message
    assert re.search(rf"\(query {QUERY_ID}\)", message)
    assert len(message.encode("utf-16-le")) < 2 * 32767


def test_unknown_keywords_are_named_where_one_is_missing(lab):
    state, message = refused(lab, User=None, UserID="ann", ValidateConnection=1)
    assert state == "28000"
    assert "UserID" in message and "did you mean UID?" in message


def test_a_secured_server_answers_who_has_the_password(secured):
    with closing(secured.connect()) as connection:
        assert connection.execute("SELECT current_user").fetchval() == secured.user
        rows = connection.execute("SELECT * FROM tpch.sf1.customer").fetchall()
    assert len(rows) == 150_000


def test_a_wrong_password_is_refused(secured):
    state, message = refused(secured, Password="wrong")
    assert state == "28000"
    assert "wrong" not in message


def test_the_coordinators_unknown_authority_is_told_with_the_keyword(secured):
    state, message = refused(secured, SSLTrustStore=None)
    assert state == "08001"
    assert secured.host in message
    assert re.search(r"\bSSLTrustStore\b", message)


def test_storages_authority_is_not_trusted_for_the_coordinator(secured):
    state, _ = refused(secured, SSLTrustStore=secured.storage_ca)
    assert state == "08001"


def test_the_coordinators_check_may_be_turned_off(secured):
    with closing(secured.connect(SSLTrustStore=None, SSLVerification="None")) as connection:
        assert connection.execute("SELECT 1").fetchval() == 1


def test_a_password_is_not_sent_without_tls(lab):
    if lab.scheme == "https":
        pytest.skip("this server speaks TLS")
    _, message = refused(lab, Password="sesame")
    assert "sesame" not in message
    assert "TLS" in message or "SSL" in message
