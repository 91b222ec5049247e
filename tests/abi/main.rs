//! The exported functions, called directly: what the standard asks of a driver that any
//! application, and not only a careful Driver Manager, may call.

mod application;
mod asynchronous;
mod at_once;
mod attributes;
mod browse;
mod descriptor_fields;
mod descriptors;
mod diagnostics;
mod ending;
mod fallback;
mod functions;
mod handles;
mod pages;
mod parameters;
mod pooling;
mod positions;
mod rowsets;
mod spooling_faults;
mod states;
mod timeouts;
mod transitions;
mod trust;
