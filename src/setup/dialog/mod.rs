//! The dialog on Windows: pages that are created from the layout when they are shown, and what their controls do.
#![allow(unsafe_code)]

mod control;
mod modal;
mod picker;
mod template;
mod trial;

use std::cell::{Cell, RefCell};
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::Controls::{
    ETDT_ENABLE, ETDT_USETABTEXTURE, EnableThemeDialogTexture, ICC_TAB_CLASSES,
    INITCOMMONCONTROLSEX, InitCommonControlsEx, TCIF_TEXT, TCITEMW, TCM_GETCURSEL, TCM_INSERTITEMW,
    TCM_SETCURSEL,
};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{
    GetKeyState, VK_CONTROL, VK_NEXT, VK_PRIOR, VK_SHIFT, VK_TAB,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    BN_CLICKED, BN_SETFOCUS, CBN_SELCHANGE, CBN_SETFOCUS, DestroyWindow, EN_SETFOCUS, GetParent,
    HWND_TOP, MSG, MapDialogRect, SWP_SHOWWINDOW, SetWindowPos, WM_APP, WM_KEYDOWN,
};

use self::control::Control;
use self::modal::Messages;
use self::template::Frame;
use super::form::{self, Field, Form, Page};
use super::{Attributes, DialogError, Purpose, Window, layout};
use crate::config::{ConnectionString, Id};
use crate::platform::wide;

/// Shows the dialog until the person confirms or cancels.
pub fn edit(
    window: Window,
    attributes: Attributes,
    purpose: &Purpose,
) -> Result<Option<Attributes>, DialogError> {
    let controls = INITCOMMONCONTROLSEX {
        dwSize: size_of::<INITCOMMONCONTROLSEX>() as u32,
        dwICC: ICC_TAB_CLASSES,
    };
    // SAFETY: the request is whole.
    unsafe { InitCommonControlsEx(&controls) };
    let (title, notice, name, only_required) = match purpose {
        Purpose::DataSource(name) => ("Trino data source", None, Some(*name), false),
        Purpose::Connect {
            notice,
            only_required,
        } => ("Connect to Trino", notice.as_ref(), None, *only_required),
    };
    let notice_text = notice.map(|(text, _)| text.as_str());
    let focus = notice.and_then(|(_, id)| *id);
    let frame = layout::frame(title, notice_text);
    let tabs = frame.items.iter().find(|item| item.id == layout::TABS);
    let pages = Page::ALL.into_iter();
    let editor = Editor {
        form: RefCell::new(Form::new(attributes, name)),
        pages: pages
            .filter(|page| !only_required || page.is_required())
            .collect(),
        tabs_top: tabs.map_or(0, |tabs| tabs.area.y),
        of_data_source: name.is_some(),
        focus: Cell::new(focus),
        shown: Cell::new(0),
        page: Cell::new(null_mut()),
        fields: RefCell::default(),
        done: Cell::new(false),
        edited: RefCell::default(),
    };
    let window = window.as_ptr();
    if !modal::run(window, &frame, &editor, &editor.done, |dialog, message| {
        editor.takes_key(dialog, message)
    }) {
        let error = std::io::Error::last_os_error();
        return Err(DialogError::Failed(error.to_string()));
    }
    Ok(editor.edited.into_inner())
}

/// The state of the dialog while it is shown. Its messages come from within calls of the system: no borrow outlives one.
struct Editor {
    form: RefCell<Form>,
    pages: Vec<Page>,
    /// Where the tabs begin, in dialog units.
    tabs_top: i16,
    of_data_source: bool,
    /// The field to begin with.
    focus: Cell<Option<Id>>,
    /// The page that is shown, by its place in `pages`.
    shown: Cell<usize>,
    page: Cell<HWND>,
    fields: RefCell<Vec<Field>>,
    done: Cell<bool>,
    edited: RefCell<Option<Attributes>>,
}

impl Messages for Editor {
    fn created(&self, dialog: HWND) {
        // The messages of a page come here, too.
        if self.page.get().is_null() && Control::of(dialog, layout::TABS).exists() {
            self.fill_tabs(dialog);
            let first = self.focus.get().map(Page::of);
            let place = self.pages.iter().position(|page| Some(*page) == first);
            self.show(dialog, place.unwrap_or(0));
        }
    }

    fn command(&self, dialog: HWND, id: u16, code: u32) {
        match (id, code) {
            (layout::OK, BN_CLICKED) => self.confirm(dialog),
            (layout::CANCEL, BN_CLICKED) => self.done.set(true),
            (layout::TEST, BN_CLICKED) => self.test(dialog),
            (_, EN_SETFOCUS | CBN_SETFOCUS | BN_SETFOCUS) => self.show_help(dialog, id),
            _ => self.field_command(dialog, id, code),
        }
    }

