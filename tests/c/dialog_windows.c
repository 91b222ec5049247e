/*
 * A program with a window that has the installer library open the driver's dialog: dialog DRIVER. It prints 1 when the
 * user confirmed, else 0 and the error.
 */
#include <windows.h>
#include <odbcinst.h>
#include <stdio.h>

int wmain(int count, WCHAR **words)
{
    WCHAR message[1024] = {0};
    DWORD code = 0;
    WORD length;
    HWND window;
    BOOL done;
    if (count < 2)
        return 2;
    SetProcessDPIAware();
    window = CreateWindowExW(0, L"STATIC", L"Owner", WS_OVERLAPPEDWINDOW | WS_VISIBLE, 0, 0, 300, 100, 0, 0, 0, 0);
    done = SQLConfigDataSourceW(window, ODBC_ADD_DSN, words[1], L"\0");
    printf("%d\n", done);
    if (!done && SQLInstallerErrorW(1, &code, message, 1024, &length) == SQL_SUCCESS)
        printf("%lu %ls\n", code, message);
    return !done;
}
