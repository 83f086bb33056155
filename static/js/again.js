// A script of the page that did not arrive, since the network changed while it loaded, leaves a page
// that looks whole and does nothing. It is loaded once more; a script that is missing for good is left.
addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    const key = `again:${location.pathname}`;
    const last = Number(sessionStorage.getItem(key) ?? 0);
    if (Date.now() - last < 30_000) return;
    sessionStorage.setItem(key, String(Date.now()));
    location.reload();
  },
  true,
);
