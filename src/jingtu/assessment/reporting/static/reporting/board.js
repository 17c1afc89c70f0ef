// Small helps of the boards and of the editor of forms: tick all, find an element, add it to the content.
(function () {
  "use strict";
  const all = document.querySelector("[data-rp-all]");
  if (all) {
    all.addEventListener("click", () => {
      const boxes = [...document.querySelectorAll("#rp-accept input[name=report]")];
      const tick = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = tick; });
    });
  }
  const find = document.querySelector("[data-rp-find]");
  const list = document.querySelector("[data-rp-elements]");
  const content = document.getElementById("id_sections");
  if (find && list) {
    find.addEventListener("input", () => {
      const words = find.value.trim().toLowerCase();
      for (const item of list.children) item.hidden = !item.textContent.toLowerCase().includes(words);
    });
  }
  if (list && content) {
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-rp-add]");
      if (!button) return;
      const at = content.selectionEnd;
      const before = content.value.slice(0, at);
      const line = (before && !before.endsWith("\n") ? "\n" : "") + button.dataset.rpAdd + "\n";
      content.setRangeText(line, at, at, "end");
      content.focus();
    });
  }
})();
