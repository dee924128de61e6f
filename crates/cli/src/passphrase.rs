//! Where a backup's passphrase comes from. Never from an argument, which others could list.

use std::{fs, io::IsTerminal, path::Path};

use anyhow::Context;

use crate::failure::Failed;

const VARIABLE: &str = "CAUSEWAY_BACKUP_PASSPHRASE";

/// How often it is typed: what is mistyped once could never be opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Once,
    Twice,
}

/// From the file, from the environment, or from whoever sits at the terminal.
pub fn passphrase(file: Option<&Path>, asked: Asked) -> Result<String, Failed> {
    if let Some(file) = file {
        let text = fs::read_to_string(file).context("the passphrase's file cannot be read")?;
        return Ok(first_line(&text).to_owned());
    }
    if let Some(text) = std::env::var_os(VARIABLE).filter(|text| !text.is_empty()) {
        return text
            .into_string()
            .map_err(|_| Failed::Usage(format!("{VARIABLE} does not hold letters in Unicode.")));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failed::Usage(format!(
            "There is no terminal to ask for the passphrase: give --passphrase-file or {VARIABLE}."
        )));
    }
    typed(asked)
}

fn typed(asked: Asked) -> Result<String, Failed> {
    let first = prompt("Passphrase of the backup: ")?;
    if asked == Asked::Twice && prompt("Once more: ")? != first {
        return Err(Failed::Usage(
            "The two were not the same: nothing was done.".to_owned(),
        ));
    }
    Ok(first)
}

/// What is typed is not shown.
fn prompt(words: &str) -> Result<String, Failed> {
    let typed = rpassword::prompt_password(words);
    Ok(typed.context("the terminal cannot be read")?)
}

/// Editors end a line; the passphrase does not.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
