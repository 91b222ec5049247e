//! The README's table of keywords is the driver's own.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use trinoodbc::config::{Group, KEYWORDS, Keyword, Kind};

const BEGIN: &str = "<!-- keywords: begin -->\n";
const END: &str = "<!-- keywords: end -->";

#[test]
fn the_readme_holds_the_table_of_keywords() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (before, rest) = text
        .split_once(BEGIN)
        .expect("README.md has the begin marker");
    let (_, after) = rest.split_once(END).expect("README.md has the end marker");
    let fresh = format!("{before}{BEGIN}{}{END}{after}", table());
    if text != fresh && env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).unwrap();
        return;
    }
    assert!(
        text == fresh,
        "README.md's table of keywords is stale. Run `UPDATE_DOCS=1 cargo test --test documentation`."
    );
}

fn table() -> String {
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
