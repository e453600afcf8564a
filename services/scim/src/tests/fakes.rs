//! Authentication, tenant-config and a bus, in memory, that can be told to fail.

use async_trait::async_trait;
use rekey_kernel::{Caller, Clock, Failure, IntentId, Kind, ManualClock, Method, Methods, ResetId, Secret, TenantId, Timestamp, UserId, Violation};
use rekey_messaging::{BusError, Event, EventBus, Handler, Subscription};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

use crate::{
    domain::{
        Account, AccountChange, Applied, Live, LiveReset, Outcome, ResetOrder,
        account::{BY_RESET, PENDING_RESET},
    },
    ports::{Accounts, NOT_PREPARED, Resendable, ResetSettings, Settings},
};

#[derive(Default)]
struct World {
    held: HashMap<IntentId, (UserId, AccountChange)>,
    applied: HashMap<IntentId, Outcome>,
    order: Vec<IntentId>,
    accounts: HashMap<UserId, (String, Live)>,
    ended: BTreeSet<ResetId>,
    epochs: HashMap<IntentId, u64>,
    down: BTreeSet<&'static str>,
    deaf_once: BTreeSet<&'static str>,
    asked_to_prepare: usize,
    prepared: usize,
    released: usize,
    states_asked: usize,
    loses_next: bool,
}

/// Authentication.
pub(super) struct FakeAccounts {
    world: Mutex<World>,
    clock: Arc<ManualClock>,
    door: Arc<RwLock<()>>,
    window: Arc<RwLock<()>>,
}

impl FakeAccounts {
    pub(super) fn new(clock: Arc<ManualClock>) -> Self {
        Self { world: Mutex::default(), clock, door: Arc::default(), window: Arc::default() }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// From now on these calls fail.
    pub(super) fn goes_down(&self, calls: &[&'static str]) {
        self.world().down = calls.iter().copied().collect();
    }

    /// The next such call is carried out, but its answer is lost.
    pub(super) fn loses_an_answer(&self, call: &'static str) {
        self.world().deaf_once.insert(call);
    }

    /// Preparations wait until what is returned is dropped.
    pub(super) async fn shut(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.door).write_owned().await
    }

    /// Answers about states wait until what is returned is dropped.
    pub(super) async fn shut_the_window(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.window).write_owned().await
    }

    /// How many preparations have come in, done or waiting.
    pub(super) fn asked_to_prepare(&self) -> usize {
        self.world().asked_to_prepare
    }

    pub(super) fn prepared(&self) -> usize {
        self.world().prepared
    }

    pub(super) fn held(&self) -> usize {
        self.world().held.len()
    }

    pub(super) fn released(&self) -> usize {
        self.world().released
    }

    /// How often states were asked for.
    pub(super) fn states_asked(&self) -> usize {
        self.world().states_asked
    }

    pub(super) fn applied_in_order(&self) -> Vec<IntentId> {
        self.world().order.clone()
    }

    /// Holds a change as a prepared one.
    pub(super) fn hold(&self, intent: IntentId, user: UserId, change: AccountChange) {
        self.world().held.insert(intent, (user, change));
    }

    /// An old backup is restored: what is prepared is gone.
    pub(super) fn forgets(&self) {
        self.world().held.clear();
    }

    /// The next preparation is gone as soon as it is made.
    pub(super) fn loses_a_preparation(&self) {
        self.world().loses_next = true;
    }

    /// The user redeems the reset.
    pub(super) fn complete(&self, user: UserId) {
        let mut world = self.world();
        let (_, live) = world.accounts.get_mut(&user).unwrap();
        let reset = live.reset.take().unwrap();
        live.account = Account { revision: live.account.revision + 1, ..Account::new(true) };
        world.ended.insert(reset.id);
    }

    fn check(&self, call: &'static str) -> Result<(), Failure> {
        if self.world().down.contains(call) { Err(Failure::unavailable("authentication is down")) } else { Ok(()) }
    }

    fn heard(&self, call: &'static str) -> Result<(), Failure> {
        if self.world().deaf_once.remove(call) { Err(Failure::unavailable("the answer is lost")) } else { Ok(()) }
    }
}

impl World {
    fn apply(&mut self, intent: IntentId, now: Timestamp) -> Result<Applied, Failure> {
        if let Some((user, change)) = self.held.remove(&intent) {
            let outcome = self.make_true(intent, user, &change, now);
            self.applied.insert(intent, outcome);
            self.order.push(intent);
            self.epochs.insert(intent, self.order.len() as u64);
            let live = self.accounts.get(&user).map(|(_, live)| live.clone());
            return Ok(self.answer(intent, live));
        }
        if !self.applied.contains_key(&intent) {
            return Err(Failure::new(Kind::NotFound, NOT_PREPARED, "nothing is prepared under this id"));
        }
        let live = self.accounts.values().map(|(_, live)| live.clone()).find(|live| live.reset.as_ref().is_some_and(|reset| reset.id == intent.into()));
        Ok(self.answer(intent, live))
    }

    fn answer(&self, intent: IntentId, live: Option<Live>) -> Applied {
        let reset = live.as_ref().and_then(|live| live.reset.as_ref()).filter(|reset| reset.id == intent.into());
        Applied {
            outcome: self.applied.get(&intent).copied().expect("prepared before it is applied"),
            reset_pending: reset.is_some_and(LiveReset::is_pending),
            epoch: self.epochs.get(&intent).copied().unwrap_or_default(),
            expires_at: reset.map_or(Timestamp::from_micros(0), |reset| reset.expires_at),
            live,
        }
    }

