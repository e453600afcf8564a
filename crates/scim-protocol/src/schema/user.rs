//! The core User (RFC 7643 §4.1) and the attributes common to all resources (§3.1).

use super::{
    Attribute, Kind, Returned, Schema, Uniqueness,
    build::{attribute, boolean, complex, moment, reference, text},
};

const DISPLAY: Attribute = text("display", "A name to show for this value.");
const PRIMARY: Attribute = boolean("primary", "Whether this is the preferred value; at most one is.");
const TYPE: Attribute = text("type", "A label for what the value is used for.");
const PLACES: &[&str] = &["work", "home", "other"];

const META: &[Attribute] = &[
    text("resourceType", "The kind of resource.").exact().read_only(),
    moment("created", "When it was created.").read_only(),
    moment("lastModified", "When it was last changed.").read_only(),
    reference("location", &["uri"], "Its URL.").read_only(),
    text("version", "Its version, as in the ETag header.").exact().read_only(),
];

/// What every resource has: `schemas`, `id`, `externalId` and `meta`.
pub const COMMON: &[Attribute] = &[
    Attribute { returned: Returned::Always, ..reference("schemas", &["uri"], "The schemas that the resource uses.").many() },
    Attribute { returned: Returned::Always, uniqueness: Uniqueness::Server, ..text("id", "Its id, given by the server.").exact().read_only() },
    text("externalId", "Its id in the client's own system.").exact(),
    complex("meta", META, "Facts about the resource itself.").read_only(),
];

const NAME: &[Attribute] = &[
    text("formatted", "The full name, ready to show."),
    text("familyName", "The family name."),
    text("givenName", "The given name."),
    text("middleName", "The middle names."),
    text("honorificPrefix", "What stands in front of the name, as a title."),
    text("honorificSuffix", "What follows the name."),
];

const EMAILS: &[Attribute] = &[text("value", "An e-mail address."), DISPLAY, TYPE.usually(PLACES), PRIMARY];
const PHONES: &[Attribute] = &[text("value", "A phone number."), DISPLAY, TYPE.usually(&["work", "home", "mobile", "fax", "pager", "other"]), PRIMARY];
const IMS: &[Attribute] =
    &[text("value", "An instant messaging address."), DISPLAY, TYPE.usually(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]), PRIMARY];
const PHOTOS: &[Attribute] = &[reference("value", &["external"], "The URL of a photo."), DISPLAY, TYPE.usually(&["photo", "thumbnail"]), PRIMARY];
const ADDRESSES: &[Attribute] = &[
    text("formatted", "The whole address, ready to print."),
    text("streetAddress", "Street and number."),
    text("locality", "The town."),
    text("region", "The state or region."),
    text("postalCode", "The postal code."),
    text("country", "The country, by its ISO 3166-1 alpha-2 code."),
    TYPE.usually(PLACES),
    PRIMARY,
];
const GROUPS: &[Attribute] = &[
    text("value", "The id of the group.").exact().read_only(),
    reference("$ref", &["Group"], "The URL of the group.").read_only(),
    text("display", "The name of the group.").read_only(),
    text("type", "How the user belongs to it.").usually(&["direct", "indirect"]).read_only(),
];
const ENTITLEMENTS: &[Attribute] = &[text("value", "The entitlement."), DISPLAY, TYPE, PRIMARY];
const ROLES: &[Attribute] = &[text("value", "The role; `admin` and `helpdesk` are those of Rekey."), DISPLAY, TYPE, PRIMARY];
const CERTIFICATES: &[Attribute] =
    &[Attribute { case_exact: true, ..attribute("value", Kind::Binary, "A DER-encoded X.509 certificate, as base64.") }, DISPLAY, TYPE, PRIMARY];

/// The core User.
pub static USER: Schema = Schema {
    id: crate::urn::USER,
    name: "User",
    description: "A person's account",
    attributes: &[
        Attribute {
            required: true,
            uniqueness: Uniqueness::Server,
            ..text("userName", "The name to log in with; unique in the tenant, whatever the case of its letters.")
        },
        complex("name", NAME, "The parts of the person's name."),
        text("displayName", "The name to show."),
        text("nickName", "What the person is called casually."),
        reference("profileUrl", &["external"], "The URL of the person's page."),
        text("title", "The person's title, as Vice President."),
        text("userType", "How the person relates to the organisation, as Employee."),
        text("preferredLanguage", "The languages to write to the person in, as an Accept-Language value."),
        text("locale", "The locale for numbers and dates, as en-US."),
        text("timezone", "The time zone, as Europe/Vienna."),
        boolean("active", "Whether the account may be used."),
        text("password", "A new password; never returned.").exact().write_only(),
        complex("emails", EMAILS, "E-mail addresses; a reset's mail goes to the primary one, else the first.").many(),
        complex("phoneNumbers", PHONES, "Phone numbers.").many(),
        complex("ims", IMS, "Instant messaging addresses.").many(),
        complex("photos", PHOTOS, "Photos.").many(),
        complex("addresses", ADDRESSES, "Postal addresses.").many(),
        complex("groups", GROUPS, "The groups that the user belongs to.").many().read_only(),
        complex("entitlements", ENTITLEMENTS, "What the person is entitled to.").many(),
        complex("roles", ROLES, "The person's roles.").many(),
        complex("x509Certificates", CERTIFICATES, "Certificates.").many(),
    ],
};
