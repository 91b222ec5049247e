//! What the tests through unixODBC have in common.
//!
//! The driver is met as applications meet it: as a library that the Driver Manager loads.
//! [`driver`] registers it in files of this process's own, [`client`] calls the manager's C
//! interface, [`value`] says what a value of Trino looks like as text, and [`lab`] knows a real
//! Trino, also without the driver.

pub mod client;
pub mod driver;
pub mod lab;
pub mod odbc;
pub mod registered;
pub mod rows;
pub mod value;
