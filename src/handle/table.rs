//! Slots with generations, in memory that only grows.
//!
//! Slots live in blocks of doubling size that are never freed, so a lookup takes no lock but the slot's own, and a stale
//! token finds a slot that refuses it. Freeing a slot raises its generation first; a call that waited for the lock of a
//! slot while it was freed notices.
//!
//! A detached object belongs to the worker of an asynchronous call: its generation is marked, so lookups find nothing
//! without reading anything else, and only [`Table::lock_detached`] reaches it.

use std::ffi::c_void;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use super::Cancel;

/// What a handle is a handle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Environment = 0,
    Connection = 1,
    Statement = 2,
    Descriptor = 3,
}

/// What an application holds: kind, generation and index in one word, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(usize);

/// All live objects of one kind.
pub struct Table<T> {
    kind: Kind,
    blocks: [OnceLock<Box<[Slot<T>]>>; BLOCKS],
    free: Mutex<Free>,
}

impl Token {
    /// The token as the pointer-sized value that crosses the C interface.
    pub fn as_ptr(self) -> *mut c_void {
        std::ptr::without_provenance_mut(self.0)
    }

    /// The word that an application passed; null is no token.
    pub fn from_ptr(handle: *mut c_void) -> Option<Self> {
        let word = handle.addr();
        (word != 0).then_some(Self(word))
    }

    fn new(kind: Kind, generation: usize, index: usize) -> Self {
        Self((generation << (KIND_BITS + INDEX_BITS)) | (index << KIND_BITS) | kind as usize)
    }

    fn kind(self) -> usize {
        self.0 & ((1 << KIND_BITS) - 1)
    }

    fn index(self) -> usize {
        (self.0 >> KIND_BITS) & ((1 << INDEX_BITS) - 1)
    }

    fn generation(self) -> usize {
        self.0 >> (KIND_BITS + INDEX_BITS)
    }
}

impl<T> Table<T> {
    /// An empty table.
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            blocks: [const { OnceLock::new() }; BLOCKS],
            free: Mutex::new(Free {
                indexes: Vec::new(),
                used: 0,
            }),
        }
    }

    /// Gives `value` a handle. `None` when there are no more handles to give.
    pub fn insert(&self, value: T) -> Option<Token> {
        let index = {
            let mut free = self.free.lock();
            match free.indexes.pop() {
                Some(index) => index,
                None if free.used >> INDEX_BITS != 0 => return None,
                None => {
                    free.used += 1;
                    free.used - 1
                }
            }
        };
        let slot = self.slot_or_grow(index)?;
        let mut content = slot.content.lock();
        slot.cancel.reopen();
        *content = Some(value);
        Some(Token::new(
            self.kind,
            slot.generation.load(Ordering::Acquire),
            index,
        ))
    }

    /// The object behind `token`, locked; `None` when the token is stale, foreign or invented.
    pub fn lock(&self, token: Token) -> Option<MappedMutexGuard<'_, T>> {
        self.slot(token)?.lock(token)
    }

    /// As [`Self::lock`]; `None` also while a call has it.
    pub fn try_lock(&self, token: Token) -> Option<MappedMutexGuard<'_, T>> {
        self.slot(token)?.try_lock(token)
    }

    /// As [`Self::lock`], but waits for the call that has it only while that is `wanted`.
    pub fn lock_while(
        &self,
        token: Token,
        wanted: impl Fn() -> bool,
    ) -> Option<MappedMutexGuard<'_, T>> {
        let slot = self.slot(token)?;
        loop {
            if let Some(content) = slot.content.try_lock_for(GLANCE) {
                return slot.current(content, token);
            }
            if !wanted() {
                return None;
            }
        }
    }

    /// As [`Self::lock`], with the means to cancel the call.
    #[inline]
    pub fn enter(&self, token: Token) -> Option<(MappedMutexGuard<'_, T>, &Cancel)> {
        let slot = self.slot(token)?;
        Some((slot.lock(token)?, &slot.cancel))
    }

    /// The means to cancel a call on `token`, detached or not, without waiting for its lock.
    pub fn cancel(&self, token: Token) -> Option<&Cancel> {
        let slot = self.slot(token).or_else(|| self.slot_detached(token))?;
        Some(&slot.cancel)
    }

    /// Hides the object from all but [`Self::lock_detached`]. The caller has it locked.
    pub fn detach(&self, token: Token) -> bool {
        self.slot(token).is_some_and(|slot| {
            slot.exchange_generation(token.generation(), token.generation() | DETACHED)
        })
    }

    /// Whether the object is detached.
    pub fn is_detached(&self, token: Token) -> bool {
        self.slot_detached(token).is_some()
    }

    /// The detached object, locked.
    pub fn lock_detached(&self, token: Token) -> Option<MappedMutexGuard<'_, T>> {
        let slot = self.slot_detached(token)?;
        MutexGuard::try_map(slot.content.lock(), Option::as_mut).ok()
    }

    /// Lets lookups find the detached object again.
    pub fn attach(&self, token: Token) {
        if let Some(slot) = self.slot_detached(token) {
            slot.exchange_generation(token.generation() | DETACHED, token.generation());
        }
    }

    /// Makes the token of a detached object stale, without locking the object: its worker is gone, and may have left it
    /// locked. The slot is not used again.
    pub fn abandon(&self, token: Token) -> bool {
        let next = next_generation(token.generation());
        self.slot_detached(token)
            .is_some_and(|slot| slot.exchange_generation(token.generation() | DETACHED, next))
    }

    /// Whether `token` names an object that can be found.
    pub fn holds(&self, token: Token) -> bool {
        self.slot(token).is_some()
    }

    /// Makes the token stale and takes the object out. A call that waits with the object locked is cancelled; calls that
    /// come later find nothing.
    pub fn remove(&self, token: Token) -> Option<T> {
        let slot = self.slot(token)?;
        let generation = token.generation();
        if !slot.exchange_generation(generation, next_generation(generation)) {
            return None;
        }
        slot.cancel.close();
        let value = slot.content.lock().take();
        self.free.lock().indexes.push(token.index());
        value
    }

    #[inline]
    fn slot(&self, token: Token) -> Option<&Slot<T>> {
        self.slot_of(token, token.generation())
    }

    fn slot_detached(&self, token: Token) -> Option<&Slot<T>> {
        self.slot_of(token, token.generation() | DETACHED)
    }

    #[inline]
    fn slot_of(&self, token: Token, generation: usize) -> Option<&Slot<T>> {
        if token.kind() != self.kind as usize {
            return None;
        }
        let (block, offset) = place(token.index());
        let slot = self.blocks.get(block)?.get()?.get(offset)?;
        (slot.generation.load(Ordering::Acquire) == generation).then_some(slot)
    }

    fn slot_or_grow(&self, index: usize) -> Option<&Slot<T>> {
        let (block, offset) = place(index);
        self.blocks
            .get(block)?
            .get_or_init(|| (0..FIRST_BLOCK << block).map(|_| Slot::default()).collect())
            .get(offset)
    }
}

