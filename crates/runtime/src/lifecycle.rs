//! The life of a process: tasks that must not die unnoticed, and an end in two stages.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{select, sync::Notify, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long the tasks may take to finish what they have begun.
const DRAIN: Duration = Duration::from_secs(10);

/// Spawns the tasks of a process and ends them: first they are told to finish (drain), then they are cut off (cancel). A task
/// that ends of itself takes the whole process down with a failing exit code.
#[derive(Clone, Default)]
pub struct Lifecycle {
    draining: CancellationToken,
    cancelled: CancellationToken,
    tasks: TaskTracker,
    failed: Arc<OnceLock<&'static str>>,
}

impl Lifecycle {
    /// A process that has just begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when the process begins to end: take no new work.
    pub const fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    /// Runs a task that must live as long as the process; it is to return soon after [`Lifecycle::draining`].
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let this = self.clone();
        self.tasks.spawn(async move {
            let mut handle = tokio::spawn(task);
            let ended = select! {
                ended = &mut handle => ended,
                () = this.cancelled.cancelled() => { handle.abort(); return }
            };
            if let Err(error) = &ended {
                tracing::error!(task = name, %error, "a task died");
            }
            if !this.draining.is_cancelled() {
                tracing::error!(task = name, "a task ended before its time; stopping");
                let _first = this.failed.set(name);
                this.draining.cancel();
            }
        });
    }

    /// Runs a job at once, then whenever `wake` is notified, and at the latest every `interval`, until the process ends.
    pub fn every<F, R>(&self, name: &'static str, interval: Duration, wake: Arc<Notify>, mut job: F)
    where
        F: FnMut() -> R + Send + 'static,
        R: Future<Output = ()> + Send,
    {
        let draining = self.draining.clone();
        self.spawn(name, async move {
            while !draining.is_cancelled() {
                job().await;
                select! {
                    () = draining.cancelled() => {}
                    _elapsed_or_woken = timeout(interval, wake.notified()) => {}
                }
            }
        });
    }

    /// Begins the end, as SIGTERM does.
    pub fn stop(&self) {
        self.draining.cancel();
    }

    /// Waits for SIGTERM, SIGINT or a dead task, drains, then cancels.
    ///
    /// # Errors
    /// The name of the task that ended before its time.
    pub async fn run(self) -> Result<(), &'static str> {
        select! {
            () = signalled() => tracing::info!("stopping"),
            () = self.draining.cancelled() => {}
        }
        self.draining.cancel();
        self.tasks.close();
        if timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not finish in time and are cut off");
        }
        self.cancelled.cancel();
        self.tasks.wait().await;
        self.failed.get().map_or(Ok(()), |name| Err(*name))
    }
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = |kind| async move {
        match signal(kind) {
            Ok(mut stream) => drop(stream.recv().await),
            Err(error) => {
                tracing::error!(%error, "cannot listen for signals");
                std::future::pending::<()>().await;
            }
        }
    };
    select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_dies_fails_the_process() {
        let lifecycle = Lifecycle::new();
        lifecycle.spawn("short", async {});
        assert_eq!(lifecycle.run().await, Err("short"));
    }

    #[tokio::test]
    async fn tasks_finish_when_the_process_drains() {
        let lifecycle = Lifecycle::new();
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        lifecycle.every("tick", Duration::from_hours(1), Arc::new(Notify::new()), move || {
            let sender = sender.clone();
            async move { sender.send(()).unwrap() }
        });
        receiver.recv().await.unwrap();
        lifecycle.stop();
        assert_eq!(lifecycle.run().await, Ok(()));
    }
}
