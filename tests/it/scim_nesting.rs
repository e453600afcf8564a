//! Groups in groups, circles of them, and many who write to one group at once.

use rekey_tests::{
    Options,
    scim::{add_members, group_document, sorted},
    start,
};
use serde_json::json;

#[tokio::test]
async fn a_user_is_indirectly_in_every_group_above_its_own() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let low = admin.create_group("Low", &[&user.id]).await;
    let middle = admin.create_group("Middle", &[&low.id]).await;
    let top = admin.create_group("Top", &[&middle.id]).await;
    let nested = admin.document(&middle.path()).await["members"][0].clone();
    assert_eq!((&nested["type"], &nested["$ref"]), (&json!("Group"), &json!(format!("{}{}", rekey.base(), low.path()))));
    assert_eq!(admin.groups_of(&user).await, ["Low direct", "Middle indirect", "Top indirect"]);
    admin.patch_at(&top.path(), add_members(&[&user.id])).await.expect(200);
    assert_eq!(admin.groups_of(&user).await, ["Low direct", "Middle indirect", "Top direct"], "both ways: direct");
    assert_eq!(admin.found("groups.type eq \"indirect\"").await, ["carol"]);
    assert_eq!(admin.found("groups[type eq \"indirect\" and display eq \"Top\"]").await, [""; 0]);
    admin.delete(&middle.path()).await.expect(204);
    assert_eq!(admin.groups_of(&user).await, ["Low direct", "Top direct"]);
    assert_eq!(admin.members(&top).await.join(" "), user.id, "a deleted group is a member of none");
}

#[tokio::test]
async fn a_circle_of_groups_ends() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let one = admin.create_group("One", &[&user.id]).await;
    let two = admin.create_group("Two", &[&one.id]).await;
    let three = admin.create_group("Three", &[&two.id]).await;
    admin.patch_at(&one.path(), add_members(&[&three.id])).await.expect(200);
    assert_eq!(admin.groups_of(&user).await, ["One direct", "Three indirect", "Two indirect"]);
    assert_eq!(admin.members(&one).await, sorted(vec![user.id.clone(), three.id.clone()]));
    admin.delete(&two.path()).await.expect(204);
    assert_eq!(admin.groups_of(&user).await, ["One direct"], "the circle is broken");
    admin.delete(&one.path()).await.expect(204);
    assert!(admin.groups_of(&user).await.is_empty() && admin.members(&three).await.is_empty());
}

#[tokio::test]
async fn eight_who_add_members_at_once_lose_none() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let names: Vec<_> = (0..24).map(|number| format!("u-{number:02}")).collect();
    let users = admin.people(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let group = admin.create_group("Crew", &[]).await;
    let mut callers = tokio::task::JoinSet::new();
    for own in users.chunks(3) {
        let (admin, path, own) = (admin.clone(), group.path(), own.to_vec());
        callers.spawn(async move {
            for user in &own {
                admin.patch_at(&path, add_members(&[&user.id])).await.expect(200);
                let groups = admin.groups_of(user).await;
                assert_eq!(groups, ["Crew direct"], "{} was added, and is not in it at once", user.user_name);
            }
        });
    }
    callers.join_all().await;
    assert_eq!(admin.members(&group).await, sorted(users.iter().map(|user| user.id.clone()).collect()));
}

#[tokio::test]
async fn who_adds_and_who_takes_out_at_once_both_get_their_way() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let names: Vec<_> = (0..16).map(|number| format!("u-{number:02}")).collect();
    let users = admin.people(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (staying, leaving) = users.split_at(8);
    let group = admin.create_group("Crew", &leaving.iter().map(|user| user.id.as_str()).collect::<Vec<_>>()).await;
    let mut callers = tokio::task::JoinSet::new();
    for (new, old) in staying.iter().zip(leaving) {
        let (add, remove) = (add_members(&[&new.id]), json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", old.id) }]));
        for operations in [add, remove] {
            let (admin, path) = (admin.clone(), group.path());
            callers.spawn(async move { drop(admin.patch_at(&path, operations).await.expect(200)) });
        }
    }
    let (renamer, path) = (admin.clone(), group.path());
    callers.spawn(async move { drop(renamer.patch_at(&path, json!([{ "op": "replace", "path": "displayName", "value": "Watch" }])).await.expect(200)) });
    callers.join_all().await;
    assert_eq!(admin.members(&group).await, sorted(staying.iter().map(|user| user.id.clone()).collect()));
    assert_eq!(admin.document(&group.path()).await["displayName"], "Watch");
}

#[tokio::test]
async fn a_deleted_user_leaves_its_groups_even_while_others_write_to_them() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave", "erin", "frank"]).await;
    let group = admin.create_group("Crew", &[&users[0].id]).await;
    let mut callers = tokio::task::JoinSet::new();
    let (deleter, path) = (admin.clone(), users[0].path());
    callers.spawn(async move { drop(deleter.delete(&path).await.expect(204)) });
    for user in &users[1..] {
        let (admin, path, id) = (admin.clone(), group.path(), user.id.clone());
        callers.spawn(async move { drop(admin.patch_at(&path, add_members(&[&id])).await.expect(200)) });
    }
    callers.join_all().await;
    assert_eq!(admin.members(&group).await, sorted(users[1..].iter().map(|user| user.id.clone()).collect()));
    admin.patch_at(&group.path(), add_members(&[&users[0].id])).await.expect_error(400, "invalidValue");
    admin.post("/scim2/Groups", &group_document("Other", &[&users[0].id])).await.expect_error(400, "invalidValue");
}

#[tokio::test]
async fn groups_that_list_each_other_can_all_be_deleted_at_once() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let mut groups = Vec::new();
    for number in 0..8 {
        groups.push(admin.create_group(&number.to_string(), &[]).await);
    }
    let all: Vec<_> = groups.iter().map(|group| group.id.as_str()).collect();
    for group in &groups {
        admin.patch_at(&group.path(), add_members(&all)).await.expect(200);
    }
    let mut callers = tokio::task::JoinSet::new();
    for group in &groups {
        let (admin, path) = (admin.clone(), group.path());
        callers.spawn(async move { drop(admin.delete(&path).await.expect(204)) });
    }
    callers.join_all().await;
    assert_eq!(admin.list("/scim2/Groups", &[]).await["totalResults"], 0);
}

#[tokio::test]
async fn a_change_of_a_group_is_not_blamed_for_members_that_others_delete() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let names: Vec<_> = (0..12).map(|number| format!("u-{number:02}")).collect();
    let users = admin.people(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let group = admin.create_group("Crew", &users.iter().map(|user| user.id.as_str()).collect::<Vec<_>>()).await;
    let (staying, leaving) = users.split_at(6);
    let mut callers = tokio::task::JoinSet::new();
    for (kept, gone) in staying.iter().zip(leaving) {
        let (deleter, path) = (admin.clone(), gone.path());
        callers.spawn(async move { drop(deleter.delete(&path).await.expect(204)) });
        let display = json!([{ "op": "replace", "path": format!("members[value eq \"{}\"].display", kept.id), "value": kept.user_name }]);
        let (changer, path) = (admin.clone(), group.path());
        callers.spawn(async move { drop(changer.patch_at(&path, display).await.expect(200)) });
    }
    callers.join_all().await;
    let members = admin.document(&group.path()).await["members"].clone();
    let mut displays: Vec<_> = members.as_array().expect("members").iter().map(|member| member["display"].as_str().unwrap_or("none").to_owned()).collect();
    displays.sort();
    assert_eq!(displays, staying.iter().map(|user| user.user_name.clone()).collect::<Vec<_>>());
}
