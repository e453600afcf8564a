//! Ids of traces and spans: unlike each other, not secret.

use rekey_kernel::TraceParent;
use std::{
    hash::{BuildHasher, RandomState},
    num::{NonZeroU64, NonZeroU128},
};

/// A span that continues another one, or begins a trace, which is recorded if `sampled`.
pub(super) fn next(parent: Option<TraceParent>, sampled: bool) -> TraceParent {
    let span = NonZeroU64::new(number()).unwrap_or(NonZeroU64::MIN);
    match parent {
        Some(parent) => TraceParent { span, ..parent },
        None => TraceParent { trace: trace(), span, sampled },
    }
}

fn trace() -> NonZeroU128 {
    NonZeroU128::new(u128::from(number()) << 64 | u128::from(number())).unwrap_or(NonZeroU128::MIN)
}

/// A hash of nothing under fresh keys: the standard library's keys are random for each thread and differ each time.
fn number() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_are_alike() {
        let spans: HashSet<_> = (0..1_000).map(|_| next(None, true)).map(|it| (it.trace, it.span)).collect();
        assert_eq!(spans.len(), 1_000);
    }

    #[test]
    fn a_child_stays_in_its_parents_trace_and_is_recorded_as_it_is() {
        let parent = next(None, true);
        let child = next(Some(parent), false);
        assert_eq!((child.trace, child.sampled), (parent.trace, true));
        assert_ne!(child.span, parent.span);
    }
}
