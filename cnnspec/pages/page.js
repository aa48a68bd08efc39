// What a page about a network does: the table, its derivations, the sliding window, and what an output element sees.
// Text from the data is only ever set as text; nothing is loaded, and nothing is written as HTML.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name, value);
      else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  }
  const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
  const digits = (value) => value.toLocaleString("en-US");
  const isNumber = (value) => typeof value === "bigint";
  const tuple = (sizes) => `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;
  const times = (sizes) => sizes.join("×");

  /** Read whole numbers as they are: those of large networks are more than a double can hold. */
  function exact(value) {
    return value === null || (typeof value === "string" && !/^-?\d+$/.test(value)) ? value : BigInt(value);
  }

  class Page {
    constructor(data, root) {
      this.root = root;
      this.sorted = null;
      this.shown = null;
      this.read(data);
      this.closed = new Set(this.layers.length > 30 ? this.blocks.keys() : []);
      this.render();
      this.follow();
      addEventListener("hashchange", () => this.follow());
    }

    read(data) {
      this.data = data;
      const cells = (row) => row.cells.map((value, at) => (data.columns[at].number ? exact(value) : tuple(row.shape)));
      this.inputs = data.inputs.map((input) => ({ ...input, cells: cells(input) }));
      const before = [...data.inputs.slice(-1), ...data.layers];
      this.layers = data.layers.map((layer, index) => ({
        blocks: [], reads: [before[index].shape], ...layer, index, cells: cells(layer), window: data.windows[layer.window],
      }));
      this.blocks = this.findBlocks();
      const shown = [...this.layers, ...this.blocks.values()];
      this.most = data.columns.map((_, at) =>
        shown.reduce((most, { cells }) => (isNumber(cells[at]) && cells[at] > most ? cells[at] : most), 0n));
    }

    /** The copies of blocks by their names, each with its layers. */
    findBlocks() {
      const found = new Map();
      for (const layer of this.layers) {
        layer.blocks.forEach(([name, block], level) => {
          if (!found.has(name)) found.set(name, { name, block, level, members: [] });
          found.get(name).members.push(layer);
        });
      }
      for (const each of found.values()) each.cells = this.data.columns.map((column, at) => this.sum(column, at, each));
      return found;
    }

    /** What a block's layers have together, null where that is no number. */
    sum({ once, most, bar }, at, { members }) {
      const counted = bar ? members.filter((layer) => !(once && layer.view)).map(({ cells }) => cells[at]) : [null];
      return counted.every(isNumber) ? counted.reduce((a, b) => (most ? (a > b ? a : b) : a + b), 0n) : null;
    }

    /** What the table shows: sorted layers, or layers below the copies of blocks that they are in. */
    rows() {
      if (this.sorted) {
        const { at, down } = this.sorted;
        const known = this.layers.filter(({ cells }) => isNumber(cells[at]));
        known.sort((a, b) => Number(a.cells[at] < b.cells[at] ? -1 : a.cells[at] > b.cells[at]) * (down ? -1 : 1));
        return [...known, ...this.layers.filter(({ cells }) => !isNumber(cells[at]))];
      }
      const found = [];
      let inside = [];
      for (const layer of this.layers) {
        const names = layer.blocks.map(([name]) => name);
        const shut = names.findIndex((name) => this.closed.has(name));
        names.forEach((name, level) => {
          if (inside[level] !== name && (shut < 0 || level <= shut)) found.push(this.blocks.get(name));
          if (inside[level] !== name) inside = inside.slice(0, level);
          inside[level] = name;
        });
        inside = names;
        if (shut < 0) found.push(layer);
      }
      return found;
    }

    render() {
      const columns = this.data.columns;
      const heads = columns.map(({ title, number }, at) => {
        if (!number) return html("th", { scope: "col", role: "columnheader" }, title);
        const sorted = this.sorted && this.sorted.at === at ? (this.sorted.down ? "descending" : "ascending") : "none";
        const sign = { descending: " ▼", ascending: " ▲", none: "" }[sorted];
        const button = html("button", { type: "button", "data-sort": at, click: () => this.sort(at) }, title + sign);
        return html("th", { scope: "col", role: "columnheader", class: "number", "aria-sort": sorted }, button);
      });
      const head = html("tr", { role: "row" },
        html("th", { scope: "col", role: "columnheader" }, "Layer"),
        html("th", { scope: "col", role: "columnheader" }, "Configuration"), heads);
      const inputs = this.sorted ? [] : this.inputs.map((input) => this.plain("td", input.name, input.cells));
      this.body = html("tbody", { role: "rowgroup" }, inputs, this.rows().map((row) => this.row(row)));
      const table = html("table", { role: "table", "aria-label": `Layers of ${this.data.name}` },
        html("thead", { role: "rowgroup" }, head), this.body,
        html("tfoot", { role: "rowgroup" }, this.plain("th", "Total", this.data.totals.map(exact))));
      const focus = document.activeElement && document.activeElement.dataset.sort;
      this.root.replaceChildren(this.tools(), html("div", { class: "table" }, table));
      if (focus) this.root.querySelector(`[data-sort="${focus}"]`).focus();
    }

    tools() {
      if (!this.blocks.size || this.sorted) return "";
      const all = (label, closed) => html("button",
        { type: "button", click: () => { this.closed = new Set(closed); this.render(); this.reopen(); } }, label);
      return html("p", { class: "tools" }, all("Fold all blocks", this.blocks.keys()), " ", all("Unfold all", []));
    }

    /** A row without buttons: an input, or the totals. */
    plain(tag, name, cells) {
      return html("tr", { role: "row" }, html("th", { scope: "row", role: "rowheader" }, name),
        html("td", { role: "cell" }), cells.map((value, at) => this.cell(at, this.text(value), tag)));
    }

    cell(at, content, tag = "td", bar = null) {
      const { title, number } = this.data.columns[at];
      return html(tag, { role: "cell", class: number ? "number" : null, "data-title": title }, content, bar);
    }

    text(value) {
      return isNumber(value) ? digits(value) : value === null ? "–" : value;
    }

    bar(at, value) {
      if (!this.data.columns[at].bar || !isNumber(value) || value === 0n || !this.most[at]) return null;
      const bar = html("span", { class: `bar ${this.data.columns[at].key}`, "aria-hidden": "true" });
      bar.style.width = `max(1px, ${(100 * Number(value)) / Number(this.most[at])}%)`;
      return bar;
    }

    row(row) {
      return row.members ? this.blockRow(row) : this.layerRow(row);
    }

    blockRow({ name, block, level, members, cells: own }) {
      const open = !this.closed.has(name);
      const toggle = () => {
        if (open) this.closed.add(name);
        else this.closed.delete(name);
        this.render();
        this.reopen();
        this.root.querySelector(`[data-block="${CSS.escape(name)}"]`).focus();
      };
      const button = html("button", { type: "button", "data-block": name, "aria-expanded": String(open), click: toggle },
        html("span", { "aria-hidden": "true" }, open ? "▾ " : "▸ "), name);
      const cells = own.map((value, at) => {
        const { number, bar } = this.data.columns[at];
        if (!number) return this.cell(at, this.text(members[members.length - 1].cells[at]));
        return this.cell(at, bar ? this.text(value) : "", "td", open ? null : this.bar(at, value));
      });
      return html("tr", { role: "row", class: "block" },
        html("th", { scope: "row", role: "rowheader", class: `level${Math.min(level, 3)}` }, button),
        html("td", { role: "cell" }, block), cells);
    }

    layerRow(layer) {
      const level = this.sorted ? 0 : Math.min(layer.blocks.length, 3);
      const button = (label, key) => html("button", {
        type: "button", "data-at": `${layer.index}:${key}`, "aria-expanded": "false",
        click: (event) => this.toggle(layer, key, event),
      }, label);
      const cells = layer.cells.map((value, at) =>
        this.cell(at, button(this.text(value), this.data.columns[at].key), "td", this.bar(at, value)));
      return html("tr", { role: "row" },
        html("th", { scope: "row", role: "rowheader", class: `level${level}` }, button(layer.name, "")),
        html("td", { role: "cell" }, layer.is), cells);
    }

    sort(at) {
      const before = this.sorted && this.sorted.at === at ? this.sorted : null;
      this.sorted = before ? (before.down ? { at, down: false } : null) : { at, down: true };
      this.render();
      this.reopen();
    }

    toggle(layer, key) {
      const same = this.shown && this.shown.layer === layer && this.shown.key === key;
      this.close();
      if (!same) this.open(layer, key);
      this.remember();
    }

    close() {
      clearInterval(this.timer);
      this.shown = null;
      for (const row of this.root.querySelectorAll("tr.detail")) row.remove();
      for (const button of this.root.querySelectorAll("[data-at]")) button.setAttribute("aria-expanded", "false");
    }

    /** Show how a number comes about, below its row; a name shows all that is known of the layer. */
    open(layer, key) {
      const button = this.root.querySelector(`[data-at="${layer.index}:${key}"]`);
      if (!button) return;
      this.shown = { layer, key };
      button.setAttribute("aria-expanded", "true");
      const content = html("td", { colspan: this.data.columns.length + 2, role: "cell" },
        html("div", { class: "why" }, this.detail(layer, key)));
      button.closest("tr").after(html("tr", { class: "detail", role: "row" }, content));
    }

    reopen() {
      if (!this.shown) return;
      const { layer, key } = this.shown;
      this.close();
      this.open(layer, key);
    }

    detail(layer, key) {
      const texts = layer.texts || this.data.texts;
      const at = this.data.columns.findIndex((column) => column.key === key);
      const [names, said] = [layer.texts ? layer.words : this.data.words[layer.words], layer.steps].map((columns) =>
        (at < 0 ? columns.flat() : columns[at]).map((text) => texts[text]));
      const steps = said.map((text, step) => [html("dt", {}, names[step]), html("dd", {}, text)]).flat();
      const used = new Set(said.join(" ").split(/[^\p{L}\p{N}_′]+/u));
      const legend = (layer.legend || []).map((text) => texts[text]).filter((text) => used.has(text.split(" = ")[0]));
      const column = this.data.columns[at];
      const all = column === undefined;
      return [
        html("p", {}, html("b", {}, layer.name), ` ${layer.reads.map(tuple).join(" and ")} → ${tuple(layer.shape)}. ${texts[layer.does]}`),
        html("dl", {}, steps),
        legend.length ? html("p", { class: "quiet" }, `with ${legend.join(", ")}`) : null,
        layer.note ? html("p", {}, layer.note) : null,
        all || column.shows === "window" ? this.window(layer) : null,
        all || column.shows === "field" ? this.field(layer) : null,
      ];
    }

    remember() {
      const { layer, key } = this.shown || {};
      const hash = layer ? `#${encodeURIComponent(layer.name)}${key && `:${key}`}` : "#";
      try {
        history.replaceState(null, "", hash);
      } catch { /* the page stands in a frame without an address */ }
    }

    /** Open what the address names. */
    follow() {
      let name = "";
      let key = "";
      try {
        [name, key = ""] = location.hash.slice(1).split(":").map(decodeURIComponent);
      } catch { /* no address of ours */ }
      const layer = this.layers.find((each) => each.name === name);
      if (!layer) return;
      for (const [block] of layer.blocks) this.closed.delete(block);
      this.render();
      this.close();
      this.open(layer, this.data.columns.some((column) => column.key === key) ? key : "");
      const row = this.root.querySelector("tr.detail");
      if (row) row.scrollIntoView({ block: "center" });
    }

    /** The window as it slides over a small stand-in with the same remainder. */
    window(layer) {
      if (!layer.window) return null;
      const axes = standIn(layer);
      if (!axes || axes.some(({ cells }) => cells > 40)) {
        return html("p", { class: "quiet" }, "The window is too large to be drawn.");
      }
      const { spread } = layer.window;
      const large = grid(axes, (axis) => axis.kinds);
      const small = grid(axes, (axis) => Array(axis.places).fill(""));
      const places = axes.reduce((product, axis) => product * axis.places, 1);
      const said = html("output", { class: "said" });
      const show = (place) => {
        const steps = axes.length > 1 ? [Math.floor(place / axes[1].places), place % axes[1].places] : [place];
        large.mark((at) => axes.every((axis, i) => axis.covers(steps[i], at[i])));
        small.mark((at) => axes.every((axis, i) => steps[i] === at[i]));
        said.textContent = `${spread ? "input" : "output"} element (${steps.join(", ")})`;
      };
      const slider = html("input", { type: "range", min: 0, max: places - 1, value: 0, "aria-label": "Place of the window",
        input: () => show(Number(slider.value)) });
      const play = html("button", { type: "button", click: () => {
        const playing = play.textContent === "Play";
        clearInterval(this.timer);
        play.textContent = playing ? "Pause" : "Play";
        if (!playing) return;
        this.timer = setInterval(() => {
          slider.value = (Number(slider.value) + 1) % places;
          show(Number(slider.value));
        }, 700);
      } }, "Play");
      show(0);
      const figure = (name, drawn, key) => html("div", {},
        html("p", { class: "quiet" }, `${name}, ${times(axes.map((axis) => axis[key]))}`), drawn.node);
      const figures = [figure(spread ? "output" : "input", large, "size"), figure(spread ? "input" : "output", small, "places")];
      const shown = layer.window.size.length > 2 ? " Of three axes the last two are drawn." : "";
      return html("div", { class: "figure", role: "group", "aria-label": "The window slides" },
        html("div", { class: "pair" }, spread ? figures.reverse() : figures),
        html("p", { class: "tools" }, play, " ", slider, " ", said),
        [...new Set(axes.map((axis) => axis.formula))].map((line) => html("p", { class: "quiet" }, line + shown)),
        axes.flatMap((axis, i) => axis.remarks(axes.length > 1 && i === 0 ? "row" : "column"))
          .map((line) => html("p", {}, line)));
    }

    /** What an output element sees of the input. */
    field(layer) {
      const image = this.data.inputs.length === 1 && this.data.inputs[0].shape;
      if (!layer.sees || !image || image.length !== layer.shape.length) return null;
      const count = Math.min(image.length - 1, 2);
      const every = layer.sees.length > 1 ? layer.sees : Array(count).fill(layer.sees[0]);
      const axes = every.slice(-count).map(([extent, jump, start], i) =>
        ({ extent, jump, start, size: image[image.length - 1 - count + i], out: layer.shape[layer.shape.length - 1 - count + i] }));
      if (count === 1) axes.unshift({ extent: 1, jump: 1, start: 0, size: 1, out: 1 });
      const [down, across] = axes;
      const box = svg("rect", { class: "box" });
      const spot = svg("rect", { class: "box", width: 1, height: 1 });
      const margin = Math.max(down.size, across.size) / 6;
      const frame = (height, width, around, drawn, name, most, listeners) => {
        const [wide, tall] = [width + 2 * around, height + 2 * around * (count > 1)];
        const scale = most / Math.max(wide, tall);
        return svg("svg", { viewBox: `${-around} ${-around * (count > 1)} ${wide} ${tall}`, role: "img",
          "aria-label": name, width: Math.max(wide * scale, 24), height: Math.max(tall * scale, 24),
          preserveAspectRatio: "none", ...listeners }, svg("rect", { class: "sheet", width, height }), drawn);
      };
      const said = html("output", { class: "said", "aria-live": "polite" });
      const name = ["row", count > 1 ? "column" : "step"];
      const sliders = axes.map((axis, i) => html("input", { type: "range", min: 0, max: axis.out - 1,
        value: Math.floor((axis.out - 1) / 2), "aria-label": `Output ${name[i]}`, input: () => show() }));
      const show = () => {
        const at = sliders.map((slider) => Number(slider.value));
        const seen = axes.map((axis, i) => {
          const first = Math.round(axis.start + axis.jump * at[i] - (axis.extent - 1) / 2);
          return [first, first + axis.extent - 1];
        });
        place(box, seen[1][0], seen[0][0], across.extent, down.extent);
        place(spot, at[1], at[0], 1, 1);
        const inside = seen.map(([first, last], i) => [Math.max(first, 0), Math.min(last, axes[i].size - 1)]);
        const part = inside.some(([first, last], i) => first !== seen[i][0] || last !== seen[i][1]);
        const spans = inside.map(([first, last], i) => `${name[i]}s ${first}…${last}`).slice(-count);
        const where = count > 1 ? `Output row ${at[0]}, column ${at[1]}` : `Output ${at[1]}`;
        said.textContent = `${where} sees ${spans.join(", ")}${part ? "; partly padding" : ""}`;
      };
      const point = (event) => {
        const area = event.currentTarget.getBoundingClientRect();
        const shares = [(event.clientY - area.top) / area.height, (event.clientX - area.left) / area.width];
        sliders.forEach((slider, i) => { slider.value = Math.floor(shares[i] * axes[i].out); });
        show();
      };
      const pair = html("div", { class: "pair" },
        html("div", {}, html("p", { class: "quiet" }, `input, ${times(image.slice(0, -1))}`),
          frame(down.size, across.size, margin, box, "The box that is seen of the input", 220, {})),
        html("div", {}, html("p", { class: "quiet" }, `output, ${times(layer.shape.slice(0, -1))}: point at it`),
          frame(down.out, across.out, 0, spot, "The output element", 150, { pointermove: point, pointerdown: point, class: "map" })));
      show();
      return html("div", { class: "figure", role: "group", "aria-label": "What an output element sees" },
        pair, html("p", { class: "tools" }, sliders.slice(-count), " ", said));
    }
  }

  function place(rect, x, y, width, height) {
    for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
  }

  /** The axes of a small input with the same window, stride, padding, dilation and remainder; null where there is none. */
  function standIn({ window, reads: [input], shape }) {
    const rank = window.size.length;
    const axes = window.size.map((f, i) => {
      const [from, to] = [input[input.length - 1 - rank + i], shape[shape.length - 1 - rank + i]];
      const [s, d, [before, after]] = [window.stride[i], window.dilation[i], window.padding[i]];
      const [whole, count] = window.spread ? [to, from] : [from, to];
      const extent = d * (f - 1) + 1;
      const rest = whole + before + after - extent - s * (count - 1);
      let places = Math.min(count, 3);
      const sized = () => extent + s * (places - 1) + rest - before - after;
      while (sized() < 1 && places < count) places += 1;
      const size = sized();
      const reached = extent + s * (places - 1) - before;
      const [low, high] = [Math.max(before, 0), Math.max(size + Math.max(after, 0), reached)];
      const kinds = [];
      for (let at = -low; at < high; at += 1) kinds.push(at >= reached ? "lost" : at < 0 || at >= size ? "pad" : "");
      const covers = (step, at) => {
        const inside = at - low - (s * step - before);
        return inside >= 0 && inside < extent && inside % d === 0;
      };
      const pads = before === after ? `2·${before}` : `(${before} + ${after})`;
      const [wide, put] = d > 1 ? ["d(f − 1) + 1", `${d}·(${f} − 1) + 1`] : ["f", `${f}`];
      const formula = `Drawn smaller with the same remainder: ${window.spread ? "o" : "n"}′ = ${wide} + s(${window.spread ? "n" : "o"}′ − 1)`
        + `${rest ? " + rest" : ""} − ${before === after ? "2p" : "padding"} = ${put} + ${s}·(${places} − 1)${rest ? ` + ${rest}` : ""} − ${pads}`
        + ` = ${size} (of the layer: ${from} → ${to}).`;
      const remarks = (word) => (rest > 0 && !window.spread && high > reached
        ? [`No window reaches the last ${rest === 1 ? word : `${rest} ${word}s`}: the floor drops what is left of the division by s = ${s}.`] : []);
      return { size, places, cells: kinds.length, kinds, covers, formula, remarks, fits: size > 0 };
    });
    return axes.every((axis) => axis.fits) ? axes.slice(-2) : null;
  }

  /** A grid of cells along one or two axes; `mark` says which of them are lit. */
  function grid(axes, kindsOf) {
    const kinds = axes.map(kindsOf);
    const [down, across] = kinds.length > 1 ? kinds : [[""], kinds[0]];
    const side = Math.max(6, Math.min(20, Math.floor(240 / Math.max(down.length, across.length))));
    const cells = [];
    down.forEach((row, y) => across.forEach((column, x) => {
      const kind = ["lost", "pad", "cell"].find((each) => each === row || each === column || each === "cell");
      const rect = svg("rect", { x: x * side + 1, y: y * side + 1, width: side - 2, height: side - 2, class: kind });
      cells.push({ rect, at: kinds.length > 1 ? [y, x] : [x] });
    }));
    const node = svg("svg", { width: across.length * side, height: down.length * side, "aria-hidden": "true" },
      cells.map(({ rect }) => rect));
    return { node, mark: (lit) => cells.forEach(({ rect, at }) => rect.classList.toggle("lit", lit(at))) };
  }

  globalThis.cnnspecPage = { Page, show: (data, root) => new Page(data, root) };
  const data = document.getElementById("cnnspec-data");
  if (data) globalThis.cnnspecPage.show(JSON.parse(data.textContent), document.getElementById("cnnspec-layers"));
})();
