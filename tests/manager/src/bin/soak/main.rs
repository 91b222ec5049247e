//! Random statements, faults, cancels and slow readers in many threads, for as long as asked.
//!
//! Time goes in rounds. Each has a scripted server of its own, and at its end everything is closed:
//! what the process holds then (threads, descriptors, memory, temporary files) must be what it held
//! when each retrieval mode had its first round, and the server must have no query left.

mod chance;
mod holding;
mod work;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use client_tests::driver;
use scripted_trino::{Builder, Retrieval, Server};

use chance::Chance;
use holding::Holding;
use work::{Tally, Worker};

fn main() -> ExitCode {
    let Some((time, seed)) = arguments() else {
        eprintln!("soak --minutes N [--seed N]");
        return ExitCode::from(2);
    };
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-soak-")
        .tempdir()
        .expect("a temporary folder");
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var("TMPDIR", folder.path()) };
    driver::register();
    println!("seed {seed}");
    let end = Instant::now() + time;
    let mut total = Tally::default();
    let mut first: Option<Holding> = None;
    let mut memory = Vec::new();
    for number in 0_u64.. {
        if number > WARM_UPS && Instant::now() >= end {
            break;
        }
        let mut chance = Chance::new(seed.wrapping_add(number.wrapping_mul(0x9E37_79B9)));
        // All modes come by in turn; what else a round is, chance decides.
        let mode = MODES[(number % 4) as usize];
        let limit = if number < WARM_UPS { WARM_UP } else { ROUND };
        let mut tally = round(mode, &mut chance, limit);
        let holding = match &first {
            Some(first) => Holding::settled(folder.path(), first),
            None if number + 1 == WARM_UPS => Holding::rested(folder.path()),
            None => Holding::now(folder.path()),
        };
        println!("round {number}, {mode:?}: {tally}; {holding}");
        match &first {
            Some(first) => tally.wrong.extend(holding.beyond(first)),
            None if number + 1 == WARM_UPS => first = Some(holding.clone()),
            None => {}
        }
        memory.push(holding.memory);
        for wrong in &tally.wrong {
            println!("WRONG (round {number}, {mode:?}): {wrong}");
        }
        total += tally;
    }
    println!("in all: {total}");
    if let Some(first) = first {
        let most = memory.iter().max().copied().unwrap_or_default() >> 10;
        println!("after {WARM_UPS} rounds: {first}; at most {most} kB allocated after any");
        // Some is freed a moment later; what leaked is there after every round.
        let last = &memory[memory.len().saturating_sub(MODES.len())..];
        let least = last.iter().min().copied().unwrap_or_default();
        if least > first.memory + MEMORY_MARGIN {
            let (now, before) = (least >> 10, first.memory >> 10);
            total.wrong.push(format!("{now} kB allocated of {before}"));
        }
    }
    if total.wrong.is_empty() {
        println!("nothing was wrong");
        ExitCode::SUCCESS
    } else {
        println!("{} things were wrong", total.wrong.len());
        ExitCode::FAILURE
    }
}

/// Lets the workers loose on a server until the time is over.
fn round(mode: Retrieval, chance: &mut Chance, limit: Duration) -> Tally {
    let server = server(mode, chance);
    let answers = chance::answers();
    server.on_matching(move |sql| chance::answer(&answers, sql));
    let end = Instant::now() + limit;
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let worker = Worker::new(&server, chance.fork());
                scope.spawn(|| worker.run(end))
            })
            .collect();
        let patience = limit + LONGEST_STATEMENT;
        let start = Instant::now();
        for worker in workers {
            while !worker.is_finished() {
                if start.elapsed() > patience {
                    // Nothing can end a thread that hangs; the process can.
                    println!("WRONG: a statement hangs; {:?}", server.queries());
                    std::process::exit(1);
                }
                thread::sleep(Duration::from_millis(20));
            }
            tally += worker
                .join()
                .unwrap_or_else(|_| Tally::of_wrong("a worker panicked".to_owned()));
        }
    });
    if !server.wait_until(SETTLING, |server| server.running_queries().is_empty()) {
        let running = server.running_queries();
        let left: Vec<_> = server
            .queries()
            .into_iter()
            .filter(|query| running.contains(&query.id))
            .collect();
        tally
            .wrong
            .push(format!("queries are left on the server: {left:?}"));
    }
    if server.concurrent_now() > 0
        && !server.wait_until(SETTLING, |server| server.concurrent_now() == 0)
    {
        let left = server.concurrent_now();
        tally.wrong.push(format!("{left} downloads are under way"));
    }
    for leak in server.leaks() {
        tally
            .wrong
            .push(format!("storage got what it must not see: {leak:?}"));
    }
    tally
}

fn server(mode: Retrieval, chance: &mut Chance) -> Server {
    let mut builder: Builder = Server::builder()
        .retrieval(mode)
        .ranges(chance.one_in(2))
        .sse_c(chance.one_in(2));
    if chance.one_in(3) {
        builder = builder.coordinator_tls(true);
    }
    // A redirect from https to http would be refused.
    builder = builder.storage_tls(mode == Retrieval::CoordinatorRedirect || chance.one_in(2));
    builder.start()
}

/// The time and the seed that the command line asks for.
fn arguments() -> Option<(Duration, u64)> {
    let mut minutes = None;
    let mut seed = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--minutes" => minutes = Some(value.parse::<f64>().ok()?),
            "--seed" => seed = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    let time = Duration::try_from_secs_f64(minutes? * 60.0).ok()?;
    Some((time, seed))
}

const MODES: [Retrieval; 4] = [
    Retrieval::Storage,
    Retrieval::CoordinatorRedirect,
    Retrieval::CoordinatorProxy,
    Retrieval::WorkerProxy,
];

/// Caches of the system's libraries fill at random.
const MEMORY_MARGIN: usize = if cfg!(all(target_os = "linux", target_env = "gnu")) {
    2 << 20
} else {
    64 << 20
};

const WORKERS: usize = 12;
/// What is made once and kept is made in the first rounds.
const WARM_UPS: u64 = MODES.len() as u64;
const WARM_UP: Duration = Duration::from_secs(8);
const ROUND: Duration = Duration::from_secs(20);

/// A statement that takes longer than this has hung.
const LONGEST_STATEMENT: Duration = Duration::from_secs(180);

/// How long what was begun may still take when all is closed.
const SETTLING: Duration = Duration::from_secs(15);
