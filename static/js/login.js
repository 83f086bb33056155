// The launch code comes in the address's fragment, which no server and no log sees. It leaves the
// address bar at once, so that it stays in no history.
const form = document.querySelector("[data-login]");

function signIn() {
  const code = new URLSearchParams(location.hash.slice(1)).get("k");
  if (!form || !code) return;
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.namedItem("code").value = code;
  form.requestSubmit();
}

signIn();
// A link pasted while this page is open changes only the fragment: nothing is loaded anew.
addEventListener("hashchange", signIn);
