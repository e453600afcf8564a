//! Requests that come with the same credential at the same time are verified together. Nothing is remembered: whoever comes in gets the
//! answer to a question that was asked after that, never to one that was under way.

use axum::http::HeaderValue;
use rekey_kernel::{Failure, Kind, TenantId};
use rekey_proto::authentication::v1::Identity;
use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::available_parallelism,
};
use tokio::{
    sync::{OnceCell, Semaphore, SemaphorePermit},
    task::yield_now,
};

/// What must be the same of two requests.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) tenant: TenantId,
    pub(super) credential: HeaderValue,
    pub(super) source: String,
}

type Answer = Result<Identity, Failure>;

/// The questions under way, and those that wait for one of them to be answered.
pub(crate) struct Together {
    /// So many questions about one credential are asked at a time.
    at_once: usize,
    callers: Mutex<HashMap<Key, Caller>>,
    /// Was anybody else here with the same credential when the last question was asked?
    crowded: AtomicBool,
}

/// Everybody who is here with one credential.
struct Caller {
    requests: usize,
    begins: Arc<Semaphore>,
    /// The question that is not asked yet: newcomers join it.
    next: Option<Arc<OnceCell<Answer>>>,
}

impl Together {
    /// With a question for each processor: more would only wait for each other.
    pub(crate) fn new() -> Self {
        Self::asking(available_parallelism().map_or(1, usize::from))
    }

    fn asking(at_once: usize) -> Self {
        Self { at_once, callers: Mutex::default(), crowded: AtomicBool::new(false) }
    }

    /// The answer to a question that is asked from now on, by this request or by another one. A refusal is nobody's but the asker's:
    /// every guess is asked by itself, and counted.
    pub(super) async fn ask<F: Future<Output = Answer>>(&self, key: Key, question: impl Fn() -> F) -> Answer {
        let request = Request::of(self, key);
        let mut asked = false;
        let first = async {
            asked = true;
            let _turn = request.begin().await;
            question().await
        };
        match request.question.get_or_init(|| first).await.clone() {
            Err(failure) if !asked && failure.is(Kind::Unauthenticated) => question().await,
            answer => answer,
        }
    }

    fn callers(&self) -> MutexGuard<'_, HashMap<Key, Caller>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request, for as long as it waits for its answer.
struct Request<'a> {
    all: &'a Together,
    key: Key,
    begins: Arc<Semaphore>,
    question: Arc<OnceCell<Answer>>,
}

impl<'a> Request<'a> {
    fn of(all: &'a Together, key: Key) -> Self {
        let mut callers = all.callers();
        let caller = callers.entry(key.clone()).or_insert_with(|| Caller { requests: 0, begins: Arc::new(Semaphore::new(all.at_once)), next: None });
        caller.requests += 1;
        let question = Arc::clone(caller.next.get_or_insert_default());
        Self { all, begins: Arc::clone(&caller.begins), key, question }
    }

