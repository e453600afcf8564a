//! The grammar of filters, by recursive descent with a bound on depth.

use serde_json::Value;
use std::{iter::Peekable, vec::IntoIter};

use super::{
    Filter, MAX_COMPARISONS, MAX_DEPTH, MAX_LENGTH, Operator,
    lexer::{Token, tokens},
};
use crate::ScimError;

pub(crate) struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    levels_left: usize,
    comparisons_left: usize,
}

impl Parser {
    /// A whole filter.
    pub(super) fn filter(text: &str) -> Result<Filter, ScimError> {
        let mut parser = Self::new(text)?;
        let filter = parser.either()?;
        parser.tokens.next().map_or(Ok(filter), |_| Err(bad("something follows where the filter should end")))
    }

    /// `[filter]`, and what follows the bracket in one word.
    pub(crate) fn value_path(text: &str) -> Result<(Filter, Option<String>), ScimError> {
        let mut parser = Self::new(text)?;
        parser.expect(&Token::OpenBracket, "[")?;
        let filter = parser.either()?;
        parser.expect(&Token::CloseBracket, "]")?;
        match (parser.tokens.next(), parser.tokens.next()) {
            (None, _) => Ok((filter, None)),
            (Some(Token::Word(tail)), None) => Ok((filter, Some(tail))),
            _ => Err(ScimError::invalid_path("after the bracket of a path only `.` and a sub-attribute may follow")),
        }
    }

    fn new(text: &str) -> Result<Self, ScimError> {
        if text.len() > MAX_LENGTH {
            return Err(bad(&format!("it is longer than {MAX_LENGTH} bytes")));
        }
        Ok(Self { tokens: tokens(text)?.into_iter().peekable(), levels_left: MAX_DEPTH, comparisons_left: MAX_COMPARISONS })
    }

    fn either(&mut self) -> Result<Filter, ScimError> {
        let mut left = self.both()?;
        while self.takes("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, ScimError> {
        let mut left = self.single()?;
        while self.takes("and") {
            left = Filter::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Filter, ScimError> {
        match self.tokens.next() {
            Some(Token::Open) => self.nested(&Token::Close, ")"),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("not") && self.tokens.peek() == Some(&Token::Open) => {
                self.tokens.next();
                Ok(Filter::Not(Box::new(self.nested(&Token::Close, ")")?)))
            }
            Some(Token::Word(name)) => self.about(name),
            _ => Err(bad("an attribute, `not` or `(` is missing")),
        }
    }

    fn nested(&mut self, end: &Token, shown: &str) -> Result<Filter, ScimError> {
        self.levels_left = self.levels_left.checked_sub(1).ok_or_else(|| bad(&format!("it nests deeper than {MAX_DEPTH} levels")))?;
        let filter = self.either()?;
        self.expect(end, shown)?;
        self.levels_left += 1;
        Ok(filter)
    }

    fn about(&mut self, name: String) -> Result<Filter, ScimError> {
        if self.tokens.next_if_eq(&Token::OpenBracket).is_some() {
            let inner = self.nested(&Token::CloseBracket, "]")?;
            let filter = Box::new(self.part_of_element(inner)?);
            return Ok(Filter::Element { name, filter });
        }
        self.comparison(name)
    }

    /// `emails[type eq "work"].value eq "x"` is no filter of the RFC's, but Entra ID sends it: the same element has to fulfil both.
    fn part_of_element(&mut self, inner: Filter) -> Result<Filter, ScimError> {
        let Some(Token::Word(part)) = self.tokens.next_if(|token| matches!(token, Token::Word(word) if word.starts_with('.'))) else { return Ok(inner) };
        let comparison = self.comparison(part.trim_start_matches('.').to_owned())?;
        Ok(Filter::And(Box::new(inner), Box::new(comparison)))
    }

    fn comparison(&mut self, name: String) -> Result<Filter, ScimError> {
        let left = self.comparisons_left.checked_sub(1);
        self.comparisons_left = left.ok_or_else(|| bad(&format!("it has more than {MAX_COMPARISONS} comparisons")))?;
        let Some(Token::Word(word)) = self.tokens.next() else { return Err(bad(&format!("an operator is missing after `{}`", shown(&name)))) };
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(name));
        }
        let operator =
            Operator::parse(&word).ok_or_else(|| bad(&format!("`{}` is not an operator: use eq, ne, co, sw, ew, gt, ge, lt, le or pr", shown(&word))))?;
        Ok(Filter::Compare { name, operator, value: self.value()? })
    }

    fn value(&mut self) -> Result<Value, ScimError> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(Value::String(text)),
            Some(Token::Word(word)) => literal(&word),
            _ => Err(bad("a value is missing after an operator")),
        }
    }

    fn takes(&mut self, keyword: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(keyword))).is_some()
    }

    fn expect(&mut self, token: &Token, shown: &str) -> Result<(), ScimError> {
        self.tokens.next_if_eq(token).map(|_| ()).ok_or_else(|| bad(&format!("`{shown}` is missing")))
    }
}

fn literal(word: &str) -> Result<Value, ScimError> {
    match word.to_ascii_lowercase().as_str() {
        "true" => Ok(Value::Bool(true)),
        "false" => Ok(Value::Bool(false)),
        "null" => Ok(Value::Null),
        number => number.parse().map(Value::Number).map_err(|_| bad(&format!("`{}` is no value: strings stand in double quotes", shown(word)))),
    }
}

/// At most so much of a client's text as an error message bears.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}

pub(super) fn bad(why: &str) -> ScimError {
    ScimError::invalid_filter(format!("the filter cannot be read: {why}; write it like `userName eq \"alice\"`"))
}