struct Slot<T> {
    /// Marked with [`DETACHED`] while the object is detached.
    generation: AtomicUsize,
    content: Mutex<Option<T>>,
    cancel: Cancel,
}

impl<T> Slot<T> {
    /// The object, unless it was removed meanwhile.
    #[inline]
    fn lock(&self, token: Token) -> Option<MappedMutexGuard<'_, T>> {
        self.current(self.content.lock(), token)
    }

    /// The object, unless a call has it or it was removed.
    fn try_lock(&self, token: Token) -> Option<MappedMutexGuard<'_, T>> {
        self.current(self.content.try_lock()?, token)
    }

    /// What is locked, if it is still what the token names.
    #[inline]
    fn current<'a>(
        &self,
        content: MutexGuard<'a, Option<T>>,
        token: Token,
    ) -> Option<MappedMutexGuard<'a, T>> {
        if self.generation.load(Ordering::Acquire) != token.generation() {
            return None;
        }
        MutexGuard::try_map(content, Option::as_mut).ok()
    }

    /// Whether the generation was `from`, and is `to` now.
    fn exchange_generation(&self, from: usize, to: usize) -> bool {
        let exchanged =
            self.generation
                .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
        exchanged.is_ok()
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            generation: AtomicUsize::new(1),
            content: Mutex::new(None),
            cancel: Cancel::default(),
        }
    }
}

struct Free {
    indexes: Vec<usize>,
    used: usize,
}

/// Which block holds `index`, and where in it.
#[inline]
fn place(index: usize) -> (usize, usize) {
    // Few applications have more objects of a kind.
    if index < FIRST_BLOCK {
        return (0, index);
    }
    later_place(index)
}

#[cold]
fn later_place(index: usize) -> (usize, usize) {
    let position = index + FIRST_BLOCK;
    let block = (position.ilog2() - FIRST_BLOCK.ilog2()) as usize;
    (block, position - (FIRST_BLOCK << block))
}

/// Never 0, so that no token is the null handle.
fn next_generation(generation: usize) -> usize {
    let next = (generation + 1) & ((1 << GENERATION_BITS) - 1);
    next.max(1)
}

const KIND_BITS: u32 = 2;
const INDEX_BITS: u32 = if usize::BITS >= 64 { 24 } else { 18 };
const GENERATION_BITS: u32 = usize::BITS - KIND_BITS - INDEX_BITS;
/// Marks the generation of a detached object; no token has it.
const DETACHED: usize = 1 << (usize::BITS - 1);
/// How often a wait checks whether it is still wanted.
const GLANCE: Duration = Duration::from_millis(20);
const FIRST_BLOCK: usize = 32;
const BLOCKS: usize = 20;

