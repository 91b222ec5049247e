//! The exported functions, called directly: what the standard asks of a driver that any
//! application, and not only a careful Driver Manager, may call.

mod application;
mod asynchronous;
mod at_once;
mod attributes;
mod browse;
mod catalog;
mod closing;
mod conversions;
mod descriptor_fields;
mod descriptors;
mod diagnostics;
mod ending;
mod endurance;
mod escapes;
mod fallback;
mod front;
mod fronts;
mod functions;
mod handles;
mod headers;
mod incoming;
mod info;
#[cfg(not(windows))]
mod narrow;
mod narrow_headers;
mod neighbours;
mod pages;
mod parameters;
mod pooling;
mod portals;
mod positions;
mod reaching;
mod rowsets;
mod scrolling;
mod session;
mod sign_in;
mod sizes;
mod spooling_faults;
mod states;
mod threads;
mod timeouts;
mod transactions;
mod transitions;
mod trust;
mod widths;
