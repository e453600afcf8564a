//! PATCH of the members of a group, of which there may be very many: simple edits need not read them.

use serde_json::Value;

use super::{Patch, Step, Verb};
use crate::{Filter, Object, ScimError, body::check, filter::Operator, path::Path, urn};

/// One edit of the members of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberEdit {
    /// The member with this `value` is in afterwards: its parts go over those that are there, or it comes last. Another `type` than the
    /// member has is a 400 `mutability`.
    Add(Object),
    /// The member with this `value` is out afterwards, if it was in.
    Remove(String),
}

impl Patch {
    /// Does it write the members of a group?
    pub fn touches_members(&self) -> bool {
        self.steps.iter().any(Step::is_on_members)
    }

    /// What it does to members, in order, when it does no more than put some in and take some out by their `value`; `None` when the
    /// members that are there must be known (or a member has no `value`: then [`Patch::apply`] says what is wrong).
    ///
    /// To apply the edits one by one to the list of members, and [`Patch::apply_without_members`] to the rest, is to [`Patch::apply`].
    pub fn member_edits(&self) -> Option<Vec<MemberEdit>> {
        let edits: Option<Vec<_>> = self.steps.iter().filter(|step| step.is_on_members()).map(Step::member_edits).collect();
        edits.map(|edits| edits.into_iter().flatten().collect())
    }

    /// The profile as it is afterwards, but for the steps on members, which stay as they are there.
    ///
    /// # Errors
    /// As [`Patch::apply`].
    pub fn apply_without_members(&self, profile: &Object) -> Result<Object, ScimError> {
        let mut changed = profile.clone();
        self.steps.iter().filter(|step| !step.is_on_members()).try_for_each(|step| step.apply(&mut changed))?;
        check(self.resource_type, &changed)?;
        Ok(changed)
    }
}

impl Step {
    fn is_on_members(&self) -> bool {
        matches!(&self.path, Path::Attribute { target, .. } if target.is(urn::GROUP, "members"))
    }

    fn member_edits(&self) -> Option<Vec<MemberEdit>> {
        let Path::Attribute { target, filter } = &self.path else { return None };
        match (self.verb, filter, &self.value) {
            _ if target.sub.is_some() => None,
            (Verb::Add, None, Value::Array(members)) => {
                members.iter().map(|member| value_of(member).and(member.as_object().cloned()).map(MemberEdit::Add)).collect()
            }
            (Verb::Remove, None, Value::Array(members)) => members.iter().map(|member| value_of(member).map(MemberEdit::Remove)).collect(),
            (Verb::Remove, Some(Filter::Compare { name, operator: Operator::Eq, value: Value::String(value) }), _) if name.eq_ignore_ascii_case("value") => {
                Some(vec![MemberEdit::Remove(value.clone())])
            }
            _ => None,
        }
    }
}

fn value_of(member: &Value) -> Option<String> {
    member.get("value").and_then(Value::as_str).filter(|value| !value.trim().is_empty()).map(str::to_owned)
}
