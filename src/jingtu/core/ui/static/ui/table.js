// Tables with data-jt-table: j/k and arrows move between rows, Enter opens the row's first link.
// On a phone a list that is wider than the screen is read row by row instead of scrolled sideways.
(function () {
  "use strict";
  const rowsOf = (table) => [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.hidden);

  const phone = window.matchMedia("(max-width: 575px)");

  // Figures are compared down a column, and fields are filled in a grid: such tables keep their shape and scroll.
  function isList(table, heads) {
    const figures = heads.filter((head) => head.classList.contains("jt-n")).length;
    return (
      heads.length > 2 &&
      figures * 2 <= heads.length &&
      !table.matches(".jt-heat, [data-jt-scroll]") &&
      !table.querySelector(".jt-sticky, [rowspan]") &&
      // A list in whose rows one decides says so itself.
      (table.matches("[data-jt-list]") || !table.querySelector("select, textarea, input:not([type=checkbox]):not([type=hidden])"))
    );
  }

  const words = (head) => {
    const copy = head.cloneNode(true);
    copy.querySelectorAll(".visually-hidden, .jt-sort-mark, svg").forEach((part) => part.remove());
    return copy.textContent.trim();
  };

  function stack(table) {
    if (table.classList.contains("jt-stack") || table.tHead?.rows.length !== 1) return;
    const wrap = table.parentElement;
    const heads = [...table.tHead.rows[0].cells];
    if (wrap.scrollWidth <= wrap.clientWidth || !isList(table, heads)) return;
    const labels = heads.map(words);
    rowsOf(table).forEach((row) => {
      const cells = [...row.cells];
      if (cells.length < 2 || cells.reduce((sum, cell) => sum + cell.colSpan, 0) !== heads.length) return;
      const columns = cells.map((cell, index) => cells.slice(0, index).reduce((sum, other) => sum + other.colSpan, 0));
      const title = cells.find((cell) => cell.tagName === "TH") || cells.find((cell) => cell.querySelector("a[href]")) || cells[0];
      title.classList.add("jt-stack-title");
      cells.forEach((cell, index) => {
        const text = cell.textContent.trim();
        if ((text === "" && !cell.children.length) || text === "–") cell.classList.add("jt-stack-nothing");
        else if (cell !== title && labels[columns[index]] && !cell.querySelector("input")) cell.dataset.label = labels[columns[index]];
      });
    });
    table.classList.add("jt-stack");
  }

  function prepare(scope) {
    if (phone.matches) scope.querySelectorAll(".jt-table-wrap > table.jt-table").forEach(stack);
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
  document.addEventListener("toggle", (event) => event.target.open && prepare(event.target), true);
  phone.addEventListener("change", () => prepare(document));
})();
