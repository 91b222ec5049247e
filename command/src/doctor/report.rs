//! The report of an examination, step by step, for people and for programs.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

/// All findings.
#[derive(Debug, Default)]
pub struct Report {
    pub steps: Vec<Step>,
    /// The cure for the first problem, else a possible improvement.
    pub cures: Vec<String>,
    /// A remark to make if there is nothing else.
    pub remarks: Vec<String>,
}

/// One step of the examination.
#[derive(Debug)]
pub struct Step {
    pub name: String,
    pub state: State,
    /// The finding, in a line.
    pub found: String,
    /// Names and values, each a line below.
    pub facts: Vec<(String, String)>,
}

/// The state of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Good,
    /// It works, with a remark.
    Fair,
    Bad,
}

impl Report {
    /// Adds a step.
    pub fn add(&mut self, name: &str, state: State, found: impl Into<String>) -> &mut Step {
        self.steps.push(Step {
            name: name.to_owned(),
            state,
            found: found.into(),
            facts: Vec::new(),
        });
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    /// Adds a step that failed, and what to change.
    pub fn fail(&mut self, name: &str, found: impl Into<String>, cure: impl Into<String>) {
        self.add(name, State::Bad, found);
        self.cures.push(cure.into());
    }

    /// Adds a possible improvement.
    pub fn advise(&mut self, advice: impl Into<String>) {
        self.cures.push(advice.into());
    }

    /// Adds a remark to make if there is nothing else.
    pub fn remark(&mut self, remark: impl Into<String>) {
        self.remarks.push(remark.into());
    }

    /// Whether no step failed.
    pub fn works(&self) -> bool {
        self.steps.iter().all(|step| step.state != State::Bad)
    }

    /// The one sentence at the end.
    pub fn verdict(&self) -> String {
        match (self.works(), self.cures.first().or(self.remarks.first())) {
            (true, None) => "Works.".to_owned(),
            (true, Some(advice)) => format!("Works. {advice}"),
            (false, Some(cure)) => cure.clone(),
            (false, None) => "The connection does not work.".to_owned(),
        }
    }

    /// The report for people, with colours.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            let (state, colour) = match step.state {
                State::Good => ("ok", AnsiColor::Green),
                State::Fair => ("note", AnsiColor::Yellow),
                State::Bad => ("WRONG", AnsiColor::Red),
            };
            let style = Style::new().bold().fg_color(Some(colour.into()));
            let _ = writeln!(
                text,
                "{:<15}{style}{state:<7}{style:#}{}",
                step.name, step.found
            );
            for (name, value) in &step.facts {
                let _ = writeln!(text, "{:22}{name}: {value}", "");
            }
        }
        let _ = writeln!(text, "\n{}", self.verdict());
        text
    }

    /// The report for programs.
    pub fn json(&self) -> Value {
        let steps: Vec<Value> = self.steps.iter().map(Step::json).collect();
        json!({ "works": self.works(), "verdict": self.verdict(), "steps": steps })
    }
}

impl Step {
    /// Adds a line below.
    pub fn fact(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.facts.push((name.to_owned(), value.into()));
        self
    }

    fn json(&self) -> Value {
        let state = match self.state {
            State::Good => "ok",
            State::Fair => "note",
            State::Bad => "wrong",
        };
        let facts: Vec<Value> = self
            .facts
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        json!({ "step": self.name, "state": state, "found": self.found, "facts": facts })
    }
}
