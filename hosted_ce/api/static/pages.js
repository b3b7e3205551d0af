// What the pages do beyond reading: everything works without this file, only less comfortably.
"use strict";

(() => {
  const typing = "input, textarea, select, [contenteditable]";

  // "/" goes to the search field.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(typing)) return;
    const field = document.querySelector("[data-slash]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  // A page that nobody sees asks for nothing; it does so at once when it is seen again.
  document.addEventListener("htmx:before:request", (event) => {
    if (document.hidden && event.target.id === "live") event.preventDefault();
  });

  // A page that gets no answer says so, instead of showing old numbers as if they were new.
  const say = (text) => {
    const place = document.getElementById("stale");
    if (place && place.textContent !== text) place.textContent = text;
  };
  let answered = new Date();
  const silent = (event) => {
    if (event.target.id !== "live") return;
    say(`The CE does not answer. This is as of ${answered.toISOString().slice(0, 19).replace("T", " ")} UTC.`);
  };
  document.addEventListener("htmx:error", silent);
  document.addEventListener("htmx:response:error", silent);
  document.addEventListener("htmx:after:swap", () => {
    answered = new Date();
    say("");
  });
})();
