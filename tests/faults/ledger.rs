//! What was promised to whom, and whether it was kept.

use rekey_tests::{Mail, Rekey, User, fresh_password, wait_for};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many users really come back by their mail, at the end.
const REDEEMED: usize = 4;

/// A user whose reset was ordered, and every answer to that; `None`: there was none.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) user: User,
    pub(crate) statuses: Vec<Option<u16>>,
}

impl Entry {
    /// Was it said to be done?
    fn promised(&self) -> bool {
        self.statuses.contains(&Some(200))
    }
}

/// All that was ordered.
#[derive(Debug)]
pub(crate) struct Ledger(Vec<Entry>);

impl Ledger {
    pub(crate) const fn new(entries: Vec<Entry>) -> Self {
        Self(entries)
    }

    /// How many triggers were answered 200.
    pub(crate) fn done(&self) -> usize {
        self.0.iter().filter(|entry| entry.promised()).count()
    }

    /// How many attempts were answered otherwise, or not at all.
    pub(crate) fn refused(&self) -> usize {
        self.0.iter().flat_map(|entry| &entry.statuses).filter(|status| **status != Some(200)).count()
    }

    /// Everything works again: from now on all that was promised is to be kept within a minute.
    pub(crate) async fn settle(&self, rekey: &Rekey) {
        println!("{} done of {}, {} attempts in vain", self.done(), self.0.len(), self.refused());
        for entry in &self.0 {
            let resets = outcome(rekey, entry).await;
            if resets.is_empty() {
                assert_untouched(rekey, entry).await;
            } else {
                assert_kept(rekey, entry, &resets).await;
            }
        }
        assert_one_secret_each(&rekey.deliveries());
        for entry in self.0.iter().filter(|entry| entry.promised()).take(REDEEMED) {
            come_back(rekey, &entry.user).await;
        }
    }
}

/// The user's resets, newest first, once the newest was sent; none only for somebody whom nothing was promised to.
async fn outcome(rekey: &Rekey, entry: &Entry) -> Vec<Value> {
    let (admin, user) = (rekey.admin(), &entry.user);
    wait_for(&format!("the reset of {} ({:?}) to be sent, or never to have been", user.user_name, entry.statuses), async || {
        let resets = admin.resets(user).await;
        match resets.first() {
            Some(reset) => reset["sentAt"].is_string().then_some(resets),
            // Commited, it shows in the profile before there is a reset.
            None => (!entry.promised() && admin.account_state(user).await == "UNLOCKED").then_some(resets),
        }
    })
    .await
}

async fn assert_untouched(rekey: &Rekey, entry: &Entry) {
    rekey.anyone().open_session(&entry.user, &entry.user.password).await;
    assert!(rekey.mails_to(entry.user.address()).is_empty(), "{entry:?} was mailed something");
}

/// One reset is alive and so is one link, which is that reset's; the old password is dead.
async fn assert_kept(rekey: &Rekey, entry: &Entry, resets: &[Value]) {
    let user = &entry.user;
    let states: Vec<_> = resets.iter().map(|reset| reset["state"].as_str().unwrap_or_default()).collect();
    assert!(states[0] == "pending" && states[1..].iter().all(|state| *state == "superseded"), "{entry:?}: {states:?}");
    rekey.anyone().refused(&user.user_name, &user.password).await;
    rekey.admin().wait_for_account_state(user, "PENDING_FUPR").await;
    let mut alive = Vec::new();
    for mail in rekey.mails_to(user.address()) {
        let id = reset_of(&mail);
        assert!(resets.iter().any(|reset| reset["id"] == id.as_str()), "a mail of an unknown reset: {mail:?}");
        if rekey.anyone().validate(&mail.token()).await.expect_any(&[200, 410]).status == 200 {
            alive.push(id);
        }
    }
    assert_eq!(alive, [resets[0]["id"].as_str().unwrap_or_default()], "{entry:?}: the links that are alive");
}

fn reset_of(mail: &Mail) -> String {
    mail.token().split_once('.').expect("a token is an id and a secret").0.to_owned()
}

/// However often a reset was mailed, it carried the same link, code and Message-ID.
fn assert_one_secret_each(deliveries: &[Mail]) {
    let mut first: BTreeMap<String, &Mail> = BTreeMap::new();
    for mail in deliveries {
        let known = first.entry(reset_of(mail)).or_insert(mail);
        assert_eq!((known.link(), known.find_code(), &known.message_id), (mail.link(), mail.find_code(), &mail.message_id), "a reset was mailed two secrets");
    }
}

async fn come_back(rekey: &Rekey, user: &User) {
    let id = rekey.admin().reset_id(user).await;
    let mail = rekey.mails_to(user.address()).into_iter().find(|mail| reset_of(mail) == id).expect("it was mailed");
    let session = rekey.anyone().login_with_code(user, &mail.code()).await;
    let password = fresh_password();
    rekey.anyone().complete_session(&session, &password).await.expect(204);
    rekey.anyone().open_session(user, &password).await;
    rekey.admin().wait_for_account_state(user, "UNLOCKED").await;
}
