//! The one shape in which a use case fails: what kind, why in a word, and what to tell the client.

use std::{borrow::Cow, error::Error, fmt, sync::Arc, time::Duration};

/// What kind of failure it is. Each has one HTTP status and one gRPC code; the tables stand in the gateway and in the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request is wrong in itself (400).
    Invalid,
    /// No valid credential (401).
    Unauthenticated,
    /// A valid credential that may not do this (403).
    Forbidden,
    /// No such thing, or not for this caller to know of (404).
    NotFound,
    /// It contradicts what is there (409).
    Conflict,
    /// It was there once and has ended (410).
    Gone,
    /// The version that the client named is not the present one (412).
    PreconditionFailed,
    /// More than we take (413).
    TooLarge,
    /// Well-formed, but refused by a rule: a password policy (422).
    Unprocessable,
    /// Something that it depends on is down or busy: ask again (503).
    Unavailable,
    /// A defect of ours (500).
    Internal,
}

impl Kind {
    /// Every kind there is.
    pub const ALL: [Self; 11] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::Gone,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::Unprocessable,
        Self::Unavailable,
        Self::Internal,
    ];

    /// A stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Gone => "gone",
            Self::PreconditionFailed => "precondition_failed",
            Self::TooLarge => "too_large",
            Self::Unprocessable => "unprocessable",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// One of several reasons, where all are told at once (a password policy).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// A stable word: `too_short`.
    pub reason: String,
    /// A sentence for a person.
    pub detail: String,
}

/// Why a use case failed. `Display` is what the client may read; the source is for the log alone.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What kind.
    pub kind: Kind,
    /// Why, in a stable word: a `scimType` (RFC 7644 §3.12), `login_failed`, `IDG-50013`.
    pub reason: Cow<'static, str>,
    /// What was wrong and what would be right, in a sentence.
    pub detail: String,
    /// All reasons at once, where there are several.
    pub violations: Vec<Violation>,
    /// When to ask again.
    pub retry_after: Option<Duration>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: Kind, reason: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { kind, reason: reason.into(), detail: detail.into(), violations: Vec::new(), retry_after: None, source: None }
    }

    /// 400 with this reason, a `scimType` where SCIM is concerned.
    pub fn invalid(reason: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, reason, detail)
    }

    /// 401.
    pub fn unauthenticated(reason: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(Kind::Unauthenticated, reason, detail)
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, "forbidden", detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, "not_found", detail)
    }

    /// 409 with this reason.
    pub fn conflict(reason: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, reason, detail)
    }

    /// 410.
    pub fn gone(detail: impl Into<String>) -> Self {
        Self::new(Kind::Gone, "gone", detail)
    }

    /// 422 with every reason.
    pub fn unprocessable(reason: impl Into<Cow<'static, str>>, detail: impl Into<String>, violations: Vec<Violation>) -> Self {
        Self { violations, ..Self::new(Kind::Unprocessable, reason, detail) }
    }

    /// 503: ask again after a second.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self { retry_after: Some(Duration::from_secs(1)), ..Self::new(Kind::Unavailable, "unavailable", detail) }
    }

    /// 500: the attempt that failed; the cause goes to the log through [`Failure::because`].
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(Kind::Internal, "internal", detail)
    }

    /// With the cause, for the log.
    #[must_use]
    pub fn because(self, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..self }
    }

    /// Is it of this kind?
    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
