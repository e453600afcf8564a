//! What fulfils a filter: whole resources, and single elements of a list.

use serde_json::Value;

use super::{Filter, Operator, compare::holds};
use crate::{
    Object,
    schema::{Attribute, ResourceType, Target},
};

impl Filter {
    /// Does this resource of the type fulfil the filter? The resource is a whole one, as clients read it.
    ///
    /// A comparison with an attribute of several values holds if any value fulfils it; elements that lack the part compared do not
    /// count. A complex attribute stands for its `value`. An absent attribute (and one that the type does not have) is as null: `eq null`
    /// and `ne` with anything else hold, nothing else does. `pr` does not hold for null, `[]` and `{}`. Texts are folded
    /// ([`fold`](crate::fold)) unless the case of letters counts; dates and times are compared as moments. `not` is plain negation.
    pub fn fulfilled_by(&self, resource_type: &'static ResourceType, resource: &Object) -> bool {
        let place = |name: &str| resource_type.target(name);
        match self {
            Self::And(left, right) => left.fulfilled_by(resource_type, resource) && right.fulfilled_by(resource_type, resource),
            Self::Or(left, right) => left.fulfilled_by(resource_type, resource) || right.fulfilled_by(resource_type, resource),
            Self::Not(inner) => !inner.fulfilled_by(resource_type, resource),
            Self::Present(name) => place(name).is_some_and(|target| !values(&target, resource).is_empty()),
            Self::Compare { name, operator, value } => match place(name).map(Target::with_value) {
                Some(target) => holds(target.innermost(), &values(&target, resource), *operator, value),
                None => (*operator == Operator::Eq) == value.is_null() && matches!(operator, Operator::Eq | Operator::Ne),
            },
            Self::Element { name, filter } => {
                place(name).is_some_and(|target| values(&target, resource).iter().any(|element| filter.matches(target.attribute, element)))
            }
        }
    }

    /// Does this element of the attribute fulfil the filter? Names are those of sub-attributes.
    pub fn matches(&self, attribute: &'static Attribute, element: &Value) -> bool {
        let parts = |part: &Attribute| element.get(part.name).into_iter().filter(|value| !is_nothing(value)).collect::<Vec<_>>();
        match self {
            Self::And(left, right) => left.matches(attribute, element) && right.matches(attribute, element),
            Self::Or(left, right) => left.matches(attribute, element) || right.matches(attribute, element),
            Self::Not(inner) => !inner.matches(attribute, element),
            Self::Present(name) => attribute.sub(name).is_some_and(|part| !parts(part).is_empty()),
            Self::Compare { name, operator, value } => attribute.sub(name).is_some_and(|part| holds(part, &parts(part), *operator, value)),
            Self::Element { .. } => false,
        }
    }

    /// The element that a filter of nothing but `eq` joined by `and` describes; `None` for any other filter, and when it says two things of
    /// one part.
    pub fn described(&self, attribute: &'static Attribute) -> Option<Object> {
        let mut element = Object::new();
        self.describe(attribute, &mut element).then_some(element)
    }

    fn describe(&self, attribute: &'static Attribute, element: &mut Object) -> bool {
        match self {
            Self::And(left, right) => left.describe(attribute, element) && right.describe(attribute, element),
            Self::Compare { name, operator: Operator::Eq, value } if !value.is_null() => {
                let Some(sub) = attribute.sub(name) else { return false };
                element.insert(sub.name.to_owned(), value.clone()).is_none_or(|other| other == *value)
            }
            _ => false,
        }
    }
}

/// The values at a place: of a list all of them, none of them nothing.
fn values<'a>(target: &Target, resource: &'a Object) -> Vec<&'a Value> {
    let elements: &[Value] = match target.value_in(resource) {
        None => &[],
        Some(Value::Array(elements)) => elements,
        Some(single) => std::slice::from_ref(single),
    };
    let parts = elements.iter().filter_map(|element| target.sub.map_or(Some(element), |sub| element.get(sub.name)));
    parts.filter(|value| !is_nothing(value)).collect()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
