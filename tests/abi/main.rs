//! The exported functions, called directly: what the standard asks of a driver that any application,
//! and not only a careful Driver Manager, may call.

mod application;
mod at_once;
mod attributes;
mod descriptors;
mod diagnostics;
mod functions;
mod handles;
mod rowsets;
mod states;
mod trust;
