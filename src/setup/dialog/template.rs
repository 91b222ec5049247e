//! A layout as the DLGTEMPLATEEX that Windows creates a dialog from.
//!
//! <https://learn.microsoft.com/windows/win32/dlgbox/dlgtemplateex>

use windows_sys::Win32::UI::WindowsAndMessaging::{
    BS_AUTOCHECKBOX, BS_DEFPUSHBUTTON, BS_NOTIFY, BS_PUSHBUTTON, CBS_DROPDOWNLIST, DS_3DLOOK,
    DS_CENTER, DS_CONTROL, DS_MODALFRAME, DS_SETFONT, ES_AUTOHSCROLL, ES_AUTOVSCROLL, ES_MULTILINE,
    ES_NUMBER, ES_PASSWORD, ES_READONLY, ES_WANTRETURN, WS_BORDER, WS_CAPTION, WS_CHILD,
    WS_CLIPSIBLINGS, WS_EX_CONTROLPARENT, WS_POPUP, WS_SYSMENU, WS_TABSTOP, WS_VISIBLE, WS_VSCROLL,
};

use super::super::layout::{self, Area, Item, ItemKind, Layout};

/// What kind of window the template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// A dialog with a title.
    Dialog,
    /// A part of a dialog.
    Page,
}

/// The template. Words of 32 bits, as it must be aligned.
pub fn build(layout: &Layout, frame: Frame) -> Vec<u32> {
    let (style, extended) = match frame {
        Frame::Dialog => (
            WS_POPUP | WS_CAPTION | WS_SYSMENU | DS_MODALFRAME as u32 | DS_CENTER as u32,
            0,
        ),
        Frame::Page => (WS_CHILD | DS_CONTROL as u32, WS_EX_CONTROLPARENT),
    };
    let mut words = Words::default();
    words.put(1);
    words.put(0xffff);
    words.put_long(0);
    words.put_long(extended);
    words.put_long(style | DS_SETFONT as u32 | DS_3DLOOK as u32);
    words.put(layout.items.len() as u16);
    words.put_area(Area {
        x: 0,
        y: 0,
        width: layout.width,
        height: layout.height,
    });
    words.put(0);
    words.put(0);
    words.put_text(&layout.title);
    words.put(POINTS);
    words.put(400);
    // Not italic, and the default character set.
    words.put(1 << 8);
    words.put_text(FONT);
    for item in &layout.items {
        put_item(&mut words, item);
    }
    words.into_longs()
}

fn put_item(words: &mut Words, item: &Item) {
    let edit = WS_TABSTOP | WS_BORDER | ES_AUTOHSCROLL as u32;
    let button = WS_TABSTOP | BS_NOTIFY as u32;
    let (class, style) = match item.kind {
        ItemKind::Label if matches!(item.id, layout::HELP | layout::NOTICE) => {
            (STATIC, SS_NOPREFIX)
        }
        ItemKind::Label => (STATIC, 0),
        ItemKind::Edit { secret: true, .. } => (EDIT, edit | ES_PASSWORD as u32),
        ItemKind::Edit { number: true, .. } => (EDIT, edit | ES_NUMBER as u32),
        ItemKind::Edit { .. } => (EDIT, edit),
        ItemKind::Lines { read_only } => {
            let lines = WS_TABSTOP | WS_BORDER | WS_VSCROLL;
            let lines = lines | (ES_MULTILINE | ES_AUTOVSCROLL) as u32;
            let own = if read_only {
                ES_READONLY
            } else {
                ES_WANTRETURN
            };
            (EDIT, lines | own as u32)
        }
        ItemKind::Tick => (BUTTON, button | BS_AUTOCHECKBOX as u32),
        ItemKind::Choice => (COMBO_BOX, WS_TABSTOP | WS_VSCROLL | CBS_DROPDOWNLIST as u32),
        ItemKind::Button { default: true } => (BUTTON, button | BS_DEFPUSHBUTTON as u32),
        ItemKind::Button { default: false } => (BUTTON, button | BS_PUSHBUTTON as u32),
        ItemKind::Tabs => (0, WS_TABSTOP | WS_CLIPSIBLINGS),
    };
    let mut area = item.area;
    if item.kind == ItemKind::Choice {
        // With the list that drops down.
        area.height = 120;
    }
    words.align();
    words.put_long(0);
    words.put_long(0);
    words.put_long(WS_CHILD | WS_VISIBLE | style);
    words.put_area(area);
    words.put_long(item.id.into());
    if item.kind == ItemKind::Tabs {
        words.put_text(TAB_CONTROL);
    } else {
        words.put(0xffff);
        words.put(class);
    }
    words.put_text(&item.text);
    words.put(0);
}

/// Words of 16 bits, one after the other.
#[derive(Debug, Default)]
struct Words(Vec<u16>);

impl Words {
    fn put(&mut self, word: u16) {
        self.0.push(word);
    }

    fn put_long(&mut self, long: u32) {
        self.0.extend([long as u16, (long >> 16) as u16]);
    }

    fn put_text(&mut self, text: &str) {
        self.0.extend(text.encode_utf16().chain([0]));
    }

    fn put_area(&mut self, area: Area) {
        let places = [area.x, area.y, area.width, area.height];
        self.0.extend(places.map(|place| place as u16));
    }

    fn align(&mut self) {
        if !self.0.len().is_multiple_of(2) {
            self.put(0);
        }
    }

    fn into_longs(mut self) -> Vec<u32> {
        self.align();
        let pairs = self.0.as_chunks::<2>().0;
        let long = |pair: &[u16; 2]| u32::from(pair[0]) | u32::from(pair[1]) << 16;
        pairs.iter().map(long).collect()
    }
}

const FONT: &str = "Segoe UI";
const POINTS: u16 = 9;

const TAB_CONTROL: &str = "SysTabControl32";
/// Classes by their numbers.
const BUTTON: u16 = 0x80;
const EDIT: u16 = 0x81;
const STATIC: u16 = 0x82;
const COMBO_BOX: u16 = 0x85;

const SS_NOPREFIX: u32 = 0x80;
