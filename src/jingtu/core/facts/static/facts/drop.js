// A file dropped anywhere on the marked area goes into its file input; the name is shown at once.
(() => {
  "use strict";
  for (const area of document.querySelectorAll("[data-facts-drop]")) {
    const input = area.querySelector("input[type=file]");
    const name = area.querySelector("[data-facts-name]");
    if (!input) continue;
    const show = () => { if (name) name.textContent = input.files.length ? input.files[0].name : ""; };
    input.addEventListener("change", show);
    for (const kind of ["dragenter", "dragover"]) {
      area.addEventListener(kind, (event) => { event.preventDefault(); area.classList.add("is-over"); });
    }
    for (const kind of ["dragleave", "drop"]) {
      area.addEventListener(kind, () => area.classList.remove("is-over"));
    }
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      const chosen = new DataTransfer();
      chosen.items.add(event.dataTransfer.files[0]);
      input.files = chosen.files;
      show();
    });
  }
})();
