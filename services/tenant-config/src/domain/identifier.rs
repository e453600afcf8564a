//! The ids of the followed product: names as unpadded base64url.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The id of something that has this name.
pub fn of(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_those_of_the_followed_product() {
        assert_eq!(super::of("Account Management"), "QWNjb3VudCBNYW5hZ2VtZW50");
        assert_eq!(super::of("admin-forced-password-reset"), "YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0");
        assert_eq!(super::of("AdminForcedPasswordResetWithOTP"), "QWRtaW5Gb3JjZWRQYXNzd29yZFJlc2V0V2l0aE9UUA");
    }
}
