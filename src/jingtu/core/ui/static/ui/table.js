// Tables with data-jt-table: j/k and arrows move between rows, Enter opens the row's first link.
(function () {
  "use strict";
  const rowsOf = (table) => [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.hidden);

  function prepare(scope) {
    // What can only be reached by scrolling must be reachable by keyboard.
    scope.querySelectorAll(".jt-table-wrap:not([tabindex])").forEach((wrap) => {
      if (wrap.scrollWidth > wrap.clientWidth || wrap.scrollHeight > wrap.clientHeight) wrap.tabIndex = 0;
    });
    scope.querySelectorAll("table[data-jt-table]").forEach((table) => {
      rowsOf(table).forEach((row, index) => {
        if (!row.hasAttribute("tabindex")) row.tabIndex = index === 0 ? 0 : -1;
      });
    });
  }

  function move(row, step) {
    const rows = rowsOf(row.closest("table"));
    const next = rows[rows.indexOf(row) + step];
    if (!next) return;
    row.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest?.("table[data-jt-table] tbody tr");
    const inside = row && event.target === row;
    if (["j", "k"].includes(event.key) && !row) {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
      const first = document.querySelector("table[data-jt-table] tbody tr");
      if (first) {
        event.preventDefault();
        first.focus();
      }
      return;
    }
    if (!inside) return;
    if (event.key === "j" || event.key === "ArrowDown") {
      event.preventDefault();
      move(row, 1);
    } else if (event.key === "k" || event.key === "ArrowUp") {
      event.preventDefault();
      move(row, -1);
    } else if (event.key === "Enter") row.querySelector("a[href]")?.click();
  });

  prepare(document);
  document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
})();
