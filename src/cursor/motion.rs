//! The cursor positioning rules of SQLFetchScroll.
//!
//! The length of a result is known only after reading it to its end, so the rules demand as little
//! as possible: most check whether a certain row exists; only those that count from the end need
//! the last row.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfetchscroll-function>

/// Which rowset to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    Next,
    Prior,
    First,
    Last,
    /// The rowset that begins with this row, from 1, or from the end if negative.
    Absolute(i64),
    /// The rowset that begins this many rows after the current one.
    Relative(i64),
}

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CursorPosition {
    BeforeStart,
    /// On a rowset of `rows` rows that begins with row `start`, from 1.
    On {
        start: u64,
        rows: u64,
    },
    AfterEnd,
}

/// Where a motion leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    BeforeStart,
    /// The rowset that begins with this row, from 1, which exists.
    Row(u64),
    /// The first rowset, because the requested one would begin before it.
    CutAtStart,
    AfterEnd,
}

/// What the rules need to know about a result.
pub(super) trait Extent {
    type Error;

    /// Whether there is a row of that number, from 1.
    fn has(&mut self, row: u64) -> Result<bool, Self::Error>;

    /// The number of the last row; 0 when there is none.
    fn last(&mut self) -> Result<u64, Self::Error>;
}

impl Motion {
    /// Where the motion leads from `position`, to a rowset of `size` rows.
    pub(super) fn target<X: Extent>(
        self,
        position: CursorPosition,
        size: u64,
        extent: &mut X,
    ) -> Result<Target, X::Error> {
        match (self, position) {
            (Self::First, _) | (Self::Next, CursorPosition::BeforeStart) => row(1, extent),
            // A rowset that is not full ends with the last row, so its rows serve as well as its
            // size.
            (Self::Next, CursorPosition::On { start, rows }) => row(start + rows, extent),
            (Self::Next, CursorPosition::AfterEnd) => Ok(Target::AfterEnd),
            (Self::Last, _) => Ok(match extent.last()? {
                0 => Target::AfterEnd,
                last => Target::Row(last.saturating_sub(size) + 1),
            }),
            (Self::Prior, CursorPosition::BeforeStart | CursorPosition::On { start: 1, .. }) => {
                Ok(Target::BeforeStart)
            }
            (Self::Prior, CursorPosition::On { start, .. }) => Ok(match start.checked_sub(size) {
                None | Some(0) => Target::CutAtStart,
                Some(row) => Target::Row(row),
            }),
            (Self::Prior, CursorPosition::AfterEnd) => Ok(match extent.last()? {
                0 => Target::BeforeStart,
                last if last < size => Target::CutAtStart,
                last => Target::Row(last - size + 1),
            }),
            (Self::Relative(offset), CursorPosition::BeforeStart) if offset <= 0 => {
                Ok(Target::BeforeStart)
            }
            (Self::Relative(offset), CursorPosition::AfterEnd) if offset >= 0 => {
                Ok(Target::AfterEnd)
            }
            (Self::Relative(offset), CursorPosition::On { start, .. }) => {
                let back = offset.unsigned_abs();
                match start.saturating_add_signed(offset) {
                    0 if start > 1 && back <= size => Ok(Target::CutAtStart),
                    0 => Ok(Target::BeforeStart),
                    target => row(target, extent),
                }
            }
            (Self::Absolute(offset) | Self::Relative(offset), _) => {
                let number = offset.unsigned_abs();
                match offset {
                    0 => Ok(Target::BeforeStart),
                    1.. => row(number, extent),
                    _ => Ok(match extent.last()? {
                        last if number <= last => Target::Row(last - number + 1),
                        0 => Target::BeforeStart,
                        _ if number > size => Target::BeforeStart,
                        _ => Target::CutAtStart,
                    }),
                }
            }
        }
    }
}

fn row<X: Extent>(row: u64, extent: &mut X) -> Result<Target, X::Error> {
    Ok(if extent.has(row)? {
        Target::Row(row)
    } else {
        Target::AfterEnd
    })
}

#[cfg(test)]
mod tests {
    use super::{CursorPosition, Extent, Motion, Target};
    use Motion::{Absolute, First, Last, Next, Prior, Relative};
    use Target::{AfterEnd, BeforeStart, CutAtStart, Row};

    /// A result of that many rows, and how far it was read.
    struct Rows(u64, u64);

    impl Extent for Rows {
        type Error = ();

        fn has(&mut self, row: u64) -> Result<bool, ()> {
            self.1 = self.1.max(row);
            Ok(row <= self.0)
        }

        fn last(&mut self) -> Result<u64, ()> {
            self.1 = u64::MAX;
            Ok(self.0)
        }
    }

    const START: CursorPosition = CursorPosition::BeforeStart;
    const END: CursorPosition = CursorPosition::AfterEnd;

    const fn on(start: u64, rows: u64) -> CursorPosition {
        CursorPosition::On { start, rows }
    }

    /// Motion, where from, rowset size, rows of the result, where to.
    type Rule = (Motion, CursorPosition, u64, u64, Target);

