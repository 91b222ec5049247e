"""Proxies that Windows is set up with, between the driver and a real Trino."""

import http.client
import http.server
import json
import struct
import subprocess
import sys
import threading
import winreg
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest

SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections"
VALUE = "DefaultConnectionSettings"
VERSION, DIRECT, BY_PROXY, BY_SCRIPT = 70, 1, 2, 4
NAME = "trino.example"
LENGTHS = {"connection", "content-length", "proxy-connection", "transfer-encoding"}


class Front(http.server.BaseHTTPRequestHandler):
    """A proxy for http, which serves its script, too."""

    def do_GET(self):
        if self.path == "/proxy.pac":
            self.answer(200, {}, self.server.script.encode())
        else:
            self.forward(None)

    def do_HEAD(self):
        self.forward(None)

    def do_DELETE(self):
        self.forward(None)

    def do_POST(self):
        self.forward(self.rfile.read(int(self.headers["Content-Length"])))

    def forward(self, body):
        self.server.forwarded.append(self.path)
        # The coordinator is asked under the name that only the proxy knows, so that its links have that name.
        headers = {name: value for name, value in self.headers.items() if name.lower() not in LENGTHS}
        with closing(http.client.HTTPConnection(*self.server.coordinator, timeout=60)) as connection:
            connection.request(self.command, urlsplit(self.path).path, body, headers)
            response = connection.getresponse()
            self.answer(response.status, response.headers, response.read())

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in LENGTHS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def front(lab):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    server.forwarded = []
    server.address = "{}:{}".format(*server.server_address)
    server.coordinator = lab.host, lab.port
    server.script = f"function FindProxyForURL(url, host) {{ return host == '{NAME}' ? 'PROXY {server.address}' : 'DIRECT'; }}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@contextmanager
def settings(proxy="", exclusions="", script=""):
    """The Internet settings of the user, for as long as the block lasts."""
    flags = DIRECT | (BY_PROXY if proxy else 0) | (BY_SCRIPT if script else 0)
    texts = [text.encode() for text in (proxy, exclusions, script)]
    parts = [struct.pack("<3I", VERSION, 0, flags), *(struct.pack("<I", len(text)) + text for text in texts), bytes(32)]
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, SETTINGS) as key:
        try:
            before = winreg.QueryValueEx(key, VALUE)[0]
        except FileNotFoundError:
            before = None
        winreg.SetValueEx(key, VALUE, 0, winreg.REG_BINARY, b"".join(parts))
        try:
            yield
        finally:
            if before is None:
                winreg.DeleteValue(key, VALUE)
            else:
                winreg.SetValueEx(key, VALUE, 0, winreg.REG_BINARY, before)


def rows(lab):
    """What a new process reads, or its error: a process keeps the settings for a while."""
    program = (
        "import json, pyodbc\n"
        "pyodbc.pooling = False\n"
        f"connection = pyodbc.connect({lab.connection_string(Host=NAME)!r}, autocommit=True)\n"
        "print(json.dumps([list(row) for row in connection.execute('SELECT nationkey, name FROM nation ORDER BY 1')]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def test_the_script_that_the_user_has_set_names_the_proxy(lab, front):
    with settings(script=f"http://{front.address}/proxy.pac"):
        assert len(rows(lab)) == 25
    assert any(path.endswith("/v1/statement") for path in front.forwarded), front.forwarded


def test_the_proxy_that_the_user_has_set_is_used(lab, front):
    with settings(proxy=front.address, exclusions="elsewhere.example"):
        assert len(rows(lab)) == 25
    assert any(path.endswith("/v1/statement") for path in front.forwarded), front.forwarded


def test_a_host_on_the_users_list_is_reached_without_the_proxy(lab, front):
    with settings(proxy=front.address, exclusions=f"elsewhere.example;{NAME}"):
        assert "Cannot resolve the host" in rows(lab)
    assert front.forwarded == []
