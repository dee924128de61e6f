//! Slack's emoji names.
//!
//! Slack's names are those of its own data set; the crate's are GitHub's. Most are the same, and
//! the families that differ (flags, people with an occupation) differ by rule.

use emojis::{Emoji, SkinTone};

/// The characters of a standard emoji by Slack's name, a skin tone as in `wave::skin-tone-3`
/// included. `None` for a custom one.
pub(super) fn standard(name: &str) -> Option<String> {
    let (name, tone) = match name.split_once("::skin-tone-") {
        Some((name, tone)) => (name, tone.parse().ok()),
        None => (name, None),
    };
    with_tone(name, tone)
}

/// As [`standard`], with the skin tone (2 to 6) beside the name.
pub(super) fn with_tone(name: &str, tone: Option<u64>) -> Option<String> {
    if let Some(country) = name.strip_prefix("flag-")
        && country.len() == 2
        && country.bytes().all(|b| b.is_ascii_lowercase())
    {
        return country.bytes().map(regional_indicator).collect();
    }
    let emoji = by_name(name)?.as_str();
    toned(emoji, tone).or_else(|| Some(emoji.to_owned()))
}

/// The same emoji in another skin tone (2 to 6), where there is one.
pub(super) fn toned(characters: &str, tone: Option<u64>) -> Option<String> {
    let toned = emojis::get(characters)?.with_skin_tone(skin_tone(tone?)?)?;
    Some(toned.as_str().to_owned())
}

/// The characters of code points as `rich_text` writes them: hex, joined by hyphens.
pub(super) fn from_code_points(code_points: &str) -> Option<String> {
    let characters = code_points
        .split('-')
        .map(|hex| u32::from_str_radix(hex, 16).ok().and_then(char::from_u32));
    characters
        .collect::<Option<String>>()
        .filter(|characters| !characters.is_empty())
}

/// Whether Slack could know an emoji by this name.
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-+'".contains(&b);
    !name.is_empty() && name.len() <= 100 && name.bytes().all(allowed)
}

fn by_name(name: &str) -> Option<&'static Emoji> {
    emojis::get_by_shortcode(name)
        .or_else(|| emojis::get_by_shortcode(&name.replace('-', "_")))
        .or_else(|| by_occupation(name))
        .or_else(|| by_slack_name(name))
}

/// `male-technologist` is `man_technologist` elsewhere.
fn by_occupation(name: &str) -> Option<&'static Emoji> {
    let elsewhere = if let Some(rest) = name.strip_prefix("female-") {
        format!("woman_{rest}")
    } else {
        format!("man_{}", name.strip_prefix("male-")?)
    };
    emojis::get_by_shortcode(&elsewhere.replace('-', "_"))
}

fn by_slack_name(name: &str) -> Option<&'static Emoji> {
    let characters = match name {
        "simple_smile" => "🙂",
        "face_with_rolling_eyes" => "🙄",
        "hugging_face" => "🤗",
        "thinking_face" => "🤔",
        "zany_face" => "🤪",
        "star-struck" => "🤩",
        "shushing_face" => "🤫",
        "face_with_hand_over_mouth" => "🤭",
        "the_horns" => "🤘",
        "hand_with_index_finger_and_thumb_crossed" => "🤞",
        "rolled_up_newspaper" => "🗞️",
        "sleuth_or_spy" => "🕵️",
        "partying_face" => "🥳",
        "smiling_face_with_3_hearts" => "🥰",
        "saluting_face" => "🫡",
        "melting_face" => "🫠",
        "knife_fork_plate" => "🍽️",
        "thumbsup_all" => "👍",
        _ => return None,
    };
    emojis::get(characters)
}

fn skin_tone(tone: u64) -> Option<SkinTone> {
    match tone {
        2 => Some(SkinTone::Light),
        3 => Some(SkinTone::MediumLight),
        4 => Some(SkinTone::Medium),
        5 => Some(SkinTone::MediumDark),
        6 => Some(SkinTone::Dark),
        _ => None,
    }
}

fn regional_indicator(letter: u8) -> Option<char> {
    char::from_u32(0x1f1e6 + u32::from(letter - b'a'))
}
