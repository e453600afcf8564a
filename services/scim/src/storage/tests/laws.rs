//! Whatever is asked, a page holds what the protocol's own evaluator says, in the order that its own comparison says.

use proptest::{
    prelude::{Strategy, any},
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use rekey_kernel::Random;
use rekey_runtime::system::SystemRandom;
use rekey_scim_protocol::{Filter, Sort, schema::USERS};
use rekey_testing::Backend;
use uuid::Uuid;

use super::{BASE, TENANT, names, random, world::World};
use crate::{
    domain::{Group, Part, Query, User, render},
    storage::page::{Listed, page},
};

const CASES: usize = 120;

/// What is wrong, if anything. A query that the protocol refuses is none: `None`.
async fn check<T: Listed>(world: &World, case: &Case) -> Option<Result<(), String>> {
    let (of, text) = (T::resource_type(), world.with_ids(&case.filter));
    let filter = if text.is_empty() { None } else { Some(Filter::parse(of, &text).ok()?) };
    let sort = Sort::parse(of, case.sort, if case.descending { "descending" } else { "" }).ok()?;
    let expected = world.expected(of, filter.as_ref(), sort.as_ref());
    let mut query = Query { filter, sort, part: Part::After(None), limit: case.limit, groups: true, base: BASE.to_owned() };
    let mut walked = Vec::new();
    loop {
        let found = page::<T>(&world.house.database, TENANT, &query).await.unwrap();
        let wrong = |what: &str| Some(Err(format!("{what}: {found_ids:?} of {}, expected {expected:?}", found.total, found_ids = ids(&found.items))));
        walked.extend(ids(&found.items));
        if found.total != u64::try_from(expected.len()).unwrap() || found.more != (walked.len() < expected.len()) || !expected.starts_with(&walked) {
            return wrong("by cursor");
        }
        if !found.more {
            break;
        }
        query.part = Part::After(found.places.last().cloned());
    }
    query.part = Part::Offset(case.offset);
    let found = page::<T>(&world.house.database, TENANT, &query).await.unwrap();
    let from = usize::try_from(case.offset).unwrap().min(expected.len());
    let to = (from + usize::try_from(case.limit).unwrap()).min(expected.len());
    let right = ids(&found.items) == expected[from..to] && found.total == u64::try_from(expected.len()).unwrap() && found.more == (to < expected.len());
    Some(if right { Ok(()) } else { Err(format!("by offset: {:?} of {} (more: {}), expected {expected:?}", ids(&found.items), found.total, found.more)) })
}

#[derive(Clone, Debug)]
struct Case {
    filter: String,
    sort: &'static str,
    descending: bool,
    limit: u64,
    offset: u64,
}

fn cases(names: &'static [&'static str], lists: &'static [(&'static str, &'static [&'static str])]) -> impl Strategy<Value = Case> {
    let sort = proptest::option::of(select(names)).prop_map(Option::unwrap_or_default);
    (random::perhaps(random::filter(names, lists)), sort, any::<bool>(), 1..9u64, 0..12u64).prop_map(|(filter, sort, descending, limit, offset)| Case {
        filter,
        sort,
        descending,
        limit,
        offset,
    })
}

fn ids<T: Listed>(items: &[T]) -> Vec<Uuid> {
    items.iter().map(Listed::id).collect()
}

/// Tries many cases; of a bad one the simplest form is shown.
async fn hold<T: Listed>(world: &World, strategy: &impl Strategy<Value = Case>, runner: &mut TestRunner) {
    let mut tried = 0;
    while tried < CASES {
        let mut tree = strategy.new_tree(runner).unwrap();
        match check::<T>(world, &tree.current()).await {
            None => {}
            Some(Ok(())) => tried += 1,
            Some(Err(_)) => {
                let (mut worst, mut go_on) = (tree.current(), tree.simplify());
                while go_on {
                    let fails = matches!(check::<T>(world, &tree.current()).await, Some(Err(_)));
                    if fails {
                        worst = tree.current();
                    }
                    go_on = if fails { tree.simplify() } else { tree.complicate() };
                }
                panic!("{worst:?}\nas {}\n{:?}\nof {:#?}", world.with_ids(&worst.filter), check::<T>(world, &worst).await, world.resources(T::resource_type()));
            }
        }
    }
}

async fn pages_hold_what_the_evaluator_says(on: Backend) {
    let mut seed = [0; 32];
    SystemRandom.fill(&mut seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let world = World::new(on, &mut runner).await;
    for (shown, user) in world.users.iter().zip(world.house.found(&super::query(&USERS, "", "", Part::Offset(0), 100)).await.items) {
        assert_eq!(shown.get("groups"), render::user(user.clone(), render::Shown { groups: true, reset: None, code: None, base: BASE }).json.get("groups"));
    }
    hold::<User>(&world, &cases(names::USER_NAMES, names::USER_LISTS), &mut runner).await;
    hold::<Group>(&world, &cases(names::GROUP_NAMES, names::GROUP_LISTS), &mut runner).await;
}

rekey_testing::on_both_databases![pages_hold_what_the_evaluator_says];
