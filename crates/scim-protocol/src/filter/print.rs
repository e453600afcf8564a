//! Filters as text: what is printed is read as the same filter again.

use std::fmt::{Display, Formatter, Result};

use super::{Filter, Operator};

impl Display for Filter {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Compare { name, operator, value } => write!(out, "{name} {operator} {value}"),
            Self::Present(name) => write!(out, "{name} pr"),
            Self::Element { name, filter } => write!(out, "{name}[{filter}]"),
            Self::Not(inner) => write!(out, "not ({inner})"),
            Self::And(left, right) => {
                grouped(out, left, matches!(**left, Self::Or(..)))?;
                out.write_str(" and ")?;
                grouped(out, right, matches!(**right, Self::And(..) | Self::Or(..)))
            }
            Self::Or(left, right) => {
                write!(out, "{left} or ")?;
                grouped(out, right, matches!(**right, Self::Or(..)))
            }
        }
    }
}

/// In parentheses where it would be read as another tree without.
fn grouped(out: &mut Formatter<'_>, filter: &Filter, parentheses: bool) -> Result {
    if parentheses { write!(out, "({filter})") } else { write!(out, "{filter}") }
}

impl Display for Operator {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        out.write_str(match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        })
    }
}
