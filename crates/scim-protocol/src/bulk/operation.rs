//! One operation of a bulk request, as it was read.

use serde_json::{Value, json};

use super::{reference, spot::Spot};
use crate::{
    Object, ScimError, json,
    message::Message,
    schema::{RESOURCE_TYPES, ResourceType},
    urn,
};

/// What an operation does, as the method of a request of its own would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The status of a success.
    pub(super) const fn success(self) -> u16 {
        match self {
            Self::Post => 201,
            Self::Put | Self::Patch => 200,
            Self::Delete => 204,
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Post, Self::Put, Self::Patch, Self::Delete].into_iter().find(|method| method.as_str().eq_ignore_ascii_case(word))
    }
}

/// What a path means: a type's endpoint, or one resource. The id may be a reference still.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) kind: &'static ResourceType,
    pub(super) id: Option<String>,
}

/// What of an operation stands in its answer, as far as it can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Echo {
    pub(super) method: Option<Method>,
    /// What stands in a method's place and is none.
    pub(super) no_method: Option<String>,
    pub(super) bulk_id: Option<String>,
    pub(super) place: Option<Place>,
}

/// What an operation asks for.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) kind: &'static ResourceType,
    /// Empty for a POST.
    pub(super) id: String,
    pub(super) version: Option<String>,
    pub(super) data: Object,
}

impl Request {
    /// What the data is.
    pub(super) const fn spot(&self) -> Spot {
        match self.method {
            Method::Patch => Spot::Patch(self.kind),
            _ => Spot::Resource(self.kind),
        }
    }
}

/// An operation: what is asked for, or why it cannot be.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) echo: Echo,
    pub(super) request: Result<Request, ScimError>,
}

impl Operation {
    pub(super) fn read(value: Value) -> Self {
        let mut echo = Echo::default();
        let request = match value {
            Value::Object(members) => read(&mut echo, Message::new(members)),
            other => Err(ScimError::invalid_syntax(format!("an operation must be an object, not {}", json::kind(&other)))),
        };
        Self { echo, request }
    }

    /// The bulkId of what it creates, readable or not.
    pub(super) fn creates(&self) -> Option<&str> {
        self.echo.bulk_id.as_deref().filter(|_| matches!(self.echo.method, Some(Method::Post) | None))
    }
}

/// The echo first, so that the answer says which operation it was, whatever else is wrong.
fn read(echo: &mut Echo, mut message: Message) -> Result<Request, ScimError> {
    echo.bulk_id = message.text("bulkId")?.filter(|id| !id.is_empty());
    let word = message.text("method")?.ok_or_else(|| ScimError::invalid_syntax("`method` is missing: POST, PUT, PATCH or DELETE"))?;
    let method = Method::read(&word).ok_or_else(|| not_a_method(echo, &word))?;
    echo.method = Some(method);
    let place = place(message.text("path")?)?;
    echo.place = Some(place.clone());
    let id = addressed(method, &place)?;
    if method == Method::Post && echo.bulk_id.is_none() {
        return Err(ScimError::invalid_value("a POST needs a `bulkId`: any text that no other operation of the request has"));
    }
    let version = message.text("version")?.filter(|version| !version.is_empty());
    Ok(Request { method, kind: place.kind, id, version, data: data(method, message.take("data")?)? })
}

fn not_a_method(echo: &mut Echo, word: &str) -> ScimError {
    let word = json::shown(word);
    let error = ScimError::invalid_value(format!("`method` must be POST, PUT, PATCH or DELETE, not `{word}`"));
    echo.no_method = Some(word);
    error
}

/// 404 for a path at which there is nothing, as a request of its own would get.
fn place(path: Option<String>) -> Result<Place, ScimError> {
    let path = path.ok_or_else(|| ScimError::invalid_syntax("`path` is missing: `/Users`, or `/Users/` and an id"))?;
    let mut segments = path.trim_matches('/').splitn(2, '/');
    let endpoint = segments.next().unwrap_or_default();
    let kind = RESOURCE_TYPES.into_iter().find(|kind| kind.endpoint.strip_prefix('/') == Some(endpoint));
    match (kind, segments.next().map(str::to_owned)) {
        (Some(kind), id) if id.as_deref().is_none_or(is_id) => Ok(Place { kind, id }),
        _ => Err(ScimError::not_found(format!(
            "there is nothing at `{}`: an operation's path is `/Users`, `/Groups`, or one of these, `/` and an id",
            json::shown(&path)
        ))),
    }
}

/// A reference may hold any text. What is wrong with another id, its own request says.
fn is_id(text: &str) -> bool {
    reference::whole(text).is_some() || !text.contains(['/', '?', '#'])
}

fn addressed(method: Method, place: &Place) -> Result<String, ScimError> {
    let endpoint = place.kind.endpoint;
    match (method, &place.id) {
        (Method::Post, None) => Ok(String::new()),
        (Method::Post, Some(_)) => Err(ScimError::invalid_value(format!("a POST goes to `{endpoint}`, without an id"))),
        (_, Some(id)) => Ok(id.clone()),
        (_, None) => Err(ScimError::invalid_value(format!("a {} goes to one resource: its path is `{endpoint}/` and an id", method.as_str()))),
    }
}

/// The RFC's own example (§3.7.3) shows a PATCH whose data is the bare list of operations, so that is understood too.
fn data(method: Method, data: Option<Value>) -> Result<Object, ScimError> {
    match (method, data) {
        (Method::Delete, _) => Ok(Object::new()),
        (_, Some(Value::Object(members))) => Ok(members),
        (Method::Patch, Some(operations @ Value::Array(_))) => Ok(patch(operations)),
        (_, None) => Err(ScimError::invalid_syntax(format!("`data` is missing: what the body of a {} would be", method.as_str()))),
        (_, Some(other)) => Err(ScimError::invalid_syntax(format!("`data` must be an object, not {}", json::kind(&other)))),
    }
}

/// The body of a PATCH.
pub(super) fn patch(operations: Value) -> Object {
    [("schemas".to_owned(), json!([urn::PATCH_OP])), ("Operations".to_owned(), operations)].into_iter().collect()
}
