//! One-time codes: Crockford's base32, short enough to be typed and read aloud.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code that is mailed.
pub const MAIL_LENGTH: usize = 8;
/// Characters of a code that an administrator reads out.
pub const OFFLINE_LENGTH: usize = 13;

/// Longer input is never looked at as a code: separators are free, but not without bound.
const MAX_INPUT: usize = 64;

/// A code in its canonical form: upper case, no separators. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// The first `length` characters that these bytes give, five bits each, so that every code is equally likely.
    pub fn from_bytes(bytes: &[u8], length: usize) -> Self {
        let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        let bits: Vec<u8> = bits.take(length * 5).collect();
        let letter = |five: &[u8]| {
            let value = five.iter().fold(0_u8, |value, bit| value << 1 | bit);
            ALPHABET.get(usize::from(value)).copied().map_or('0', char::from)
        };
        Self(Zeroizing::new(bits.chunks(5).map(letter).collect()))
    }

    /// Reads what a person typed: in any letter case, spaces and hyphens ignored, I and L as 1, O as 0. `None` when it does not have
    /// the shape of a code.
    pub fn parse(input: &str) -> Option<Self> {
        if input.len() > MAX_INPUT {
            return None;
        }
        let letters = input.chars().filter(|c| !matches!(c, ' ' | '-'));
        let code: Option<String> = letters.map(canonical).collect();
        code.filter(|code| matches!(code.len(), MAIL_LENGTH | OFFLINE_LENGTH)).map(|code| Self(Zeroizing::new(code)))
    }

    /// Does it have as many characters as a mailed code?
    pub fn is_mail_shaped(&self) -> bool {
        self.0.len() == MAIL_LENGTH
    }

    /// Are they the same? The time taken tells nothing.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// The code itself, for its mail.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// In groups for reading aloud: `XXXX-XXXX-XXXXX`.
    pub fn grouped(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let (head, tail) = letters.split_at(letters.len().saturating_sub(5) / 4 * 4);
        let mut groups: Vec<String> = head.chunks(4).map(|group| group.iter().collect()).collect();
        groups.push(tail.iter().collect());
        groups.join("-")
    }
}

fn canonical(letter: char) -> Option<char> {
    let upper = match letter.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    ALPHABET.iter().any(|known| char::from(*known) == upper).then_some(upper)
}

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_offline_code_is_shown_in_groups() {
        assert_eq!(Code::from_bytes(&[0xff; 32], OFFLINE_LENGTH).grouped(), "ZZZZ-ZZZZ-ZZZZZ");
        assert_eq!(Code::from_bytes(&[0; 32], MAIL_LENGTH).expose(), "00000000");
    }

    #[test]
    fn letters_that_look_alike_are_read_alike() {
        let code = Code::parse("1100-1100").unwrap();
        assert!(Code::parse("il oO-Li 0o").unwrap().matches(&code));
    }

    #[test]
    fn other_text_does_not_have_the_shape_of_a_code() {
        for text in ["", "1234567", "123456789", "uuuuuuuu", "correct horse battery staple", "ÄÖÜ45678", "1234_678", "--------"] {
            assert!(Code::parse(text).is_none(), "{text}");
        }
        assert!(Code::parse(&format!("{}12345678", "-".repeat(1000))).is_none());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Code::from_bytes(&[1; 32], MAIL_LENGTH)), "Code(…)");
    }

    fn dress(code: &str, choices: &[u8]) -> String {
        let mut dressed = String::new();
        for (letter, choice) in code.chars().zip(choices.iter().cycle()) {
            let look_alike = match (letter, choice % 4) {
                ('1', 1) => 'i',
                ('1', 2) => 'L',
                ('0', 1) => 'o',
                _ => letter,
            };
            dressed.push(if choice & 8 == 0 { look_alike } else { look_alike.to_ascii_lowercase() });
            dressed.push_str(if choice & 16 == 0 { "" } else { "-" });
            dressed.push_str(if choice & 32 == 0 { "" } else { " " });
        }
        dressed
    }

    proptest! {
        #[test]
        fn a_code_is_read_back_however_it_is_typed(bytes in any::<[u8; 32]>(), choices in prop::collection::vec(any::<u8>(), 1..20), offline in any::<bool>()) {
            let code = Code::from_bytes(&bytes, if offline { OFFLINE_LENGTH } else { MAIL_LENGTH });
            let typed = Code::parse(&dress(code.expose(), &choices)).unwrap();
            prop_assert!(typed.matches(&code));
            prop_assert!(Code::parse(&code.grouped()).unwrap().matches(&code));
        }

        #[test]
        fn a_changed_letter_is_another_code(bytes in any::<[u8; 32]>(), at in 0..MAIL_LENGTH) {
            let code = Code::from_bytes(&bytes, MAIL_LENGTH);
            let other: String = code.expose().chars().enumerate().map(|(i, c)| if i == at { if c == 'A' { 'B' } else { 'A' } } else { c }).collect();
            prop_assert!(!Code::parse(&other).unwrap().matches(&code));
        }

        #[test]
        fn no_input_panics(input in ".*") {
            let _ = Code::parse(&input);
        }
    }
}
