//! Runs a query and counts its rows.
//!
//!     cargo run --example query -- localhost 8080 "SELECT * FROM tpch.sf1.orders" [storage-ca.pem ...]
//!
//! If the server spools, segments are downloaded and decoded in parallel while earlier rows are read.

use std::env;
use std::error::Error;
use std::time::Duration;

use trino_client::columns::ChunkSource as _;
use trino_client::options::{Options, Trust};
use trino_client::runtime::Wait;
use trino_client::session::{Outcome, Pool};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut argument = || arguments.next().ok_or("usage: query HOST PORT SQL");
    let mut options = Options {
        host: argument()?,
        port: argument()?.parse()?,
        user: Some("example".to_owned()),
        ..Options::default()
    };
    let sql = argument()?;
    options.storage_trust = Trust {
        stores: arguments.map(Into::into).collect(),
        ..Trust::default()
    };
    let wait = Wait::default();
    let session = Pool::of_process()?.open(None, options, &wait)?;
    if let Outcome::Rows(mut results) = session.run(&sql, &wait)?.outcome {
        let mut rows = 0;
        while let Some(chunk) = results.next(&wait)? {
            rows += chunk.rows();
        }
        println!(
            "{rows} rows, {} spooled segments",
            results.status().statistics().spooled
        );
    }
    session.close(Duration::from_secs(5));
    Ok(())
}
