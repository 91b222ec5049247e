"""Signing in at a real Trino with tokens and with OAuth 2.0, good and bad, and tokens that end in between."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyodbc
import pytest
from browser import Browser


@pytest.fixture
def issuing(secured):
    """A server that takes tokens of an issuer."""
    if not secured.facts.get("issuer"):
        pytest.skip("this server was started without an issuer")
    return secured


@pytest.fixture
def browser(issuing):
    return Browser(issuing)


def connect(lab, browser=None, **changes):
    """A connection that sends no password unless a test gives one."""
    changes = {"Password": None, "User": None} | changes
    attributes = browser.attributes() if browser else {}
    text = lab.connection_string(**changes)
    return pyodbc.connect(text, autocommit=True, timeout=20, attrs_before=attributes)


def refused(lab, browser=None, **changes):
    """SQLSTATE and message of a connection that is refused."""
    with pytest.raises(pyodbc.Error) as raised:
        connect(lab, browser, **changes)
    return raised.value.args


def user(connection):
    return connection.execute("SELECT current_user").fetchval()


def by_issuer(lab, kind, **changes):
    """The keywords of a token that comes from the issuer."""
    return {
        "AuthenticationType": kind,
        "OAuth2Issuer": lab.issuer["url"],
        "OAuth2ClientId": lab.issuer["client_id"],
        "OAuth2ClientSecret": lab.issuer["client_secret"],
        "OAuth2TrustStore": lab.issuer["ca"],
    } | changes


def token(lab, scope=""):
    """A token of the issuer, by hand."""
    form = {
        "grant_type": "client_credentials",
        "client_id": lab.issuer["client_id"],
        "client_secret": lab.issuer["client_secret"],
        "scope": scope,
    }
    context = Browser(lab).context
    request = Request(f"{lab.issuer['url']}/token", urlencode(form).encode())
    with urlopen(request, context=context, timeout=20) as answer:
        return json.load(answer)["access_token"]


def test_a_token_is_who_it_was_issued_to(issuing):
    with closing(connect(issuing, AccessToken=token(issuing))) as connection:
        assert user(connection) == "program"


def test_a_wrong_token_is_refused_and_not_shown(issuing):
    good = token(issuing)
    bad = good[:-8] + "AAAAAAAA"
    state, message = refused(issuing, AccessToken=bad)
    assert state == "28000"
    assert bad not in message
    assert good[:40] not in message


def test_a_token_that_ended_is_refused(issuing):
    short = token(issuing, "lifetime-1")
    time.sleep(2)
    state, _ = refused(issuing, AccessToken=short)
    assert state == "28000"


def test_a_token_in_a_file_may_be_replaced_in_the_middle_of_a_session(issuing, tmp_path):
    path = tmp_path / "token"
    path.write_text(token(issuing, "lifetime-3"))
    with closing(connect(issuing, AccessTokenFile=path)) as connection:
        assert user(connection) == "program"
        time.sleep(4)
        with pytest.raises(pyodbc.Error) as raised:
            user(connection)
        assert raised.value.args[0] == "28000"
        path.write_text(token(issuing))
        assert user(connection) == "program"


def test_a_person_signs_in_with_a_browser(issuing, browser):
    browser.parameters = {"login": "ann"}
    with closing(connect(issuing, browser, AuthenticationType="OAuth2")) as connection:
        assert user(connection) == "ann"
    assert len(browser.shown) == 1
    assert not browser.failures


def test_connections_share_what_a_person_signed_in_for(issuing, browser):
    browser.parameters = {"login": "bea"}
    keywords = {"AuthenticationType": "OAuth 2.0", "User": "bea"}
    with closing(connect(issuing, browser, **keywords)) as one:
        with closing(connect(issuing, browser, **keywords)) as two:
            assert user(one) == user(two) == "bea"
    assert len(browser.shown) == 1
    with closing(connect(issuing, browser, OAuth2TokenCache="None", **keywords)) as apart:
        assert user(apart) == "bea"
    assert len(browser.shown) == 2


def test_a_persons_token_is_refreshed_in_the_middle_of_a_session(issuing, browser):
    browser.parameters = {"login": "eve", "lifetime": "2"}
    keywords = {"AuthenticationType": "OAuth2", "OAuth2TokenCache": "None"}
    with closing(connect(issuing, browser, **keywords)) as connection:
        assert user(connection) == "eve"
        time.sleep(3)
        assert user(connection) == "eve"
        rows = connection.execute("SELECT * FROM tpch.tiny.orders").fetchall()
    assert len(rows) == 15_000
    assert len(browser.shown) == 1


def test_a_person_is_asked_again_when_the_token_cannot_be_refreshed(issuing, browser):
    browser.parameters = {"login": "joe", "lifetime": "2", "refresh": "false"}
    keywords = {"AuthenticationType": "OAuth2", "OAuth2TokenCache": "None"}
    with closing(connect(issuing, browser, **keywords)) as connection:
        assert user(connection) == "joe"
        time.sleep(3)
        assert user(connection) == "joe"
    assert len(browser.shown) == 2


def test_a_person_who_says_no_is_told_so(issuing, browser):
    browser.parameters = {"deny": "1"}
    keywords = {"AuthenticationType": "OAuth2", "OAuth2TokenCache": "None"}
    state, message = refused(issuing, browser, **keywords)
    assert state == "28000"
    assert "access_denied" in message or "said no" in message


def test_nobody_is_waited_for_longer_than_is_said(issuing, browser):
    browser.open = lambda address, code=None: None
    keywords = {"AuthenticationType": "OAuth2", "OAuth2TokenCache": "None", "OAuth2Timeout": 2}
    started = time.monotonic()
    state, message = refused(issuing, browser, **keywords)
    assert state == "HYT00"
    assert "OAuth2Timeout" in message
    assert time.monotonic() - started < 10


def test_the_systems_browser_is_opened_and_a_second_program_needs_none(issuing, tmp_path):
    """By what a desktop would have in place of xdg-open; the token stays in a file for the next program."""
    opener = tmp_path / "xdg-open"
    here = os.path.dirname(__file__)
    facts = os.environ["TRINO_LAB_SECURED"]
    opener.write_text(
        f"#!{sys.executable}\n"
        "import json, sys\n"
        f"sys.path.insert(0, {here!r})\n"
        "from types import SimpleNamespace\n"
        "from browser import Browser\n"
        f"facts = json.load(open({facts!r}))\n"
        "browser = Browser(SimpleNamespace(**facts))\n"
        "browser.parameters = {'login': 'kim'}\n"
        "browser.open(sys.argv[1])\n"
        f"open({str(tmp_path / 'opened')!r}, 'a').write('once\\n')\n"
    )
    opener.chmod(0o755)
    text = issuing.connection_string(
        Password=None,
        User="kim",
        AuthenticationType="OAuth2",
        OAuth2TokenCache="File",
    )
    program = (
        "import pyodbc, sys\n"
        "pyodbc.pooling = False\n"
        "connection = pyodbc.connect(sys.argv[1], autocommit=True, timeout=20)\n"
        "print(connection.execute('SELECT current_user').fetchval())\n"
    )
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", program, text],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert run.stdout.strip() == "kim", run.stderr
    assert (tmp_path / "opened").read_text() == "once\n"
    kept = list((tmp_path / "cache/trino-odbc/tokens").glob("*.json"))
    assert [oct(path.stat().st_mode & 0o777) for path in kept] == ["0o600"]


def test_an_address_is_printed_where_there_is_no_browser(issuing, capfd):
    keywords = {"AuthenticationType": "OAuth2", "OAuth2TokenCache": "None", "OAuth2Timeout": 1}
    refused(issuing, OAuth2RedirectHandlers="PRINT", **keywords)
    assert f"https://{issuing.host}:{issuing.port}/oauth2/token/initiate/" in capfd.readouterr().err


def test_a_program_signs_in_by_its_secret(issuing):
    keywords = by_issuer(issuing, "ClientCredentials", OAuth2Scope="lifetime-3")
    with closing(connect(issuing, **keywords)) as connection:
        assert user(connection) == "program"
        time.sleep(4)
        assert user(connection) == "program"


def test_a_programs_wrong_secret_is_refused_and_not_shown(issuing):
    keywords = by_issuer(issuing, "ClientCredentials", OAuth2ClientSecret="sesame-open")
    state, message = refused(issuing, **keywords)
    assert state == "28000"
    assert "invalid_client" in message
    assert "sesame" not in message


def test_an_issuer_that_is_not_believed_is_told_with_the_keyword(issuing):
    keywords = by_issuer(issuing, "ClientCredentials", OAuth2TrustStore=None)
    state, message = refused(issuing, **keywords)
    assert state == "08001"
    assert "OAuth2TrustStore" in message


def test_a_person_signs_in_on_another_device(issuing, browser):
    browser.parameters = {"login": "pat", "lifetime": "2"}
    keywords = by_issuer(
        issuing,
        "DeviceFlow",
        OAuth2ClientId=issuing.issuer["public_client_id"],
        OAuth2ClientSecret=None,
    )
    with closing(connect(issuing, browser, **keywords)) as connection:
        assert user(connection) == "pat"
        time.sleep(3)
        assert user(connection) == "pat"
    assert len(browser.shown) == 1
    assert browser.shown[0][1]


def test_a_server_that_wants_a_person_says_so(issuing):
    state, message = refused(issuing, User="lab")
    assert state == "28000"
    assert "AuthenticationType=OAuth2" in message


def test_no_secret_of_a_sign_in_is_logged(issuing, browser, tmp_path):
    browser.parameters = {"login": "zoe", "lifetime": "2"}
    log = {"LogLevel": "trace", "LogPath": tmp_path / "driver.log"}
    given = token(issuing)
    keywords = {"AuthenticationType": "OAuth2", "OAuth2TokenCache": "None"}
    for changes in (
        {"AccessToken": given},
        by_issuer(issuing, "ClientCredentials", OAuth2TokenCache="None"),
    ):
        with closing(connect(issuing, **changes, **log)) as connection:
            assert user(connection) == "program"
    with closing(connect(issuing, browser, **keywords, **log)) as connection:
        assert user(connection) == "zoe"
        time.sleep(3)
        assert user(connection) == "zoe"
    text = (tmp_path / "driver.log").read_text()
    assert "signed in" in text
    # Every token of this issuer and of Trino begins with an encoded header.
    for secret in (given, issuing.issuer["client_secret"], "Bearer ey", "eyJ", "/oauth2/token/"):
        assert secret not in text
