//! Text as it is compared: the same letters however they are composed, without regard to case.

use icu_normalizer::ComposingNormalizerBorrowed;

/// Lower case, in Unicode's composed form (NFC), without white space at the ends.
///
/// Lower-casing can itself leave a letter and its mark apart, so composing comes last.
pub(crate) fn fold(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(&lower)
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn composed_and_decomposed_letters_of_either_case_fold_alike() {
        assert_eq!(
            fold(" JOSE\u{301}@Example.com "),
            fold("jos\u{e9}@example.COM")
        );
        assert_ne!(fold("jose"), fold("jos\u{e9}"));
    }
}
