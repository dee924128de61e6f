//! What cargo and the sources say.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Normal,
    Build,
    Dev,
}

/// A direct dependency of one of our crates.
#[derive(Debug)]
pub struct Dependency {
    pub of: String,
    pub on: String,
    pub kind: Kind,
}

pub fn dependencies() -> Result<Vec<Dependency>> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])?)?;
    let mut found = Vec::new();
    for package in list(&metadata, "packages")? {
        for dependency in list(package, "dependencies")? {
            found.push(Dependency {
                of: text(package, "name")?.to_owned(),
                on: text(dependency, "name")?.to_owned(),
                kind: match dependency["kind"].as_str() {
                    Some("dev") => Kind::Dev,
                    Some("build") => Kind::Build,
                    _ => Kind::Normal,
                },
            });
        }
    }
    ensure!(
        found.iter().any(|d| d.of == "causeway-desktop") && found.len() > 50,
        "cargo metadata named only {} dependencies",
        found.len()
    );
    Ok(found)
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key]
        .as_array()
        .with_context(|| format!("cargo metadata has no list {key}"))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key]
        .as_str()
        .with_context(|| format!("cargo metadata has no text {key}"))
}

pub fn cargo(arguments: &[&str]) -> Result<String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--locked"])
        .current_dir(root())
        .output()?;
    ensure!(
        output.status.success(),
        "cargo {arguments:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// A source file by its path from the repository's root.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// The lines that are shipped code, numbered from one: no comments, no test modules.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut test_module_ends = None;
        let mut after_cfg_test = false;
        (1..).zip(self.text.lines()).filter(move |(_, line)| {
            if let Some(end) = &test_module_ends {
                if line == end {
                    test_module_ends = None;
                }
                return false;
            }
            if after_cfg_test && line.ends_with('{') {
                let indent = line.len() - line.trim_start().len();
                test_module_ends = Some(format!("{}}}", &line[..indent]));
            }
            let under_test = std::mem::replace(
                &mut after_cfg_test,
                line.trim_start().starts_with("#[cfg(test)]"),
            );
            !under_test && !line.trim_start().starts_with("//")
        })
    }

    /// Whether the `Instant` of this file is tokio's, not the standard library's.
    pub fn takes_instant_from_tokio(&self) -> bool {
        let uses = |from: &str| {
            self.text.split(';').any(|statement| {
                statement
                    .rfind(&format!("use {from}::"))
                    .is_some_and(|at| statement[at..].contains("Instant"))
            })
        };
        (uses("tokio") || self.text.contains("tokio::time::Instant")) && !uses("std")
    }
}

/// Every Rust source that is shipped: no test folder, no file of tests.
pub fn sources() -> Result<Vec<Source>> {
    let found: Vec<_> = all_rust()?
        .into_iter()
        .filter(|source| !of_tests(&source.path))
        .collect();
    ensure!(found.len() > 50, "only {} sources were found", found.len());
    Ok(found)
}

/// Every Rust source, tests included.
pub fn all_rust() -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for folder in ["crates", "src-tauri", "tests"] {
        collect(&root().join(folder), &mut found)?;
    }
    Ok(found)
}

fn of_tests(path: &str) -> bool {
    path.trim_end_matches(".rs")
        .split('/')
        .any(|part| part == "tests" || part == "benches" || part.ends_with("_tests"))
}

fn collect(folder: &Path, found: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(Source {
                path: path.strip_prefix(root())?.display().to_string(),
                text: fs::read_to_string(&path)?,
            });
        }
    }
    Ok(())
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
