//! `cargo xtask bench scim`: how fast `/scim2` is, as ratios against controls that do the irreducible work.
//!
//! Several programs in one file, so that each has processor seconds of its own: `run` leads and is the closed-loop HTTPS client, `echo`
//! is the bare axum → tonic server that reading is compared with, `edge` and `service` are the same in processes of their own, `driver`
//! does SQL by hand. `docs/benchmarks.md` says what is compared with what, and why.

mod apart;
mod bare;
mod client;
mod commits;
mod cpu;
mod database;
mod driver;
mod echo;
mod ground;
mod hops;
mod house;
mod lead;
mod lookups;
mod machine;
mod numbers;
mod pair;
mod parts;
mod people;
mod postgres;
mod program;
mod report;
mod seed;
mod setup;
mod table;
mod work;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Role,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Measures and reports.
    Run(lead::Options),
    /// The bare server, all of it.
    Echo(echo::Options),
    /// The bare server, without the services that it calls.
    Edge(apart::EdgeOptions),
    /// One of these services.
    Service(apart::ServiceOptions),
    /// SQL by hand: reads orders from standard input, a line each, and answers each with a line.
    Driver(driver::Options),
}

fn main() -> Result<()> {
    // A second call finds it installed: that is what was wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
    match Arguments::parse().role {
        Role::Run(options) => lead::run(&options),
        Role::Echo(options) => echo::run(&options),
        Role::Edge(options) => apart::edge(&options),
        Role::Service(options) => apart::service(&options),
        Role::Driver(options) => driver::run(&options),
    }
}
