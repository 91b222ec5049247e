//! Where a fetch of a scrollable cursor leads: the cursor positioning rules of SQLFetchScroll.
//!
//! How long the result is shows only when it was read to its end, so the rules ask no more than they must: most of them
//! want to know whether there is some row, and only those that count from the end want to know the last.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfetchscroll-function>

/// Which rowset is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    Next,
    Prior,
    First,
    Last,
    /// The one that begins with that row, from 1; from the end, when it is negative.
    Absolute(i64),
    /// The one that begins so many rows after the current one.
    Relative(i64),
}

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    BeforeStart,
    /// On a rowset of `rows` rows of which `start`, from 1, is the first.
    On {
        start: u64,
        rows: u64,
    },
    AfterEnd,
}

/// Where a motion leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    BeforeStart,
    /// The rowset that begins with this row, from 1, which exists.
    Row(u64),
    /// The first rowset, though rows before it were wanted as well.
    CutAtStart,
    AfterEnd,
}

/// What the rules ask of a result.
pub(super) trait Extent {
    type Error;

    /// Whether there is a row of that number, from 1.
    fn has(&mut self, row: u64) -> Result<bool, Self::Error>;

    /// The number of the last row; 0 when there is none.
    fn last(&mut self) -> Result<u64, Self::Error>;
}

impl Motion {
    /// Where the motion leads from `stand`, to a rowset of `size` rows.
    pub(super) fn goal<X: Extent>(
        self,
        stand: Stand,
        size: u64,
        extent: &mut X,
    ) -> Result<Goal, X::Error> {
        match (self, stand) {
            (Self::First, _) | (Self::Next, Stand::BeforeStart) => row(1, extent),
            // A rowset that is not full ends with the last row, so that its rows count as well as its size.
            (Self::Next, Stand::On { start, rows }) => row(start + rows, extent),
            (Self::Next, Stand::AfterEnd) => Ok(Goal::AfterEnd),
            (Self::Last, _) => Ok(match extent.last()? {
                0 => Goal::AfterEnd,
                last => Goal::Row(last.saturating_sub(size) + 1),
            }),
            (Self::Prior, Stand::BeforeStart | Stand::On { start: 1, .. }) => Ok(Goal::BeforeStart),
            (Self::Prior, Stand::On { start, .. }) => Ok(match start.checked_sub(size) {
                None | Some(0) => Goal::CutAtStart,
                Some(row) => Goal::Row(row),
            }),
            (Self::Prior, Stand::AfterEnd) => Ok(match extent.last()? {
                0 => Goal::BeforeStart,
                last if last < size => Goal::CutAtStart,
                last => Goal::Row(last - size + 1),
            }),
            (Self::Relative(offset), Stand::BeforeStart) if offset <= 0 => Ok(Goal::BeforeStart),
            (Self::Relative(offset), Stand::AfterEnd) if offset >= 0 => Ok(Goal::AfterEnd),
            (Self::Relative(offset), Stand::On { start, .. }) => {
                let back = offset.unsigned_abs();
                match start.saturating_add_signed(offset) {
                    0 if start > 1 && back <= size => Ok(Goal::CutAtStart),
                    0 => Ok(Goal::BeforeStart),
                    goal => row(goal, extent),
                }
            }
            (Self::Absolute(offset) | Self::Relative(offset), _) => {
                let number = offset.unsigned_abs();
                match offset {
                    0 => Ok(Goal::BeforeStart),
                    1.. => row(number, extent),
                    _ => Ok(match extent.last()? {
                        last if number <= last => Goal::Row(last - number + 1),
                        0 => Goal::BeforeStart,
                        _ if number > size => Goal::BeforeStart,
                        _ => Goal::CutAtStart,
                    }),
                }
            }
        }
    }
}

fn row<X: Extent>(row: u64, extent: &mut X) -> Result<Goal, X::Error> {
    Ok(if extent.has(row)? {
        Goal::Row(row)
    } else {
        Goal::AfterEnd
    })
}

#[cfg(test)]
mod tests {
    use super::{Extent, Goal, Motion, Stand};
    use Goal::{AfterEnd, BeforeStart, CutAtStart, Row};
    use Motion::{Absolute, First, Last, Next, Prior, Relative};

    /// A result of that many rows, and how far it was asked for.
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

    const START: Stand = Stand::BeforeStart;
    const END: Stand = Stand::AfterEnd;

    const fn on(start: u64, rows: u64) -> Stand {
        Stand::On { start, rows }
    }

    /// Motion, where from, rowset size, rows of the result, where to.
    type Rule = (Motion, Stand, u64, u64, Goal);

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
        for (motion, stand, size, rows, goal) in RULES {
            assert_eq!(
                motion.goal(*stand, *size, &mut Rows(*rows, 0)),
                Ok(*goal),
                "{motion:?} from {stand:?}, {size} of {rows} rows"
            );
        }
    }

    #[test]
    fn no_more_of_the_result_is_asked_for_than_the_motion_needs() {
        let asked = |motion: Motion, stand| {
            let mut rows = Rows(20, 0);
            motion.goal(stand, 5, &mut rows).unwrap();
            rows.1
        };
        assert_eq!(asked(First, START), 1);
        assert_eq!(asked(Next, on(6, 5)), 11);
        assert_eq!(asked(Absolute(7), START), 7);
        assert_eq!(asked(Relative(-2), on(6, 5)), 4);
        assert_eq!(asked(Prior, on(11, 5)), 0);
        assert_eq!(asked(Last, START), u64::MAX);
        assert_eq!(asked(Absolute(-1), START), u64::MAX);
    }
}
