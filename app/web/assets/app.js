"use strict";

const api = document.querySelector("meta[name=api]").content;
const [form, email, outcome, users, state, more] =
  ["form", "email", "outcome", "users", "state", "more"].map((id) => document.getElementById(id));
const pageSize = 10;
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

// call returns the API's response, or throws an Error with a message for people.
async function call(path, request) {
  let response;
  try {
    response = await fetch(`${api}/${path}`, { ...request, signal: AbortSignal.timeout(10_000) });
  } catch {
    throw new Error("The service cannot be reached. Try again in a moment.");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(body.error ? `Sorry: ${body.error}.` : `Sorry: the service answered ${response.status}.`);
  }
  return { status: response.status, body };
}

function item(user) {
  const row = document.createElement("li");
  const address = document.createElement("span");
  address.textContent = user.email;
  const since = document.createElement("time");
  since.dateTime = user.created_at;
  since.textContent = dates.format(new Date(user.created_at));
  row.append(address, since);
  return row;
}

async function list(after) {
  more.disabled = true;
  try {
    const { body } = await call(`users?limit=${pageSize}${after ? `&after=${after}` : ""}`);
    if (!after) {
      users.replaceChildren();
    }
    users.append(...body.users.map(item));
    more.hidden = !body.next;
    more.dataset.after = body.next ?? "";
    state.textContent = users.children.length ? "" : "Nobody yet: be the first.";
  } catch (problem) {
    state.textContent = problem.message;
  } finally {
    more.disabled = false;
  }
}

function showOutcome(kind, text) {
  outcome.dataset.kind = kind;
  outcome.textContent = text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const { status } = await call("signups", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: email.value }),
    });
    showOutcome("good", status === 201
      ? "Welcome! The list shows you within a few seconds."
      : "You had signed up already. Good to see you.");
    form.reset();
    await list();
  } catch (problem) {
    showOutcome("bad", problem.message);
  } finally {
    button.disabled = false;
  }
});

// count adds this visit to the function's counter. The page works without the number.
async function count() {
  const counter = document.querySelector("meta[name=visits]").content;
  if (!counter) {
    return;
  }
  const response = await fetch(counter, { method: "POST", signal: AbortSignal.timeout(10_000) });
  if (response.ok) {
    const { visits } = await response.json();
    const total = document.getElementById("visits");
    total.textContent = `${new Intl.NumberFormat().format(visits)} ${visits === 1 ? "visit" : "visits"}`;
    total.hidden = false;
  }
}

more.addEventListener("click", () => list(more.dataset.after));

list();
count().catch(() => {});
