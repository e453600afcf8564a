//! A bus within one process. What it holds dies with the process, so publishing waits until every subscriber has had the event
//! once: only then does the outbox let go of it.

use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::{
    sync::{Mutex, Semaphore, mpsc, oneshot, watch},
    time::sleep,
};

use crate::{BusError, Event, EventBus, Handler, Outcome, Subscription, observe};

/// How many events may wait for one subscription before publishers wait too.
const CAPACITY: usize = 1_024;

/// An event on its way to one subscription, and where its publisher waits to hear that it was handled.
struct Delivery {
    event: Event,
    handled: Option<oneshot::Sender<()>>,
}

#[derive(Clone)]
struct Queue {
    kinds: Vec<crate::EventKind>,
    sender: mpsc::Sender<Delivery>,
    receiver: Arc<Mutex<mpsc::Receiver<Delivery>>>,
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

    fn senders(&self, event: &Event) -> Vec<mpsc::Sender<Delivery>> {
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
        let gone = || BusError::Unavailable("a subscriber is gone".to_owned());
        let mut waiting = Vec::new();
        for sender in self.senders(event) {
            let (handled, hears) = oneshot::channel();
            sender.send(Delivery { event: event.clone(), handled: Some(handled) }).await.map_err(|_| gone())?;
            waiting.push(hears);
        }
        for hears in waiting {
            hears.await.map_err(|_| gone())?;
        }
        Ok(())
    }

    async fn subscribe(&self, subscription: Subscription, handler: Arc<dyn Handler>) -> Result<(), BusError> {
        let queue = self.queue(&subscription);
        let places = Arc::new(Semaphore::new(subscription.concurrency.max(1)));
        tokio::spawn(deliver(queue, subscription.durable, handler, places));
        Ok(())
    }
}

/// Takes events off the queue, as many at once as the subscriber wants, until the bus is gone.
async fn deliver(queue: Queue, consumer: String, handler: Arc<dyn Handler>, places: Arc<Semaphore>) {
    let retry = queue.sender.downgrade();
    let receiver = Arc::clone(&queue.receiver);
    drop(queue);
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Some(delivery) = receiver.lock().await.recv().await else { return };
        let (consumer, handler, retry) = (consumer.clone(), Arc::clone(&handler), retry.clone());
        tokio::spawn(async move {
            let outcome = observe::handle("memory", &consumer, handler.as_ref(), &delivery.event).await;
            drop(place);
            settle(delivery, outcome, retry).await;
        });
    }
}

async fn settle(delivery: Delivery, outcome: Outcome, retry: mpsc::WeakSender<Delivery>) {
    let Delivery { event, handled } = delivery;
    if let Some(handled) = handled {
        // The publisher has given up when this fails; it publishes again.
        let _gave_up = handled.send(());
    }
    match outcome {
        Outcome::Done => {}
        Outcome::Discard(why) => tracing::warn!(event = %event.kind, id = event.id, why, "an event was discarded"),
        Outcome::Retry(after) => {
            sleep(after).await;
            if let Some(sender) = retry.upgrade() {
                // The bus is gone when this fails, and the event with it.
                let _gone = sender.send(Delivery { event, handled: None }).await;
            }
        }
    }
}
