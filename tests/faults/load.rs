//! Many triggers, one after another, by several callers at once, whatever happens meanwhile.

use crate::ledger::{Entry, Ledger};
use futures::stream::{self, StreamExt};
use rekey_tests::{Api, NewUser, Rekey, User, users::guide_body, wait_for};
use reqwest::Method;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;

const CALLERS: usize = 4;
const BEFORE_ASKING_AGAIN: Duration = Duration::from_millis(300);

/// Triggers under way.
pub(crate) struct Load {
    answered: Arc<AtomicUsize>,
    entries: Arc<Mutex<Vec<Entry>>>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Makes users, switches link and code on, and begins to trigger a reset of each user.
    pub(crate) async fn begin(rekey: &Rekey, name: &str, users: usize) -> Self {
        let admin = rekey.admin();
        wait_for("link and code to be enabled", async || admin.try_enable(&["link", "otp"]).await.then_some(())).await;
        let made = users_named(&admin, name, users).await;
        let queue = Arc::new(Mutex::new(made));
        let (answered, entries) = (Arc::default(), Arc::default());
        let callers = (0..CALLERS).map(|_| tokio::spawn(call(admin.clone(), Arc::clone(&queue), Arc::clone(&entries), Arc::clone(&answered)))).collect();
        Self { answered, entries, callers }
    }

    /// Waits until so many triggers had an answer, or failed to have one.
    pub(crate) async fn reaches(&self, number: usize) {
        wait_for("the load to go on", async || (self.answered.load(Ordering::Relaxed) >= number).then_some(())).await;
    }

    /// Waits until every user's trigger was answered.
    pub(crate) async fn end(self) -> Ledger {
        for caller in self.callers {
            caller.await.expect("a caller does not panic");
        }
        Ledger::new(Arc::into_inner(self.entries).expect("all callers have gone").into_inner().expect("none has panicked"))
    }
}

/// Made by a few at a time: each is a password to be hashed, and other tests run beside this one.
async fn users_named(admin: &Api, name: &str, users: usize) -> Vec<User> {
    let making = (0..users).map(|number| async move { user_named(admin, &format!("{name}-{number}")).await });
    stream::iter(making).buffer_unordered(CALLERS).collect().await
}

/// Some process may be dying right now. Whether a creation that had no good answer has happened nobody knows: the next attempt takes
/// another name.
pub(crate) async fn user_named(admin: &Api, name: &str) -> User {
    let attempts = AtomicUsize::new(0);
    wait_for(&format!("{name} to be created"), async || {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed);
        admin.try_create(NewUser::named(&format!("{name}-{attempt}"))).await
    })
    .await
}

async fn call(admin: Api, queue: Arc<Mutex<Vec<User>>>, entries: Arc<Mutex<Vec<Entry>>>, answered: Arc<AtomicUsize>) {
    loop {
        let Some((number, user)) = next(&queue) else { return };
        // Every other user is left with the first answer; for the rest the caller does as Retry-After says.
        let mut statuses = vec![trigger(&admin, &user, &answered).await];
        while number % 2 == 1 && statuses.last() != Some(&Some(200)) && statuses.len() < 100 {
            tokio::time::sleep(BEFORE_ASKING_AGAIN).await;
            statuses.push(trigger(&admin, &user, &answered).await);
        }
        entries.lock().expect("none has panicked").push(Entry { user, statuses });
    }
}

fn next(queue: &Mutex<Vec<User>>) -> Option<(usize, User)> {
    let mut queue = queue.lock().expect("none has panicked");
    queue.pop().map(|user| (queue.len(), user))
}

/// The status of the answer, if there was one.
async fn trigger(admin: &Api, user: &User, answered: &AtomicUsize) -> Option<u16> {
    let answer = admin.try_json(Method::PATCH, &user.path(), &guide_body()).await.ok();
    answered.fetch_add(1, Ordering::Relaxed);
    if let Some(answer) = &answer {
        assert!(matches!(answer.status, 200 | 503), "{} answered {}: {}", answer.request, answer.status, answer.text());
        assert!(answer.status == 200 || !answer.header("retry-after").is_empty(), "a 503 without Retry-After: {}", answer.text());
    }
    answer.map(|answer| answer.status)
}
