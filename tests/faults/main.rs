//! Faults: the real processes over real servers, and any of them dies, freezes or goes away while resets are ordered. At the end of
//! each test a ledger is checked: nothing that was promised is lost, and no reset was mailed two different secrets.

mod broker;
mod database;
mod dev;
mod frozen;
mod killed;
mod ledger;
mod life;
mod load;
mod mail;
mod outages;
mod refusals;
mod replicas;
