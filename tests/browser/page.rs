//! Finding things on a page by their accessible names, as a person (or a screen reader) does.

use crate::chromium::Browser;
use fantoccini::{Locator, elements::Element};
use rekey_tests::wait_for;

/// Everything that a person can press.
const PRESSABLE: &str = "self::a or self::button or self::summary or @role='button' or @role='link' or @role='tab' or @role='menuitem'";

impl Browser {
    /// Opens a URL.
    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// All that is to be read on the page.
    pub(crate) async fn text(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until this can be read on the page.
    pub(crate) async fn reads(&self, text: &str) {
        self.wait(&format!("the text \"{text}\""), async || self.text().await.contains(text).then_some(())).await;
    }

    /// Waits for the field with this label.
    pub(crate) async fn field(&self, label: &str) -> Element {
        let name = quoted(label);
        let path = format!(
            "//*[self::input or self::textarea or self::select or self::output][@id=//label[normalize-space()={name}]/@for or @aria-label={name} or ancestor::label[normalize-space()={name}] or @aria-labelledby=//*[normalize-space()={name}]/@id]"
        );
        self.wait(&format!("the field \"{label}\""), async || self.visible(&path).await).await
    }

    /// Is there, now, a field with this label?
    pub(crate) async fn has_field(&self, label: &str) -> bool {
        let name = quoted(label);
        self.visible(&format!("//*[@id=//label[normalize-space()={name}]/@for or @aria-label={name}]")).await.is_some()
    }

    /// Types into the field with this label.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.expect("a field can be cleared");
        field.send_keys(text).await.expect("one can type into a field");
    }

    /// Sets the check-box with this label.
    pub(crate) async fn check(&self, label: &str, wanted: bool) {
        let field = self.field(label).await;
        if field.is_selected().await.expect("a check-box") != wanted {
            field.click().await.expect("a check-box can be clicked");
        }
    }

    /// Is the check-box with this label set?
    pub(crate) async fn is_checked(&self, label: &str) -> bool {
        self.field(label).await.is_selected().await.expect("a check-box")
    }

    /// Presses the link, button or disclosure with this name.
    pub(crate) async fn press(&self, name: &str) {
        self.wait(&format!("\"{name}\" to press"), async || self.pressable(name).await?.click().await.ok()).await;
    }

    /// Waits until something with this name can be pressed.
    pub(crate) async fn offers(&self, name: &str) {
        self.wait(&format!("\"{name}\" to be offered"), async || self.pressable(name).await.map(|_| ())).await;
    }

    /// Walks through the console as the guide says: each name leads to the next.
    pub(crate) async fn walk(&self, names: &[&str]) {
        for (number, name) in names.iter().enumerate() {
            let before = number.checked_sub(1).map(|at| names[at]);
            let arrived = async || {
                let place = self.next_after(before, name).await?;
                place.click().await.ok()
            };
            self.wait(&format!("\"{name}\" of {names:?}"), arrived).await;
        }
    }

    /// The thing of this name that follows the one before, else the first of this name on the page.
    async fn next_after(&self, before: Option<&str>, name: &str) -> Option<Element> {
        if let Some(before) = before {
            let path = format!("//*[{PRESSABLE}][{}]/following::*[{PRESSABLE}][{}]", named(before), named(name));
            if let Some(found) = self.visible(&path).await {
                return Some(found);
            }
        }
        self.pressable(name).await
    }

    async fn pressable(&self, name: &str) -> Option<Element> {
        self.visible(&format!("//*[{PRESSABLE}][{}]", named(name))).await
    }

    /// Presses a button inside the open dialog.
    pub(crate) async fn press_in_dialog(&self, name: &str) {
        let path = format!("//*[self::dialog[@open] or @role='dialog']//*[{PRESSABLE}][{}]", named(name));
        self.wait(&format!("\"{name}\" in a dialog"), async || self.visible(&path).await?.click().await.ok()).await;
    }

    /// The first of these that a person can see.
    async fn visible(&self, path: &str) -> Option<Element> {
        for element in self.client.find_all(Locator::XPath(path)).await.ok()? {
            if element.is_displayed().await.unwrap_or(false) {
                return Some(element);
            }
        }
        None
    }

    /// Waits; on the way out in vain it keeps a picture and the page's text.
    async fn wait<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let started = std::time::Instant::now();
        wait_for(what, async || {
            let found = look().await;
            if found.is_none() && started.elapsed().as_secs() > 15 {
                self.picture("failed").await;
                panic!("no {what} at {:?}; the page reads:\n{}", self.client.current_url().await, self.text().await);
            }
            found
        })
        .await
    }
}

fn named(name: &str) -> String {
    let name = quoted(name);
    format!("normalize-space()={name} or @aria-label={name} or @value={name}")
}

/// A literal of `XPath` (no name of ours has both kinds of quotes).
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

#[tokio::test]
async fn things_are_found_by_the_names_that_people_see() {
    let browser = Browser::start().await;
    let page = "data:text/html,<details><summary>Claims</summary><a href='%23'>List</a></details><details><summary>Users and Roles</summary><a href='%23' onclick='document.title=1'>List</a></details>\
        <label for=p>Password</label><input id=p><label>Box <input type=checkbox></label><button onclick='d.showModal()'>Go</button><dialog id=d><button onclick='document.title=2'>Go</button></dialog>";
    browser.open(page).await;
    browser.walk(&["Users and Roles", "List"]).await;
    assert_eq!(browser.client.title().await.unwrap(), "1");
    browser.fill("Password", "secret").await;
    assert_eq!(browser.field("Password").await.prop("value").await.unwrap().as_deref(), Some("secret"));
    browser.check("Box", true).await;
    assert!(browser.is_checked("Box").await && !browser.has_field("Nothing").await);
    browser.press("Go").await;
    browser.press_in_dialog("Go").await;
    assert_eq!(browser.client.title().await.unwrap(), "2");
    browser.close().await;
}
