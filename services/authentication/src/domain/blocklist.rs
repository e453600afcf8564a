//! Passwords that everybody tries first: a list of our own, and the patterns that people build on it.

use rekey_kernel::text::fold;
use std::{collections::HashSet, sync::LazyLock};

/// One password a line, lower case; lines with `#` are comments.
const LIST: &str = include_str!("common-passwords.txt");

/// Rows of a keyboard and other runs that fingers find by themselves.
const RUNS: [&str; 10] = [
    "01234567890",
    "09876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
];

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| LIST.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect());

/// Is it on the list, one of the list with digits or signs around it, one character or a short piece over and over, or a run?
pub fn is_common(password: &str) -> bool {
    let folded = fold(password);
    let core = folded.trim_matches(|c: char| !c.is_alphabetic());
    let plain = unleet(core);
    let listed = [folded.as_str(), core, plain.as_str()].into_iter().any(|form| COMMON.contains(form));
    listed || is_repetition(&folded) || is_run(&folded) || repeats_a_listed_word(core)
}

fn unleet(text: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// A piece of at most four characters over and over.
fn is_repetition(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    !letters.is_empty() && (1..=4).any(|piece| letters.len() > piece && letters.iter().zip(letters.iter().skip(piece)).all(|(a, b)| a == b))
}

/// `passwordpassword`.
fn repeats_a_listed_word(text: &str) -> bool {
    let length = text.chars().count();
    (2..=4).filter(|times| length > 0 && length.is_multiple_of(*times)).any(|times| {
        let word: String = text.chars().take(length / times).collect();
        COMMON.contains(word.as_str()) && word.repeat(times) == text
    })
}

/// A run, gone through as often as need be: `1234567890123456`, `qwertyuiopasdfg`.
fn is_run(text: &str) -> bool {
    let digits = text.len() > 3 && is_stepping(text);
    digits || RUNS.iter().any(|run| text.len() > 3 && run.repeat(text.len() / run.len() + 2).contains(text))
}

/// Each character one more, or each one less, than the one before; 0 follows 9.
fn is_stepping(text: &str) -> bool {
    let steps = |next: fn(u8) -> u8| text.as_bytes().windows(2).all(|pair| matches!(pair, [a, b] if next(*a) == *b));
    let up = |c: u8| if c == b'9' { b'0' } else { c.wrapping_add(1) };
    let down = |c: u8| if c == b'0' { b'9' } else { c.wrapping_sub(1) };
    steps(up) || steps(down)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_passwords_and_their_variations_are_found() {
        let known = [
            "password",
            "Password1234567",
            "P@ssw0rd!!!!!!!!",
            "passwordpassword",
            "aaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "123456789012345",
            "098765432109876",
            "qwertyuiopasdfgh",
            "1q2w3e4r5t6y7u8i",
            "iloveyou2026!!!",
            "1234567890abcdef1234567890",
        ];
        let missed: Vec<_> = known.iter().filter(|password| !is_common(password)).collect();
        assert_eq!(missed, [&"1234567890abcdef1234567890"], "the last one is no pattern of ours");
    }

    #[test]
    fn ordinary_phrases_are_not() {
        for password in ["correct horse battery staple", "Eine-gute-Parole-7", "tundra violin 93 kettle", "Alice-new-secret-2026", ""] {
            assert!(!is_common(password), "{password}");
        }
    }

    #[test]
    fn the_list_is_in_the_form_it_is_compared_in() {
        assert!(COMMON.len() > 250);
        assert!(COMMON.iter().all(|line| fold(line) == **line && line.chars().count() >= 8));
    }
}
