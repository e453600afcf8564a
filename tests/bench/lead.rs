//! Leads a run: product and control take turns, in short slices, on the same machine in the same minute.

use anyhow::{Context, Result, ensure};
use hyper::StatusCode;
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use rekey_tests::Deployment;

use crate::{
    client::Load,
    cpu,
    driver::{Order, What},
    ground::{Ground, Kind},
    house::calls_between,
    machine::Machine,
    numbers::Slice,
    pair::Pair,
    program::Servant,
    report::{self, Report, Row},
    setup,
    work::{ALL, Round, Users, Work},
};

/// Callers at once.
const CONCURRENCY: [usize; 3] = [1, 16, 64];
/// A slice before each that counts for nothing: connections, caches, the caller's credential.
const WARM_UP: Duration = Duration::from_millis(200);

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The program: a release build.
    #[arg(long)]
    rekey: PathBuf,
    /// How many users there are.
    #[arg(long, default_value_t = 100_000)]
    users: u64,
    /// A trial: one short slice each, and nothing is written.
    #[arg(long)]
    quick: bool,
    /// One of the databases alone.
    #[arg(long, value_enum)]
    only: Option<Kind>,
    /// Only what has this in its name: "GET", "emails".
    #[arg(long)]
    work: Option<String>,
    /// Where the table goes: a Markdown file with a place for it.
    #[arg(long)]
    table: Option<PathBuf>,
    /// Where the numbers go, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

impl Options {
    fn wants(&self, work: Work) -> bool {
        self.work.as_ref().is_none_or(|part| work.name().contains(part))
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let machine = Machine::look(options.users)?;
    let mut report = Report { machine, rows: Vec::new(), grounds: Vec::new() };
    for kind in [Kind::Sqlite, Kind::Postgres].into_iter().filter(|kind| options.only.is_none_or(|only| only == *kind)) {
        let mut lead = Lead::start(kind, options)?;
        report.grounds.push(lead.about()?);
        for work in ALL.into_iter().filter(|work| options.wants(*work)) {
            for callers in CONCURRENCY {
                let row = lead.row(work, callers).with_context(|| format!("{}, {}, {callers} callers", kind.name(), work.name()))?;
                println!("{}", row.line());
                report.rows.push(row);
            }
        }
    }
    report::write(&report, options.table.as_deref(), options.json.as_deref())
}

struct Lead<'a> {
    options: &'a Options,
    rekey: PathBuf,
    ground: Ground,
    pair: Pair,
    driver: Servant,
    users: Users,
    /// A look at PostgreSQL's count of transactions.
    watch: Option<String>,
}

impl<'a> Lead<'a> {
    fn start(kind: Kind, options: &'a Options) -> Result<Self> {
        let rekey = options.rekey.canonicalize().with_context(|| options.rekey.display().to_string())?;
        let ground = Ground::prepare(kind, &rekey, options.users)?;
        let ids = setup::ids(&ground.url("scim"))?;
        ensure!(ids.len() as u64 == options.users, "{} users instead of {}", ids.len(), options.users);
        let users = Users { next: Arc::new(AtomicU64::new(options.users)), ids: Arc::new(ids) };
        let pair = Pair::start(Deployment::OneProcess, &ground, &rekey, &users)?;
        ALL.into_iter().filter(|work| options.wants(*work)).try_for_each(|work| setup::check(work, &pair.house, &users))?;
        let driver = setup::start_driver(&ground)?;
        let watch = (kind == Kind::Postgres).then(|| ground.url("scim"));
        Ok(Self { options, rekey, ground, pair, driver, users, watch })
    }

    /// Sees to it that Rekey runs as it is to, on the databases that it had.
    fn deploy(&mut self, deployment: Deployment) -> Result<()> {
        if self.pair.deployment != deployment {
            self.pair.house.stop()?;
            self.pair = Pair::start(deployment, &self.ground, &self.rekey, &self.users)?;
        }
        Ok(())
    }

