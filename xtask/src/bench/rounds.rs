//! Rounds in which all clients read in turns, so that whatever else the machine does meets them alike.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde::Serialize;

use super::client::Client;
use super::job::{self, Job, Reading};
use super::recording::{self, Recording};
use super::replay::Addresses;
use super::sums::Sums;
use super::tools::Tools;
use super::workload::{Encoding, Workload};

/// The readings of one client of one workload, and what they come to.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub workload: &'static str,
    /// What the workload is.
    pub what: &'static str,
    pub client: &'static str,
    pub style: &'static str,
    /// Rows of the row array.
    pub array: u32,
    pub encoding: &'static str,
    pub rows: u64,
    /// Bytes of JSON in a row.
    pub json: f64,
    /// Medians over the rounds.
    pub cpu_per_million: f64,
    pub wall: f64,
    pub first: f64,
    pub peak: u64,
    pub readings: Vec<Reading>,
}

/// Runs clients, and uses their readings only when their sums agree.
pub struct Bench<'a> {
    pub tools: &'a Tools,
    pub addresses: &'a Addresses,
    truths: HashMap<&'static str, Sums>,
}

impl<'a> Bench<'a> {
    pub fn new(tools: &'a Tools, addresses: &'a Addresses) -> Self {
        Self {
            tools,
            addresses,
            truths: HashMap::new(),
        }
    }

    /// The last, warm reading of a job whose sums are right.
    pub fn read(&mut self, job: &Job) -> Result<Reading> {
        let Some(reading) = job::read(self.tools, self.addresses, job)?.pop() else {
            bail!("no reading");
        };
        let mut truth = self.truth(job)?.times(job.times);
        if job.style.contains("text") {
            // It sums the text of all columns.
            (truth.bytes, truth.units, truth.heads) = (None, None, None);
        }
        if let Some(what) = truth.differs(&reading.sums) {
            bail!(
                "{} read {} wrongly ({}, {}): {what} differ",
                job.client.name(),
                job.workload.name,
                job.style,
                job.encoding.name()
            );
        }
        Ok(reading)
    }

    /// The sums of a workload, as the minimum's own parser has them.
    fn truth(&mut self, job: &Job) -> Result<Sums> {
        if let Some(sums) = self.truths.get(job.workload.name) {
            return Ok(sums.clone());
        }
        let check = Job {
            iterations: 1,
            check: true,
            ..Job::new(Client::Limit, job.workload)
        };
        let mut readings = job::read(self.tools, self.addresses, &check)?;
        let Some(reading) = readings.pop() else {
            bail!("no reading");
        };
        self.truths.insert(job.workload.name, reading.sums.clone());
        Ok(reading.sums)
    }

    /// Runs all jobs in turns, `rounds` times.
    pub fn rounds(&mut self, jobs: &[Job], rounds: u32) -> Result<Vec<Figure>> {
        let mut readings: Vec<Vec<Reading>> = vec![Vec::new(); jobs.len()];
        for round in 1..=rounds {
            for (job, readings) in jobs.iter().zip(&mut readings) {
                let reading = self.read(job)?;
                eprintln!(
                    "round {round}: {} {} {} {}: {:.3} CPU s a million rows, {:.2} s",
                    job.workload.name,
                    job.client.name(),
                    job.style,
                    job.encoding.name(),
                    per_million(&reading),
                    reading.wall
                );
                readings.push(reading);
            }
        }
        jobs.iter()
            .zip(readings)
            .map(|(job, readings)| figure(job, readings))
            .collect()
    }
}

fn figure(job: &Job, readings: Vec<Reading>) -> Result<Figure> {
    let json = json_of(job.workload, job.encoding)?;
    let of = |value: fn(&Reading) -> f64| median(readings.iter().map(value).collect());
    Ok(Figure {
        workload: job.workload.name,
        what: job.workload.what,
        client: job.client.name(),
        style: if job.client == Client::Odbc {
            job.style
        } else {
            ""
        },
        array: job.array,
        encoding: job.encoding.name(),
        rows: readings.first().map_or(0, |reading| reading.sums.rows),
        json,
        cpu_per_million: of(per_million),
        wall: of(|reading| reading.wall),
        first: of(|reading| reading.first),
        peak: readings
            .iter()
            .map(|reading| reading.peak)
            .max()
            .unwrap_or(0),
        readings,
    })
}

fn json_of(workload: &Workload, encoding: Encoding) -> Result<f64> {
    let recording = Recording::read(&recording::folder(workload, encoding)?)?;
    Ok(recording.map_or(0.0, |recording| {
        recording.json as f64 / recording.rows as f64
    }))
}

fn per_million(reading: &Reading) -> f64 {
    reading.cpu / reading.sums.rows as f64 * 1e6
}

/// The value in the middle, or the mean of the two there.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(below), Some(value)) if values.len().is_multiple_of(2) => (below + value) / 2.0,
        (_, Some(value)) => *value,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(vec![5.0]), 5.0);
        assert!(median(Vec::new()).is_nan());
    }
}
