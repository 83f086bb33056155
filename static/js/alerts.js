// Alerts that the server put into #alerts can be closed; menus close when something else is used.
export function wireAlerts() {
  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest?.("[data-dismiss]");
    dismiss?.closest("[data-alert]")?.remove();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  // A signed-out socket: the server shows the way to sign in and back.
  document.addEventListener("socket:closed", (event) => {
    if (event.detail.code === 4401) location.reload();
  });
}