    fn about(&mut self) -> Result<report::About> {
        let argon2 = self.by_hand(What::Argon2, 1)?;
        let version = setup::version(&self.ground.url("scim"), self.ground.kind)?;
        Ok(report::About { database: self.ground.kind, version, reused: self.ground.reused, argon2 })
    }

    fn row(&mut self, work: Work, callers: usize) -> Result<Row> {
        self.deploy(work.deployment())?;
        let rounds = (0..if self.options.quick { 1 } else { 3 }).map(|_| self.round(work, callers)).collect::<Result<Vec<_>>>()?;
        Ok(Row { database: self.ground.kind, work: work.name(), callers, goal: work.goal(), method: work.method(), rounds })
    }

    fn round(&mut self, work: Work, callers: usize) -> Result<Round> {
        let rekey = self.rekey(work, callers)?;
        let control = match work.bare_requests(&self.users) {
            Some(next) => self.bare(&Load { callers, time: self.slice(), expected: StatusCode::OK, next })?,
            None => self.by_hand(work.by_hand().context("nothing to compare with")?, callers)?,
        };
        let sql = match work {
            Work::Filter(_) => work.by_hand().map(|what| self.by_hand(what, callers)).transpose()?,
            _ => None,
        };
        Ok(Round { rekey, control, sql })
    }

    fn slice(&self) -> Duration {
        Duration::from_millis(if self.options.quick { 500 } else { 1_000 })
    }

    fn rekey(&self, work: Work, callers: usize) -> Result<Slice> {
        let load = Load { callers, time: self.slice(), expected: work.expected(), next: work.requests(&self.users) };
        let (house, processes) = (&self.pair.house, self.pair.house.processes());
        house.server.measure(&Load { time: WARM_UP, ..load.clone() })?;
        let (calls, transactions) = (house.calls()?, self.transactions()?);
        let (cpu, database) = (cpu::of_all(&processes)?, self.database_cpu()?);
        let slice = house.server.measure(&load)?;
        let slice = Slice { server_cpu: cpu::of_all(&processes)? - cpu, database_cpu: self.database_cpu()? - database, ..slice };
        let transactions = self.transactions()?.zip(transactions).map(|(after, before)| after - before);
        Ok(Slice { calls: calls_between(&calls, &house.calls()?, slice.done), transactions, ..slice })
    }

    fn bare(&self, load: &Load) -> Result<Slice> {
        let (bare, processes) = (&self.pair.bare, self.pair.bare.processes());
        bare.server.measure(&Load { time: WARM_UP, ..load.clone() })?;
        let (cpu, database) = (cpu::of_all(&processes)?, self.database_cpu()?);
        let slice = bare.server.measure(load)?;
        Ok(Slice { server_cpu: cpu::of_all(&processes)? - cpu, database_cpu: self.database_cpu()? - database, ..slice })
    }

    /// The driver asks and serves itself: its processor seconds stand with the server's.
    fn by_hand(&mut self, what: What, callers: usize) -> Result<Slice> {
        self.order(what, callers, WARM_UP)?;
        let transactions = self.transactions()?;
        let (cpu, database) = (cpu::of(self.driver.id())?, self.database_cpu()?);
        let slice = self.order(what, callers, self.slice())?;
        let slice = Slice { server_cpu: cpu::of(self.driver.id())? - cpu, database_cpu: self.database_cpu()? - database, ..slice };
        Ok(Slice { transactions: self.transactions()?.zip(transactions).map(|(after, before)| after - before), ..slice })
    }

    fn order(&mut self, what: What, callers: usize, time: Duration) -> Result<Slice> {
        let order = Order { what, callers, millis: u64::try_from(time.as_millis())?, users: self.users.len() };
        Ok(serde_json::from_str(&self.driver.ask(&serde_json::to_string(&order)?)?)?)
    }

    fn database_cpu(&self) -> Result<f64> {
        self.ground.database_process().map_or(Ok(0.0), cpu::of_family)
    }

    /// How many there were so far, where they are counted.
    fn transactions(&self) -> Result<Option<i64>> {
        self.watch.as_deref().map(setup::transactions).transpose()
    }
}
