//! The plot of the clients' CPU time: drawn from the table that the book records, so that both say the same.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};

use super::readme;
use crate::{document, project};

/// Draws the recorded table.
pub fn write() -> Result<()> {
    let picture = draw(&document::read("docs/benchmarks.md", "bench")?)?;
    fs::write(project::root()?.join(FILE), picture).context(FILE)
}

/// The seconds of each client for one result.
struct Group {
    name: String,
    /// In the order of [`CLIENTS`]; `None` where a client was not measured.
    seconds: Vec<Option<f64>>,
}

fn groups(table: &str) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    for line in table
        .lines()
        .filter(|line| line.starts_with("| `") && line.matches('|').count() == 8)
    {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some(name) = cells[1].split('`').nth(1) else {
            continue;
        };
        let seconds = cells[2..2 + CLIENTS.len()].iter().map(|cell| {
            let number = cell.trim_matches('*').split(' ').next()?;
            number.parse().ok()
        });
        groups.push(Group {
            name: name.to_owned(),
            seconds: seconds.collect(),
        });
    }
    ensure!(!groups.is_empty(), "the table of clients has no rows");
    Ok(groups)
}

fn draw(table: &str) -> Result<String> {
    let groups = groups(table)?;
    let rows = groups.len() * (CLIENTS.len() * BAR + GAP);
    let height = TOP + rows + 10;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>{TITLE}</title>\n{STYLE}\n\
         <rect class=\"back\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"16\" y=\"24\">{TITLE}</text>\n"
    );
    for (index, client) in CLIENTS.iter().enumerate() {
        let x = 16 + index * 120;
        let _ = writeln!(
            svg,
            "<rect class=\"c{index}\" x=\"{x}\" y=\"36\" width=\"12\" height=\"12\"/>\
             <text x=\"{}\" y=\"47\">{client}</text>",
            x + 18
        );
    }
    let largest = groups
        .iter()
        .flat_map(|group| group.seconds.iter().flatten());
    let largest = largest.copied().fold(f64::MIN_POSITIVE, f64::max);
    let mut y = TOP;
    for group in &groups {
        let middle = y + CLIENTS.len() * BAR / 2 + 4;
        let _ = writeln!(svg, "<text x=\"16\" y=\"{middle}\">{}</text>", group.name);
        for (index, seconds) in group.seconds.iter().enumerate() {
            if let Some(seconds) = seconds {
                let long = (seconds / largest * LONGEST).max(1.0);
                let _ = writeln!(
                    svg,
                    "<rect class=\"c{index}\" x=\"{LEFT}\" y=\"{y}\" width=\"{long:.1}\" height=\"{}\"/>\
                     <text class=\"small\" x=\"{:.1}\" y=\"{}\">{}</text>",
                    BAR - 2,
                    LEFT + long + 5.0,
                    y + BAR - 4,
                    readme::seconds(*seconds)
                );
            }
            y += BAR;
        }
        y += GAP;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

const FILE: &str = "docs/pictures/benchmarks.svg";
const TITLE: &str = "CPU seconds for a million rows; less is better";

/// The columns of the table.
const CLIENTS: [&str; 5] = ["this driver", "minimum", "trino-jdbc", "Go", "Python"];

const WIDTH: usize = 860;
const TOP: usize = 64;
const LEFT: f64 = 100.0;
const LONGEST: f64 = 690.0;
const BAR: usize = 14;
const GAP: usize = 12;

/// Colours for a light and a dark page.
const STYLE: &str = "<style>\n \
    text { font: 13px system-ui, sans-serif; fill: #1f2933 } .small { font-size: 11px } .title { font-weight: 600 }\n \
    .back { fill: #ffffff } .c0 { fill: #d97706 } .c1 { fill: #94a3b8 } .c2 { fill: #2563eb } .c3 { fill: #0d9488 } .c4 { fill: #9333ea }\n \
    @media (prefers-color-scheme: dark) { .back { fill: #161923 } text { fill: #d5dbe3 } .c2 { fill: #6ea0ff } .c4 { fill: #c084fc } }\n\
    </style>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_in_the_book_is_that_of_its_table() {
        let table = document::read("docs/benchmarks.md", "bench").unwrap();
        let picture = fs::read_to_string(project::root().unwrap().join(FILE)).unwrap();
        assert!(
            picture == draw(&table).unwrap(),
            "{FILE} differs from the table: cargo xtask bench --plot"
        );
    }

    #[test]
    fn a_client_that_was_not_measured_has_no_bar() {
        let table = "| `a`: x | **0.5** | 0.25 (0.5 x) | - | 1.0 (2.0 x) | - | 2 million |\n";
        let groups = groups(table).unwrap();
        assert_eq!(
            groups[0].seconds,
            [Some(0.5), Some(0.25), None, Some(1.0), None]
        );
        assert_eq!(
            draw(table)
                .unwrap()
                .matches("height=\"12\"/><text class=\"small\"")
                .count(),
            3
        );
    }
}
