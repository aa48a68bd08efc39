// The page in which a spec is edited: it asks Python, in a worker or behind the local server, and shows what is answered.
// Text is only ever set as text; a drawing is shown as an image, in which nothing runs.
"use strict";
(() => {
  const MOST_TEXT = 1_000_000;
  const POLL = 700;
  const find = (id) => document.getElementById(id);
  const { pyodide } = document.body.dataset;
  const state = { name: document.body.dataset.name, exercise: null, stamp: "", saved: null, page: null, conflict: false };
  const spec = find("spec");

  /** Make an element; functions among its attributes listen to events. */
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name, value);
      else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null));
    return node;
  }

  function say(text) {
    find("status").textContent = text;
  }

  // --- who answers

  /** Ask the local server. */
  function server() {
    const token = new URLSearchParams(location.search).get("token") || "";
    return async (question) => {
      const reply = await fetch("answer", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Cnnspec-Token": token },
        body: JSON.stringify(question),
      });
      if (!reply.ok) throw new Error((await reply.text()).trim());
      return reply.json();
    };
  }

  /** Ask Python in a worker, so that the page never waits. */
  function browser() {
    const waiting = new Map();
    const worker = new Worker(`worker.js?${new URLSearchParams({ pyodide })}`, { type: "module" });
    let last = 0;
    const fail = (text) => {
      for (const { reject } of waiting.values()) reject(new Error(text));
      waiting.clear();
    };
    worker.addEventListener("error", (event) => fail(event.message || "the worker could not be started"));
    worker.addEventListener("message", ({ data }) => {
      if (data.said !== undefined) return say(data.said);
      const { resolve, reject } = waiting.get(data.id);
      waiting.delete(data.id);
      return data.failed === undefined ? resolve(JSON.parse(data.answer)) : reject(new Error(data.failed));
    });
    return (question) => new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ id: last, question: JSON.stringify(question) });
    });
  }

  const put = location.protocol === "file:" ? null : pyodide ? browser() : server();

  /** Ask about the spec as it stands. */
  const ask = (what, more = {}) => put({ ask: what, spec: spec.value, name: state.name, ...more });

  // --- the address

  async function through(stream, bytes, most) {
    const parts = [];
    let length = 0;
    const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > most) throw new Error("the address holds too long a text");
      parts.push(part.value);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  /** Return a hash that holds what is shown: JSON, deflated, in base64url. */
  async function written(content) {
    const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(JSON.stringify(content)), Infinity);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return `#z=${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  }

  /** Return what a hash holds, null where it holds nothing of ours. */
  async function read(hash) {
    if (!hash.startsWith("#z=")) return null;
    const text = atob(hash.slice(3).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(
      await through(new DecompressionStream("deflate-raw"), bytes, 2 * MOST_TEXT)));
    if (content === null || typeof content.spec !== "string") throw new Error("the address holds no spec");
    return content;
  }

  async function follow() {
    try {
      const content = await read(location.hash);
      if (!content) return false;
      if (typeof content.name === "string") state.name = content.name.slice(0, 80);
      state.exercise = typeof content.exercise === "object" ? content.exercise : null;
      spec.value = content.spec;
      return true;
    } catch (error) {
      say(`This address cannot be read: ${error.message}`);
      return false;
    }
  }

  /** Keep the spec in the address, so that it can be reloaded and sent on. */
  async function remember() {
    const content = { name: state.name, spec: spec.value, ...(state.exercise ? { exercise: state.exercise } : {}) };
    const hash = await written(content);
    if (hash !== location.hash) history.replaceState(null, "", hash);
  }

  async function copy(content) {
    const link = new URL(await written(content), location.href).href;
    find("copied").hidden = false;
    find("copied-link").value = link;
    try {
      await navigator.clipboard.writeText(link);
      say("The link is copied.");
    } catch {
      find("copied-link").select();
      say("Copy the link below.");
    }
  }

  // --- the editor

  let marked = [];

  function number() {
    const wrong = new Map(marked);
    const count = spec.value.split("\n").length;
    const rows = [];
    for (let line = 1; line <= Math.min(count, 20_000); line += 1) {
      rows.push(make("span", { class: wrong.get(line) || null }, `${line}\n`));
    }
    find("lines").replaceChildren(...rows);
    find("marks").replaceChildren(...marked.map(([line, severity]) => {
      const bar = make("div", { class: severity });
      bar.style.setProperty("--line", line - 1);
      return bar;
    }));
    scroll();
  }

  function scroll() {
    find("lines").scrollTop = spec.scrollTop;
    find("marks").style.transform = `translateY(${-spec.scrollTop}px)`;
  }

  function insert(text) {
    // The old command keeps the browser's undo, which setting the value would lose.
    if (!document.execCommand("insertText", false, text)) {
      spec.setRangeText(text, spec.selectionStart, spec.selectionEnd, "end");
      spec.dispatchEvent(new Event("input"));
    }
  }

  /** Indent or outdent all lines of the selection. */
  function indent(back) {
    const { value, selectionStart: from, selectionEnd: to } = spec;
    if (from === to && !back) return insert("  ");
    const start = value.lastIndexOf("\n", from - 1) + 1;
    const lines = value.slice(start, to).split("\n");
    const text = lines.map((line) => (back ? line.replace(/^ {1,2}/, "") : `  ${line}`)).join("\n");
    if (text === value.slice(start, to)) return undefined;
    spec.setSelectionRange(start, to);
    insert(text);
    return spec.setSelectionRange(from === to ? start + text.length : start, start + text.length);
  }

  let leaving = false;
  spec.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaving = true;
    else if (event.key === "Tab" && !leaving) {
      event.preventDefault();
      indent(event.shiftKey);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      const before = spec.value.slice(spec.value.lastIndexOf("\n", spec.selectionStart - 1) + 1, spec.selectionStart);
      event.preventDefault();
      insert(`\n${/^ */.exec(before)[0]}`);
    } else if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      find("save").click();
    }
    if (!["Escape", "Tab", "Shift"].includes(event.key)) leaving = false;
  });
  spec.addEventListener("blur", () => { leaving = false; });
  spec.addEventListener("scroll", scroll);

  function show(line) {
    const lines = spec.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    spec.focus();
    spec.setSelectionRange(start, start + (lines[line - 1] || "").length);
    spec.scrollTop = Math.max(0, (line - 4) * (spec.scrollHeight / Math.max(lines.length, 1)));
  }

  /** List all that is wrong, each with its line, its notes, and its help. */
  function list(faults) {
    const own = faults.filter(({ file, line }) => line && file === state.name);
    marked = [...new Map(own.map(({ line, severity }) => [line, severity]).reverse()).entries()];
    find("errors-title").hidden = !faults.length;
    find("errors-title").textContent = faults.some(({ severity }) => severity === "error") ? "Errors" : "Notes";
    find("errors").replaceChildren(...faults.map((fault) => make("li", { class: fault.severity },
      place(fault), `${fault.message} `, make("button", { type: "button", class: "code", click: explain }, fault.code),
      fault.label ? make("p", {}, fault.label) : null,
      fault.notes.map((note) => make("p", { class: "note" }, note)),
      fault.related.map((each) => make("p", { class: "note" }, place(each), each.message)),
      fault.help ? make("p", { class: "help" }, `help: ${fault.help}`) : null)));
    number();
  }

  function place({ file, line, column }) {
    if (!line) return null;
    if (file !== state.name) return `${file}, line ${line}: `;
    return [make("button", { type: "button", click: () => show(line) }, `line ${line}, column ${column}`), ": "];
  }

  /** Show what the catalogue says of an error, below it. */
  async function explain({ currentTarget: button }) {
    const shown = button.parentElement.querySelector("pre");
    if (shown) return shown.remove();
    const { text, errors } = await put({ ask: "code", code: button.textContent });
    return button.parentElement.append(make("pre", {}, text || errors[0].message));
  }

  // --- the network

  /** The table of every page about a network, kept while the network changes; derivations are asked for one by one. */
  class Table extends globalThis.cnnspecPage.Page {
    /** Show what has become of the network; what was open, closed and sorted stays so. */
    update(data) {
      const { shown, sorted, blocks } = this;
      const key = sorted && this.data.columns[sorted.at].key;
      this.close();
      this.read(data);
      for (const name of this.blocks.keys()) if (!blocks.has(name) && this.layers.length > 30) this.closed.add(name);
      const at = data.columns.findIndex((column) => column.key === key);
      this.sorted = at < 0 ? null : { ...sorted, at };
      this.render();
      const layer = shown && this.layers.find(({ name }) => name === shown.layer.name);
      if (layer) this.open(layer, shown.key);
    }

    open(layer, key) {
      if (layer.steps) return super.open(layer, key);
      const asked = { layer, key };
      this.shown = asked;
      const opened = async () => {
        const told = await ask("derivation", { layer: layer.name });
        if (told.errors.length) throw new Error(told.errors[0].message);
        Object.assign(layer, told);
        if (this.shown === asked) super.open(layer, key);
      };
      return safely(opened)();
    }

    /** The address holds the spec. */
    remember() {}

    follow() {}
  }

  function table(found) {
    if (state.page) state.page.update(found);
    else state.page = new Table(found, find("layers"));
  }

  /** Show the drawing whole where there is nearly room for it, else in part. */
  function fit() {
    const image = find("drawing").querySelector("img");
    if (image) image.style.maxWidth = 0.68 * image.naturalWidth <= find("drawing").clientWidth ? "100%" : "none";
  }
  addEventListener("resize", fit);

  async function draw() {
    const { svg, describes, errors } = await ask("drawing");
    if (errors.length) return find("drawing").replaceChildren(make("p", { class: "quiet" }, errors[0].message));
    const image = make("img", { alt: describes, src: `data:image/svg+xml,${encodeURIComponent(svg)}`, load: fit });
    return find("drawing").replaceChildren(image);
  }

  async function network() {
    const found = await ask("table");
    list([...found.errors, ...(found.notes || [])]);
    find("shown").classList.toggle("stale", found.errors.length > 0);
    find("stale").hidden = !found.errors.length || !state.page;
    if (found.errors.length) return;
    find("title").textContent = found.name;
    document.title = `${found.name} · cnnspec`;
    table(found);
    await draw();
  }

  // --- exercises

  async function exercise() {
    const found = await ask("sheet", { exercise: state.exercise });
    list(found.errors);
    if (found.errors.length) return find("sheet").replaceChildren(make("p", {}, "This exercise cannot be made: see the errors."));
    find("title").textContent = found.title;
    const score = make("output", { class: "score" });
    const full = make("input", { type: "checkbox" });
    const fields = found.rows.map(({ label, cells }) => cells.map((text, at) => (text === null
      ? make("input", { "aria-label": `${label}: ${found.columns[at]}`, autocomplete: "off", spellcheck: "false", change: () => judge() })
      : null)));
    const judge = async () => {
      const given = fields.map((row) => row.map((field) => (field ? field.value : null)));
      const told = await ask("marks", { exercise: state.exercise, given, reveal: full.checked ? "full" : "hint" });
      if (told.errors.length) return list(told.errors);
      for (const row of fields) row.forEach((field) => field && unmark(field));
      for (const cell of told.cells) mark(fields[cell.row][cell.column], cell);
      score.textContent = [told.says, ...told.faults.map(({ message }) => message)].join("; ");
      return undefined;
    };
    full.addEventListener("change", judge);
    const body = found.rows.map(({ label, configuration, note, cells }, row) => make("tr", {},
      make("th", { scope: "row" }, label), make("td", {}, configuration, note ? make("p", { class: "note" }, note) : null),
      cells.map((text, at) => make("td", { class: "number", "data-title": found.columns[at] }, fields[row][at] || text))));
    const leave = () => {
      state.exercise = null;
      refresh();
    };
    return find("sheet").replaceChildren(
      ...found.instructions.map((line) => make("p", { class: "quiet" }, line)),
      make("table", {}, make("thead", {}, make("tr", {}, ["Layer", "Configuration", ...found.columns].map((title, at) =>
        make("th", { scope: "col", class: at > 1 ? "number" : null }, title)))), make("tbody", {}, body)),
      make("p", { class: "tools" }, score, " ", make("label", {}, full, " with the right answers"), " ",
        make("button", { type: "button", click: leave }, "Leave the exercise")));
  }

  function unmark(field) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    field.className = "";
    const said = field.parentElement.querySelector(".said");
    if (said) said.remove();
  }

  const SIGNS = { correct: "✓", follow_through: "↳", wrong: "✗", unreadable: "?", missing: "·" };
  const WORDS = { correct: "right", follow_through: "right, given the answer above", wrong: "not right", unreadable: "not readable" };

  function mark(field, { row, column, status, message, slips }) {
    const id = `said-${row}-${column}`;
    const mistake = slips.map((slip) => slip.mistake).join(" and ");
    const text = [`${SIGNS[status]} ${WORDS[status] || status}`, message.includes(mistake) ? "" : mistake, message].filter(Boolean).join(". ");
    field.className = status;
    field.setAttribute("aria-invalid", String(!["correct", "follow_through"].includes(status)));
    field.setAttribute("aria-describedby", id);
    field.after(make("p", { class: "said", id }, text));
  }

  function chosen() {
    return {
      columns: [...find("make-columns").querySelectorAll("input:checked")].map(({ value }) => value),
      blank: Number(find("make-blank").value),
      seed: Number(find("make-seed").value),
    };
  }

  // --- homework

  async function check() {
    const found = await ask("check", { table: find("table").value, reveal: find("check-reveal").value });
    const faults = [...found.errors, ...(found.faults || [])];
    if (faults.length) {
      return find("checked").replaceChildren(...faults.map(({ message, notes, help }) =>
        make("div", {}, make("p", {}, message), [...notes, help].filter(Boolean).map((note) => make("p", { class: "note" }, note)))));
    }
    const given = found.cells.filter(({ status }) => status !== "missing");
    return find("checked").replaceChildren(
      make("p", { class: "score" }, found.says),
      ...found.remarks.map((remark) => make("p", { class: "quiet" }, remark)),
      found.right_for ? make("p", {}, `The whole table is right for another network: ${found.right_for}.`) : "",
      make("table", {},
        make("thead", {}, make("tr", {}, ["Row", "Column", "Given", "Verdict"].map((title) => make("th", { scope: "col" }, title)))),
        make("tbody", {}, given.map(({ row, layer, title, given: text, status, message }) => make("tr", { class: status },
          make("th", { scope: "row" }, row || layer), make("td", {}, title), make("td", { class: "number" }, text),
          make("td", {}, `${SIGNS[status]} ${message}`))))));
  }

  // --- all together

  let running = null;
  let again = false;

  /** Show the spec as it stands; while Python works only the newest one waits. */
  async function refresh() {
    again = true;
    if (!running) {
      running = (async () => {
        while (again) {
          again = false;
          await once();
        }
      })();
      try {
        await running;
      } finally {
        running = null;
        find("shown").ariaBusy = String(later !== 0);
      }
    }
  }

  async function once() {
    const began = performance.now();
    const practising = state.exercise !== null;
    for (const id of ["shown", "check", "make"]) find(id).hidden = practising;
    find("practice").hidden = !practising;
    document.body.classList.toggle("practising", practising);
    try {
      await (practising ? exercise() : network());
      if (pyodide) await remember();
      document.body.dataset.milliseconds = (performance.now() - began).toFixed(1);
      document.body.dataset.version = Number(document.body.dataset.version || 0) + 1;
      say(unsaved() ? "not saved" : "");
    } catch (error) {
      say(pyodide ? error.message : `No answer: ${error.message}. Does \`cnnspec live\` still run?`);
    }
  }

  const unsaved = () => state.saved !== null && spec.value !== state.saved;

  let later = 0;
  spec.addEventListener("input", () => {
    number();
    find("shown").ariaBusy = "true";
    clearTimeout(later);
    later = setTimeout(() => {
      later = 0;
      return refresh();
    }, 30);
  });

  let writing = 0; // odd while the file is written: what was asked of it before or meanwhile is old

  /** Look at the file: it is loaded when it was saved elsewhere, but never over what is not saved here. */
  async function look(force = false) {
    const before = writing;
    const found = await put({ ask: "file", seen: force ? "" : state.stamp });
    if (!force && (before !== writing || writing % 2)) return undefined;
    if (found.errors.length) return say(found.errors[0].message);
    if (found.text === undefined && !force) return undefined;
    const own = unsaved() && !force && state.stamp;
    if (own) {
      find("reload").hidden = false;
      return state.conflict ? undefined : say("The file has changed, and here is something that is not saved.");
    }
    Object.assign(state, { name: found.name, stamp: found.stamp, saved: found.writable ? found.text.replaceAll("\r\n", "\n") : null, conflict: false });
    find("save").hidden = !found.writable;
    find("reload").hidden = true;
    spec.value = found.text;
    return refresh();
  }

  /** Write the file, only when that is asked for; a second time where it has changed meanwhile. */
  async function save() {
    if (pyodide) {
      const link = make("a", { download: state.name, href: `data:text/plain;charset=utf-8,${encodeURIComponent(spec.value)}` });
      return link.click();
    }
    const text = spec.value;
    const seen = state.conflict ? (await put({ ask: "file", seen: "" })).stamp : state.stamp;
    writing += 1;
    const found = await put({ ask: "save", spec: text, seen }).finally(() => { writing += 1; });
    state.conflict = found.errors.length > 0;
    if (state.conflict) {
      find("reload").hidden = false;
      return say([found.errors[0].message, found.errors[0].help].filter(Boolean).join("; "));
    }
    Object.assign(state, { stamp: found.stamp, saved: text });
    find("reload").hidden = true;
    return say("saved");
  }

  async function watch() {
    for (;;) {
      await new Promise((done) => { setTimeout(done, POLL); });
      if (document.hidden || state.exercise) continue;
      try {
        await look();
      } catch (error) {
        say(`No answer: ${error.message}. Does \`cnnspec live\` still run?`);
      }
    }
  }

  function safely(action) {
    return () => Promise.resolve(action()).catch((error) => say(error.message));
  }

  async function start() {
    if (location.protocol === "file:") {
      return say("A browser runs Python only for a page from a web server, such as `python -m http.server` in this folder.");
    }
    find("save").addEventListener("click", safely(save));
    find("reload").addEventListener("click", safely(() => look(true)));
    find("check-button").addEventListener("click", safely(check));
    find("make-try").addEventListener("click", safely(() => {
      state.exercise = chosen();
      return refresh();
    }));
    find("link").addEventListener("click", safely(() => copy({ name: state.name, spec: spec.value })));
    find("make-link").addEventListener("click", safely(() => copy({ name: state.name, spec: spec.value, exercise: chosen() })));
    addEventListener("hashchange", async () => { if (await follow()) refresh(); });
    addEventListener("beforeunload", (event) => { if (unsaved() && !pyodide) event.preventDefault(); });
    for (const id of ["link", "make-link"]) find(id).hidden = !pyodide;
    if (pyodide) {
      find("save").hidden = false;
      find("save").textContent = "Download";
      say("Python is being loaded …");
      await follow();
      return refresh();
    }
    if (!await follow()) await safely(look)();
    else await refresh();
    return watch();
  }

  number();
  start();
})();
