//! The words of the built-in templates: ASCII in short lines, so that no mail program has to unwrap them.

use super::template::TemplateType;

/// Subject, text and HTML of a type.
pub const fn of(kind: TemplateType) -> [&'static str; 3] {
    match kind {
        TemplateType::Link => [
            "Choose a new password for {{organization-name}}",
            include_str!("../../templates/reset_by_link.en_US.txt"),
            include_str!("../../templates/reset_by_link.en_US.html"),
        ],
        TemplateType::Code => [
            "Your one-time code for {{organization-name}}",
            include_str!("../../templates/reset_by_code.en_US.txt"),
            include_str!("../../templates/reset_by_code.en_US.html"),
        ],
        TemplateType::LinkAndCode => [
            "Choose a new password for {{organization-name}}",
            include_str!("../../templates/reset_by_link_and_code.en_US.txt"),
            include_str!("../../templates/reset_by_link_and_code.en_US.html"),
        ],
        TemplateType::AddressChangeNotice => [
            "The e-mail address of your {{organization-name}} account was changed",
            include_str!("../../templates/address_change_notice.en_US.txt"),
            include_str!("../../templates/address_change_notice.en_US.html"),
        ],
    }
}
