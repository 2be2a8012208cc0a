// Trades the ticket in the address for the key of a session, which the pages of the contracts send.
"use strict";

const PLACE = "authorized"; // where these pages look for who calls

function say(text) {
  document.getElementById("session").textContent = text;
}

async function open(ticket) {
  const answer = await fetch("/v1/sessions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ticket }),
  });
  if (!answer.ok) {
    const problem = await answer.json();
    throw new Error(problem.detail || problem.title);
  }
  const { key } = await answer.json();
  const schema = { type: "http", scheme: "bearer" };
  localStorage.setItem(PLACE, JSON.stringify({ bearer: { name: "bearer", schema, value: key } }));
}

const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
if (ticket) {
  history.replaceState(null, "", location.pathname); // not to be found in the history
  open(ticket)
    .then(() => say("You may do everything here until the server ends: open a contract and try it out."))
    .catch((error) => say(`No session was opened: ${error.message}`));
} else if (localStorage.getItem(PLACE)) {
  say("This browser has a session. Where the server was started again since, run keepworth open.");
}
