//! What stands in a column, and how it is compared.

use rekey_scim_protocol::{Key, filter::Operator, schema::Attribute};
use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait, Func},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    super::{
        fields::{Elements, Field, is_indexed},
        text::{after_all_with, stored},
    },
    part::{Reach, Sql},
};

/// What is compared: a column, and what kind of thing it holds. Null stands for an absent attribute.
#[derive(Clone)]
pub(super) struct Operand {
    attribute: &'static Attribute,
    pub(super) column: Expr,
    kind: Kind,
    indexed: bool,
    /// The column's name and what nearly all rows have in it.
    usual: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Flag,
    Moment,
    Id,
}

/// Which present values pass.
pub(super) struct Test {
    pub(super) sql: Sql,
    pub(super) reach: Reach,
}

impl Operand {
    fn new(attribute: &'static Attribute, column: &'static str, kind: Kind, indexed: bool) -> Self {
        Self { attribute, column: Expr::col(column), kind, indexed, usual: None }
    }

    /// A text of our own in ASCII. It is written as clients see it: the database may fold it, which it does for ASCII alone.
    fn word(attribute: &'static Attribute, column: &'static str) -> Self {
        let folded = Expr::from(Func::lower(Expr::col(column)));
        let column = Func::cust("nullif").arg(folded).arg(Expr::cust("''"));
        Self { attribute, column: column.into(), kind: Kind::Text, indexed: false, usual: None }
    }

    /// An attribute that lies in a column of its resource.
    pub(super) fn of_field(attribute: &'static Attribute, field: Field) -> Option<Self> {
        Some(match field {
            Field::Text(column) => Self::new(attribute, column, Kind::Text, is_indexed(column)),
            Field::Word(column) => Self::word(attribute, column),
            Field::Usual(column, usual) => Self { usual: Some((column, usual)), ..Self::word(attribute, column) },
            Field::Flag(column) => Self::new(attribute, column, Kind::Flag, false),
            Field::Moment(column) => Self::new(attribute, column, Kind::Moment, false),
            Field::Id => Self::new(attribute, "id", Kind::Id, true),
            Field::Constant(_) | Field::Elements(_) => return None,
        })
    }

    /// A part of an element.
    pub(super) fn of_element(elements: Elements, part: &'static Attribute) -> Option<Self> {
        Some(match (elements, part.name) {
            (Elements::Values(_), "value") => Self::new(part, "value", Kind::Text, true),
            (Elements::Values(_), "type") => Self::new(part, "kind", Kind::Text, false),
            (Elements::Values(_), "display") => Self::new(part, "display", Kind::Text, false),
            (Elements::Values(_), "primary") => Self::new(part, "is_primary", Kind::Flag, false),
            (Elements::Members, "value") => Self::new(part, "member_id", Kind::Id, true),
            (Elements::Members, "type") => Self::word(part, "kind"),
            (Elements::Members, "display") => Self::new(part, "display_folded", Kind::Text, false),
            (Elements::Groups, "value") => Self::new(part, "id", Kind::Id, true),
            (Elements::Groups, "display") => Self::new(part, "display_name_folded", Kind::Text, true),
            _ => return None,
        })
    }

    /// Which present values fulfil the comparison; `None`: SQL cannot tell.
    pub(super) fn test(&self, operator: Operator, wanted: &Value, on: DbBackend) -> Option<Test> {
        let sql = match self.kind {
            Kind::Text => self.text(operator, &stored(self.attribute, wanted.as_str()?), on),
            Kind::Flag => Sql::Where(if operator == Operator::Eq { self.column.clone().eq(wanted.as_bool()?) } else { return None }),
            Kind::Moment => self.moment(operator, wanted)?,
            Kind::Id => self.id(operator, wanted.as_str()?)?,
        };
        if let (Some((column, usual)), Operator::Eq, Sql::Where(equal)) = (self.usual, operator, &sql)
            && wanted.as_str().is_some_and(|wanted| stored(self.attribute, wanted) != stored(self.attribute, usual))
        {
            // It says nothing new, but only so a database sees that the index over the unusual rows will do.
            return Some(Test { sql: Sql::Where(equal.clone().and(Expr::cust(format!("{column} <> '{usual}'")))), reach: Reach::Found });
        }
        Some(Test { sql, reach: self.reach(operator) })
    }

    fn reach(&self, operator: Operator) -> Reach {
        match operator {
            Operator::Eq if self.indexed => Reach::Few,
            Operator::Sw if self.indexed => Reach::Found,
            _ => Reach::All,
        }
    }

    fn text(&self, operator: Operator, wanted: &str, on: DbBackend) -> Sql {
        let column = self.column.clone();
        Sql::Where(match operator {
            Operator::Co => contains(column, wanted, on),
            Operator::Sw => match after_all_with(wanted) {
                // A bound LIKE would be a scan.
                Some(end) => column.clone().gte(wanted).and(column.lt(end)),
                None => column.gte(wanted),
            },
            Operator::Ew => ends_with(column, wanted, on),
            ordered => return compared(column, ordered, wanted),
        })
    }

    /// A moment in nanoseconds against columns in microseconds.
    fn moment(&self, operator: Operator, wanted: &Value) -> Option<Sql> {
        let Some(Key::Number(nanos)) = Key::of(self.attribute, wanted) else { return None };
        let below = i64::try_from(nanos.div_euclid(1_000)).ok()?;
        let whole = nanos.rem_euclid(1_000) == 0;
        Some(match operator {
            Operator::Eq if !whole => Sql::Nothing,
            Operator::Ge if !whole => compared(self.column.clone(), Operator::Gt, below),
            Operator::Lt if !whole => compared(self.column.clone(), Operator::Le, below),
            _ => compared(self.column.clone(), operator, below),
        })
    }

    /// Ids are compared as texts: another spelling of the same UUID is another text. The order of UUIDs is that of their texts.
    fn id(&self, operator: Operator, wanted: &str) -> Option<Sql> {
        let id = wanted.parse::<Uuid>().ok().filter(|id| id.to_string() == wanted);
        match (operator, id) {
            (Operator::Eq | Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le, Some(id)) => Some(compared(self.column.clone(), operator, id)),
            (Operator::Eq, None) => Some(Sql::Nothing),
            _ => None,
        }
    }
}

fn compared(column: Expr, operator: Operator, wanted: impl Into<Expr>) -> Sql {
    Sql::Where(match operator {
        Operator::Gt => column.gt(wanted),
        Operator::Ge => column.gte(wanted),
        Operator::Lt => column.lt(wanted),
        Operator::Le => column.lte(wanted),
        Operator::Eq | Operator::Ne | Operator::Co | Operator::Sw | Operator::Ew => column.eq(wanted),
    })
}

fn contains(column: Expr, wanted: &str, on: DbBackend) -> Expr {
    let position = if on == DbBackend::Sqlite { "instr" } else { "strpos" };
    Expr::from(Func::cust(position).arg(column).arg(wanted)).gt(0)
}

fn ends_with(column: Expr, wanted: &str, on: DbBackend) -> Expr {
    let characters = i32::try_from(wanted.chars().count()).unwrap_or(i32::MAX);
    let end = match (on, characters) {
        (_, 0) => return column.is_not_null(),
        (DbBackend::Sqlite, _) => Func::cust("substr").arg(column).arg(-characters),
        _ => Func::cust("right").arg(column).arg(characters),
    };
    Expr::from(end).eq(wanted)
}
