//! The exported functions, called directly: what the standard asks of a driver that any
//! application, and not only a careful Driver Manager, may call.

mod application;
mod at_once;
mod attributes;
mod browse;
mod conversions;
mod descriptor_fields;
mod descriptors;
mod diagnostics;
mod ending;
mod fallback;
mod functions;
mod handles;
mod pages;
mod parameters;
mod positions;
mod rowsets;
mod spooling_faults;
mod states;
mod transitions;
mod trust;
