//! Durations as they stand in the configuration.

use serde::{Deserialize, Deserializer, de::Error};
use std::time::Duration;

/// A duration written `<n>s`, `<n>m`, `<n>h` or `<n>d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Span {
    /// Reads `1440m`.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        let amount: u64 = digits.parse().ok()?;
        amount.checked_mul(seconds).map(Duration::from_secs).map(Self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a duration: use something like \"90s\", \"1440m\", \"24h\" or \"7d\"")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_units_are_read_and_nothing_else() {
        for (text, seconds) in [("2s", 2), ("1440m", 86_400), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(Span::parse(text), Some(Span(Duration::from_secs(seconds))));
        }
        for bad in ["", "s", "5", "-1m", "1.5h", "1w", "99999999999999999999d", "1é"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }
}
