use std::sync::atomic::AtomicUsize;

use super::*;

#[derive(Default)]
struct Counting(AtomicUsize);

impl Holder for Counting {
    fn share_changed(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn open(budget: &Arc<Budget>, limit: u64) -> (Arc<Account>, Arc<Counting>) {
    let holder = Arc::new(Counting::default());
    let weak: Weak<Counting> = Arc::downgrade(&holder);
    (budget.open(limit, weak), holder)
}

#[test]
fn an_account_that_is_dropped_gives_its_memory_to_the_others() {
    let budget = Budget::new(100, 1);
    let (one, _keep) = open(&budget, 80);
    budget.look();
    assert_eq!(one.share(), u64::MAX);
    let (two, _keep) = open(&budget, 80);
    two.hold(70);
    budget.look();
    assert_eq!((one.share(), two.share()), (50, 50));
    assert_eq!(budget.held(), 70);
    drop(two);
    budget.look();
    assert_eq!((one.share(), budget.held()), (u64::MAX, 0));
}

#[test]
fn only_holders_of_more_than_their_share_are_notified() {
    let budget = Budget::new(10_000, 1);
    let (one, much) = open(&budget, 8000);
    let (two, little) = open(&budget, 8000);
    one.hold(6000);
    two.hold(1000);
    let learned = || {
        budget.look();
        (much.0.load(Relaxed), little.0.load(Relaxed))
    };
    assert_eq!(learned(), (1, 0));
    assert_eq!(learned(), (1, 0), "nothing is new");
    two.hold(1500);
    assert_eq!(learned(), (2, 0), "memory is short now");
}

#[test]
fn another_amount_of_memory_counts_at_once() {
    let budget = Budget::new(1000, 1);
    let (one, _keep) = open(&budget, 80);
    let (two, _keep) = open(&budget, 80);
    one.waits();
    assert_eq!(one.share(), u64::MAX);
    budget.set_memory(60);
    assert_eq!((one.share(), two.share()), (30, 30));
}

#[test]
fn the_usual_memory_follows_the_computers() {
    assert_eq!(Budget::usual(None), 96 << 20);
    assert_eq!(Budget::usual(Some(1 << 30)), 96 << 20);
    assert_eq!(Budget::usual(Some(50 << 30)), 2 << 30);
}
