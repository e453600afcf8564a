//! What a path belongs to, and who may enter. Default deny: what is not named public here asks for a credential.

/// The part of the house that a path belongs to: it decides the format of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// `/scim2`.
    Scim,
    /// `/api/server/v1`: as the followed product has it.
    Server,
    /// All other of `/api`.
    Api,
    /// Web pages.
    Page,
}

impl Surface {
    /// Of a path without its tenant.
    pub(crate) fn of(path: &str) -> Self {
        if within(path, "/scim2") {
            Self::Scim
        } else if within(path, "/api/server/v1") {
            Self::Server
        } else if within(path, "/api") {
            Self::Api
        } else {
            Self::Page
        }
    }
}

/// How one proves who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Not at all.
    Public,
    /// HTTP Basic.
    Basic,
    /// HTTP Basic, or the session's cookie.
    BasicOrSession,
    /// The session's cookie; strangers are led to the login page.
    Session,
}

/// Public paths of the interfaces; of the first three also everything below.
const DISCOVERY: [&str; 3] = ["/scim2/ServiceProviderConfig", "/scim2/ResourceTypes", "/scim2/Schemas"];
const PUBLIC: [&str; 3] = ["/api/v1/login", "/api/v1/password-resets/validate", "/api/v1/password-resets/complete"];
/// Paths that a browser's script calls with its session.
const WITH_SESSION: [&str; 2] = ["/api/v1/session", "/api/v1/logout"];
/// Pages for signed-in people, with everything below.
const PRIVATE_PAGES: [&str; 2] = ["/console", "/myaccount"];

impl Access {
    /// To a path without its tenant.
    pub(crate) fn to(path: &str, surface: Surface) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        if surface == Surface::Page {
            let private = PRIVATE_PAGES.iter().any(|page| within(path, page));
            return if private { Self::Session } else { Self::Public };
        }
        if PUBLIC.contains(&path) || DISCOVERY.iter().any(|document| within(path, document)) {
            return Self::Public;
        }
        if WITH_SESSION.contains(&path) { Self::BasicOrSession } else { Self::Basic }
    }
}

fn within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(path: &str) -> Access {
        Access::to(path, Surface::of(path))
    }

    #[test]
    fn a_path_belongs_to_one_surface() {
        let of = |path| Surface::of(path);
        assert_eq!((of("/scim2"), of("/scim2/Users"), of("/scim2x")), (Surface::Scim, Surface::Scim, Surface::Page));
        assert_eq!((of("/api/v1/x"), of("/api/server/v1/claim-dialects"), of("/api")), (Surface::Api, Surface::Server, Surface::Api));
    }

    #[test]
    fn what_is_not_named_public_asks_for_a_credential() {
        for path in ["/scim2/Users", "/scim2/nothing", "/api", "/api/v1/nothing", "/scim2/SchemasX", "/api/v1/login/x", "/api/v1/password-resets"] {
            assert_eq!(access(path), Access::Basic, "{path}");
        }
        for path in ["/scim2/Schemas/urn:x", "/api/v1/login", "/api/v1/login/", "/api/v1/password-resets/complete", "/", "/login", "/reset"] {
            assert_eq!(access(path), Access::Public, "{path}");
        }
        assert_eq!((access("/console/users"), access("/myaccount"), access("/consoles")), (Access::Session, Access::Session, Access::Public));
        assert_eq!(access("/api/v1/session"), Access::BasicOrSession);
    }
}