    fn tab_changed(&self, dialog: HWND) {
        let chosen = Control::of(dialog, layout::TABS).send(TCM_GETCURSEL, 0, 0);
        if let Ok(place) = usize::try_from(chosen) {
            self.collect();
            self.show(dialog, place);
        }
    }

    fn posted(&self, dialog: HWND, message: u32) {
        if message == METHOD_CHANGED {
            self.collect();
            self.focus.set(Some(Id::AuthenticationType));
            self.show(dialog, self.shown.get());
        }
    }
}

impl Editor {
    fn fill_tabs(&self, dialog: HWND) {
        for (place, page) in self.pages.iter().enumerate() {
            let mut title = wide(page.title());
            let tab = TCITEMW {
                mask: TCIF_TEXT,
                pszText: title.as_mut_ptr(),
                ..TCITEMW::default()
            };
            let tab: *const TCITEMW = &tab;
            Control::of(dialog, layout::TABS).send(TCM_INSERTITEMW, place, tab as isize);
        }
    }

    /// Shows a page with the values of the form, in place of the one before.
    fn show(&self, dialog: HWND, place: usize) {
        let Some(page) = self.pages.get(place).copied() else {
            return;
        };
        let (layout, fields) = layout::page(&self.form.borrow(), page);
        let before = self.page.get();
        let child = modal::create(dialog, &layout, Frame::Page, self);
        self.page.set(child);
        self.shown.set(place);
        self.fields.replace(fields);
        self.fill(child);
        let mut area = rectangle(layout::page_area(self.tabs_top));
        // SAFETY: `area` is a place for a rectangle.
        unsafe { MapDialogRect(dialog, &mut area) };
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        // First in the order of the keyboard.
        // SAFETY: it takes any values.
        unsafe {
            SetWindowPos(
                child,
                HWND_TOP,
                area.left,
                area.top,
                width,
                height,
                SWP_SHOWWINDOW,
            )
        };
        // SAFETY: it takes any handle.
        unsafe { EnableThemeDialogTexture(child, ETDT_ENABLE | ETDT_USETABTEXTURE) };
        // SAFETY: it was created here, and is not used after.
        unsafe { DestroyWindow(before) };
        let tabs = Control::of(dialog, layout::TABS);
        tabs.send(TCM_SETCURSEL, place, 0);
        Control::of(dialog, layout::HELP).set_text("");
        self.set_focus(child);
    }

    /// Puts the focus on the field that is wanted, or the first.
    fn set_focus(&self, child: HWND) {
        let wanted = self.focus.take();
        let fields = self.fields.borrow();
        let row = fields
            .iter()
            .position(|field| Some(field.keyword.id) == wanted);
        let row = row.or_else(|| {
            let form = self.form.borrow();
            fields
                .iter()
                .position(|field| form.is_editable(field.keyword.id))
        });
        drop(fields);
        match row {
            Some(row) => Control::of(child, layout::control_id(row)).focus(),
            None => Control::of(child, layout::MORE).focus(),
        }
    }

    /// Fills the controls of a page.
    fn fill(&self, child: HWND) {
        let form = self.form.borrow();
        for (row, field) in self.fields.borrow().iter().enumerate() {
            let control = Control::of(child, layout::control_id(row));
            let value = form.get(field.keyword.id);
            match field.control {
                form::Control::Tick(default) => control.tick(match value {
                    "true" => true,
                    "false" => false,
                    _ => default,
                }),
                form::Control::Choice(choices) => {
                    control.add_choice(&default_choice(field));
                    choices.iter().for_each(|choice| control.add_choice(choice));
                    let known = choices.iter().position(|choice| *choice == value);
                    control.choose(match known {
                        Some(place) => place + 1,
                        None if value.is_empty() => 0,
                        None => {
                            control.add_choice(value);
                            choices.len() + 1
                        }
                    });
                }
                _ => {
                    control.set_hint(&field.hint());
                    control.set_text(value);
                }
            }
            control.enable(form.is_editable(field.keyword.id));
        }
        Control::of(child, layout::MORE).set_text(form.more());
    }

    /// Reads the controls of the page that is shown into the form.
    fn collect(&self) {
        let child = self.page.get();
        let mut values = Vec::new();
        for (row, field) in self.fields.borrow().iter().enumerate() {
            let control = Control::of(child, layout::control_id(row));
            let value = match field.control {
                form::Control::Tick(default) if control.is_ticked() == default => String::new(),
                form::Control::Tick(default) => (!default).to_string(),
                form::Control::Choice(_) if control.chosen() == Some(0) => String::new(),
                form::Control::Choice(_) => control.text(),
                form::Control::Secret => control.text(),
                _ => control.text().trim().to_owned(),
            };
            values.push((field.keyword.id, value));
        }
        let more = Control::of(child, layout::MORE);
        let more = more.exists().then(|| more.text());
        let mut form = self.form.borrow_mut();
        for (id, value) in values {
            form.set(id, value);
        }
        if let Some(more) = more {
            form.set_more(more);
        }
    }

