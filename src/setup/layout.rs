//! Where the controls of the dialog stand, in dialog units: a quarter of the font's average width, an eighth of its height.
//! They scale with font and resolution.

use super::form::{Control, Field, Form, Page, mnemonics};
use crate::config::KEYWORDS;

/// A control of the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub kind: ItemKind,
    pub id: u16,
    pub text: String,
    pub area: Area,
}

/// The kinds of controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// Text that wraps.
    Label,
    Edit {
        secret: bool,
        number: bool,
    },
    /// Text of several lines that can be scrolled.
    Lines {
        read_only: bool,
    },
    Tick,
    /// A list that drops down.
    Choice,
    Button {
        default: bool,
    },
    Tabs,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub x: i16,
    pub y: i16,
    pub width: i16,
    pub height: i16,
}

/// A dialog, or a page of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub title: String,
    pub width: i16,
    pub height: i16,
    pub items: Vec<Item>,
}

/// The fields that a page has room for.
pub const ROWS: usize = 13;
/// Letters of the buttons, which no field of a page may have.
pub const TAKEN: &str = "t";

pub const OK: u16 = 1;
pub const CANCEL: u16 = 2;
pub const TEST: u16 = 10;
pub const COPY: u16 = 11;
pub const TABS: u16 = 12;
pub const HELP: u16 = 13;
pub const NOTICE: u16 = 14;
pub const REPORT: u16 = 15;
pub const MORE: u16 = 16;
const FIRST_FIELD: u16 = 100;

/// The control of the field in that row.
pub fn control_id(row: usize) -> u16 {
    FIRST_FIELD + 2 * row as u16
}

/// The button that opens a picker for that field.
pub fn picker_id(row: usize) -> u16 {
    control_id(row) + 1
}

/// The row of a control, and whether it is the picker's button.
pub fn row_of(id: u16) -> Option<(usize, bool)> {
    let place = id.checked_sub(FIRST_FIELD)?;
    Some((usize::from(place / 2), place % 2 == 1))
}

/// The dialog around the pages; `notice` stands above them.
pub fn frame(title: &str, notice: Option<&str>) -> Layout {
    let mut items = Vec::new();
    let mut y = MARGIN;
    let inner = WIDTH - 2 * MARGIN;
    if let Some(notice) = notice {
        let area = Area {
            x: MARGIN,
            y,
            width: inner,
            height: height(notice, inner),
        };
        y += area.height + GAP;
        items.push(item(ItemKind::Label, NOTICE, notice, area));
    }
    let tabs = Area {
        x: MARGIN,
        y,
        width: inner,
        height: page_area(0).y + PAGE_HEIGHT + GAP,
    };
    y += tabs.height + GAP;
    let help = Area {
        x: MARGIN,
        y,
        width: inner,
        height: help_height(inner),
    };
    y += help.height + GAP;
    items.push(item(ItemKind::Label, HELP, "", help));
    let button = |x, width| Area {
        x,
        y,
        width,
        height: BUTTON,
    };
    let (ok, cancel) = (WIDTH - MARGIN - 104, WIDTH - MARGIN - 50);
    for (id, text, area, default) in [
        (TEST, "&Test...", button(MARGIN, 50), false),
        (OK, "OK", button(ok, 50), true),
        (CANCEL, "Cancel", button(cancel, 50), false),
    ] {
        items.push(item(ItemKind::Button { default }, id, text, area));
    }
    // The last in the order of the keyboard, as in property sheets.
    items.push(item(ItemKind::Tabs, TABS, "", tabs));
    Layout {
        title: title.to_owned(),
        width: WIDTH,
        height: y + BUTTON + MARGIN,
        items,
    }
}

/// Where a page stands in the dialog whose tabs begin at `y`.
pub fn page_area(y: i16) -> Area {
    Area {
        x: MARGIN + GAP,
        y: y + TAB_HEIGHT,
        width: PAGE_WIDTH,
        height: PAGE_HEIGHT,
    }
}

