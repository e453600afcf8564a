//! Laying what was given over the defaults, which are also the list of what may be given.

use rekey_kernel::Failure;
use std::{collections::BTreeMap, path::Path};
use toml::{Table, Value};

use super::invalid;
use crate::files;

/// Every key by its dotted path, with its default.
pub(super) type Known = BTreeMap<String, Value>;

pub(super) fn leaves(table: &Table) -> Known {
    let mut known = Known::new();
    collect(table, "", &mut known);
    known
}

fn collect(table: &Table, prefix: &str, known: &mut Known) {
    for (key, value) in table {
        let path = join(prefix, key);
        match value {
            Value::Table(inner) => collect(inner, &path, known),
            leaf => drop(known.insert(path, leaf.clone())),
        }
    }
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

pub(super) fn apply_file(table: &mut Table, given: &Table, known: &Known, origin: &str) -> Result<(), Failure> {
    for (path, value) in leaves(given) {
        let Some(default) = known.get(&path) else { return Err(unknown(&path, known.keys(), origin)) };
        if value.same_type(default) {
            set(table, &path, value);
        } else {
            let detail = format!("{origin}: `{path}` is to be of type {}, not {}", default.type_str(), value.type_str());
            return Err(invalid(detail));
        }
    }
    Ok(())
}

pub(super) fn apply_environment(table: &mut Table, environment: &[(String, String)], known: &Known) -> Result<(), Failure> {
    let names: BTreeMap<String, (&String, &Value)> = known.iter().map(|(path, default)| (variable(path), (path, default))).collect();
    for (name, text) in environment.iter().filter(|(name, _)| name.starts_with("REKEY__")) {
        let Some((path, default)) = names.get(name) else { return Err(unknown(name, names.keys(), "the environment")) };
        let wrong = || invalid(format!("the environment: `{name}` is to be of type {}, not `{text}`", default.type_str()));
        let value = match default {
            Value::Integer(_) => text.parse().map(Value::Integer).map_err(|_| wrong())?,
            Value::Boolean(_) => text.parse().map(Value::Boolean).map_err(|_| wrong())?,
            _ => Value::String(text.clone()),
        };
        set(table, path, value);
    }
    Ok(())
}

fn variable(path: &str) -> String {
    format!("REKEY__{}", path.to_uppercase().replace('.', "__"))
}

/// A key with a `_file` twin takes its value from that file when one is named.
pub(super) fn read_secret_files(table: &mut Table, known: &Known) -> Result<(), Failure> {
    for path in known.keys().filter(|path| known.contains_key(&format!("{path}_file"))) {
        let Some(file) = get(table, &format!("{path}_file")).filter(|file| !file.is_empty()) else { continue };
        let content = files::read_private(Path::new(&file))?;
        let text = String::from_utf8(content).map_err(|_| invalid(format!("{file} (`{path}_file`) is not UTF-8 text")))?;
        set(table, path, Value::String(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    Ok(())
}

fn get(table: &Table, path: &str) -> Option<String> {
    let (section, key) = path.rsplit_once('.')?;
    let section = section.split('.').try_fold(table, |table, name| table.get(name)?.as_table())?;
    section.get(key)?.as_str().map(str::to_owned)
}

fn set(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(table.insert(path.to_owned(), value)),
        Some((section, rest)) => {
            if let Value::Table(inner) = table.entry(section).or_insert_with(|| Value::Table(Table::new())) {
                set(inner, rest, value);
            }
        }
    }
}

fn unknown<'a>(path: &str, known: impl Iterator<Item = &'a String>, origin: &str) -> Failure {
    let nearest = known.min_by_key(|candidate| strsim::damerau_levenshtein(path, candidate));
    let hint = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    invalid(format!("{origin}: there is no key `{path}`{hint}"))
}
