//! A filter's text as tokens.

use crate::ScimError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Text(String),
    Word(String),
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ScimError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '[' => (Token::OpenBracket, 1),
            ']' => (Token::CloseBracket, 1),
            '"' => quoted(rest)?,
            _ => word(rest),
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn quoted(text: &str) -> Result<(Token, usize), ScimError> {
    let length = closing_quote(text).ok_or_else(|| ScimError::invalid_filter("a string in the filter has no closing quote"))? + 1;
    let content = serde_json::from_str(text.get(..length).unwrap_or_default());
    let content: String = content.map_err(|_| ScimError::invalid_filter("a string in the filter is not written as in JSON"))?;
    if content.contains('\0') {
        return Err(ScimError::invalid_filter("a string in the filter holds the character U+0000"));
    }
    Ok((Token::Text(content), length))
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return Some(at),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn word(text: &str) -> (Token, usize) {
    let end = text.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(text.len());
    (Token::Word(text.get(..end).unwrap_or_default().to_owned()), end)
}