#[cfg(test)]
mod tests {
    use super::{Kind, Table, Token, place};

    #[test]
    fn a_freed_handle_is_refused_even_when_its_slot_is_used_again() {
        let table = Table::new(Kind::Statement);
        let first = table.insert("first").unwrap();
        assert_eq!(table.remove(first), Some("first"));
        let second = table.insert("second").unwrap();
        assert!(table.lock(first).is_none());
        assert!(table.remove(first).is_none());
        assert!(table.cancel(first).is_none());
        assert_eq!(table.lock(second).as_deref(), Some(&"second"));
    }

    #[test]
    fn a_handle_of_another_kind_is_refused() {
        let statements = Table::new(Kind::Statement);
        let connections = Table::new(Kind::Connection);
        let statement = statements.insert(1).unwrap();
        connections.insert(2).unwrap();
        assert!(connections.lock(statement).is_none());
    }

    #[test]
    fn invented_handles_are_refused() {
        let table = Table::new(Kind::Environment);
        table.insert(()).unwrap();
        for word in [1usize, 2, 3, 4, 8, 0xdead_beef, usize::MAX, usize::MAX - 3] {
            let token = Token::from_ptr(std::ptr::without_provenance_mut(word)).unwrap();
            assert!(table.lock(token).is_none(), "{word:#x}");
        }
        assert!(Token::from_ptr(std::ptr::null_mut()).is_none());
    }

    #[test]
    fn slots_do_not_overlap() {
        let mut places: Vec<_> = (0..5000).map(place).collect();
        assert_eq!(places[0], (0, 0));
        places.dedup();
        assert_eq!(places.len(), 5000);
        let table = Table::new(Kind::Descriptor);
        let tokens: Vec<_> = (0..5000)
            .map(|value| table.insert(value).unwrap())
            .collect();
        for (value, token) in tokens.iter().enumerate() {
            assert_eq!(table.lock(*token).as_deref(), Some(&value));
        }
    }

    #[test]
    fn a_detached_object_is_found_by_lock_detached_only() {
        let table = Table::new(Kind::Statement);
        let token = table.insert("it").unwrap();
        assert!(table.detach(token) && !table.detach(token));
        assert!(table.is_detached(token) && !table.holds(token));
        assert!(table.lock(token).is_none() && table.enter(token).is_none());
        assert!(table.remove(token).is_none());
        assert!(table.cancel(token).is_some());
        assert_eq!(table.lock_detached(token).as_deref(), Some(&"it"));
        table.attach(token);
        assert!(table.lock_detached(token).is_none());
        assert_eq!(table.remove(token), Some("it"));
        assert!(!table.detach(token));
    }

    #[test]
    fn a_lookup_that_waited_while_the_object_was_detached_finds_nothing() {
        let table = Table::new(Kind::Statement);
        let token = table.insert("it").unwrap();
        std::thread::scope(|scope| {
            let held = table.lock(token).unwrap();
            let waiting = scope.spawn(|| table.lock(token).is_none());
            std::thread::sleep(std::time::Duration::from_millis(20));
            table.detach(token);
            drop(held);
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn an_object_is_waited_for_while_that_is_wanted() {
        let table = Table::new(Kind::Statement);
        let token = table.insert("it").unwrap();
        let held = table.lock(token).unwrap();
        assert!(table.lock_while(token, || false).is_none());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| table.lock_while(token, || true).as_deref().copied());
            std::thread::sleep(std::time::Duration::from_millis(50));
            drop(held);
            assert_eq!(waiting.join().unwrap(), Some("it"));
        });
        let held = table.lock(token).unwrap();
        table.detach(token);
        drop(held);
        assert!(table.lock_while(token, || true).is_none());
    }

    #[test]
    fn an_object_is_abandoned_without_locking_it() {
        let table = Table::new(Kind::Statement);
        let token = table.insert("it").unwrap();
        assert!(!table.abandon(token));
        table.detach(token);
        let held = table.lock_detached(token).unwrap();
        assert!(table.abandon(token));
        drop(held);
        assert!(!table.is_detached(token) && !table.holds(token));
        assert_ne!(table.insert("another"), Some(token));
    }

    #[test]
    fn threads_allocate_and_free_at_once() {
        let table = Table::new(Kind::Statement);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let table = &table;
                scope.spawn(move || {
                    for turn in 0..1000 {
                        let token = table.insert((thread, turn)).unwrap();
                        assert_eq!(table.lock(token).as_deref(), Some(&(thread, turn)));
                        assert_eq!(table.remove(token), Some((thread, turn)));
                    }
                });
            }
        });
    }
}