    fn make_true(&mut self, intent: IntentId, user: UserId, change: &AccountChange, now: Timestamp) -> Outcome {
        if change.delete {
            self.accounts.remove(&user);
            return Outcome::Applied;
        }
        let fresh = (String::new(), Live { user, account: Account::new(true), reset: None });
        let (name, live) = self.accounts.entry(user).or_insert(fresh);
        if let Some(new) = &change.login_name {
            name.clone_from(new);
        }
        if change.reset.as_ref().and_then(|order| order.resend_of).is_some_and(|old| self.ended.contains(&old)) {
            return Outcome::ResetEnded;
        }
        let revision = live.account.revision + 1;
        if change.locked == Some(false) || change.password.is_some() {
            self.ended.extend(live.reset.take().map(|reset| reset.id));
            live.account = Account::new(true);
        }
        live.account = Account { revision, ..live.account.after(change) };
        if let Some(order) = &change.reset {
            self.ended.extend(live.reset.replace(begun(intent, order, now)).map(|reset| reset.id));
            live.account = Account { locked: true, locked_reason: BY_RESET.into(), state: PENDING_RESET.into(), revision };
        }
        Outcome::Applied
    }
}

fn begun(intent: IntentId, order: &ResetOrder, now: Timestamp) -> LiveReset {
    LiveReset {
        id: intent.into(),
        state: "pending".into(),
        methods: order.methods.clone(),
        reason: order.reason.clone(),
        expires_at: order.expires_at.unwrap_or(now.after(order.validity)),
        sent_at: None,
        guesses_left: 5,
    }
}

#[async_trait]
impl Accounts for FakeAccounts {
    async fn prepare(&self, caller: &Caller, intent: IntentId, user: UserId, change: &AccountChange) -> Result<(), Failure> {
        self.world().asked_to_prepare += 1;
        let _inside = self.door.read().await;
        self.check("prepare")?;
        let mut world = self.world();
        world.prepared += 1;
        if caller.name == "nobody" {
            return Err(Failure::forbidden("the user has more rights than you"));
        }
        if change.password.as_ref().is_some_and(|password| password.expose().len() < 8) {
            let violation = |reason: &str, detail: &str| Violation { reason: reason.into(), detail: detail.into() };
            let violations = vec![violation("too_short", "use at least 8 characters"), violation("common", "it is too common")];
            return Err(Failure::unprocessable("password_policy", "the password is refused", violations));
        }
        let taken = |name: &String| world.accounts.iter().any(|(other, (used, _))| *other != user && used.eq_ignore_ascii_case(name));
        if change.login_name.as_ref().is_some_and(taken) {
            return Err(Failure::conflict("taken", "the login name is taken"));
        }
        if !std::mem::take(&mut world.loses_next) {
            world.held.insert(intent, (user, change.clone()));
        }
        drop(world);
        self.heard("prepare")
    }

    async fn apply(&self, _: TenantId, intent: IntentId) -> Result<Applied, Failure> {
        self.check("apply")?;
        // On the way there and back others get their turn.
        tokio::task::yield_now().await;
        let applied = self.world().apply(intent, self.clock.now());
        tokio::task::yield_now().await;
        self.heard("apply")?;
        applied
    }

    async fn release(&self, _: TenantId, intent: IntentId) -> Result<(), Failure> {
        self.check("release")?;
        let mut world = self.world();
        world.held.remove(&intent);
        world.released += 1;
        Ok(())
    }

    async fn states(&self, _: TenantId, users: &[UserId]) -> Result<Vec<Live>, Failure> {
        self.check("states")?;
        self.world().states_asked += 1;
        let _inside = self.window.read().await;
        let world = self.world();
        Ok(users.iter().filter_map(|user| world.accounts.get(user)).map(|(_, live)| live.clone()).collect())
    }

    async fn offline_code(&self, caller: &Caller, user: UserId) -> Result<Option<Secret>, Failure> {
        if caller.name == "nobody" {
            return Err(Failure::forbidden("the user has more rights than you"));
        }
        let world = self.world();
        let reset = world.accounts.get(&user).and_then(|(_, live)| live.reset.as_ref());
        Ok(reset.filter(|reset| reset.methods.contains(Method::Offline)).map(|_| Secret::new("ABCD-EFGH-JKMNP")))
    }

    async fn check_resend(&self, _: &Caller, reset: ResetId) -> Result<Resendable, Failure> {
        let world = self.world();
        if world.ended.contains(&reset) {
            return Err(Failure::conflict("reset_ended", "the reset has ended"));
        }
        let found = world.accounts.values().find_map(|(_, live)| live.reset.as_ref().filter(|live| live.id == reset).map(|reset| (live.user, reset)));
        let (user, old) = found.ok_or_else(|| Failure::not_found("there is no such reset"))?;
        Ok(Resendable { user, methods: old.methods.clone(), reason: old.reason.clone() })
    }
}

/// Tenant-config.
pub(super) struct FakeSettings(Mutex<Methods>);

impl Default for FakeSettings {
    fn default() -> Self {
        Self(Mutex::new([Method::Link].into_iter().collect()))
    }
}

impl FakeSettings {
    pub(super) fn enable(&self, methods: &[Method]) {
        *self.0.lock().unwrap() = methods.iter().copied().collect();
    }
}

#[async_trait]
impl Settings for FakeSettings {
    async fn reset_settings(&self, _: &Caller) -> Result<ResetSettings, Failure> {
        Ok(ResetSettings { enabled: self.0.lock().unwrap().clone(), validity: Duration::from_hours(24) })
    }
}

/// A bus that remembers what was published.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    pub(super) fn published(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl EventBus for Recorder {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }

    async fn subscribe(&self, _: Subscription, _: Arc<dyn Handler>) -> Result<(), BusError> {
        Ok(())
    }
}
