//! The characteristics of attributes (RFC 7643 §2.2, §7).

/// The type of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// RFC 3339 text.
    DateTime,
    /// A URI.
    Reference,
    /// Base64 text.
    Binary,
    /// Sub-attributes.
    Complex,
}

/// Who may write an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// We alone.
    ReadOnly,
    /// The client.
    ReadWrite,
    /// The client, but once: what is there stays as it is.
    Immutable,
    /// We alone, from the parts beside it. RFC 7643 §8.7.1 calls `members.$ref` immutable and clients send it: it is described so, taken, and
    /// passed over.
    Computed,
    /// The client, and it is never read.
    WriteOnly,
}

impl Mutability {
    /// Do we alone write it, whatever a client sends?
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::ReadOnly | Self::Computed)
    }
}

/// When an attribute is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever is asked.
    Always,
    /// Never.
    Never,
    /// Unless it is excluded.
    Default,
    /// Only when it is asked for.
    Request,
}

/// How unique a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Within the tenant.
    Server,
}

/// What lists can do with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searchable {
    /// Filter by it and sort by it.
    FilterAndSort,
    /// Filter by it: of what a resource may have many of alike, none comes first.
    FilterOnly,
    /// Nothing: it is only known of a resource when that is read.
    Nothing,
}

/// The values that a schema names for an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canonical {
    /// These are usual; others are taken too. None: there are no usual ones.
    Usual(&'static [&'static str]),
    /// There are no others.
    Only(&'static [&'static str]),
}

impl Canonical {
    /// The values named.
    pub const fn values(self) -> &'static [&'static str] {
        match self {
            Self::Usual(values) | Self::Only(values) => values,
        }
    }
}