/// A page, and its fields by row.
pub fn page(form: &Form, page: Page) -> (Layout, Vec<Field>) {
    let fields = form.fields(page);
    let labels: Vec<_> = fields.iter().map(|field| field.label).collect();
    let labels = mnemonics(&labels, TAKEN);
    let mut items = Vec::new();
    for (row, (field, label)) in fields.iter().zip(labels).enumerate() {
        let y = GAP + ROW * row as i16;
        let (x, width) = (LABEL + GAP, PAGE_WIDTH - LABEL - 2 * GAP);
        let mut area = Area {
            x,
            y,
            width,
            height: LINE,
        };
        let id = control_id(row);
        let kind = match field.control {
            Control::Tick(_) => {
                items.push(item(ItemKind::Tick, id, &label, area));
                continue;
            }
            Control::Choice(_) => ItemKind::Choice,
            Control::Secret => ItemKind::Edit {
                secret: true,
                number: false,
            },
            Control::Number => ItemKind::Edit {
                secret: false,
                number: true,
            },
            Control::Text | Control::File | Control::Files | Control::Folder => ItemKind::Edit {
                secret: false,
                number: false,
            },
        };
        let of_label = Area {
            x: GAP,
            y: y + 2,
            width: LABEL - GAP,
            height: LINE - 3,
        };
        items.push(item(ItemKind::Label, NONE, &format!("{label}:"), of_label));
        let has_picker = matches!(
            field.control,
            Control::File | Control::Files | Control::Folder
        );
        if has_picker {
            area.width -= PICKER + GAP;
        }
        items.push(item(kind, id, "", area));
        if has_picker {
            let button = Area {
                x: area.x + area.width + GAP,
                width: PICKER,
                ..area
            };
            let kind = ItemKind::Button { default: false };
            items.push(item(kind, picker_id(row), "...", button));
        }
    }
    if page == Page::More {
        let of_label = Area {
            x: GAP,
            y: GAP,
            width: PAGE_WIDTH - 2 * GAP,
            height: 3 * TEXT,
        };
        let of_lines = Area {
            y: of_label.y + of_label.height + GAP,
            height: PAGE_HEIGHT - of_label.height - 3 * GAP,
            ..of_label
        };
        items.push(item(ItemKind::Label, NONE, MORE_KEYWORDS, of_label));
        items.push(item(
            ItemKind::Lines { read_only: false },
            MORE,
            "",
            of_lines,
        ));
    }
    let layout = Layout {
        title: String::new(),
        width: PAGE_WIDTH,
        height: PAGE_HEIGHT,
        items,
    };
    (layout, fields)
}

/// The dialog of a test of the connection.
pub fn test() -> Layout {
    let inner = TEST_WIDTH - 2 * MARGIN;
    let report = Area {
        x: MARGIN,
        y: MARGIN,
        width: inner,
        height: 110,
    };
    let y = report.y + report.height + GAP;
    let button = |x| Area {
        x,
        y,
        width: 50,
        height: BUTTON,
    };
    let push = |default| ItemKind::Button { default };
    let kind = ItemKind::Lines { read_only: true };
    Layout {
        title: "Test of the connection".to_owned(),
        width: TEST_WIDTH,
        height: y + BUTTON + MARGIN,
        items: vec![
            item(kind, REPORT, "", report),
            item(push(false), COPY, "&Copy", button(MARGIN)),
            item(
                push(true),
                CANCEL,
                "Close",
                button(TEST_WIDTH - MARGIN - 50),
            ),
        ],
    }
}

fn item(kind: ItemKind, id: u16, text: &str, area: Area) -> Item {
    Item {
        kind,
        id,
        text: text.to_owned(),
        area,
    }
}

/// The height of a text that wraps, with a line to spare for words that do not fit at the ends of lines.
fn height(text: &str, width: i16) -> i16 {
    let in_line = (width / 4) as usize;
    let lines: usize = text
        .lines()
        .map(|line| line.chars().count() / in_line + 1)
        .sum();
    TEXT * (lines as i16 + 1)
}

/// The height of the longest help.
fn help_height(width: i16) -> i16 {
    let helps = KEYWORDS.iter().filter_map(|keyword| {
        let field = Field::of(keyword.id)?;
        Some(height(&field.help(), width))
    });
    helps.max().unwrap_or(TEXT)
}

