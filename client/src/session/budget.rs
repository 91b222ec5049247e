//! The memory that all results of this process share.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::options::Spooling;
use crate::os;
use crate::spool::Budget;

/// The budget of the process, which these options may change for all.
pub(super) fn of_process(options: &Spooling) -> Arc<Budget> {
    let budget = shared();
    if let Some(bytes) = options.process_memory {
        budget.set_memory(bytes);
    }
    budget
}

fn shared() -> Arc<Budget> {
    let forks = os::forks();
    let mut shared = SHARED.lock();
    match &*shared {
        // The memory of a parent's results does not count in a child, where none of them continues.
        Some((of, budget)) if *of == forks => Arc::clone(budget),
        _ => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let budget = Budget::new(Budget::usual(os::memory()), cores);
            if let Some((_, of_parent)) = shared.replace((forks, Arc::clone(&budget))) {
                std::mem::forget(of_parent);
            }
            budget
        }
    }
}

static SHARED: Mutex<Option<(u32, Arc<Budget>)>> = Mutex::new(None);