    /// The tables of the reference, line by line, and their borders.
    const RULES: &[Rule] = &[
        // SQL_FETCH_NEXT.
        (Next, START, 5, 20, Row(1)),
        (Next, START, 5, 0, AfterEnd),
        (Next, on(1, 5), 5, 20, Row(6)),
        (Next, on(11, 5), 5, 16, Row(16)),
        (Next, on(1, 5), 3, 20, Row(6)),
        (Next, on(16, 5), 5, 20, AfterEnd),
        (Next, on(16, 3), 5, 18, AfterEnd),
        (Next, END, 5, 20, AfterEnd),
        // SQL_FETCH_PRIOR.
        (Prior, START, 5, 20, BeforeStart),
        (Prior, on(1, 5), 5, 20, BeforeStart),
        (Prior, on(2, 5), 5, 20, CutAtStart),
        (Prior, on(5, 5), 5, 20, CutAtStart),
        (Prior, on(6, 5), 5, 20, Row(1)),
        (Prior, on(16, 5), 5, 20, Row(11)),
        (Prior, on(16, 5), 3, 20, Row(13)),
        (Prior, END, 5, 4, CutAtStart),
        (Prior, END, 5, 5, Row(1)),
        (Prior, END, 5, 20, Row(16)),
        (Prior, END, 5, 0, BeforeStart),
        // SQL_FETCH_RELATIVE.
        (Relative(3), START, 5, 20, Row(3)),
        (Relative(21), START, 5, 20, AfterEnd),
        (Relative(-3), END, 5, 20, Row(18)),
        (Relative(-21), END, 5, 20, BeforeStart),
        (Relative(-5), END, 5, 4, CutAtStart),
        (Relative(0), START, 5, 20, BeforeStart),
        (Relative(-1), START, 5, 20, BeforeStart),
        (Relative(-1), on(1, 5), 5, 20, BeforeStart),
        (Relative(-6), on(3, 5), 5, 20, BeforeStart),
        (Relative(-5), on(3, 5), 5, 20, CutAtStart),
        (Relative(-3), on(3, 5), 5, 20, CutAtStart),
        (Relative(-3), on(3, 5), 2, 20, BeforeStart),
        (Relative(-2), on(3, 5), 5, 20, Row(1)),
        (Relative(0), on(3, 5), 5, 20, Row(3)),
        (Relative(7), on(3, 5), 5, 20, Row(10)),
        (Relative(17), on(3, 5), 5, 20, Row(20)),
        (Relative(18), on(3, 5), 5, 20, AfterEnd),
        (Relative(i64::MAX), on(3, 5), 5, 20, AfterEnd),
        (Relative(i64::MIN), on(3, 5), 5, 20, BeforeStart),
        (Relative(0), END, 5, 20, AfterEnd),
        (Relative(1), END, 5, 20, AfterEnd),
        // SQL_FETCH_ABSOLUTE.
        (Absolute(-1), START, 5, 20, Row(20)),
        (Absolute(-20), on(3, 5), 5, 20, Row(1)),
        (Absolute(-21), on(3, 5), 5, 20, BeforeStart),
        (Absolute(-6), on(1, 4), 5, 4, BeforeStart),
        (Absolute(-5), on(1, 4), 5, 4, CutAtStart),
        (Absolute(-1), START, 5, 0, BeforeStart),
        (Absolute(i64::MIN), START, 5, 20, BeforeStart),
        (Absolute(0), on(3, 5), 5, 20, BeforeStart),
        (Absolute(1), END, 5, 20, Row(1)),
        (Absolute(20), START, 5, 20, Row(20)),
        (Absolute(21), START, 5, 20, AfterEnd),
        // SQL_FETCH_FIRST.
        (First, START, 5, 20, Row(1)),
        (First, on(11, 5), 5, 20, Row(1)),
        (First, END, 5, 20, Row(1)),
        (First, START, 5, 0, AfterEnd),
        // SQL_FETCH_LAST.
        (Last, START, 5, 20, Row(16)),
        (Last, END, 5, 5, Row(1)),
        (Last, on(1, 4), 5, 4, Row(1)),
        (Last, START, 5, 0, AfterEnd),
    ];

    #[test]
    fn each_motion_leads_where_the_reference_says() {
        for (motion, position, size, rows, target) in RULES {
            assert_eq!(
                motion.target(*position, *size, &mut Rows(*rows, 0)),
                Ok(*target),
                "{motion:?} from {position:?}, {size} of {rows} rows"
            );
        }
    }

    #[test]
    fn a_motion_reads_no_more_of_the_result_than_it_needs() {
        let read = |motion: Motion, position| {
            let mut rows = Rows(20, 0);
            motion.target(position, 5, &mut rows).unwrap();
            rows.1
        };
        assert_eq!(read(First, START), 1);
        assert_eq!(read(Next, on(6, 5)), 11);
        assert_eq!(read(Absolute(7), START), 7);
        assert_eq!(read(Relative(-2), on(6, 5)), 4);
        assert_eq!(read(Prior, on(11, 5)), 0);
        assert_eq!(read(Last, START), u64::MAX);
        assert_eq!(read(Absolute(-1), START), u64::MAX);
    }
}
