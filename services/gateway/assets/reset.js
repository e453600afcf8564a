// Takes the secret out of the link's fragment, which no browser sends, and asks whether it is still good. Asking changes nothing.
"use strict";
(() => {
  const form = document.getElementById("reset");
  const token = document.getElementById("token");
  const session = document.getElementById("reset-session");
  const status = document.getElementById("status");

  const refuse = (text) => {
    status.textContent = text;
    status.hidden = false;
    form.hidden = true;
  };

  const welcome = (found) => {
    const who = document.getElementById("for");
    who.textContent = `For ${found.userName}, until ${new Date(found.expiresAt).toLocaleString()}.`;
    who.hidden = false;
    document.getElementById("account").value = found.userName;
    const { minLength, maxLength, history } = found.policy;
    const past = history ? `, and none of your last ${history} passwords` : "";
    document.getElementById("policy").textContent = `${minLength} to ${maxLength} characters${past}. A few unrelated words make a good one.`;
  };

  const ask = async () => {
    const body = JSON.stringify({ token: token.value });
    const answer = await fetch(form.dataset.validate, { method: "POST", headers: { "Content-Type": "application/json" }, body, credentials: "omit" });
    if (answer.ok) {
      welcome(await answer.json());
    } else if (answer.status === 410) {
      refuse("This link is no longer good: it has been used, replaced, cancelled, or its time ran out. Ask for a new one.");
    } else if (answer.status < 500) {
      refuse("This link is not valid. Open it from the mail again, the whole of it.");
    }
  };

  const read = () => {
    const secret = location.hash.slice(1);
    if (secret) {
      history.replaceState(null, "", location.pathname);
      token.value = secret;
      form.hidden = false;
      status.hidden = true;
      // Without an answer the form stays: setting the password will tell.
      ask().catch(() => {});
    } else if (!token.value && !session.value) {
      refuse("This page needs the whole link from your mail. If you were given a one-time code, sign in with it as the password.");
    }
  };

  addEventListener("hashchange", read);
  read();
})();
