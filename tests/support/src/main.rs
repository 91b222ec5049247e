//! The scripted server on its own: prints where it is as one line of JSON, and ends when its
//! standard input does.

use std::io::{Read, Write};

use scripted_trino::{Answer, Retrieval, Server};
use serde_json::json;

fn main() {
    let mut builder = Server::builder();
    for argument in std::env::args().skip(1) {
        builder = match (argument.as_str(), argument.split_once('=')) {
            ("--storage-tls", _) => builder.storage_tls(true),
            ("--coordinator-tls", _) => builder.coordinator_tls(true),
            ("--no-spooling", _) => builder.spooling(false),
            (_, Some(("--port", port))) => match port.parse() {
                Ok(port) => builder.port(port),
                Err(_) => usage(&argument),
            },
            (_, Some(("--mode", mode))) => match retrieval(mode) {
                Some(mode) => builder.retrieval(mode),
                None => usage(&argument),
            },
            (_, Some(("--password", pair))) => match pair.split_once(':') {
                Some((user, password)) => builder.password(user, password),
                None => usage(&argument),
            },
            _ => usage(&argument),
        };
    }
    let server = builder.start();
    server.on("SELECT * FROM tpch.sf1.orders", orders());
    server.on(
        "SELECT nationkey, name, regionkey FROM tpch.tiny.nation ORDER BY name LIMIT 5",
        nations(),
    );
    let facts = json!({
        "url": server.url(),
        "host": server.host(),
        "port": server.port(),
        "coordinator_ca": server.coordinator_ca_pem_path(),
        "storage_ca": server.storage_ca_pem_path(),
    });
    println!("{facts}");
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// As many rows as the real table has, of the same types and looks; the rows repeat.
fn orders() -> Answer {
    let columns = scripted_trino::columns![
        ("orderkey", "bigint"),
        ("custkey", "bigint"),
        ("orderstatus", "varchar(1)"),
        ("totalprice", "double"),
        ("orderdate", "date"),
        ("orderpriority", "varchar(15)"),
        ("clerk", "varchar(15)"),
        ("shippriority", "integer"),
        ("comment", "varchar(79)"),
    ];
    let spooling = scripted_trino::Spooling {
        rows_per_segment: 50_000,
        inline_first: 1,
        ..scripted_trino::Spooling::default()
    };
    let rows: Vec<String> = (0..150_000).map(order).collect();
    Answer::raw_rows(columns, rows).spooled(spooling).repeat(10)
}

/// One row as JSON text.
fn order(number: usize) -> String {
    // Multiplied by a large prime, neighbours differ in all columns.
    let mixed = number.wrapping_mul(2_654_435_761) >> 7;
    let key = number / 8 * 32 + number % 8 + 1;
    let customer = mixed % 150_000 + 1;
    let status = ["F", "O", "P"][mixed % 3];
    let price = format!("{}.{:02}", 900 + mixed % 400_000, mixed % 100);
    let (year, month, day) = (1992 + mixed % 7, 1 + mixed % 12, 1 + mixed % 28);
    let priority = PRIORITIES[mixed % PRIORITIES.len()];
    let clerk = mixed % 1000 + 1;
    let comment = COMMENTS[mixed % COMMENTS.len()];
    format!(
        "[{key},{customer},\"{status}\",{price},\"{year}-{month:02}-{day:02}\",\"{priority}\",\
         \"Clerk#{clerk:09}\",0,\"{comment}\"]"
    )
}

/// As a real server answered.
fn nations() -> Answer {
    let columns = scripted_trino::columns![
        ("nationkey", "bigint"),
        ("name", "varchar(25)"),
        ("regionkey", "bigint"),
    ];
    let rows = [
        (0, "ALGERIA", 0),
        (1, "ARGENTINA", 1),
        (2, "BRAZIL", 1),
        (3, "CANADA", 1),
        (18, "CHINA", 2),
    ];
    let rows = rows.map(|(key, name, region)| vec![json!(key), json!(name), json!(region)]);
    Answer::rows(columns, rows.into())
}

fn retrieval(mode: &str) -> Option<Retrieval> {
    Some(match mode {
        "STORAGE" => Retrieval::Storage,
        "COORDINATOR_STORAGE_REDIRECT" => Retrieval::CoordinatorRedirect,
        "COORDINATOR_PROXY" => Retrieval::CoordinatorProxy,
        "WORKER_PROXY" => Retrieval::WorkerProxy,
        _ => return None,
    })
}

fn usage(argument: &str) -> ! {
    eprintln!(
        "{argument} is not understood.\nscripted-trino [--port=N] [--mode=STORAGE|\
         COORDINATOR_STORAGE_REDIRECT|COORDINATOR_PROXY|WORKER_PROXY] [--storage-tls] \
         [--coordinator-tls] [--no-spooling] [--password=USER:PASSWORD]"
    );
    std::process::exit(2)
}

const PRIORITIES: [&str; 5] = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];
const COMMENTS: [&str; 4] = [
    "the scripted server made this order up",
    "no real order was packed for this row, carefully or otherwise",
    "rows of this table repeat after the first tenth",
    "with a real Trino, something else would stand here",
];
