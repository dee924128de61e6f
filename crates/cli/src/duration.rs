//! Lengths of time as people write them: `90s`, `12h`, `3d`.

/// Units with their length in milliseconds, the longest first.
const UNITS: [(&str, i64); 5] = [
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Milliseconds from a whole number and its unit; `0` needs none.
///
/// # Errors
/// In words, for anything else.
pub fn read(text: &str) -> Result<i64, String> {
    let text = text.trim();
    if text == "0" {
        return Ok(0);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let ms = || {
        let (_, ms) = UNITS.iter().find(|(word, _)| *word == unit)?;
        number.parse::<i64>().ok()?.checked_mul(*ms)
    };
    ms().ok_or_else(|| "a number and a unit: 500ms, 90s, 15m, 12h, 3d".to_owned())
}

/// The same, in the longest unit that needs no fraction.
pub fn words(ms: i64) -> String {
    let unit = UNITS.iter().find(|(_, unit)| ms != 0 && ms % unit == 0);
    match unit {
        Some((word, unit)) => format!("{}{word}", ms / unit),
        None => "0".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(read("2s"), Ok(2_000));
        assert_eq!(read(" 3 d"), Ok(259_200_000));
        assert_eq!(read("500ms"), Ok(500));
        assert_eq!(read("0"), Ok(0));
        for wrong in ["", "3", "d", "-1s", "1.5h", "3 weeks", "99999999999999999d"] {
            assert!(read(wrong).is_err(), "{wrong} is no duration");
        }
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        for ms in [0, 1, 1_500, 2_000, 90_000, 7_200_000, 259_200_000] {
            assert_eq!(read(&words(ms)), Ok(ms));
        }
        assert_eq!(words(259_200_000), "3d");
        assert_eq!(words(90_000), "90s");
    }
}
