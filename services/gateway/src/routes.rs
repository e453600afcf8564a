//! Every path there is, in one table.

use axum::{Router, routing::MethodRouter};
use rekey_kernel::Failure;
use tower::layer::layer_fn;

use crate::{edge, errors::Refusal, pages, rest, scim, server_api, state::Gateway};

/// A router that remembers its paths, so that a test can walk all of them.
#[derive(Default)]
pub(crate) struct Table {
    router: Router<Gateway>,
    paths: Vec<&'static str>,
}

impl Table {
    /// With this path.
    pub(crate) fn route(mut self, path: &'static str, methods: MethodRouter<Gateway>) -> Self {
        self.router = self.router.route(path, methods);
        self.paths.push(path);
        self
    }

    /// Every path.
    #[cfg(test)]
    pub(crate) fn paths(&self) -> &[&'static str] {
        &self.paths
    }

    /// The router, which refuses what no path is for.
    pub(crate) fn into_router(self) -> Router<Gateway> {
        self.router
            .route_layer(layer_fn(edge::Noted))
            .method_not_allowed_fallback(|| async { Refusal::method_not_allowed() })
            .fallback(|| async { no_such_path() })
    }
}

fn no_such_path() -> Refusal {
    Failure::not_found("there is nothing at this path").into()
}

/// All paths; those of the development mailbox only where there is one.
pub(crate) fn table(mailbox: bool) -> Table {
    let table = scim::routes(Table::default());
    let table = rest::routes(table);
    let table = server_api::routes(table);
    let table = pages::routes(table);
    if mailbox { pages::mailbox_routes(table) } else { table }
}
