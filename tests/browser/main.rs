//! The pages, in a real browser, by the names that people see.

mod chromium;
mod console;
mod page;
mod user;
