//! Words for writing schemas down.

use super::{Attribute, Kind, Mutability, Returned, Uniqueness};

pub(super) const fn text(name: &'static str, description: &'static str) -> Attribute {
    attribute(name, Kind::String, description)
}

pub(super) const fn boolean(name: &'static str, description: &'static str) -> Attribute {
    attribute(name, Kind::Boolean, description)
}

pub(super) const fn moment(name: &'static str, description: &'static str) -> Attribute {
    attribute(name, Kind::DateTime, description)
}

pub(super) const fn reference(name: &'static str, types: &'static [&'static str], description: &'static str) -> Attribute {
    Attribute { reference_types: types, case_exact: true, ..attribute(name, Kind::Reference, description) }
}

pub(super) const fn complex(name: &'static str, sub_attributes: &'static [Attribute], description: &'static str) -> Attribute {
    Attribute { sub_attributes, ..attribute(name, Kind::Complex, description) }
}

pub(super) const fn attribute(name: &'static str, kind: Kind, description: &'static str) -> Attribute {
    Attribute {
        name,
        description,
        kind,
        multi_valued: false,
        required: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        canonical_values: &[],
        reference_types: &[],
        sub_attributes: &[],
    }
}

impl Attribute {
    pub(super) const fn many(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    pub(super) const fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub(super) const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    pub(super) const fn usually(self, canonical_values: &'static [&'static str]) -> Self {
        Self { canonical_values, ..self }
    }

    pub(super) const fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }
}
