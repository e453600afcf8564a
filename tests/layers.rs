//! The layer rule of the house, read from the manifests and the sources: who may depend on whom, and what the core never names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const SERVICES: [&str; 5] = ["scim", "authentication", "tenant-config", "notification", "gateway"];
/// Technology that the core of a service, and the pure crates, never mention.
const OUTER: [&str; 6] = ["tonic", "axum", "sea_orm", "async_nats", "prost", "rekey_proto"];

/// Each package, and which of ours it may depend on.
fn allowed() -> BTreeMap<String, Vec<&'static str>> {
    // rekey-testing is for tests alone: databases of both kinds.
    let service = vec!["rekey-proto", "rekey-messaging", "rekey-kernel", "rekey-runtime", "rekey-testing"];
    let mut table = BTreeMap::from([
        ("rekey-kernel".to_owned(), vec![]),
        ("rekey-proto".to_owned(), vec![]),
        ("rekey-scim-protocol".to_owned(), vec![]),
        ("rekey-messaging".to_owned(), vec!["rekey-kernel", "rekey-testing"]),
        ("rekey-runtime".to_owned(), vec!["rekey-kernel", "rekey-testing"]),
        ("rekey-testing".to_owned(), vec![]),
        ("rekey-gateway".to_owned(), vec!["rekey-proto", "rekey-scim-protocol", "rekey-kernel", "rekey-runtime"]),
        ("rekey-scim".to_owned(), [&service[..], &["rekey-scim-protocol"]].concat()),
        ("rekey-tests".to_owned(), vec!["rekey-testing"]),
        ("xtask".to_owned(), vec!["rekey-testing"]),
        // What other people copy knows the .proto alone.
        ("rekey-example-subscriber".to_owned(), vec![]),
    ]);
    for name in ["rekey-authentication", "rekey-tenant-config", "rekey-notification"] {
        table.insert(name.to_owned(), service.clone());
    }
    let services = ["rekey-scim", "rekey-authentication", "rekey-tenant-config", "rekey-notification", "rekey-gateway"];
    table.insert("rekey".to_owned(), [&service[..], &services].concat());
    table
}

#[test]
fn packages_depend_on_each_other_in_the_allowed_directions_only() {
    let (allowed, ours) = (allowed(), members());
    let names: BTreeSet<_> = ours.keys().cloned().collect();
    assert_eq!(names, allowed.keys().cloned().collect(), "a package that the layer rule does not know, or one that is gone");
    for (name, manifest) in &ours {
        for dependency in dependencies(manifest).intersection(&names) {
            assert!(allowed[name].contains(&dependency.as_str()), "{name} depends on {dependency}");
        }
    }
}

#[test]
fn no_service_depends_on_another_services_package() {
    let services: BTreeSet<_> = SERVICES.iter().map(|name| format!("rekey-{name}")).collect();
    for (name, manifest) in members().into_iter().filter(|(name, _)| services.contains(name)) {
        let others: Vec<_> = dependencies(&manifest).intersection(&services).cloned().collect();
        assert!(others.is_empty(), "{name} depends on {others:?}");
    }
}

#[test]
fn what_is_for_tests_alone_is_built_into_nothing() {
    // These two are for tests and development themselves.
    for (name, manifest) in members().into_iter().filter(|(name, _)| name != "rekey-tests" && name != "xtask") {
        for table in ["dependencies", "build-dependencies"] {
            let built_in = manifest.get(table).and_then(|table| table.get("rekey-testing"));
            assert!(built_in.is_none(), "{name} has rekey-testing among its {table}");
        }
    }
}

