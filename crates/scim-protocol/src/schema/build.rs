//! Words for writing schemas down.

use super::{Attribute, Canonical, Kind, Mutability, Returned, Searchable, Uniqueness};

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
        canonical: Canonical::Usual(&[]),
        reference_types: &[],
        searchable: Searchable::FilterAndSort,
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

    pub(super) const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    pub(super) const fn computed(self) -> Self {
        Self { mutability: Mutability::Computed, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn unsorted(self) -> Self {
        Self { searchable: Searchable::FilterOnly, ..self }
    }

    pub(super) const fn unsearchable(self) -> Self {
        Self { searchable: Searchable::Nothing, ..self }
    }

    pub(super) const fn usually(self, values: &'static [&'static str]) -> Self {
        Self { canonical: Canonical::Usual(values), ..self }
    }

    pub(super) const fn only(self, values: &'static [&'static str]) -> Self {
        Self { canonical: Canonical::Only(values), ..self }
    }

    pub(super) const fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }
}
