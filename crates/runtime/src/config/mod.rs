//! `deployment.toml`: one file, environment overrides, and errors that say what would be right.
//!
//! The file of all defaults (`deploy/deployment.toml`) is compiled in and is also the list of known keys.

pub mod deployment;
mod duration;
mod overlay;

pub use deployment::Deployment;
pub use duration::Span;

use rekey_kernel::Failure;
use std::path::{Path, PathBuf};
use toml::Table;

/// Every key with its default.
pub const DEFAULTS: &str = include_str!("../../../../deploy/deployment.toml");

/// Reads the configuration: the file that was named, else `$REKEY_CONFIG`, else `./deployment.toml` if it is there, over the
/// defaults, and the environment over all.
///
/// # Errors
/// `Invalid`, naming the file or variable, the key, what was wrong and what would be right.
pub fn load(named: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Deployment, Failure> {
    let environment: Vec<_> = environment.into_iter().collect();
    let file = find(named, &environment)?;
    let mut table = defaults()?;
    let known = overlay::leaves(&table);
    if let Some(path) = &file {
        let origin = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| invalid(format!("cannot read {origin}: {error}")))?;
        let given = text.parse::<Table>().map_err(|error| invalid(format!("{origin} is not TOML: {error}")))?;
        overlay::apply_file(&mut table, &given, &known, &origin)?;
    }
    overlay::apply_environment(&mut table, &environment, &known)?;
    overlay::read_secret_files(&mut table, &known)?;
    let deployment: Deployment = table.try_into().map_err(|error| invalid(format!("the configuration does not fit: {error}")))?;
    deployment.checked()
}

fn find(named: Option<&Path>, environment: &[(String, String)]) -> Result<Option<PathBuf>, Failure> {
    let from_environment = environment.iter().find(|(name, value)| name == "REKEY_CONFIG" && !value.is_empty());
    let named = named.map(Path::to_owned).or_else(|| from_environment.map(|(_, value)| PathBuf::from(value)));
    if let Some(path) = named {
        return if path.is_file() { Ok(Some(path)) } else { Err(invalid(format!("there is no configuration file {}", path.display()))) };
    }
    let here = PathBuf::from("deployment.toml");
    Ok(here.is_file().then_some(here))
}

fn defaults() -> Result<Table, Failure> {
    DEFAULTS.parse::<Table>().map_err(|error| Failure::internal("the compiled-in configuration is broken").because(error))
}

fn invalid(detail: impl Into<String>) -> Failure {
    Failure::invalid("configuration", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, time::Duration};

    fn load_text(text: &str, environment: &[(&str, &str)]) -> Result<Deployment, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deployment.toml");
        fs::write(&path, text).unwrap();
        load(Some(&path), environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_defaults_are_complete() {
        let defaults = load_text("", &[]).unwrap();
        assert!(defaults.identity_mgt.password_reset_by_admin.enable_emailed_link_based_reset);
        assert_eq!(defaults.identity_mgt.password_reset_by_admin.code_validity_period.0, Duration::from_hours(24));
        assert_eq!(defaults.server.base_path, "https://localhost:9443");
    }

    #[test]
    fn a_reset_lasts_ninety_days_at_most() {
        let with = |validity: &str| load_text(&format!("[identity_mgt.password_reset_by_admin]\ncode_validity_period = '{validity}'"), &[]);
        assert!(with("90d").is_ok() && with("129600m").is_ok());
        for wrong in ["129601m", "91d", "3650d", "0s"] {
            let failure = with(wrong).unwrap_err();
            assert!(failure.detail.contains("code_validity_period") && failure.detail.contains("90d"), "{wrong}: {failure}");
        }
    }

    #[test]
    fn the_snippet_of_the_guide_works_as_written() {
        let text = "[identity_mgt.password_reset_by_admin]\nenable_emailed_link_based_reset= true";
        assert!(load_text(text, &[]).unwrap().identity_mgt.password_reset_by_admin.enable_emailed_link_based_reset);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_nearest_known_one() {
        let failure = load_text("[identity_mgt.password_reset_by_admin]\nenable_email_link_based_reset = true", &[]).unwrap_err();
        assert!(failure.detail.contains("identity_mgt.password_reset_by_admin.enable_emailed_link_based_reset"), "{failure}");
        let failure = load_text("[serve]\nbase_path = 'x'", &[]).unwrap_err();
        assert!(failure.detail.contains("server.base_path"), "{failure}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_an_error_that_names_the_right_one() {
        let failure = load_text("[output_adapter.email]\nport = \"twenty-five\"", &[]).unwrap_err();
        assert!(failure.detail.contains("output_adapter.email.port") && failure.detail.contains("integer"), "{failure}");
    }

    #[test]
    fn the_environment_overrides_the_file_and_is_read_as_the_keys_type() {
        let environment = [("REKEY__OUTPUT_ADAPTER__EMAIL__PORT", "2525"), ("REKEY__SERVER__DATA_DIR", "/tmp/x")];
        let loaded = load_text("[output_adapter.email]\nport = 26", &environment).unwrap();
        assert_eq!(loaded.output_adapter.email.port, 2525);
        assert_eq!(loaded.server.data_dir, Path::new("/tmp/x"));
        let failure = load_text("", &[("REKEY__OUTPUT_ADAPTER__EMAIL__PROT", "1")]).unwrap_err();
        assert!(failure.detail.contains("REKEY__OUTPUT_ADAPTER__EMAIL__PORT"), "{failure}");
    }

    #[test]
    fn a_secret_may_stand_in_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        crate::files::create_private(&path, b"from a file\n").unwrap();
        let loaded = load_text(&format!("[super_admin]\npassword_file = '{}'", path.display()), &[]).unwrap();
        assert_eq!(loaded.super_admin.password.expose(), "from a file");
    }

    #[test]
    fn an_address_of_a_database_may_stand_in_a_file_and_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scim-database");
        crate::files::create_private(&path, b"postgres://scim:open-sesame@db/scim\n").unwrap();
        let loaded = load_text(&format!("[database.scim]\nurl_file = '{}'", path.display()), &[]).unwrap();
        assert_eq!(loaded.database_url(&loaded.database.scim, "scim"), "postgres://scim:open-sesame@db/scim");
        assert!(!format!("{loaded:?}").contains("open-sesame"));
    }
}
