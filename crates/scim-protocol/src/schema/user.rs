//! The core User (RFC 7643 §4.1).

use super::{
    Attribute, Kind, Schema, Uniqueness,
    build::{attribute, boolean, complex, reference, text},
};

const DISPLAY: Attribute = text("display", "A name to show for this value.");
const PRIMARY: Attribute = boolean("primary", "Whether this is the preferred value; at most one is.").unsorted();
const TYPE: Attribute = text("type", "A label for what the value is used for.");
const PLACES: &[&str] = &["work", "home", "other"];

const NAME: &[Attribute] = &[
    text("formatted", "The full name, ready to show."),
    text("familyName", "The family name; at most 512 characters."),
    text("givenName", "The given name."),
    text("middleName", "The middle names."),
    text("honorificPrefix", "What stands in front of the name, as a title."),
    text("honorificSuffix", "What follows the name."),
];

const EMAILS: &[Attribute] = &[text("value", "An e-mail address; at most 512 characters."), DISPLAY, TYPE.usually(PLACES), PRIMARY];
const PHONES: &[Attribute] =
    &[text("value", "A phone number; at most 512 characters."), DISPLAY, TYPE.usually(&["work", "home", "mobile", "fax", "pager", "other"]), PRIMARY];
const IMS: &[Attribute] = &[
    text("value", "An instant messaging address; at most 512 characters."),
    DISPLAY,
    TYPE.usually(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    PRIMARY,
];
const PHOTOS: &[Attribute] = &[reference("value", &["external"], "The URL of a photo."), DISPLAY, TYPE.usually(&["photo", "thumbnail"]), PRIMARY];
const ADDRESSES: &[Attribute] = &[
    text("formatted", "The whole address, ready to print.").unsorted(),
    text("streetAddress", "Street and number.").unsorted(),
    text("locality", "The town.").unsorted(),
    text("region", "The state or region.").unsorted(),
    text("postalCode", "The postal code.").unsorted(),
    text("country", "The country, by its ISO 3166-1 alpha-2 code.").unsorted(),
    TYPE.usually(PLACES).unsorted(),
    PRIMARY,
];
const GROUPS: &[Attribute] = &[
    text("value", "The id of the group.").exact().read_only().unsorted(),
    reference("$ref", &["Group"], "The URL of the group.").read_only().unsorted(),
    text("display", "The name of the group.").read_only().unsorted(),
    text("type", "How the user belongs to it.").usually(&["direct", "indirect"]).read_only().unsorted(),
];
const ENTITLEMENTS: &[Attribute] = &[text("value", "The entitlement; at most 512 characters."), DISPLAY, TYPE, PRIMARY];
const ROLES: &[Attribute] = &[text("value", "The role; `admin` and `helpdesk` are those of Rekey; at most 512 characters."), DISPLAY, TYPE, PRIMARY];
const CERTIFICATES: &[Attribute] = &[
    Attribute { case_exact: true, ..attribute("value", Kind::Binary, "A DER-encoded X.509 certificate, as base64.").unsorted() },
    DISPLAY.unsorted(),
    TYPE.unsorted(),
    PRIMARY,
];

/// The core User.
pub static USER: Schema = Schema {
    id: crate::urn::USER,
    name: "User",
    description: "A person's account",
    attributes: &[
        Attribute {
            required: true,
            uniqueness: Uniqueness::Server,
            ..text(
                "userName",
                "The name to log in with, unique in the tenant whatever the case of its letters: at most 255 characters, none of them a control character.",
            )
        },
        complex("name", NAME, "The parts of the person's name."),
        text("displayName", "The name to show; at most 512 characters."),
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