    /// The values of all pages; shows what is wrong with them.
    fn values(&self, dialog: HWND) -> Option<Attributes> {
        self.collect();
        let values = self.form.borrow().attributes();
        values
            .map_err(|problem| Control(dialog).warn(&problem))
            .ok()
    }

    fn confirm(&self, dialog: HWND) {
        let Some(values) = self.values(dialog) else {
            return;
        };
        let finished = match self.of_data_source {
            true => data_source(values),
            false => Ok(values),
        };
        match finished {
            Ok(values) => {
                self.edited.replace(Some(values));
                self.done.set(true);
            }
            Err(problem) => Control(dialog).warn(&problem),
        }
    }

    fn test(&self, dialog: HWND) {
        if let Some(values) = self.values(dialog) {
            let values = super::secrets::legible(values);
            let connection = match self.of_data_source {
                true => ConnectionString::from_attributes(values),
                false => ConnectionString::from_pairs(values),
            };
            trial::run(dialog, connection);
        }
    }

    /// Shows the meaning of the field that has the focus.
    fn show_help(&self, child: HWND, id: u16) {
        let help = layout::row_of(id).and_then(|(row, _)| {
            let fields = self.fields.borrow();
            fields.get(row).map(Field::help)
        });
        // SAFETY: it takes any handle.
        let dialog = unsafe { GetParent(child) };
        let control = Control::of(dialog, layout::HELP);
        if child == self.page.get() && control.exists() {
            control.set_text(&help.unwrap_or_default());
        }
    }

    fn field_command(&self, child: HWND, id: u16, code: u32) {
        let Some((row, is_picker)) = layout::row_of(id) else {
            return;
        };
        let Some(field) = self.fields.borrow().get(row).copied() else {
            return;
        };
        // SAFETY: it takes any handle.
        let dialog = unsafe { GetParent(child) };
        if code == CBN_SELCHANGE && field.keyword.id == Id::AuthenticationType {
            // The page goes with its controls: not from within a message of one of them.
            Control(dialog).post(METHOD_CHANGED);
        }
        if code == BN_CLICKED && is_picker {
            let picked = match field.control {
                form::Control::Folder => picker::folder(dialog),
                form::Control::Files => picker::files(dialog, true),
                _ => picker::files(dialog, false),
            };
            let control = Control::of(child, layout::control_id(row));
            if let Some(path) = picked {
                control.set_text(&path);
            }
            control.focus();
        }
    }

    /// Ctrl+Tab and Ctrl+Page Down show the next page, with Shift and Page Up the one before.
    fn takes_key(&self, dialog: HWND, message: &MSG) -> bool {
        // SAFETY: it takes any key.
        let is_down = |key: u16| unsafe { GetKeyState(key.into()) } < 0;
        if message.message != WM_KEYDOWN || !is_down(VK_CONTROL) {
            return false;
        }
        let back = match message.wParam as u16 {
            VK_TAB => is_down(VK_SHIFT),
            VK_NEXT => false,
            VK_PRIOR => true,
            _ => return false,
        };
        let count = self.pages.len();
        let step = if back { count - 1 } else { 1 };
        self.collect();
        self.show(dialog, (self.shown.get() + step) % count);
        true
    }
}

/// The attributes as they are kept, if a data source may have them.
fn data_source(values: Attributes) -> Result<Attributes, String> {
    let dsn = Id::Dsn.to_string();
    let (name, others): (Attributes, Attributes) =
        values.iter().cloned().partition(|(known, _)| *known == dsn);
    let name = name.first().map_or("", |(_, name)| name);
    super::check_name(name).map_err(|failure| failure.message)?;
    let others = super::secrets::legible(others);
    super::check(&others).map_err(|failure| failure.message)?;
    super::secrets::seal(values)
}

/// The line of a list for what applies without a choice.
fn default_choice(field: &Field) -> String {
    let hint = field.hint();
    if hint.is_empty() || hint == "default" {
        return "Default".to_owned();
    }
    format!("Default ({hint})")
}

fn rectangle(area: layout::Area) -> windows_sys::Win32::Foundation::RECT {
    windows_sys::Win32::Foundation::RECT {
        left: area.x.into(),
        top: area.y.into(),
        right: (area.x + area.width).into(),
        bottom: (area.y + area.height).into(),
    }
}

const METHOD_CHANGED: u32 = WM_APP + 1;
