//! The driver through unixODBC, against a scripted Trino.

mod asynchronous;
mod cancel;
mod connect;
mod describe;
mod failure;
#[cfg(unix)]
mod manager;
mod parameters;
mod rows;
mod spooling;
mod values;