const MORE_KEYWORDS: &str = "&Keywords without a field, as keyword=value, each on a line of its own. The documentation \
    lists all of them.";

/// The id of what is never looked up.
const NONE: u16 = u16::MAX;
const MARGIN: i16 = 7;
const GAP: i16 = 4;
const TEXT: i16 = 8;
/// From the top of one row to the next.
const ROW: i16 = 16;
const LINE: i16 = 13;
const BUTTON: i16 = 14;
const PICKER: i16 = 16;
const LABEL: i16 = 108;
const TAB_HEIGHT: i16 = 16;
const WIDTH: i16 = 350;
const PAGE_WIDTH: i16 = WIDTH - 2 * (MARGIN + GAP);
const PAGE_HEIGHT: i16 = ROW * ROWS as i16 + GAP;
const TEST_WIDTH: i16 = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AUTHENTICATION_TYPES, Id};
    use crate::setup::NameField;

    /// Fails when an item stands outside of the layout or on another.
    fn check(layout: &Layout, what: &str) {
        let ends = |area: Area| (area.x + area.width, area.y + area.height);
        for (index, item) in layout.items.iter().enumerate() {
            let Area { x, y, .. } = item.area;
            let (right, bottom) = ends(item.area);
            assert!(
                x >= 0 && y >= 0 && right <= layout.width && bottom <= layout.height,
                "{what}: {item:?} is outside"
            );
            for other in &layout.items[index + 1..] {
                let (other_right, other_bottom) = ends(other.area);
                let apart = right <= other.area.x
                    || other_right <= x
                    || bottom <= other.area.y
                    || other_bottom <= y;
                assert!(apart, "{what}: {item:?} is on {other:?}");
            }
        }
    }

    fn forms() -> impl Iterator<Item = Form> {
        AUTHENTICATION_TYPES.iter().map(|(method, _)| {
            let attributes = vec![("AuthenticationType".to_owned(), (*method).to_owned())];
            Form::new(attributes, Some(NameField::Editable))
        })
    }

    #[test]
    fn nothing_is_outside_of_its_page_or_on_anything_else() {
        for form in forms() {
            for shown in Page::ALL {
                let (layout, _) = page(&form, shown);
                check(&layout, shown.title());
            }
        }
        let notice = "A long sentence about what is missing. ".repeat(12);
        check(&frame("Trino", Some(&notice)), "frame");
        check(&frame("Trino", None), "frame");
        check(&test(), "test");
    }

    #[test]
    fn the_page_stands_within_the_tabs() {
        let layout = frame("Trino", None);
        let tabs = layout.items.iter().find(|item| item.id == TABS).unwrap();
        let page = page_area(tabs.area.y);
        assert!(page.x > tabs.area.x && page.x + page.width < tabs.area.x + tabs.area.width);
        assert!(page.y + page.height < tabs.area.y + tabs.area.height);
    }

    #[test]
    fn there_is_room_for_the_help_of_each_field() {
        let layout = frame("Trino", None);
        let help = layout.items.iter().find(|item| item.id == HELP).unwrap();
        for form in forms() {
            for field in Page::ALL.into_iter().flat_map(|page| form.fields(page)) {
                let needed = height(&field.help(), help.area.width);
                assert!(needed <= help.area.height, "{}", field.keyword.name);
            }
        }
    }

    #[test]
    fn a_label_has_room_for_its_text() {
        for form in forms() {
            for shown in Page::ALL {
                for item in page(&form, shown).0.items {
                    // The box of a tick stands before its text.
                    let before = if item.kind == ItemKind::Tick { 12 } else { 0 };
                    let needed = before + 4 * item.text.chars().count() as i16;
                    let is_one_line = item.area.height < 2 * TEXT;
                    assert!(!is_one_line || needed <= item.area.width, "{item:?}");
                }
            }
        }
    }

    #[test]
    fn a_control_leads_back_to_its_row() {
        assert_eq!(row_of(control_id(3)), Some((3, false)));
        assert_eq!(row_of(picker_id(3)), Some((3, true)));
        assert_eq!(row_of(OK), None);
        assert_eq!(Field::of(Id::Host).map(|field| field.label), Some("Host"));
    }
}
