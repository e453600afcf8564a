//! Attributes of several values. Their elements lie in rows of other tables, and a condition over them is a set of owners: both
//! databases look such a set up quickly, while `SQLite` runs a correlated EXISTS over all owners.

use rekey_scim_protocol::{Filter, schema::Target};
use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause};

use super::{
    super::{
        fields::{Elements, Field, field},
        memberships::nested,
    },
    Compiler, Scope,
    leaf::{Says, not},
    operand::Operand,
    part::{Part, Reach, Sql},
};

/// Groups found, and the groups inside of them.
const INSIDE: &str = "inside";

impl Compiler {
    /// `name[filter]`: one element fulfils all of it.
    pub(super) fn element(self, name: &str, filter: &Filter, holds: bool) -> Part {
        let Scope::Resource(of) = self.scope else { return Part::constant(!holds) };
        let Some(target) = of.target(name) else { return Part::constant(!holds) };
        let Some(Field::Elements(elements)) = field(of, &target) else { return Part::unknown() };
        let inner = Self { scope: Scope::Element(elements, target.attribute), table: None, ..self }.part(filter, true);
        match (inner.exact, holds) {
            (true, _) => Part::exactly(self.owned(elements, inner.sql, holds), elements.reach(inner.reach).only_if(holds)),
            // Those with an element that may fulfil it.
            (false, true) => Part { exact: false, reach: elements.reach(inner.reach), sql: self.owned(elements, inner.sql, true) },
            (false, false) => Part::unknown(),
        }
    }

    /// A leaf outside of brackets: any element that has the part may fulfil it.
    pub(super) fn any_element(self, elements: Elements, target: &Target, filter: &Filter, holds: bool) -> Part {
        let Some(part) = target.sub else {
            // `emails pr`
            return Part::exactly(self.owned(elements, Sql::All, holds), Reach::All);
        };
        let Some(operand) = Operand::of_element(elements, part) else { return Part::unknown() };
        let Some(Says { present, inverted, absent, reach }) = self.says(&operand, filter) else { return Part::unknown() };
        let has_part = Sql::Where(operand.column.is_not_null());
        let passing = match if inverted { not(present) } else { present } {
            Sql::All => has_part.clone(),
            other => other,
        };
        let any = Part::exactly(self.owned(elements, passing, holds), elements.reach(reach).only_if(holds));
        let none = || Part::exactly(self.owned(elements, has_part, !holds), Reach::All);
        match (absent, holds) {
            (false, _) => any,
            (true, true) => Part::any(vec![any, none()], self.table, self.tenant),
            (true, false) => any.and(none()),
        }
    }

    /// The rows that own an element that fulfils this, or those that own none.
    fn owned(self, elements: Elements, condition: Sql, holds: bool) -> Sql {
        let owners = match condition {
            Sql::Nothing if holds => return Sql::Nothing,
            Sql::Nothing => return Sql::All,
            Sql::All => self.owners(elements, None),
            Sql::Where(condition) => self.owners(elements, Some(condition)),
        };
        let id = Expr::col("id");
        Sql::Where(if holds { id.in_subquery(owners) } else { id.not_in_subquery(owners) })
    }

    fn owners(self, elements: Elements, condition: Option<Expr>) -> SelectStatement {
        let mut select = Query::select();
        select.from(elements.table()).and_where(Expr::col("tenant_id").eq(self.tenant)).and_where_option(condition);
        match elements {
            Elements::Values(attribute) => select.column("user_id").and_where(Expr::col("attribute").eq(attribute)).take(),
            Elements::Members => select.column("group_id").take(),
            Elements::Groups => self.inside(select.column("id").take()),
        }
    }

    /// Whoever is inside of these groups, at whatever depth. UNION passes over what was found before: circles end.
    fn inside(self, groups: SelectStatement) -> SelectStatement {
        let own = || Expr::col(("group_members", "tenant_id")).eq(self.tenant);
        let within = || Expr::col(("group_members", "group_id")).equals((INSIDE, "id"));
        let mut step = Query::select();
        step.column(("group_members", "member_id")).from("group_members").inner_join(INSIDE, within()).and_where(own()).and_where(nested());
        let mut found = groups;
        found.union(UnionType::Distinct, step);
        let table = CommonTableExpression::new().table_name(INSIDE).column("id").query(found).to_owned();
        let mut members = Query::select();
        members.column(("group_members", "member_id")).from("group_members").inner_join(INSIDE, within()).and_where(own());
        members.with_cte(WithClause::new().recursive(true).cte(table).to_owned()).take()
    }
}

impl Elements {
    /// The owners of few elements are few themselves. But a few groups may have everybody inside of them.
    fn reach(self, of_elements: Reach) -> Reach {
        if self == Self::Groups { of_elements.max(Reach::Found) } else { of_elements }
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Values(_) => "user_values",
            Self::Groups => "groups",
            Self::Members => "group_members",
        }
    }
}
