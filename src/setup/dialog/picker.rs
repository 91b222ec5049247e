//! The system's pickers of files and folders.

use std::path::PathBuf;

use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::System::Com::CoTaskMemFree;
use windows_sys::Win32::UI::Controls::Dialogs::{
    GetOpenFileNameW, OFN_ALLOWMULTISELECT, OFN_EXPLORER, OFN_FILEMUSTEXIST, OFN_HIDEREADONLY,
    OFN_NOCHANGEDIR, OPENFILENAMEW,
};
use windows_sys::Win32::UI::Shell::{
    BIF_RETURNONLYFSDIRS, BROWSEINFOW, SHBrowseForFolderW, SHGetPathFromIDListW,
};
use windows_sys::w;

/// Files that the person picks, with bars between; `None` when that is cancelled.
pub fn files(owner: HWND, several: bool) -> Option<String> {
    let mut buffer = vec![0_u16; ROOM];
    let several = if several { OFN_ALLOWMULTISELECT } else { 0 };
    let mut request = OPENFILENAMEW {
        lStructSize: size_of::<OPENFILENAMEW>() as u32,
        hwndOwner: owner,
        lpstrFilter: w!("All files\0*.*\0"),
        lpstrFile: buffer.as_mut_ptr(),
        nMaxFile: ROOM as u32,
        // The folder that the application works in is not the driver's to change.
        Flags: OFN_EXPLORER | OFN_FILEMUSTEXIST | OFN_HIDEREADONLY | OFN_NOCHANGEDIR | several,
        ..OPENFILENAMEW::default()
    };
    // SAFETY: the request and its buffer outlive the call, and the buffer has the stated room.
    if unsafe { GetOpenFileNameW(&mut request) } == 0 {
        return None;
    }
    // One path, or the folder and the names in it, with an empty text at the end.
    let texts: Vec<String> = buffer
        .split(|unit| *unit == 0)
        .take_while(|text| !text.is_empty())
        .map(String::from_utf16_lossy)
        .collect();
    let (first, names) = texts.split_first()?;
    if names.is_empty() {
        return Some(first.clone());
    }
    let folder = PathBuf::from(first);
    let path = |name: &String| folder.join(name).display().to_string();
    Some(names.iter().map(path).collect::<Vec<_>>().join("|"))
}

/// A folder that the person picks; `None` when that is cancelled.
pub fn folder(owner: HWND) -> Option<String> {
    let request = BROWSEINFOW {
        hwndOwner: owner,
        ulFlags: BIF_RETURNONLYFSDIRS,
        ..BROWSEINFOW::default()
    };
    // SAFETY: the request outlives the call.
    let item = unsafe { SHBrowseForFolderW(&request) };
    if item.is_null() {
        return None;
    }
    let mut path = [0_u16; 260];
    // SAFETY: the item was just given out, and the buffer has MAX_PATH units.
    let found = unsafe { SHGetPathFromIDListW(item, path.as_mut_ptr()) };
    // SAFETY: the item is the caller's to free, and not used after.
    unsafe { CoTaskMemFree(item.cast()) };
    let end = path.iter().position(|unit| *unit == 0)?;
    (found != 0).then(|| String::from_utf16_lossy(&path[..end]))
}

/// Units for the paths of many files.
const ROOM: usize = 16 << 10;
