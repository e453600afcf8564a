//! The order in which operations are done: that of the request, but what is referred to comes before what refers to it.

use std::collections::HashMap;

use super::{
    operation::{Operation, Request},
    reference,
};

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The operation at this index.
    Carry(usize),
    /// Adding to what the operation at this index created the values that close a circle.
    Close(usize),
    /// Deleting what the operation at this index created, since its circle could not be closed.
    Undo(usize),
}

impl Act {
    /// Of the operation that it belongs to.
    pub(super) const fn index(self) -> usize {
        match self {
            Self::Carry(index) | Self::Close(index) | Self::Undo(index) => index,
        }
    }
}

/// The order, and what each operation leaves out at first.
pub(super) struct Order {
    pub(super) acts: Vec<Act>,
    /// For each operation the bulkIds whose mention closes a circle; mostly none.
    pub(super) closing: Vec<Vec<String>>,
}

/// All operations, each once, and a [`Act::Close`] for each that closes a circle, as soon as that can be done.
pub(super) fn order(operations: &[Operation]) -> Order {
    let mut walk = Walk::new(operations);
    for index in 0..operations.len() {
        if walk.states.get(index) == Some(&State::New) {
            walk.visit(index);
        }
    }
    let names = |targets: &Vec<usize>| targets.iter().filter_map(|target| operations.get(*target)?.creates().map(str::to_owned)).collect();
    Order { acts: walk.acts, closing: walk.closing.iter().map(names).collect() }
}

/// The bulkIds that an operation mentions, in its path and its data.
pub(super) fn references(request: &Request) -> Vec<&str> {
    reference::whole(&request.id).into_iter().chain(reference::mentioned(request.spot(), &request.data)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// A walk in depth: everything an operation refers to, then itself. What is open when it is referred to again closes a circle; that
/// can only be met by a POST, in its data, because nothing else is ever referred to.
struct Walk {
    references: Vec<Vec<usize>>,
    states: Vec<State>,
    acts: Vec<Act>,
    closing: Vec<Vec<usize>>,
    /// For each operation those that wait for it to close their circle.
    waiting: Vec<Vec<usize>>,
    /// For how many each waits.
    missing: Vec<usize>,
}

impl Walk {
    fn new(operations: &[Operation]) -> Self {
        let creating: HashMap<_, _> = operations.iter().enumerate().filter_map(|(index, operation)| Some((operation.creates()?, index))).collect();
        let targets = |operation: &Operation| -> Vec<usize> {
            let mentioned = operation.request.iter().flat_map(references);
            let mut targets: Vec<_> = mentioned.filter_map(|bulk_id| creating.get(bulk_id).copied()).collect();
            targets.sort_unstable();
            targets.dedup();
            targets
        };
        let number = operations.len();
        Self {
            references: operations.iter().map(targets).collect(),
            states: vec![State::New; number],
            acts: Vec::with_capacity(number),
            closing: vec![Vec::new(); number],
            waiting: vec![Vec::new(); number],
            missing: vec![0; number],
        }
    }

    fn visit(&mut self, index: usize) {
        self.states[index] = State::Open;
        for target in std::mem::take(&mut self.references[index]) {
            match self.states[target] {
                State::New => self.visit(target),
                State::Open => self.closes(index, target),
                State::Done => {}
            }
        }
        self.states[index] = State::Done;
        self.acts.push(Act::Carry(index));
        self.close_waiting(index);
    }

    fn closes(&mut self, index: usize, target: usize) {
        self.closing[index].push(target);
        self.waiting[target].push(index);
        self.missing[index] += 1;
    }

    fn close_waiting(&mut self, target: usize) {
        for index in std::mem::take(&mut self.waiting[target]) {
            self.missing[index] -= 1;
            if self.missing[index] == 0 {
                self.acts.push(Act::Close(index));
            }
        }
    }
}
