"""Connection strings through the Driver Manager: in files and out of them, completed, and bit by bit."""

import manager
import pytest
from manager import SQL_NEED_DATA, SQL_SUCCESS, SQL_SUCCESS_WITH_INFO


@pytest.fixture
def keywords(secured):
    """A connection string without a password."""
    return secured.connection_string(Password=None)


@pytest.fixture
def password(secured):
    return f"Password={secured.password}"


def test_a_string_is_completed_with_what_was_given(keywords, password, secured):
    with manager.connection() as connection:
        answer = connection.connect(f"{keywords};{password}")
        assert (answer.code, answer.records) == (SQL_SUCCESS, [])
        assert answer.length == len(answer.text)
        assert f"Password={secured.password};" in answer.text
    with manager.connection() as connection:
        assert connection.connect(answer.text).code == SQL_SUCCESS


def test_a_string_that_is_too_long_is_cut_with_a_warning(keywords, password):
    with manager.connection() as connection:
        answer = connection.connect(f"{keywords};{password}", capacity=20)
        assert (answer.code, answer.states) == (SQL_SUCCESS_WITH_INFO, ["01004"])
        assert len(answer.text) == 19
        assert answer.length > 19


def test_a_value_in_braces_holds_anything(secured):
    text = secured.connection_string(Password=None)
    for password in ["a;b", "a}}b", " a ", "{a", "\u00e4=\u00f6"]:
        with manager.connection() as connection:
            answer = connection.connect(f"{text};Password={{{password}}};Nonsense=1")
            assert answer.states == ["28000"], answer.records


def test_a_file_holds_the_keywords(keywords, password, tmp_path):
    path = tmp_path / "trino.dsn"
    lines = keywords.replace("{Trino}", "Trino").split(";")
    path.write_text("\n".join(["[ODBC]", *lines, ""]))
    with manager.connection() as connection:
        answer = connection.connect(f"FILEDSN={path};{password}")
        assert (answer.code, answer.records) == (SQL_SUCCESS, [])


def test_a_saved_file_connects_again_and_holds_no_password(keywords, password, secured, tmp_path):
    path = tmp_path / "saved.dsn"
    with manager.connection() as connection:
        answer = connection.connect(f"{keywords};PWD={secured.password};SAVEFILE={path}")
        assert answer.code == SQL_SUCCESS, answer.records
    assert secured.password not in path.read_text()
    with manager.connection() as connection:
        answer = connection.connect(f"FILEDSN={path};{password}")
        assert (answer.code, answer.records) == (SQL_SUCCESS, [])


def test_a_connection_is_made_bit_by_bit(keywords, password, secured):
    with manager.connection() as connection:
        first = connection.browse("DRIVER={Trino}")
        assert first.code == SQL_NEED_DATA
        assert first.text.startswith("HOST:Host=?;*PORT:Port=?;")
        second = connection.browse(f"PORT={secured.port}")
        assert second.code == SQL_NEED_DATA
        assert "PORT" not in second.text
        rest = keywords.split(";", 1)[1]
        done = connection.browse(f"{rest};{password}")
        assert (done.code, done.records) == (SQL_SUCCESS, [])
