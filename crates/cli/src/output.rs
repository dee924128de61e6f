//! Words for people on standard output, or one line of JSON for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failed;

/// Prints `value` as one line of JSON, or `words` of it.
pub fn print<T: Serialize>(json: bool, value: &T, words: impl FnOnce(&T) -> String) {
    let text = if json {
        serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
    } else {
        words(value)
    };
    // A closed pipe (`| head`) is no failure.
    drop(writeln!(io::stdout().lock(), "{}", text.trim_end()));
}

/// Tells on standard error what went wrong and the one thing to do.
pub fn failure(failed: &Failed, json: bool) {
    let mut err = io::stderr().lock();
    let written = match failed {
        Failed::Hub(error) if json => {
            let error = serde_json::json!({ "error": error });
            writeln!(err, "{error}")
        }
        Failed::Hub(error) => {
            let hint = error
                .hint
                .as_deref()
                .map(|hint| format!("\n  {hint}"))
                .unwrap_or_default();
            let action = error
                .action
                .as_deref()
                .map(|action| format!("\n  {action}"))
                .unwrap_or_default();
            writeln!(
                err,
                "causeway: {} [{}]{hint}{action}",
                error.message,
                error.code.word()
            )
        }
        Failed::Usage(words) => writeln!(err, "causeway: {words}"),
        // Whoever read it has read enough.
        Failed::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Failed::Output(_) => writeln!(err, "causeway: {failed}"),
        Failed::Other(error) => writeln!(err, "causeway: {error:#}"),
    };
    drop(written);
}

/// Columns as wide as their widest cell.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded: Vec<_> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(header.to_vec())];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(String::as_str).collect())),
    );
    lines.join("\n")
}
