//! The README's tables of keywords and functions are the driver's own.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use trinoodbc::config::{Group, KEYWORDS, Keyword, Kind};
use trinoodbc::info::{FUNCTIONS, Function, Support};

#[test]
fn the_readme_holds_the_tables_of_keywords_and_functions() {
    // One after the other: both may be written.
    holds("keywords", &keywords());
    holds("functions", &functions());
}

/// Compares what stands between the marks of that name with `table`, or puts it there when asked to.
fn holds(name: &str, table: &str) {
    let begin = format!("<!-- {name}: begin -->\n");
    let end = format!("<!-- {name}: end -->");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (before, rest) = text
        .split_once(&begin)
        .expect("README.md has the begin marker");
    let (_, after) = rest.split_once(&end).expect("README.md has the end marker");
    let fresh = format!("{before}{begin}{table}{end}{after}");
    if text != fresh && env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).unwrap();
        return;
    }
    assert!(
        text == fresh,
        "README.md's table of {name} is stale. Run `UPDATE_DOCS=1 cargo test --test documentation`."
    );
}

fn functions() -> String {
    let of = |wanted: fn(Support) -> bool| {
        FUNCTIONS
            .iter()
            .filter(move |Function(_, _, support)| wanted(*support))
    };
    let whole: Vec<_> = of(|support| support == Support::Whole)
        .map(|Function(_, name, _)| format!("`{name}`"))
        .collect();
    let mut text = format!("\nAs the standard says: {}.\n", whole.join(", "));
    text += "\n| In part | But |\n|---|---|\n";
    for Function(_, name, support) in of(|support| matches!(support, Support::Partly(_))) {
        if let Support::Partly(but) = support {
            let _ = writeln!(text, "| `{name}` | {but} |");
        }
    }
    text += "\n| Not here | Why |\n|---|---|\n";
    for Function(_, name, support) in FUNCTIONS {
        let why = match support {
            Support::Manager("") => "the Driver Manager's own".to_owned(),
            Support::Manager(instead) => format!("the Driver Manager calls `{instead}`"),
            Support::Whole | Support::Partly(_) => continue,
        };
        let _ = writeln!(text, "| `{name}` | {why} |");
    }
    text.push('\n');
    text
}

fn keywords() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let _ = write!(
            text,
            "\n**{}**\n\n| Keyword | Value | Default | Meaning |\n|---|---|---|---|\n",
            group.title()
        );
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.group == group) {
            let others: Vec<_> = keyword
                .names()
                .skip(1)
                .map(|name| format!("`{name}`"))
                .collect();
            let others = match others.as_slice() {
                [] => String::new(),
                others => format!("<br>also {}", others.join(", ")),
            };
            let secret = if keyword.secret { ", secret" } else { "" };
            let _ = writeln!(
                text,
                "| `{}`{others} | {}{secret} | {} | {} |",
                keyword.name,
                value(keyword),
                keyword.default,
                keyword.meaning
            );
        }
    }
    text.push('\n');
    text
}

fn value(keyword: &Keyword) -> String {
    match keyword.kind {
        Kind::Manager | Kind::Text => "text".to_owned(),
        Kind::Boolean => "true, false".to_owned(),
        Kind::Integer { min, max } => format!("{min} to {max}"),
        Kind::Bytes { min, max } => {
            format!(
                "bytes, or with KB, MB, GB; {} MB to {} GB",
                min >> 20,
                max >> 30
            )
        }
        Kind::Seconds { min, max } => format!("seconds, {min} to {max}"),
        Kind::Choice(choices) => choices.join(", "),
        Kind::List => "list with commas".to_owned(),
        Kind::Pairs => "names and values".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Paths => "paths with semicolons (in braces) or bars".to_owned(),
    }
}