#[test]
fn the_core_never_names_a_technology() {
    let root = workspace();
    let mut folders = vec![root.join("crates/kernel/src"), root.join("crates/scim-protocol/src")];
    for service in SERVICES {
        let source = root.join("services").join(service).join("src");
        folders.extend(["domain", "app", "domain.rs", "app.rs", "ports.rs", "ports"].map(|part| source.join(part)));
    }
    for file in folders.iter().flat_map(|folder| sources(folder)) {
        let code = code_of(&file);
        for word in OUTER {
            assert!(!words(&code).contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn the_domain_imports_no_sibling() {
    for service in SERVICES {
        let source = workspace().join("services").join(service).join("src");
        let siblings = modules_of(&source);
        for file in sources(&source.join("domain")).into_iter().chain(sources(&source.join("domain.rs"))) {
            assert_imports_none(&file, &siblings, &["domain"]);
        }
    }
}

#[test]
fn the_use_cases_import_the_domain_and_the_ports_only() {
    for service in SERVICES {
        let source = workspace().join("services").join(service).join("src");
        let siblings = modules_of(&source);
        for file in sources(&source.join("app")).into_iter().chain(sources(&source.join("app.rs"))) {
            assert_imports_none(&file, &siblings, &["app", "domain", "ports"]);
        }
        for file in sources(&source.join("ports.rs")).into_iter().chain(sources(&source.join("ports"))) {
            assert_imports_none(&file, &siblings, &["ports", "domain"]);
        }
    }
}

#[test]
fn a_service_with_a_core_has_its_parts_where_all_have_them() {
    for service in SERVICES.into_iter().filter(|service| *service != "gateway") {
        let source = workspace().join("services").join(service).join("src");
        let modules = modules_of(&source);
        for part in ["domain", "app", "ports", "storage", "grpc", "wiring"] {
            assert!(modules.contains(part), "{service} has no {part}");
        }
    }
}

/// Nothing of `crate::` but what is allowed, whether imported alone, in braces or written out.
fn assert_imports_none(file: &Path, siblings: &BTreeSet<String>, allowed: &[&str]) {
    let code = code_of(file);
    for (position, _) in code.match_indices("crate::") {
        let rest = &code[position + "crate::".len()..];
        let named: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => top_level(group),
            None => vec![first_word(rest)],
        };
        for name in named.into_iter().filter(|name| siblings.contains(*name)) {
            assert!(allowed.contains(&name), "{} imports crate::{name}", file.display());
        }
    }
}

/// The first word of each member of a braced import, nested braces left out.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut names) = (0_usize, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(first_word(&group[start..at]));
                return names;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(first_word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len())]
}

fn words(code: &str) -> BTreeSet<&str> {
    code.split(|character: char| !character.is_alphanumeric() && character != '_').collect()
}

/// A file without its comments and its tests; documentation may say what it likes, and tests may build the whole service.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let shipped = text.split_once("#[cfg(test)]\nmod tests {").map_or(text.as_str(), |(shipped, _)| shipped);
    shipped.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules that a file has for its tests alone.
fn test_modules(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let declarations = text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| rest.lines().next());
    declarations.filter_map(|line| line.strip_suffix(';')?.rsplit_once("mod ")).map(|(_, name)| name.to_owned()).collect()
}

/// The modules that lie directly in a crate's `src`.
fn modules_of(source: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(source).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.path().file_stem()?.to_str().map(str::to_owned)).filter(|name| name != "lib" && name != "main").collect()
}

/// Every Rust file under a folder, or the one file; what is compiled for tests alone is left out.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let tests: BTreeSet<_> = entries.iter().filter(|path| path.is_file()).flat_map(|file| test_modules(file)).collect();
    let shipped = entries.into_iter().filter(|path| !path.file_stem().is_some_and(|stem| tests.contains(&*stem.to_string_lossy())));
    let (folders, files): (Vec<_>, Vec<_>) = shipped.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    folders.iter().flat_map(|folder| sources(folder)).chain(rust).collect()
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

/// Every package of the workspace with its manifest.
fn members() -> BTreeMap<String, toml::Table> {
    let root = read(&workspace().join("Cargo.toml"));
    let paths = root["workspace"]["members"].as_array().expect("the workspace has members").clone();
    let manifests = paths.iter().filter_map(|path| path.as_str()).map(|path| read(&workspace().join(path).join("Cargo.toml")));
    manifests.map(|manifest| (manifest["package"]["name"].as_str().expect("a package has a name").to_owned(), manifest)).collect()
}

fn read(manifest: &Path) -> toml::Table {
    fs::read_to_string(manifest).unwrap_or_else(|error| panic!("{}: {error}", manifest.display())).parse().expect("a manifest is TOML")
}

/// All that it names, for its tests as well.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let tables = ["dependencies", "build-dependencies", "dev-dependencies"];
    tables.iter().filter_map(|table| manifest.get(*table)?.as_table()).flat_map(|table| table.keys().cloned()).collect()
}
