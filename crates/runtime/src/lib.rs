//! Process plumbing that every service shares: configuration, telemetry, lifecycle, gRPC transports, databases, TLS, health.

pub mod config;
pub mod database;
pub mod files;
pub mod grpc;
pub mod health;
pub mod lifecycle;
pub mod system;
pub mod telemetry;
pub mod tls;
