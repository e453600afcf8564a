//! A bus within one process. What it holds dies with the process; the outbox publishes again what was not confirmed.

use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::{
    sync::{Mutex, Semaphore, mpsc, watch},
    time::sleep,
};

use crate::{BusError, Event, EventBus, Handler, Outcome, Subscription};

/// How many events may wait for one subscription before publishers wait too.
const CAPACITY: usize = 1_024;

#[derive(Clone)]
struct Queue {
    kinds: Vec<crate::EventKind>,
    sender: mpsc::Sender<Event>,
    receiver: Arc<Mutex<mpsc::Receiver<Event>>>,
}

/// The bus of one process.
pub struct MemoryBus {
    queues: RwLock<HashMap<String, Queue>>,
    open: watch::Sender<bool>,
}

impl MemoryBus {
    /// A bus on which nothing moves before [`MemoryBus::open`], so that no subscriber misses an event while the process starts.
    pub fn new() -> Self {
        Self { queues: RwLock::default(), open: watch::Sender::new(false) }
    }

    /// Lets events through: every subscriber is there.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    fn senders(&self, event: &Event) -> Vec<mpsc::Sender<Event>> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.values().filter(|queue| queue.kinds.contains(&event.kind)).map(|queue| queue.sender.clone()).collect()
    }

    fn queue(&self, subscription: &Subscription) -> Queue {
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let (sender, receiver) = mpsc::channel(CAPACITY);
            Queue { kinds: subscription.kinds.clone(), sender, receiver: Arc::new(Mutex::new(receiver)) }
        };
        queues.entry(subscription.durable.clone()).or_insert_with(new).clone()
    }
}

impl Default for MemoryBus {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl EventBus for MemoryBus {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        let closed = |_| BusError::Unavailable("the process is stopping".to_owned());
        self.open.subscribe().wait_for(|open| *open).await.map_err(closed)?;
        for sender in self.senders(event) {
            sender.send(event.clone()).await.map_err(|_| BusError::Unavailable("a subscriber is gone".to_owned()))?;
        }
        Ok(())
    }

    async fn subscribe(&self, subscription: Subscription, handler: Arc<dyn Handler>) -> Result<(), BusError> {
        let queue = self.queue(&subscription);
        tokio::spawn(deliver(queue, handler, Arc::new(Semaphore::new(subscription.concurrency.max(1)))));
        Ok(())
    }
}

/// Takes events off the queue, as many at once as the subscriber wants, until the bus is gone.
async fn deliver(queue: Queue, handler: Arc<dyn Handler>, places: Arc<Semaphore>) {
    let retry = queue.sender.downgrade();
    let receiver = Arc::clone(&queue.receiver);
    drop(queue);
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Some(event) = receiver.lock().await.recv().await else { return };
        let (handler, retry) = (Arc::clone(&handler), retry.clone());
        tokio::spawn(async move {
            let outcome = handler.handle(&event).await;
            drop(place);
            settle(event, outcome, retry).await;
        });
    }
}

async fn settle(event: Event, outcome: Outcome, retry: mpsc::WeakSender<Event>) {
    match outcome {
        Outcome::Done => {}
        Outcome::Discard(why) => tracing::warn!(event = %event.kind, id = event.id, why, "an event was discarded"),
        Outcome::Retry(after) => {
            sleep(after).await;
            if let Some(sender) = retry.upgrade() {
                // The bus is gone when this fails, and the event with it.
                let _gone = sender.send(event).await;
            }
        }
    }
}