    /// Waits for the question's turn. In a crowd it lets those in who have come already but were not looked at yet: where the answer is at
    /// hand, nobody would come in while the question is under way. From then on nobody joins it.
    async fn begin(&self) -> Option<SemaphorePermit<'_>> {
        let turn = self.begins.acquire().await.ok();
        if self.all.crowded.load(Ordering::Relaxed) {
            yield_now().await;
        }
        if let Some(caller) = self.all.callers().get_mut(&self.key) {
            self.all.crowded.store(caller.requests > 1, Ordering::Relaxed);
            caller.next.take_if(|next| Arc::ptr_eq(next, &self.question));
        }
        turn
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        let mut callers = self.all.callers();
        if let Some(caller) = callers.get_mut(&self.key) {
            caller.requests -= 1;
            if caller.requests == 0 {
                callers.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use tokio::sync::Notify;

    fn key(credential: &'static str) -> Key {
        Key { tenant: TenantId::DEFAULT, credential: HeaderValue::from_static(credential), source: "192.0.2.1".to_owned() }
    }

    /// Answers with the number of the question, once it is let go.
    #[derive(Default)]
    struct Authentication {
        asked: AtomicUsize,
        let_go: Notify,
    }

    impl Authentication {
        async fn verify(&self) -> Answer {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            self.let_go.notified().await;
            Ok(Identity { user_id: number.to_string(), ..Identity::default() })
        }

        async fn refuse(&self) -> Answer {
            self.verify().await.and_then(|_| Err(Failure::unauthenticated("unauthenticated", "no")))
        }
    }

    struct House {
        together: Arc<Together>,
        authentication: Arc<Authentication>,
    }

    impl House {
        fn new() -> Self {
            Self { together: Arc::new(Together::asking(1)), authentication: Arc::default() }
        }

        /// A request that was not looked at yet.
        fn newcomer(&self, credential: &'static str, refused: bool) -> tokio::task::JoinHandle<Answer> {
            let (together, authentication) = (Arc::clone(&self.together), Arc::clone(&self.authentication));
            tokio::spawn(async move {
                let question = || async { if refused { authentication.refuse().await } else { authentication.verify().await } };
                together.ask(key(credential), question).await
            })
        }

        /// A request that has gone as far as it goes by itself.
        async fn request(&self, credential: &'static str, refused: bool) -> tokio::task::JoinHandle<Answer> {
            let request = self.newcomer(credential, refused);
            settle().await;
            request
        }

        fn asked(&self) -> usize {
            self.authentication.asked.load(Ordering::SeqCst)
        }

        async fn answer(&self) {
            self.authentication.let_go.notify_one();
            settle().await;
        }
    }

    /// Lets all others go as far as they go.
    async fn settle() {
        for _ in 0..10 {
            yield_now().await;
        }
    }

    async fn number(request: tokio::task::JoinHandle<Answer>) -> String {
        request.await.unwrap().unwrap().user_id
    }

    #[tokio::test]
    async fn nobody_gets_the_answer_to_a_question_that_was_asked_before() {
        let house = House::new();
        let first = house.request("a", false).await;
        let (second, third) = (house.request("a", false).await, house.request("a", false).await);
        assert_eq!(house.asked(), 1);
        house.answer().await;
        let fourth = house.request("a", false).await;
        assert_eq!(house.asked(), 2);
        house.answer().await;
        house.answer().await;
        assert_eq!([number(first).await, number(second).await, number(third).await, number(fourth).await], ["0", "1", "1", "2"]);
        assert!(house.together.callers().is_empty());
    }

    #[tokio::test]
    async fn in_a_crowd_those_who_come_together_are_answered_together() {
        let house = House::new();
        let mut crowd = vec![house.request("a", false).await, house.request("a", false).await, house.request("a", false).await];
        house.answer().await;
        house.answer().await;
        assert_eq!(house.asked(), 2);
        crowd.extend([house.newcomer("a", false), house.newcomer("a", false), house.newcomer("a", false)]);
        settle().await;
        for _ in 0..3 {
            house.answer().await;
        }
        let mut numbers = Vec::new();
        for request in crowd {
            numbers.push(number(request).await);
        }
        assert_eq!(numbers, ["0", "1", "1", "2", "2", "2"]);
    }

    #[tokio::test]
    async fn other_credentials_do_not_wait() {
        let house = House::new();
        let (first, second) = (house.request("a", false).await, house.request("b", false).await);
        assert_eq!(house.asked(), 2);
        house.answer().await;
        house.answer().await;
        assert_eq!([number(first).await, number(second).await], ["0", "1"]);
    }

    #[tokio::test]
    async fn every_wrong_guess_is_asked_by_itself() {
        let house = House::new();
        let guesses = [house.request("a", true).await, house.request("a", true).await, house.request("a", true).await];
        for _ in 0..3 {
            house.answer().await;
        }
        for guess in guesses {
            assert!(guess.await.unwrap().unwrap_err().is(Kind::Unauthenticated));
        }
        assert_eq!(house.asked(), 3);
    }

    /// Three of whom two go away, one after the other, when the others have gone as far as `step` lets them.
    async fn third_of_three(house: &House, step: impl AsyncFn()) -> String {
        let (first, second, third) = (house.request("a", false).await, house.request("a", false).await, house.request("a", false).await);
        first.abort();
        step().await;
        second.abort();
        settle().await;
        house.answer().await;
        assert!(third.is_finished());
        number(third).await
    }

    #[tokio::test]
    async fn when_the_asker_goes_away_another_asks() {
        let house = House::new();
        assert_eq!(third_of_three(&house, settle).await, "2", "the second had asked as well");
        assert!(house.together.callers().is_empty());
    }

    #[tokio::test]
    async fn one_who_goes_away_before_asking_holds_nobody_up() {
        let house = House::new();
        assert_ne!(third_of_three(&house, yield_now).await, "0");
        assert!(house.together.callers().is_empty());
    }
}
