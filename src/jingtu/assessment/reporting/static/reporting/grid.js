// A spreadsheet that happens to be a web page: move, paste, fill down, undo, save as one types.
// The checks here only speak early; the server's answer is the authority.
(function () {
  "use strict";
  const grid = document.querySelector("[data-rp-grid]");
  if (!grid) return;
  const words = JSON.parse(document.getElementById("rp-words").textContent);
  const rules = JSON.parse(document.getElementById("rp-rules").textContent);
  const said = document.querySelector("[data-rp-said]");
  const bar = document.querySelector("[data-rp-status]");
  const list = document.querySelector("[data-rp-problems]");
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const cells = [...grid.querySelectorAll("[data-rp-cell]")];
  const at = (region, key) => cells.find((cell) => cell.dataset.region === String(region) && cell.dataset.key === key);
  const fixed = (region, key) =>
    grid.querySelector(`[data-rp-fixed][data-region="${region}"][data-key="${CSS.escape(key)}"]`);

  const count = (forms, n) => forms[n === 1 ? 0 : 1].replace("{n}", n);

  // --- the cells as rows and columns: in a table of many units as drawn, in a single form one column
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) =>
    [...row.querySelectorAll("[data-rp-cell], [data-rp-fixed]")]).filter((row) => row.length);
  const place = new Map();
  rows.forEach((row, y) => row.forEach((cell, x) => place.set(cell, [x, y])));
  const typed = (cell) => cell && cell.matches("[data-rp-cell]");

  function go(cell, dx, dy) {
    let [x, y] = place.get(cell);
    for (;;) {
      x += dx; y += dy;
      const next = rows[y] && rows[y][x];
      if (!next) return false;
      if (typed(next)) { next.focus(); next.select(); return true; }
    }
  }

  // --- undo and redo: one step is one act, also of a whole pasted block
  const past = [];
  const undone = [];
  function put(cell, text) { cell.value = text; changed(cell); }
  function act(changes) {
    const step = changes.filter(([cell, text]) => cell.value !== text || cell.dataset.rpBefore !== undefined)
      .map(([cell, text]) => [cell, cell.dataset.rpBefore !== undefined ? cell.dataset.rpBefore : cell.value, text])
      .filter(([, before, after]) => before !== after);
    if (!step.length) return;
    past.push(step); undone.length = 0;
    step.forEach(([cell, , after]) => { delete cell.dataset.rpBefore; put(cell, after); });
  }
  function again(from, to, index) {
    const step = from.pop();
    if (!step) return;
    to.push(step);
    step.forEach((change) => put(change[0], change[index]));
    step[0][0].focus();
  }

  // --- a chosen block: from an anchor to the active cell in the same column, grown with Shift and the arrows
  let anchor = null;
  function block(cell) {
    if (!anchor || anchor === cell) return [cell];
    const [x, y] = place.get(cell);
    const [, other] = place.get(anchor);
    const [low, high] = [Math.min(y, other), Math.max(y, other)];
    return rows.slice(low, high + 1).map((row) => row[x]).filter(typed);
  }
  function paint(cell) {
    cells.forEach((each) => each.classList.remove("rp-chosen"));
    if (anchor && cell) block(cell).forEach((each) => each.classList.add("rp-chosen"));
  }

  grid.addEventListener("focusin", (event) => {
    const cell = event.target;
    if (!typed(cell)) return;
    cell.dataset.rpBefore = cell.value;
    cell.select();
  });
  grid.addEventListener("focusout", (event) => {
    const cell = event.target;
    if (typed(cell)) { act([[cell, cell.value.trim()]]); delete cell.dataset.rpBefore; flush(); }
    else if (cell.matches && cell.matches("[data-rp-note]")) flush();
  });
  grid.addEventListener("input", (event) => {
    const cell = event.target;
    if (typed(cell)) { speak(cell); sum(cell.dataset.region); later(cell); }
    else if (cell.matches("[data-rp-note]")) { const own = at(cell.dataset.region, cell.dataset.rpNote); if (own) { own.dataset.note = "1"; changed(own); } }
  });
  grid.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!typed(cell)) return;
    const key = event.key;
    const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z" || key === "Z") {
        event.preventDefault(); act([[cell, cell.value.trim()]]);
        if (event.shiftKey) again(undone, past, 2); else again(past, undone, 1);
      } else if (key === "y") { event.preventDefault(); again(undone, past, 2); }
      else if (key === "d") {
        event.preventDefault();
        const chosen = block(cell);
        const [x, y] = place.get(cell);
        const above = rows.slice(0, y).reverse().map((row) => row[x]).find(typed);
        const source = chosen.length > 1 ? chosen[0] : above;
        if (source) act((chosen.length > 1 ? chosen.slice(1) : [cell]).map((each) => [each, source.value]));
        flush();
      }
      return;
    }
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      const dy = key === "ArrowDown" ? 1 : -1;
      if (event.shiftKey) { anchor = anchor || cell; go(cell, 0, dy); paint(document.activeElement); }
      else { anchor = null; paint(null); go(cell, 0, dy); }
    } else if (key === "Enter") { event.preventDefault(); anchor = null; paint(null); go(cell, 0, event.shiftKey ? -1 : 1) || flush(); }
    else if (key === "ArrowRight" && (whole || cell.selectionStart === cell.value.length)) { if (go(cell, 1, 0)) event.preventDefault(); }
    else if (key === "ArrowLeft" && (whole || cell.selectionEnd === 0)) { if (go(cell, -1, 0)) event.preventDefault(); }
    else if (key === "Escape") { cell.value = cell.dataset.rpBefore ?? cell.value; speak(cell); }
  });
  grid.addEventListener("paste", (event) => {
    const cell = event.target;
    if (!typed(cell)) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    const [x, y] = place.get(cell);
    const changes = [];
    text.split("\n").forEach((line, down) => line.split("\t").forEach((part, across) => {
      const target = rows[y + down] && rows[y + down][x + across];
      if (typed(target)) changes.push([target, part.trim()]);
    }));
    act(changes);
    cell.dataset.rpBefore = cell.value;
    flush();
  });

  // --- early checks
  const FIGURE = new RegExp(rules.figure);
  const plain = (text) => text.replace(/[\uff0c-\uff0e\uff10-\uff19]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).trim();
  const number = (text) => { const found = plain(text).replace(/,/g, "").match(/-?\d+(\.\d+)?/); return found ? Number(found[0]) : null; };
  function wrong(cell) {
    const text = plain(cell.value);
    if (!text || text === "-" || text === "—") return "";
    const found = text.replace(/\s/g, "").match(FIGURE);
    if (!found) return words.number;
    if (number(text) < 0) return words.negative;
    if (found[1] && found[1].length > Number(cell.dataset.decimals) && !found[2]) return words.decimals;
    return "";
  }
  function value(region, key) {
    const cell = at(region, key);
    if (cell) return cell.value.trim() ? number(cell.value) : null;
    const other = fixed(region, key);
    return other && /\d/.test(other.textContent) ? number(other.textContent) : null;
  }
  function speak(cell) {
    // The choice between two figures stays on the page until it is made, whatever is typed meanwhile.
    if (conflicts.has(name(cell))) return "";
    let text = wrong(cell);
    if (!text) {
      for (const [part, whole] of rules.pairs) {
        if (part !== cell.dataset.key) continue;
        const [low, high] = [value(cell.dataset.region, part), value(cell.dataset.region, whole)];
        if (low !== null && high !== null && low > high) {
          const other = at(cell.dataset.region, whole) || fixed(cell.dataset.region, whole);
          text = words.above.replace("{whole}", other ? other.dataset.name : whole);
        }
      }
    }
    mark(cell, text);
    return text;
  }
  function mark(cell, text) {
    cell.classList.toggle("is-invalid", Boolean(text));
    if (text) cell.setAttribute("aria-invalid", "true"); else cell.removeAttribute("aria-invalid");
    cell.title = text;
    let told = cell.parentElement.querySelector(".rp-wrong");
    if (text && !told) { told = document.createElement("span"); told.className = "rp-wrong"; told.id = cell.id + "-wrong"; cell.after(told); cell.setAttribute("aria-describedby", told.id); }
    if (told) { told.textContent = text; if (!text) { told.remove(); cell.removeAttribute("aria-describedby"); } }
  }
  function sum(region) {
    for (const [whole, parts] of Object.entries(rules.totals)) {
      const target = fixed(region, whole);
      if (!target || !target.classList.contains("rp-total")) continue;
      const values = parts.map((part) => value(region, part));
      target.textContent = values.every((each) => each !== null)
        ? values.reduce((a, b) => a + b, 0).toLocaleString("en-US") : "–";
    }
  }

  // --- saving
  const waiting = new Map();
  const conflicts = new Map();
  let timer = null;
  let busy = false;
  let offline = false;
  let stuck = false; // refused as a whole: kept here, and sent again with the next change
  const name = (cell) => `${cell.dataset.region} ${cell.dataset.key}`;
  function later(cell) { stuck = false; waiting.set(name(cell), cell); clearTimeout(timer); timer = setTimeout(flush, 1200); }
  function changed(cell) { speak(cell); sum(cell.dataset.region); later(cell); }
  function tell(text, tone) { said.textContent = text; bar.dataset.tone = tone || ""; }
  function state() {
    const bad = cells.filter((cell) => cell.classList.contains("is-invalid") && waiting.has(name(cell))).length;
    if (offline) tell(count(words.offline, waiting.size), "below");
    else if (conflicts.size) tell(count(words.conflict, conflicts.size), "watch");
    else if (bad) tell(count(words.unsaved, bad), "watch");
  }
  const person = (page) => { const found = page.querySelector(".jt-menu-note span"); return found ? found.textContent : ""; };
  // Whoever signs in anew in another window gets another token; this page takes it over, but from nobody else.
  async function renew() {
    const answer = await fetch(window.location.pathname, { credentials: "same-origin", redirect: "manual" });
    if (answer.status === 401 || answer.type === "opaqueredirect") throw new Error("signed out");
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (person(page) !== person(document)) return false;
    document.body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
    return true;
  }
  const post = (body) => fetch(grid.dataset.saveUrl, {
    method: "POST", credentials: "same-origin", redirect: "manual",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), "HX-Request": "true" },
    body: JSON.stringify(body),
  });
  async function flush() {
    clearTimeout(timer);
    if (busy || !waiting.size) return busy;
    const sent = [...waiting.values()].filter((cell) => !wrong(cell) && !conflicts.has(name(cell)));
    if (!sent.length) { state(); return null; }
    busy = true;
    tell(words.saving);
    const sentTexts = new Map(sent.map((cell) => [cell, cell.value.trim()]));
    const body = { cells: sent.map((cell) => {
      const note = grid.querySelector(`[data-rp-note="${CSS.escape(cell.dataset.key)}"][data-region="${cell.dataset.region}"]`);
      return { region: Number(cell.dataset.region), key: cell.dataset.key, text: cell.value.trim(), version: Number(cell.dataset.version), note: note ? note.value : null };
    }) };
    try {
      let answer = await post(body);
      if (answer.status === 403 && await renew()) answer = await post(body);
      if (answer.status === 401 || answer.type === "opaqueredirect") throw new Error("signed out");
      if (answer.status >= 500 || answer.status === 429) throw new Error("no answer");
      if (!answer.ok) {
        offline = false; stuck = true;
        const why = await answer.text();
        tell(`${count(words.refused, sent.length)} ${/^\s*</.test(why) ? "" : why.slice(0, 300)}`, "below");
        return null;
      }
      offline = false;
      take(await answer.json(), sentTexts);
    } catch (error) {
      offline = true;
      tell(error.message === "signed out" ? words.signed_out : count(words.offline, waiting.size), "below");
      timer = setTimeout(flush, 4000);
    } finally { busy = false; }
    if (!offline && !stuck && [...waiting.values()].some((cell) => !wrong(cell) && !conflicts.has(name(cell)))) timer = setTimeout(flush, 300);
    return null;
  }
  function take(told, sentTexts) {
    for (const saved of told.saved) {
      const cell = at(saved.region, saved.key);
      cell.dataset.version = saved.version;
      // What was typed while the answer was on its way waits for the next save.
      if (cell.value.trim() === sentTexts.get(cell)) waiting.delete(name(cell));
    }
    for (const refused of told.refused) {
      const cell = at(refused.region, refused.key);
      if (!cell) continue;
      if (refused.conflict) clash(cell, refused); else { mark(cell, refused.text); waiting.delete(name(cell)); }
    }
    for (const [region, unit] of Object.entries(told.units)) {
      for (const [key, text] of Object.entries(unit.totals)) { const target = fixed(region, key); if (target) target.textContent = text; }
      show(region, unit.problems);
    }
    const lost = told.refused.filter((refused) => !refused.conflict).length;
    if (lost) tell(count(words.unsaved, lost), "watch"); else tell(`${words.saved} ${told.at}`, "met");
    state();
  }
  function clash(cell, refused) {
    conflicts.set(name(cell), refused);
    mark(cell, refused.text);
    const told = cell.parentElement.querySelector(".rp-wrong");
    for (const [label, mine] of [[words.mine, true], [words.theirs, false]]) {
      const button = document.createElement("button");
      button.type = "button"; button.className = "btn btn-sm"; button.textContent = label;
      button.addEventListener("click", () => {
        conflicts.delete(name(cell));
        cell.dataset.version = refused.version;
        if (mine) { speak(cell); waiting.set(name(cell), cell); flush(); }
        else { waiting.delete(name(cell)); cell.value = refused.shown; delete cell.dataset.rpBefore; speak(cell); sum(cell.dataset.region); tell(words.saved, "met"); state(); }
        cell.focus();
      });
      told.append(" ", button);
    }
  }
  const problems = new Map();
  function show(region, found) {
    problems.set(region, found);
    const shown = list.querySelector("ul");
    shown.textContent = "";
    for (const [unit, all] of problems) {
      for (const problem of all) {
        const target = at(unit, problem.key) || fixed(unit, problem.key);
        const item = document.createElement("li");
        const sign = document.createElement("span");
        sign.className = `jt-state jt-state-${problem.blocks ? "below" : "watch"}`;
        const shape = document.createElement("span");
        shape.className = "jt-state-mark";
        shape.setAttribute("aria-hidden", "true");
        shape.textContent = problem.blocks ? "◆" : "▲";
        sign.append(shape, problem.blocks ? words.blocks : words.explain);
        const link = document.createElement("a");
        link.href = target ? `#${target.id}` : "#";
        link.textContent = problem.text;
        item.append(sign, " ", link);
        shown.append(item);
      }
    }
    list.hidden = !shown.children.length;
  }
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const target = link && document.getElementById(link.hash.slice(1));
    if (target) { event.preventDefault(); target.scrollIntoView({ block: "center" }); target.focus(); }
  });
  window.addEventListener("online", flush);
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size) { event.preventDefault(); event.returnValue = words.leave; }
  });
  const submit = document.querySelector("[data-rp-submit]");
  if (submit) submit.addEventListener("submit", async (event) => {
    if (!waiting.size && !busy) return;
    event.preventDefault();
    await flush();
    const settle = () => { if (busy) setTimeout(settle, 100); else if (!waiting.size) submit.submit(); else state(); };
    settle();
  });
  cells.forEach((cell) => { if (cell.value) speak(cell); });
  new Set(cells.map((cell) => cell.dataset.region)).forEach(sum);
})();
