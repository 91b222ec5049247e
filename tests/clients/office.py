"""LibreOffice without a window: Base reads a row, Calc imports a table and prints it.

Usage: office.py SOURCE QUERY TABLE FOLDER, with the Python that has LibreOffice's `uno`. Prints the values of the row, one
a line, and then those of the sheet's last row.
"""

import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.sheet.DataImportMode import SQL

PIPE = "trino-odbc-clients"


def office(folder):
    """The process, with a profile that is nobody's."""
    profile = (folder / "profile").as_uri()
    accept = f"--accept=pipe,name={PIPE};urp"
    return subprocess.Popen(["soffice", "--headless", "--norestore", f"-env:UserInstallation={profile}", accept])


def connect():
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            return resolver.resolve(f"uno:pipe,name={PIPE};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.25)
    raise SystemExit("LibreOffice does not answer")


def argument(name, value):
    return PropertyValue(Name=name, Value=value)


def main():
    source, query, table, folder = *sys.argv[1:4], Path(sys.argv[4])
    process = office(folder)
    context = connect()
    create = lambda name: context.ServiceManager.createInstanceWithContext(name, context)
    desktop = create("com.sun.star.frame.Desktop")
    try:
        database = create("com.sun.star.sdb.DatabaseContext").createInstance()
        database.URL = f"sdbc:odbc:{source}"
        file = (folder / "trino.odb").as_uri()
        database.DatabaseDocument.storeAsURL(file, ())
        create("com.sun.star.sdb.DatabaseContext").registerObject(source, database)

        connection = database.getConnection("", "")
        row = connection.createStatement().executeQuery(query)
        assert row.next()
        for column in range(1, row.MetaData.ColumnCount + 1):
            text = row.getString(column)
            print("NULL" if row.wasNull() else text)
        connection.close()

        sheet = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (argument("Hidden", True),))
        cells = sheet.Sheets.getByIndex(0)
        wanted = (argument("DatabaseName", source), argument("SourceType", SQL), argument("SourceObject", table))
        cells.getCellRangeByName("A1").doImport(wanted)
        cursor = cells.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last = cells.getCellRangeByPosition(0, cursor.RangeAddress.EndRow, cursor.RangeAddress.EndColumn, cursor.RangeAddress.EndRow)
        for value in last.getDataArray()[0]:
            print(value)
        cells.Columns.OptimalWidth = True
        sheet.storeToURL((folder / "calc.pdf").as_uri(), (argument("FilterName", "calc_pdf_Export"),))
        sheet.close(True)
    finally:
        desktop.terminate()
        process.wait(timeout=60)


main()
