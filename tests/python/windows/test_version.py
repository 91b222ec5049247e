"""What Windows shows of the library's file."""

import ctypes
import re
from ctypes import wintypes
from pathlib import Path

import pyodbc

MANIFEST = Path(__file__).parents[3] / "Cargo.toml"


def library():
    """The path of the library that this process has loaded."""
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetModuleHandleW.restype = wintypes.HMODULE
    module = kernel.GetModuleHandleW("trinoodbc.dll")
    path = ctypes.create_unicode_buffer(32768)
    assert kernel.GetModuleFileNameW(wintypes.HMODULE(module), path, len(path))
    return path.value


def strings(path):
    """The texts of the file's version resource."""
    version = ctypes.WinDLL("version")
    size = version.GetFileVersionInfoSizeW(path, None)
    assert size, path
    data = ctypes.create_string_buffer(size)
    assert version.GetFileVersionInfoW(path, 0, size, data)

    def text(name):
        value, length = ctypes.c_wchar_p(), wintypes.UINT()
        place = rf"\StringFileInfo\040904b0\{name}"
        assert version.VerQueryValueW(data, place, ctypes.byref(value), ctypes.byref(length)), name
        return value.value

    return {name: text(name) for name in ("FileDescription", "FileVersion", "ProductName", "OriginalFilename")}


def test_the_file_says_what_it_is(lab):
    with pyodbc.connect(lab.connection_string(), autocommit=True) as connection:
        shown = strings(library())
        driver = connection.getinfo(pyodbc.SQL_DRIVER_VER)
    release = re.search(r'^version = "(.+)"', MANIFEST.read_text(), re.MULTILINE).group(1)
    assert shown["FileVersion"] == release
    assert [int(part) for part in driver.split(".")[:2]] == [int(part) for part in release.split(".")[:2]]
    assert shown["OriginalFilename"] == "trinoodbc.dll"
    assert "Trino" in shown["ProductName"] and "ODBC" in shown["FileDescription"]
