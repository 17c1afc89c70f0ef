// Runs before the page is painted: the reader's choice of light or dark, otherwise what the system prefers.
(function () {
  const root = document.documentElement;
  root.classList.add("js");
  if (root.hasAttribute("data-bs-theme")) return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (root.dataset.chosen) return;
    root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("jt:theme"));
  };
  follow();
  dark.addEventListener("change", follow);
})();
