//! Black-box tests: the real program, through HTTPS, as the world sees it.

mod cancelling;
mod configuration;
mod crashes;
mod expiry;
mod first_start;
mod guesses;
mod links;
mod locks;
mod logins;
mod methods;
mod redemptions;
mod resets;
mod roles;
mod rubbish;
mod scim;
mod smtp;
mod stories;
mod tenants;
mod traces;
mod trigger_forms;
