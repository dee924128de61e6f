//! Where the data folder is.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Names the data folder in the environment.
pub const HOME_VARIABLE: &str = "CAUSEWAY_HOME";

/// Names the file that holds the database's key, where it is not to be looked for.
pub const KEY_VARIABLE: &str = "CAUSEWAY_KEY_FILE";

const FLAG: &str = "--home";

/// `--home DIR` or `--home=DIR`, else `CAUSEWAY_HOME`, else the system's usual place.
/// None where there is no such place either.
pub fn home_folder(
    arguments: impl IntoIterator<Item = OsString>,
    environment: Option<OsString>,
    usual: Option<PathBuf>,
) -> Option<PathBuf> {
    from_arguments(arguments)
        .or(environment)
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or(usual)
}

fn from_arguments(arguments: impl IntoIterator<Item = OsString>) -> Option<OsString> {
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == OsStr::new(FLAG) {
            return arguments.next();
        }
        if let Some(folder) = argument
            .to_str()
            .and_then(|text| text.strip_prefix("--home="))
        {
            return Some(OsString::from(folder));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use super::home_folder;

    fn found(arguments: &[&str], environment: Option<&str>) -> Option<PathBuf> {
        home_folder(
            arguments.iter().map(OsString::from),
            environment.map(OsString::from),
            Some("/home/ada/.local/share/causeway".into()),
        )
    }

    #[test]
    fn the_command_line_comes_before_the_environment_and_that_before_the_usual_place() {
        let program = "causeway-desktop";
        assert_eq!(
            found(&[program, "--home", "/a"], Some("/b")),
            Some("/a".into())
        );
        assert_eq!(
            found(&[program, "--home=/a"], Some("/b")),
            Some("/a".into())
        );
        assert_eq!(found(&[program], Some("/b")), Some("/b".into()));
        let usual = PathBuf::from("/home/ada/.local/share/causeway");
        assert_eq!(found(&[program], None), Some(usual.clone()));
        assert_eq!(found(&[program], Some("")), Some(usual));
    }

    #[test]
    fn without_any_folder_there_is_none() {
        assert_eq!(home_folder([], None, None), None);
    }
}
