//! Orders that SQL can carry out, and the parts of them.

use rekey_runtime::database::Also;
use rekey_scim_protocol::{
    Sort,
    schema::{ResourceType, Target},
};
use sea_orm::{
    Value,
    sea_query::{ColumnType, Expr, ExprTrait, Func, NullOrdering, SelectStatement},
};

use super::super::fields::{EMAIL, Elements, Field, MAX_INDEXED, field, is_indexed};
use crate::domain::{Key, Place};

/// The name of the selected sort key.
const KEY: &str = "sort_key";

/// The columns in whose order an index has all resources of the type.
const SORTED: [(&str, &str); 7] = [
    ("User", "user_name_folded"),
    ("User", "external_id"),
    ("User", "display_name"),
    ("User", "family_name"),
    ("User", "modified_at"),
    ("Group", "display_name_folded"),
    ("Group", "external_id"),
];

/// An order of rows: by a column, then by id.
pub(super) struct Order {
    /// `None`: by id alone.
    key: Option<Column>,
    descending: bool,
    /// Does an index have all rows in this order?
    pub(super) indexed: bool,
}

struct Column {
    expr: Expr,
    is_flag: bool,
    is_text: bool,
}

/// The rows behind a place, in their order: first those in front of the others. Each is a simple range, which an index finds.
pub(super) type Stretches = Vec<Option<Expr>>;

impl Order {
    /// By id, which is the order of creation.
    pub(super) const fn by_id() -> Self {
        Self { key: None, descending: false, indexed: true }
    }

    /// `None`: not by any column.
    pub(super) fn of(resource_type: &'static ResourceType, sort: Option<&Sort>) -> Option<Self> {
        let Some(sort) = sort else { return Some(Self::by_id()) };
        let target = sort.target.with_value();
        let order = |column, expr, is_flag, is_text| {
            let indexed = SORTED.contains(&(resource_type.name, column));
            Some(Self { key: Some(Column { expr, is_flag, is_text }), descending: sort.descending, indexed })
        };
        match field(resource_type, &target)? {
            Field::Text(column) if is_indexed(column) => order(column, Expr::col(column), false, true),
            Field::Text(column) => order(column, beginning(column), false, true),
            Field::Word(column) | Field::Usual(column, _) => {
                order(column, Func::cust("nullif").arg(Func::lower(Expr::col(column))).arg(Expr::cust("''")).into(), false, true)
            }
            Field::Flag(column) => order(column, Expr::col(column), true, false),
            Field::Moment(column) => order(column, Expr::col(column), false, false),
            Field::Elements(elements) if is_email(elements, &target) => order(EMAIL, Expr::col(EMAIL), false, true),
            Field::Elements(_) => None,
            Field::Id => Some(Self { key: None, descending: sort.descending, indexed: true }),
            // All are alike, and those are in the order of their ids whatever the order.
            Field::Constant(_) => Some(Self::by_id()),
        }
    }

    pub(super) const fn is_by_id(&self) -> bool {
        self.key.is_none()
    }

    /// Selects the key and orders the rows. `SQLite` likes an index that has the rows in their order even better than one that finds
    /// them; where they are found by one, the plus hides the other.
    pub(super) fn apply(&self, select: &mut SelectStatement, hidden: bool) {
        let by = |expr: Expr| if hidden { Expr::cust_with_expr("+?", expr) } else { expr };
        let (order, nulls) = if self.descending { (sea_orm::Order::Desc, NullOrdering::First) } else { (sea_orm::Order::Asc, NullOrdering::Last) };
        let id = by(Expr::col("id"));
        match &self.key {
            None => select.order_by_expr(id, order),
            Some(column) => {
                select.expr_as(column.expr.clone(), KEY);
                select.order_by_expr_with_nulls(by(column.expr.clone()), order, nulls).order_by_expr(id, sea_orm::Order::Asc)
            }
        };
    }

    /// What is selected with the rows for their places.
    pub(super) fn also(&self) -> Option<Also> {
        let column = self.key.as_ref()?;
        let number = if column.is_flag { ColumnType::Boolean } else { ColumnType::BigInteger };
        Some((KEY, if column.is_text { ColumnType::Text } else { number }))
    }

    /// The rows behind a place. They come in stretches, one after the other, each in the order of [`Self::apply`].
    pub(super) fn behind(&self, place: Option<&Place>) -> Stretches {
        let Some(place) = place else { return vec![None] };
        let later = || if self.key.is_none() && self.descending { Expr::col("id").lt(place.id) } else { Expr::col("id").gt(place.id) };
        let Some(column) = &self.key else { return vec![Some(later())] };
        let expr = || column.expr.clone();
        let absent = expr().is_null();
        match (&place.key, self.descending) {
            (None, false) => vec![Some(absent.and(later()))],
            (None, true) => vec![Some(absent.and(later())), Some(expr().is_not_null())],
            (Some(key), false) => {
                let key = || column.value(key);
                vec![Some(expr().gte(key()).and(expr().gt(key()).or(later()))), Some(absent)]
            }
            (Some(key), true) => {
                let key = || column.value(key);
                vec![Some(expr().lte(key()).and(expr().lt(key()).or(later())))]
            }
        }
    }
}

/// What a text without a limit is sorted by: no URL would carry a cursor with the whole of it.
fn beginning(column: &'static str) -> Expr {
    Expr::cust(format!("substr(\"{column}\", 1, {MAX_INDEXED})"))
}

/// The key in front of a row, as it was selected.
pub(super) fn key(value: Value) -> Option<Key> {
    match value {
        Value::String(text) => text.map(Key::Text),
        Value::Bool(flag) => flag.map(|flag| Key::Number(flag.into())),
        Value::BigInt(number) => number.map(Key::Number),
        _ => None,
    }
}

fn is_email(elements: Elements, target: &Target) -> bool {
    elements == Elements::Values("emails") && target.innermost().name == "value"
}

impl Column {
    /// A key as the column holds it.
    fn value(&self, key: &Key) -> Value {
        match key {
            Key::Text(text) => text.as_str().into(),
            Key::Number(number) if self.is_flag => (*number != 0).into(),
            Key::Number(number) => (*number).into(),
        }
    }
}
