//! What the programs measure.

use crate::Rekey;

impl Rekey {
    /// The metrics of the program, or those of every process, one after another.
    pub async fn metrics(&self) -> String {
        let mut all = String::new();
        for running in &self.running {
            let health = running.process.as_ref().map_or_else(|| format!("http://127.0.0.1:{}/readyz", self.ports.admin), |process| process.ready.clone());
            let answer = reqwest::get(health.replace("/readyz", "/metrics")).await.expect("the admin listener answers");
            assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
            all += &answer.text().await.expect("metrics are text");
        }
        all
    }
}
