//! What an examination found, step by step, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// All that was found.
#[derive(Debug, Default)]
pub struct Report {
    pub steps: Vec<Step>,
    /// What to change, of the first thing that is wrong; else what could be better.
    pub cures: Vec<String>,
    /// What is worth a word where nothing else is.
    pub remarks: Vec<String>,
}

/// One thing that was looked at.
#[derive(Debug)]
pub struct Step {
    pub name: String,
    pub state: State,
    /// What was found, in a line.
    pub found: String,
    /// Names and values, each a line below.
    pub facts: Vec<(String, String)>,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Good,
    /// It works, and deserves a word.
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

    /// Adds what could be better.
    pub fn advise(&mut self, advice: impl Into<String>) {
        self.cures.push(advice.into());
    }

    /// Adds what is worth a word where nothing else is.
    pub fn remark(&mut self, remark: impl Into<String>) {
        self.remarks.push(remark.into());
    }

    /// Whether nothing is wrong.
    pub fn works(&self) -> bool {
        self.steps.iter().all(|step| step.state != State::Bad)
    }

    /// The one sentence at the end.
    pub fn verdict(&self) -> String {
        match (self.works(), self.cures.first().or(self.remarks.first())) {
            (true, None) => "Works.".to_owned(),
            (true, Some(advice)) => format!("Works. {advice}"),
            (false, Some(cure)) => cure.clone(),
            (false, None) => "Something is wrong.".to_owned(),
        }
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            let state = match step.state {
                State::Good => "ok",
                State::Fair => "note",
                State::Bad => "WRONG",
            };
            let _ = writeln!(text, "{:<15}{state:<7}{}", step.name, step.found);
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
