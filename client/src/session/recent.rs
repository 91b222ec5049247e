//! The latest values of a few keys.

/// Values by their keys, at most [`MOST`]: the one that was put in first goes first.
#[derive(Debug)]
pub(super) struct Recent<K, V>(Vec<(K, V)>);

impl<K: PartialEq, V> Recent<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let (_, value) = self.0.iter().find(|(known, _)| known == key)?;
        Some(value)
    }

    /// Takes out the value of `key`.
    pub(super) fn take(&mut self, key: &K) -> Option<V> {
        let index = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(index).1)
    }

    /// Puts in a value as the latest, in the place of the one before.
    pub(super) fn put(&mut self, key: K, value: V) {
        self.take(&key);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((key, value));
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.0.retain(|(_, value)| keep(value));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Keys that are remembered at a time.
pub(super) const MOST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut recent = Recent::default();
        for key in 0..MOST {
            recent.put(key, key);
        }
        recent.put(0, 100);
        recent.put(MOST, MOST);
        assert_eq!(recent.len(), MOST);
        assert_eq!(recent.get(&0), Some(&100), "it was put in again");
        assert_eq!(recent.get(&1), None);
        assert_eq!(recent.take(&2), Some(2));
        assert_eq!(recent.get(&2), None);
    }
}
