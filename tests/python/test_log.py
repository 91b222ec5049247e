"""The log records what happens, by connection, statement and query, and never a secret."""

import base64
import configparser
import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing

import pyodbc
import pytest

SECRETS = {
    "ExtraCredentials": "vault=extra-credential-of-the-log-test",
    "ExtraHeaders": "X-Gateway-Key=extra-header-of-the-log-test",
    "HTTPProxyUser": "proxy-user",
    "HTTPProxyPassword": "proxy-password-of-the-log-test",
}
PARAMETER = "parameter-of-the-log-test"
LITERAL = "literal-of-the-log-test"


class Tunnel:
    """A proxy that connects everyone, and records the credentials that it gets."""

    def __init__(self):
        self.shown = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(4096)
            if not part:
                return
            head += part
        host, port = head.split()[1].decode().rsplit(":", 1)
        self.shown += re.findall(rb"(?i)proxy-authorization: *basic +(\S+)", head)
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        threading.Thread(target=pump, args=(server, client), daemon=True).start()
        pump(client, server)


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def until(true):
    """Waits for what happens beside the application."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def tunnel():
    tunnel = Tunnel()
    yield tunnel
    tunnel.socket.close()


def use_all(connection, log):
    """Calls of all kinds, with failures among them."""
    cursor = connection.cursor()
    cursor.execute("SELECT orderkey, comment FROM tpch.sf1.orders LIMIT 200000")
    assert len(cursor.fetchmany(5000)) == 5000
    until(lambda: "segment downloaded" in log.read_text())
    cursor.tables(catalog="tpch", schema="tiny").fetchall()
    cursor.columns(catalog="tpch", schema="tiny", table="region").fetchall()
    cursor.execute("SELECT ?, 'x'", PARAMETER).fetchall()
    cursor.execute(f"SELECT '{LITERAL}' -- {LITERAL}").fetchall()
    with pytest.raises(pyodbc.Error):
        cursor.execute("SELECT nothing FROM tpch.tiny.region")
    connection.getinfo(pyodbc.SQL_DBMS_VER)


def test_no_secret_is_logged_at_any_level(secured, tunnel, tmp_path):
    log = tmp_path / "trace.log"
    logged = {"LogLevel": "trace", "LogPath": log, "LogFileSize": "1GB"}
    proxied = {"HTTPProxy": f"127.0.0.1:{tunnel.port}"}
    wrong = "wrong-password-of-the-log-test"
    token = "eyJhbGciOiJub25lIn0.token-of-the-log-test.x"
    with closing(secured.connect(**logged, **proxied, **SECRETS)) as connection:
        use_all(connection, log)
        # The log is open while these connect.
        for refused in [
            {"Password": wrong},
            {"Password": None, "AccessToken": token},
            {"HTTPProxy": "http://user:address-of-the-log-test@127.0.0.1:1"},
            {"ExtraCredentials": wrong},
            {"HTTPProxyPassword": wrong, "HTTPProxy": "x y"},
        ]:
            with pytest.raises(pyodbc.Error) as raised:
                secured.connect(**logged, **refused)
            assert "of-the-log-test" not in str(raised.value)
    expected = base64.b64encode(b"proxy-user:" + SECRETS["HTTPProxyPassword"].encode())
    assert expected in tunnel.shown

    text = log.read_text()
    for call in ["SQLDriverConnectW", "SQLTablesW", "SQLFetch", "SQLGetInfoW", "SQLDisconnect"]:
        assert f" {call} " in text, call
    assert "segment downloaded" in text
    secrets = [
        secured.password,
        wrong,
        token,
        "address-of-the-log-test",
        PARAMETER,
        LITERAL,
        expected.decode(),
        base64.b64encode(f"{secured.user}:{secured.password}".encode()).decode(),
    ]
    for value in SECRETS.values():
        secrets.append(value.split("=")[-1])
    secrets.remove("proxy-user")
    for secret in secrets:
        assert secret not in text, secret
    # What the server gave: signed addresses, and keys of segments.
    assert not re.search(r"(?i)x-amz-|signature=|customer-key|\b(bearer|basic) [\w+/]{12}", text)
    assert not re.search(r"(?<![\w+/])[\w+/]{43}=(?!\w)", text)


def test_a_line_tells_connection_statement_and_query(secured, tmp_path):
    path = tmp_path / "debug.log"
    with closing(secured.connect(LogLevel="trace", LogPath=path)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT orderkey, comment FROM tpch.sf1.orders LIMIT 200000").fetchmany(10)
        until(lambda: "segment downloaded" in path.read_text())
        cursor.close()
    lines = path.read_text().splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z TRACE .* log opened", lines[0])
    [fetched] = {
        re.search(r"connection=\S+ statement=\S+ query_id=\S+", line).group()
        for line in lines
        if "returned" in line and '"SQLFetch"' in line and "query_id" in line
    }
    connection, statement, query = fetched.rstrip("]").split()
    [opened] = [line for line in lines if "session opened" in line]
    assert connection in opened
    segments = [line for line in lines if "segment downloaded" in line]
    assert segments
    for line in segments:
        assert connection in line
        assert statement in line
        assert query in line


CHILD = """
import pyodbc, sys
pyodbc.pooling = False
connection = pyodbc.connect(sys.argv[1], autocommit=True, timeout=20)
connection.execute("VALUES 1").fetchall()
connection.close()
"""


def in_process(lab, folder, settings, environment=None, **changes):
    """Runs a program with its own settings in the driver's section of odbcinst.ini."""
    ini = configparser.ConfigParser()
    ini.optionxform = str
    ini["Trino"] = {"Driver": os.environ["TRINO_ODBC_LIBRARY"], "Threading": "0", **settings}
    with (folder / "odbcinst.ini").open("w") as file:
        ini.write(file, space_around_delimiters=False)
    (folder / "odbc.ini").touch()
    subprocess.run(
        [sys.executable, "-c", CHILD, lab.connection_string(**changes)],
        check=True,
        timeout=120,
        env=os.environ
        | {"ODBCSYSINI": str(folder), "ODBCINI": str(folder / "odbc.ini")}
        | (environment or {}),
    )


def test_the_drivers_own_section_turns_the_log_on_and_a_connection_off(secured, tmp_path):
    log = tmp_path / "wide.log"
    settings = {"LogLevel": "debug", "LogPath": str(log)}
    in_process(secured, tmp_path, settings, LogLevel="off")
    assert not log.exists()
    for driver in ["{Trino}", os.environ["TRINO_ODBC_LIBRARY"]]:
        in_process(secured, tmp_path, settings, Driver=driver)
        text = log.read_text()
        assert "level from the driver's settings" in text
        assert "session opened" in text
        log.unlink()


def test_the_environment_wins_and_the_log_says_so(secured, tmp_path):
    log = tmp_path / "asked.log"
    environment = {"TRINO_ODBC_LOG_LEVEL": "info", "TRINO_ODBC_LOG_PATH": str(log)}
    in_process(secured, tmp_path, {}, environment, LogLevel="trace", LogPath=tmp_path / "not.log")
    text = log.read_text()
    assert "level from TRINO_ODBC_LOG_LEVEL and TRINO_ODBC_LOG_PATH" in text
    assert " DEBUG " not in text
    assert not (tmp_path / "not.log").exists()
