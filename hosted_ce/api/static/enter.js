// Signs in with the token of a link. What is behind the "#" was sent to nobody; it is taken out of the
// address before anything else, so that it stays neither there nor on a screen that is shared.
"use strict";

(() => {
  const enter = () => {
    const token = location.hash.slice(1);
    if (!/^hce_[A-Za-z0-9_-]{43}$/.test(token)) return;
    history.replaceState(null, "", location.pathname + location.search);
    const form = document.getElementById("enter");
    form.elements.token.value = token;
    form.submit();
  };
  addEventListener("hashchange", enter); // a link that is opened where this page is already
  enter();
})();
