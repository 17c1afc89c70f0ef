// The frame's behaviour: menu, theme, keyboard, dialogs, toasts, copying links, errors of htmx, period picker.
(function () {
  "use strict";
  const root = document.documentElement;
  const toasts = () => document.getElementById("jt-toasts");
  const typing = (element) =>
    element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  function toast(text, kind) {
    const place = toasts();
    if (!place || !text) return;
    const box = document.createElement("div");
    box.className = "jt-toast" + (kind === "error" ? " jt-toast-error" : "");
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "jt-icon-button";
    close.textContent = "✕";
    close.setAttribute("aria-label", place.dataset.close);
    close.addEventListener("click", () => box.remove());
    box.append(words, close);
    place.append(box);
    // An error stays until it is read; a confirmation goes by itself.
    if (kind !== "error") setTimeout(() => box.remove(), 5000);
  }

  // --- rooms on narrow screens
  const opener = () => document.querySelector("[data-jt-nav]");
  function showRooms(shown) {
    document.body.classList.toggle("jt-nav-shown", shown);
    const button = opener();
    if (!button) return;
    button.setAttribute("aria-expanded", String(shown));
    if (shown) document.querySelector("#jt-rooms a")?.focus();
    else button.focus();
  }

  // The room of this page is in view, however many stand above it.
  const rooms = document.getElementById("jt-rooms");
  const current = rooms?.querySelector("[aria-current=page]");
  if (current && current.offsetTop + current.offsetHeight > rooms.clientHeight)
    rooms.scrollTop = current.offsetTop - rooms.clientHeight / 2;

  // --- theme
  function toggleTheme() {
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    root.dataset.chosen = "yes";
    document.cookie = `jingtu_theme=${next}; path=/; max-age=31536000; samesite=lax`;
    document.dispatchEvent(new CustomEvent("jt:theme"));
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without TLS the clipboard interface is absent: an old way that still works.
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    toast(toasts()?.dataset.copied);
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest(
      "[data-jt-nav],[data-jt-veil],[data-jt-theme],[data-jt-dialog],[data-jt-close],[data-jt-copy],[data-jt-back],[data-jt-print],[data-jt-keep-query],[data-jt-filters]"
    );
    document.querySelectorAll("[data-jt-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
    if (!target) return;
    const data = target.dataset;
    if ("jtNav" in data) showRooms(!document.body.classList.contains("jt-nav-shown"));
    else if ("jtVeil" in data) showRooms(false);
    else if ("jtTheme" in data) toggleTheme();
    else if ("jtDialog" in data) document.getElementById(data.jtDialog)?.showModal();
    else if ("jtClose" in data) target.closest("dialog")?.close();
    else if ("jtCopy" in data) copy(new URL(data.jtCopy || location.href, location.href).href);
    else if ("jtBack" in data) history.length > 1 ? history.back() : location.assign("/");
    else if ("jtPrint" in data) window.print();
    else if ("jtFilters" in data) {
      const shown = target.closest("form").classList.toggle("jt-filters-shown");
      target.setAttribute("aria-expanded", String(shown));
    }
    else if ("jtKeepQuery" in data && target.getAttribute("href")?.startsWith("?")) {
      // A choice from a list that was loaded later: keep the other parts of this page's address.
      event.preventDefault();
      const query = new URLSearchParams(location.search);
      for (const [name, value] of new URLSearchParams(target.getAttribute("href"))) query.set(name, value);
      query.delete("page");
      location.search = query.toString();
    }
  });

  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (menu.matches?.("[data-jt-menu]") && menu.open) menu.querySelector("[data-jt-autofocus]")?.focus();
  }, true);

  // --- keyboard
  let waitingForG = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll("[data-jt-menu][open]").forEach((menu) => {
        menu.removeAttribute("open");
        menu.querySelector("summary")?.focus();
      });
      if (document.body.classList.contains("jt-nav-shown")) showRooms(false);
      if (document.activeElement?.id === "jt-search") document.activeElement.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const follow = (selector) => document.querySelector(selector)?.click();
    if (event.key === "/") {
      const field = document.getElementById("jt-search");
      if (field) {
        event.preventDefault();
        field.focus();
        field.select();
      }
    } else if (event.key === "?") document.getElementById("jt-shortcuts")?.showModal();
    else if (event.key === "[") follow("[data-jt-earlier]");
    else if (event.key === "]") follow("[data-jt-later]");
    else if (event.key === "g") waitingForG = Date.now();
    else if (event.key === "h" && Date.now() - waitingForG < 1000) location.assign("/");
  });

  // --- htmx: a failure is said in words, and never looks like an empty answer
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = event.detail;
    if (elt?.closest?.("[data-jt-quiet]")) return;
    const words = toasts()?.dataset ?? {};
    const plain = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    if (plain && xhr.responseText) toast(xhr.responseText, "error");
    else if (xhr.status === 403) toast(words.refused, "error");
    else if (xhr.status === 404) toast(words.absent, "error");
    else toast(words.failed, "error");
  });
  document.addEventListener("htmx:timeout", (event) => {
    if (!event.detail.elt?.closest?.("[data-jt-quiet]")) toast(toasts()?.dataset.timeout, "error");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!event.detail.elt?.closest?.("[data-jt-quiet]")) toast(toasts()?.dataset.offline, "error");
  });
  document.addEventListener("jt:toast", (event) => toast(event.detail?.text ?? event.detail?.value, event.detail?.kind));

  // --- a sign-in that ended: the page of sign-in comes by itself, but not over what somebody has typed here
  let typed = false;
  let ended = false;
  let asking = false;
  const person = (page) => page.querySelector(".jt-menu-note span")?.textContent ?? "";
  document.addEventListener("input", (event) => {
    if (event.target.closest?.("main") && !event.target.closest("form[method=get]")) typed = true;
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status !== 401 || !typed) return;
    event.preventDefault();
    if (!ended) toast(toasts()?.dataset.ended, "error");
    ended = true;
  });
  // Whoever signed in again in another window got another token: this page takes it over, but from nobody else.
  // What keeps it from going out is returned, and nothing when it may.
  async function obstacle() {
    const words = toasts()?.dataset ?? {};
    try {
      const answer = await fetch(words.person, {
        credentials: "same-origin", redirect: "manual", headers: { "X-Background": "1" },
      });
      if (answer.status === 401 || answer.type === "opaqueredirect") return words.ended;
      if (!answer.ok) return words.failed;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!person(page) || person(page) !== person(document)) return words.other;
      const headers = page.body.getAttribute("hx-headers");
      document.body.setAttribute("hx-headers", headers);
      for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]"))
        field.value = JSON.parse(headers)["X-CSRFToken"];
      return "";
    } catch {
      return words.offline;
    }
  }
  async function hold(send) {
    if (asking) return;
    asking = true;
    const why = await obstacle();
    asking = false;
    if (why) {
      toast(why, "error");
      return;
    }
    ended = false;
    send();
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!ended || form.getAttribute("method")?.toLowerCase() !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    hold(() => form.requestSubmit(event.submitter));
  }, true);
  document.addEventListener("htmx:confirm", (event) => {
    if (!ended || event.detail.verb === "get") return;
    event.preventDefault();
    hold(() => event.detail.issueRequest());
  });

  // --- a filter form leaves empty fields out of the address
  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("form[method=get]")) return;
    for (const field of event.target.elements)
      if (field.name && field.value === "" && !field.required) field.disabled = true;
  });
  window.addEventListener("pageshow", () =>
    document.querySelectorAll("form[method=get] :disabled").forEach((field) => (field.disabled = false))
  );
  document.querySelector("[data-jt-focus]")?.focus();

  // --- period picker: from the parts to the key that the server reads
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("periodPicker", () => ({
      kind: "month", key: "", year: "", month: "1", part: "1", day: "", from: "", to: "", ready: false,
      init() {
        this.kind = this.$root.dataset.kind || "month";
        this.key = this.$root.dataset.key || "";
        const now = new Date();
        const numbers = this.key.match(/\d+/g) || [];
        this.year = numbers[0] || String(now.getFullYear());
        const second = Number(numbers[1] || now.getMonth() + 1);
        this.month = String(this.kind === "quarter" || this.kind === "half_year" || this.kind === "week" ? 1 : second);
        this.part = String(
          ["quarter", "half_year", "week"].includes(this.kind) ? second : Number(numbers[2] || 1)
        );
        if (this.kind === "day") this.day = this.key;
        if (this.kind === "range" && this.key.includes("..")) [this.from, this.to] = this.key.split("..");
        this.ready = true;
        for (const name of ["kind", "year", "month", "part", "day", "from", "to"])
          this.$watch(name, () => this.compose());
      },
      get asksYear() { return !["day", "range"].includes(this.kind); },
      get asksMonth() { return ["month", "ytd", "dekad", "half_month"].includes(this.kind); },
      get asksPart() { return ["quarter", "half_year", "week", "dekad", "half_month"].includes(this.kind); },
      get asksDay() { return this.kind === "day"; },
      get asksRange() { return this.kind === "range"; },
      get parts() { return { quarter: 4, half_year: 2, week: 53, dekad: 3, half_month: 2 }[this.kind] || 1; },
      compose() {
        const two = (text) => String(Number(text) || 1).padStart(2, "0");
        const part = Math.min(Math.max(Number(this.part) || 1, 1), this.parts);
        const keys = {
          day: this.day,
          week: `${this.year}-W${two(part)}`,
          dekad: `${this.year}-${two(this.month)}-D${part}`,
          half_month: `${this.year}-${two(this.month)}-B${part}`,
          month: `${this.year}-${two(this.month)}`,
          quarter: `${this.year}-Q${part}`,
          half_year: `${this.year}-H${part}`,
          year: String(this.year),
          ytd: `${this.year}-YTD${two(this.month)}`,
          range: this.from && this.to ? `${this.from}..${this.to}` : "",
        };
        this.key = keys[this.kind] || this.key;
      },
    }));
  });

  window.Jingtu = { toast };
})();
