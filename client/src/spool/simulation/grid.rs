//! The cases that are looked at together.

use super::super::capacity::Capacity;
use super::{Case, Network, Rows, Segments};
use crate::options::Encoding;
use crate::spool::Budget;

/// Every computer with every network and every application, in the usual capacity of the computer.
pub fn cases(rows: Rows, encoding: Encoding) -> Vec<Case> {
    let mut cases = Vec::new();
    for cores in CORES {
        let capacity = usual_capacity(cores);
        for segments in [Segments::Usual, Segments::OneLarge] {
            for network in networks() {
                for application in APPLICATIONS {
                    cases.push(Case {
                        rows,
                        encoding,
                        segments,
                        cores,
                        network,
                        application,
                        capacity,
                    });
                }
            }
        }
    }
    cases
}

/// The usual capacity of a computer with so many cores, and with 4 GB of memory for each.
pub fn usual_capacity(cores: usize) -> Capacity {
    Capacity::usual(cores, Budget::usual(Some((cores as u64) << 32)))
}

fn networks() -> impl Iterator<Item = Network> {
    LINKS.into_iter().flat_map(|link| {
        CONNECTIONS.into_iter().flat_map(move |connection| {
            LATENCIES
                .into_iter()
                .map(move |latency| Network::new(link, connection, latency))
        })
    })
}

/// The numbers of cores.
pub const CORES: [usize; 6] = [1, 2, 4, 8, 16, 32];

/// Gigabits a second.
const LINKS: [f64; 5] = [0.1, 1.0, 10.0, 25.0, 100.0];

/// Megabytes a second.
const CONNECTIONS: [f64; 3] = [30.0, 100.0, 200.0];

/// Milliseconds.
const LATENCIES: [f64; 4] = [1.0, 10.0, 30.0, 100.0];

/// Rows a second.
const APPLICATIONS: [f64; 3] = [1e6, 3e6, 13e6];
