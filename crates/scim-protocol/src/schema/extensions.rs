//! The extensions of a user: enterprise, the followed product's, and our own.

use super::{
    Attribute, Kind, Returned, Schema,
    build::{attribute, boolean, complex, moment, reference, text},
};

const TRIGGER: &str = "Set to true to force a password reset: the password and all sessions are dead at once, and the user is sent a way back in.";

const MANAGER: &[Attribute] = &[
    text("value", "The id of the manager.").exact(),
    reference("$ref", &["User"], "The URL of the manager.").unsorted(),
    text("displayName", "The manager's name, as the client wrote it."),
];

/// The enterprise User (RFC 7643 §4.3), with the trigger.
pub static ENTERPRISE_USER: Schema = Schema {
    id: crate::urn::ENTERPRISE_USER,
    name: "EnterpriseUser",
    description: "An account in an organisation",
    attributes: &[
        text("employeeNumber", "The number by which the organisation knows the person; at most 512 characters."),
        text("costCenter", "The cost centre."),
        text("organization", "The organisation."),
        text("division", "The division."),
        text("department", "The department."),
        complex("manager", MANAGER, "The person's manager."),
        boolean("forcePasswordReset", TRIGGER).write_only(),
    ],
};

/// The account's state, as the followed product names it.
pub static WSO2: Schema = Schema {
    id: crate::urn::WSO2,
    name: "AccountState",
    description: "The state of an account",
    attributes: &[
        boolean("accountLocked", "Whether the account is locked. True locks it; false unlocks it and cancels a reset that is on its way."),
        text("lockedReason", "Why it is locked.").usually(&["ADMIN_INITIATED", "PENDING_ADMIN_FORCED_USER_PASSWORD_RESET"]).read_only(),
        text("accountState", "The state of the account.").usually(&["UNLOCKED", "LOCKED", "DISABLED", "PENDING_FUPR"]).read_only(),
        Attribute {
            returned: Returned::Request,
            ..text("oneTimePassword", "The offline code of the reset under way, to be read to the user.").exact().read_only()
        },
        boolean("forcePasswordReset", TRIGGER).write_only(),
    ],
};

/// What a reset is to be like, and what became of it. Authentication alone knows it, so lists cannot be filtered or sorted by it.
pub static RESET: Schema = Schema {
    id: crate::urn::RESET,
    name: "PasswordReset",
    description: "The forced password reset under way: methods, reason and expiresAt are taken only together with forcePasswordReset",
    attributes: &[
        text("methods", "The ways back in; absent: all that the tenant has enabled. Taken only together with forcePasswordReset.")
            .usually(&["link", "otp", "offline"])
            .many()
            .unsearchable(),
        text("reason", "Why the reset was ordered; at most 1,000 characters. Taken only together with forcePasswordReset.").unsearchable(),
        moment("expiresAt", "When the way back in ends. Taken only together with forcePasswordReset.").unsearchable(),
        text("resetId", "The id of the reset.").exact().read_only().unsearchable(),
        text("state", "The state of the reset.").usually(&["pending", "expired", "exhausted"]).read_only().unsearchable(),
        moment("sentAt", "When its mail was accepted by the mail server.").read_only().unsearchable(),
        attribute("guessesLeft", Kind::Integer, "How many wrong codes are still forgiven.").read_only().unsearchable(),
    ],
};
