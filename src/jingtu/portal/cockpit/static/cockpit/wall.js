// The wall: its panels in turn, fresh figures every few minutes, and nothing left on it once the sign-in is over.
(function () {
  "use strict";
  const REFRESH = 5 * 60 * 1000;
  const AFTER_SIGN_OUT = 60 * 1000;
  const wall = document.querySelector("[data-jt-wall]");
  if (!wall) return;
  const address = wall.dataset.signIn;
  let shown = 0;
  let over = false;

  const panels = () => [...wall.querySelectorAll("[data-jt-panel]")];
  function show(number) {
    const all = panels();
    if (!all.length) return;
    shown = ((number % all.length) + all.length) % all.length;
    all.forEach((panel, place) => panel.classList.toggle("jt-wall-now", place === shown));
    wall.querySelectorAll("[data-jt-dots] li").forEach((dot, place) => dot.classList.toggle("jt-wall-now", place === shown));
  }
  function dots() {
    const list = wall.querySelector("[data-jt-dots]");
    list.replaceChildren(...panels().map(() => document.createElement("li")));
  }

  function signedOut() {
    over = true;
    wall.replaceChildren();
    document.querySelector("[data-jt-out]").hidden = false;
    setTimeout(() => location.assign(address), AFTER_SIGN_OUT);
  }
  async function refresh() {
    if (over) return;
    let answer;
    try {
      // Asked as a fragment: a session that is over answers 401 instead of sending the page of sign-in.
      answer = await fetch(location.href, { headers: { "HX-Request": "true" }, redirect: "manual" });
    } catch {
      stale(true);
      return;
    }
    if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") return signedOut();
    if (!answer.ok) return stale(true);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-jt-wall]");
    if (!fresh) return stale(true);
    wall.replaceChildren(...fresh.childNodes);
    dots();
    show(shown);
    document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
  }
  function stale(yes) {
    const words = wall.querySelector("[data-jt-stale]");
    if (words) words.hidden = !yes;
  }

  const tools = document.querySelector("[data-jt-tools]");
  let hiding = 0;
  function reveal() {
    tools.classList.add("jt-wall-now");
    clearTimeout(hiding);
    hiding = setTimeout(() => tools.classList.remove("jt-wall-now"), 4000);
  }
  tools.querySelector("[data-jt-full]").addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });
  document.addEventListener("pointermove", reveal);
  document.addEventListener("keydown", (event) => {
    reveal();
    if (event.key === "ArrowRight") show(shown + 1);
    else if (event.key === "ArrowLeft") show(shown - 1);
  });

  dots();
  show(0);
  reveal();
  setInterval(() => over || show(shown + 1), Number(wall.dataset.seconds) * 1000);
  setInterval(refresh, REFRESH);
})();
