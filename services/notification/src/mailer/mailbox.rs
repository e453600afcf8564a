//! Mails as files in a folder, for development: nobody receives them.

use async_trait::async_trait;
use std::{
    fs::{DirBuilder, File, OpenOptions, rename, set_permissions},
    io::{Result, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::compose::compose;
use crate::{
    domain::mail::Mail,
    ports::{Mailer, SendError},
};

/// Writes each mail to `<Message-ID>.eml`, so that sending again replaces it.
pub struct MailboxMailer {
    folder: PathBuf,
}

impl MailboxMailer {
    /// Over this folder; it is made when the first mail comes.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

#[async_trait]
impl Mailer for MailboxMailer {
    async fn send(&self, mail: &Mail) -> std::result::Result<String, SendError> {
        let message = compose(mail)?;
        let name = file_name(&mail.message_id);
        let (folder, file) = (self.folder.clone(), name.clone());
        let written = tokio::task::spawn_blocking(move || put(&folder, &file, &message)).await;
        let failed = |error: &dyn std::error::Error| SendError::Server(format!("the mailbox folder cannot be written: {error}"));
        written.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        Ok(format!("written to {name}"))
    }
}

fn file_name(message_id: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || "@._-".contains(c);
    let name: String = message_id.chars().map(|c| if legal(c) { c } else { '_' }).collect();
    format!("{}.eml", name.trim_start_matches('.'))
}

/// Under another name first, then renamed: whoever looks sees a whole mail or none.
fn put(folder: &Path, name: &str, message: &[u8]) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = folder.join(format!(".{name}.part"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    set_permissions(&draft, std::fs::Permissions::from_mode(0o600))?;
    file.write_all(message)?;
    file.sync_all()?;
    rename(&draft, folder.join(name))?;
    File::open(folder)?.sync_all()
}
