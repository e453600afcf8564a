//! Where in the data of an operation a reference can stand: wherever the schema has the id or the URL of a resource.
//!
//! That is every attribute with a `$ref` (RFC 7643 §2.4: beside it, `value` is the id of what it refers to): `members`, `manager`. Any other
//! text, a password above all, may begin with `bulkId:` as it likes.

use serde_json::Value;

use crate::{
    Object,
    schema::{Named, ResourceType, Schema, Target},
};

/// A place in the data, by what it can hold.
#[derive(Clone, Copy)]
pub(super) enum Spot {
    /// A resource of this type.
    Resource(&'static ResourceType),
    /// The object of one schema's attributes.
    Schema(&'static Schema),
    /// The body of a PATCH.
    Patch(&'static ResourceType),
    /// Its operations.
    Edits(&'static ResourceType),
    /// An attribute that refers to resources. A bare text in it is an id.
    Link,
    /// A URL, whose last part may be a reference.
    Url,
    /// The path of an edit, which may look for the id of a link: `members[value eq "…"]`.
    Path,
    /// What holds no reference.
    Nothing,
}

/// The members of an object, each a spot of its own.
#[derive(Clone, Copy)]
pub(super) struct Level {
    spot: Spot,
    /// What `path` and `value` of an edit are: that depends on the path.
    path: Spot,
    value: Spot,
}

impl Spot {
    /// The members of an object that stands here.
    pub(super) fn level(self, members: &Object) -> Level {
        match self {
            Self::Edits(kind) => path(members).map_or(Level { spot: self, path: Self::Nothing, value: Self::Resource(kind) }, |path| self.edit(kind, path)),
            _ => Level { spot: self, path: Self::Nothing, value: Self::Nothing },
        }
    }

    /// An edit of what this path leads to, with or without a filter in it.
    fn edit(self, kind: &'static ResourceType, path: &str) -> Level {
        let (before, rest) = path.split_once('[').unwrap_or((path, ""));
        let (before, after) = (before.trim(), rest.rsplit_once(']').map_or("", |(_, after)| after.trim()));
        let path = if matches!(Self::named(kind.resolve(before)), Self::Link) { Self::Path } else { Self::Nothing };
        Level { spot: self, path, value: Self::named(kind.resolve(&format!("{before}{after}"))) }
    }

    fn named(named: Option<Named>) -> Self {
        match named {
            Some(Named::Schema(schema)) => Self::Schema(schema),
            Some(Named::Target(target)) => Self::of(target),
            None => Self::Nothing,
        }
    }

    fn of(target: Target) -> Self {
        let refers = target.attribute.sub("$ref").is_some();
        match target.sub.map(|sub| sub.name) {
            _ if !refers => Self::Nothing,
            None => Self::Link,
            Some(sub) => Self::Link.part(sub),
        }
    }

    fn part(self, name: &str) -> Self {
        match self {
            Self::Link if name.eq_ignore_ascii_case("value") => Self::Link,
            Self::Link if name.eq_ignore_ascii_case("$ref") => Self::Url,
            _ => Self::Nothing,
        }
    }
}

impl Level {
    /// What the member of this name is.
    pub(super) fn below(self, name: &str) -> Spot {
        match self.spot {
            Spot::Resource(kind) => Spot::named(kind.resolve(name)),
            Spot::Schema(schema) => schema.target(name).map_or(Spot::Nothing, Spot::of),
            Spot::Patch(kind) if name.eq_ignore_ascii_case("Operations") => Spot::Edits(kind),
            Spot::Edits(_) if name.eq_ignore_ascii_case("value") => self.value,
            Spot::Edits(_) if name.eq_ignore_ascii_case("path") => self.path,
            other => other.part(name),
        }
    }
}

fn path(edit: &Object) -> Option<&str> {
    let found = edit.iter().find(|(name, _)| name.eq_ignore_ascii_case("path"));
    found.and_then(|(_, path)| Value::as_str(path)).filter(|path| !path.trim().is_empty())
}
