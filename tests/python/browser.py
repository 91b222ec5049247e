"""A person with a browser, who signs in where the driver says."""

import ctypes
import http.client
import ssl
from contextlib import contextmanager
from urllib.parse import urlencode, urljoin, urlsplit

# include/trino_odbc.h
SIGN_IN_CALLBACK = 0x4200
SIGN_IN_CONTEXT = 0x4201

CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)


class Browser:
    """Follows links, keeps cookies, and names the user to the issuer."""

    def __init__(self, lab):
        self.context = ssl.create_default_context(cafile=lab.coordinator_ca)
        self.context.load_verify_locations(lab.issuer["ca"])
        self.issuer = lab.issuer["url"]
        self.cookies = {}
        self.shown = []
        self.failures = []
        # What is told to the issuer: who signs in, whether they refuse, how long the token lasts.
        self.parameters = {}

    def attributes(self):
        """What a connection is given for the driver to call this browser."""

        def show(_context, address, code):
            try:
                self.open(address.decode(), code and code.decode())
            except Exception as failure:  # It must not leave through C.
                self.failures.append(failure)

        # The function goes with the attributes.
        self.callback = CALLBACK(show)
        return {SIGN_IN_CALLBACK: ctypes.cast(self.callback, ctypes.c_void_p).value}

    def open(self, address, code=None):
        """Opens the address and follows where it leads; the last status and text."""
        self.shown.append((address, code))
        parameters = dict(self.parameters)
        if code:
            parameters["user_code"] = code
        if address.startswith(self.issuer):
            address = self.told(address, parameters)
        for _ in range(10):
            status, target, text = self.get(address)
            if not target:
                return status, text
            address = urljoin(address, target)
            if address.startswith(f"{self.issuer}/authorize"):
                address = self.told(address, parameters)
        raise AssertionError("the browser was sent around in circles")

    def told(self, address, parameters):
        return address + ("&" if "?" in address else "?") + urlencode(parameters)

    def get(self, address):
        parts = urlsplit(address)
        connection = http.client.HTTPSConnection(parts.netloc, context=self.context, timeout=20)
        kept = self.cookies.setdefault(parts.netloc, {})
        cookies = "; ".join(f"{name}={value}" for name, value in kept.items())
        headers = {"Cookie": cookies} if cookies else {}
        try:
            connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            name, value = cookie.split(";")[0].split("=", 1)
            kept[name] = value
        return answer.status, answer.headers.get("Location"), text
