//! One figure, its goal, and how it is shown.

use std::fmt::Write;

use serde::Serialize;

use crate::output;

#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
    /// How many messages, posts, commits or rows it was taken with.
    pub n: u64,
    /// What it is held against, of the same run.
    pub baseline: Option<f64>,
    /// Its share of that.
    pub ratio: Option<f64>,
    /// None for what only serves as a baseline.
    pub goal: Option<String>,
    pub met: Option<bool>,
    /// Why the goal is not reached.
    #[serde(skip)]
    pub cause: Option<String>,
}

impl Figure {
    pub fn new(name: &'static str, value: f64, unit: &'static str, n: u64) -> Self {
        Self {
            name,
            value: rounded(value),
            unit,
            n,
            baseline: None,
            ratio: None,
            goal: None,
            met: None,
            cause: None,
        }
    }

    pub fn against(mut self, baseline: f64) -> Self {
        self.baseline = Some(rounded(baseline));
        self.ratio = (baseline != 0.0).then(|| rounded(self.value / baseline));
        self
    }

    /// `cause` is asked for where the goal is not reached.
    pub fn goal(
        mut self,
        goal: impl Into<String>,
        met: bool,
        cause: impl FnOnce() -> String,
    ) -> Self {
        self.goal = Some(goal.into());
        self.met = Some(met);
        self.cause = (!met).then(cause);
        self
    }
}

/// What a bench ends in.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether every figure was measured; not whether every goal was reached.
    pub ok: bool,
    pub figures: Vec<Figure>,
    /// Where and on what; beside the table.
    #[serde(skip)]
    pub conditions: Vec<String>,
}

pub fn words(report: &Report) -> String {
    let rows: Vec<_> = report.figures.iter().map(row).collect();
    let header = [
        "figure", "value", "unit", "n", "baseline", "ratio", "goal", "",
    ];
    let mut words = output::table(&header, &rows);
    words.push('\n');
    for figure in &report.figures {
        if let Some(cause) = &figure.cause {
            // Writing to a string does not fail.
            let _ = write!(words, "\n{}: {cause}", figure.name);
        }
    }
    words.push('\n');
    for condition in &report.conditions {
        let _ = write!(words, "\n{condition}");
    }
    words
}

fn row(figure: &Figure) -> Vec<String> {
    let number = |number: Option<f64>| number.map_or_else(String::new, shown);
    let met = match figure.met {
        Some(true) => "met",
        Some(false) => "NOT MET",
        None => "",
    };
    vec![
        figure.name.to_owned(),
        shown(figure.value),
        figure.unit.to_owned(),
        figure.n.to_string(),
        number(figure.baseline),
        number(figure.ratio),
        figure.goal.clone().unwrap_or_default(),
        met.to_owned(),
    ]
}

fn shown(number: f64) -> String {
    format!("{}", rounded(number))
}

/// To what was really measured: three digits or so.
fn rounded(number: f64) -> f64 {
    let digits = match number.abs() {
        large if large >= 100.0 => 1.0,
        middling if middling >= 10.0 => 10.0,
        small if small >= 1.0 => 100.0,
        _ => 1_000.0,
    };
    (number * digits).round() / digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_tells_its_share_and_why_it_falls_short() {
        let figure = Figure::new("speed", 1_234.5, "1/s", 7)
            .against(2_000.0)
            .goal(">= 1", false, || "the wind".to_owned());
        assert_eq!((figure.value, figure.ratio), (1_235.0, Some(0.618)));
        assert_eq!(figure.cause.as_deref(), Some("the wind"));
        let reached = Figure::new("speed", 1.0, "1/s", 7).goal(">= 1", true, || "no".to_owned());
        assert_eq!(reached.cause, None);
    }

    #[test]
    fn a_program_reads_what_was_promised_and_no_more() {
        let figure = Figure::new("speed", 1.0, "1/s", 7);
        let json = serde_json::to_value(figure).expect("JSON");
        let held: Vec<_> = json.as_object().expect("an object").keys().collect();
        let promised = [
            "name", "value", "unit", "n", "baseline", "ratio", "goal", "met",
        ];
        assert_eq!(held, promised);
    }
}
