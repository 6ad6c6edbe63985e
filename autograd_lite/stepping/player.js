// Replays the recorded pass on the picture. A frame is one step; position 0 is before the first one.
// Gradients are added up here as they were there, in the same doubles; only changed nodes are touched.
"use strict";
for (const host of document.querySelectorAll(".autograd-lite-player:not([data-on])")) {
  host.setAttribute("data-on", "");
  start(host);
}

function start(host) {
  const root = host.attachShadow({ mode: "open" });
  root.append(host.querySelector("template").content.cloneNode(true));
  const data = JSON.parse(host.querySelector("script").textContent);
  const find = (query) => root.querySelector(query);
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const nodes = data.nodes.map(([op, name, x, operands = [], locals = []]) =>
    ({ op: data.ops[op], leaf: op === -1, constant: op === -2, name, x: +x, operands, locals: locals.map((d) => d === null ? d : +d) }));
  const top = nodes.length - 1;

  // ---- frames, and the gradients before and after each ----
  const each = (table, otherwise) => nodes.map((_, i) => i in table ? +table[i] : otherwise);
  const frames = data.forward.map((i) => ({ i, forward: true }));
  const total = each(data.total, 1), count = each(data.count, 0), received = count.slice();
  const initial = each(data.start, 0), grads = initial.slice();
  const add = (frame, j, amount) => {
    frame.j = j; frame.before = grads[j]; frame.share = amount; frame.after = grads[j] += amount; frames.push(frame);
  };
  if (data.seed !== null) add({ i: top, seed: true }, top, +data.seed);
  for (let i = top; i >= 0; i--) if (nodes[i].op) {
    nodes[i].operands.forEach((j, p) => {
      const local = nodes[i].locals[p];
      if (local === null) return;
      add({ i, p, local, up: grads[i], count: ++count[j] }, j, local * grads[i]);
    });
  }
  const largest = Math.max(...grads.map(Math.abs).filter(Number.isFinite));
  initial.forEach((g, i) => { grads[i] = g; });

  // ---- words: the same as in wording.py ----
  const number = (x) => {
    const size = Math.abs(x);
    if (x === 0) return "0";
    if (x !== x) return "nan";
    if (size === Infinity) return x < 0 ? "-inf" : "inf";
    return size >= 1e-4 && size < 1e6 ? x.toFixed(4) : x.toExponential(3).replace("+", "");
  };
  const render = (template, texts, out, guarded) => template.map((part) => {
    const text = typeof part === "string" ? part : part === -1 ? out : texts[part];
    return guarded(part) && text.startsWith("-") ? `(${text})` : text;
  }).join("");
  const d = (name) => /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(name) ? "d" + name : `d(${name})`;
  const per = (above, i) => d(above) + "/" + d(nodes[i].name);
  const lines = (frame) => {
    const node = nodes[frame.i], names = node.operands.map((j) => nodes[j].name);
    if (frame.forward) {
      const call = (texts) => render(node.op[0], texts, "", (part) => node.op[1].includes(part));
      return [node.name, call(names), call(node.operands.map((j) => number(nodes[j].x))), number(node.x)];
    }
    if (frame.seed) return [per(data.root, top), number(frame.share)];
    const rule = node.op[2][frame.p], up = number(frame.up);
    const found = [`${per(data.root, frame.j)} += ${per(node.name, frame.j)} * ${per(data.root, frame.i)}`];
    if (rule) found.push(`(${render(rule, names, node.name, (part) => typeof part === "number" && rule.length > 1)}) * ${up}`);
    return [...found, `${number(frame.local)} * ${up}`, number(frame.share)];
  };
  const badge = (frame) => total[frame.j] > 1 && frame.count ? `${frame.count} of ${total[frame.j]} contributions` : "";
  const flag = (k) => data.flags[k] || "";
  const sentence = (k) => { // what Python prints for this step
    const frame = frames[k - 1], sign = frame.seed && frame.before ? " += " : " = ", more = badge(frame);
    const change = frame.forward ? "" : `   [${number(frame.before)} -> ${number(frame.after)}${more && ", " + more}]`;
    return lines(frame).join(sign) + change + (flag(k) && `   ! ${flag(k)}`);
  };

  // ---- the picture ----
  const group = nodes.map((_, i) => root.getElementById("n" + i));
  const part = group.map((g) => g && { data: g.querySelector(".data"), grad: g.querySelector(".grad") });
  const edge = (i, p) => root.getElementById(`e${i}_${p}`);
  const computed = new Set(data.forward), known = nodes.map((_, i) => !computed.has(i));
  const first = frames.findIndex((frame) => frame.seed);
  let at = 0, lit = [];
  const write = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
  const tints = ["none", "zero", "nan", "pos1", "pos2", "pos3", "pos4", "neg1", "neg2", "neg3", "neg4"];
  const tint = (g) => {
    if (g !== g) return "nan";
    if (g === 0) return "zero";
    return (g > 0 ? "pos" : "neg") + (4 - [0.3, 0.03, 0.003].filter((share) => Math.abs(g) < share * largest).length);
  };
  const colour = (g, name) => {
    if (g.classList.contains(name)) return;
    g.classList.remove(...tints);
    g.classList.add(name);
  };
  const paint = (i) => {
    const g = group[i], node = nodes[i], begun = received[i] > 0 || grads[i] !== 0 || i === top && first >= 0 && at > first;
    if (!g) return;
    g.classList.toggle("wait", !known[i]);
    write(part[i].data, !known[i] ? "" : node.constant ? number(node.x) : "data " + number(node.x));
    write(part[i].grad, begun ? "grad " + number(grads[i]) : "");
    colour(g, begun ? tint(grads[i]) : "none");
  };
  const apply = (frame, forwards, dirty) => {
    if (frame.forward) {
      known[frame.i] = forwards;
      return dirty.add(frame.i);
    }
    grads[frame.j] = forwards ? frame.after : frame.before;
    dirty.add(frame.j);
    if (frame.seed) return;
    received[frame.j] += forwards ? 1 : -1;
    const line = edge(frame.i, frame.p);
    if (line) line.classList.toggle("used", forwards);
  };
  const light = (frame) => {
    for (const [element, name] of lit) element.classList.remove(name);
    lit = [];
    const mark = (element, name) => { if (element) { element.classList.add(name); lit.push([element, name]); } };
    if (!frame) return;
    if (frame.j !== undefined && frame.j !== frame.i) mark(group[frame.j], "to");
    mark(group[frame.i], "now");
    if (frame.forward) nodes[frame.i].operands.forEach((_, p) => mark(edge(frame.i, p), "on"));
    else if (!frame.seed) mark(edge(frame.i, frame.p), "on");
  };
  const reveal = (g) => { // within the picture's own pane: the page around it must not move
    if (!g) return;
    const pane = find(".graph"), box = g.getBoundingClientRect(), view = pane.getBoundingClientRect();
    const move = (low, high, from, to) => low < from + 40 ? low - from - 40 : high > to - 40 ? high - to + 40 : 0;
    pane.scrollLeft += move(box.left, box.right, view.left, view.right);
    pane.scrollTop += move(box.top, box.bottom, view.top, view.bottom);
  };

  // ---- moving ----
  const high = frames.length;
  const go = (k) => {
    const goal = Math.min(Math.max(k, 0), high), dirty = new Set();
    while (at < goal) apply(frames[at++], true, dirty);
    while (at > goal) apply(frames[--at], false, dirty);
    dirty.forEach(paint);
    const frame = at > 0 ? frames[at - 1] : null;
    light(frame);
    if (frame) reveal(group[frame.i]);
    if (frame && !frame.forward) reveal(group[frame.j]);
    tell(frame);
  };
  const tell = (frame) => {
    find(".at").value = at;
    write(find(".count"), `${at} / ${high}`);
    const phase = find(".phase");
    write(phase, !frame ? "start: the operands are known" : frame.forward ? "forward" : frame.seed ? "backward begins" : "backward");
    if (frame && badge(frame)) phase.append(", ", make("b", badge(frame)));
    if (frame && flag(at)) phase.append(", ", Object.assign(make("span", flag(at)), { className: "flag" }));
    const [head, ...rest] = frame ? lines(frame) : ["Press Right or play."];
    const change = frame && !frame.forward ? `   [${number(frame.before)} -> ${number(frame.after)}]` : "";
    write(find(".equation"), head + rest.map((line) => "\n  = " + line).join("") + change);
    find(".at").setAttribute("aria-valuetext", frame ? sentence(at) : "start");
    rows.forEach(fill);
  };
  const touches = (frame, i) => frame.i === i || frame.j === i || frame.forward && nodes[frame.i].operands.includes(i);
  const runTo = (i) => {
    let k = at + 1;
    while (k < high && !touches(frames[k - 1], i)) k++;
    go(k);
  };
  const turn = (by) => { // to the next or previous value's first step
    let k = at + by;
    while (k > 0 && k < high && frames[k - 1].i === frames[k - 2]?.i) k += by;
    go(k);
  };

  // ---- playing; a flagged step pauses it ----
  let timer = 0;
  const pause = () => {
    clearTimeout(timer);
    timer = 0;
    find(".step").setAttribute("aria-live", "polite");
    label("Play (Space)", "M4 3v10l9-5z");
  };
  const label = (text, path) => {
    const button = find("[data-do=play]");
    button.title = text;
    button.querySelector("path").setAttribute("d", path);
  };
  const tick = () => {
    go(at + 1);
    if (at >= high || flag(at)) pause();
    else timer = setTimeout(tick, +find(".speed").value);
  };
  const play = () => {
    if (timer) return pause();
    if (at >= high) go(0);
    find(".step").setAttribute("aria-live", "off");
    label("Pause (Space)", "M5 3v10M11 3v10");
    timer = setTimeout(tick, 50);
  };

  // ---- the watch list ----
  const rows = new Map();
  const fill = (row, i) => {
    const frame = at > 0 ? frames[at - 1] : null, node = nodes[i];
    const change = !frame ? "" : frame.j === i ? `+ ${number(frame.share)}` : frame.forward && frame.i === i ? "computed" : "";
    [known[i] ? number(node.x) : "", node.constant ? "constant" : number(grads[i]), change].forEach((text, k) => write(row.cells[k + 1], text));
  };
  const watch = (i) => {
    const old = rows.get(i);
    if (group[i]) group[i].classList.toggle("watched", !old);
    if (old) {
      old.remove();
      rows.delete(i);
    }
    find("thead").hidden = Boolean(old) && rows.size === 0;
    if (old) return;
    const row = find("tbody").insertRow(), cells = [0, 1, 2, 3, 4].map(() => row.insertCell());
    cells[0].textContent = nodes[i].name;
    const button = (text, title, action) => { const b = make("button", text); b.title = title; b.onclick = action; cells[4].append(b); };
    button("run to", "Run to the next step that touches it", () => runTo(i));
    button("x", "Watch it no more", () => watch(i));
    rows.set(i, row);
    fill(row, i);
  };

  // ---- size of the picture ----
  const svg = find(".graph > svg");
  let zoom = 1;
  const size = svg && [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
  const scale = (to) => {
    if (!svg) return;
    zoom = Math.min(Math.max(to, 0.05), 4);
    svg.style.width = size[0] * zoom + "px";
    svg.style.height = size[1] * zoom + "px";
    svg.style.maxWidth = "none";
  };
  const fit = () => { const pane = find(".graph"); if (svg) scale(Math.min(pane.clientWidth / size[0], pane.clientHeight / size[1])); };

  // ---- hands on ----
  const actions = {
    first: () => go(0), back: () => go(at - 1), play, next: () => go(at + 1), last: () => go(high),
    in: () => scale(zoom * 1.25), out: () => scale(zoom / 1.25), fit,
  };
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]"), g = event.target.closest(".node");
    if (button) { if (button.dataset.do !== "play") pause(); actions[button.dataset.do](); }
    if (g && event.detail < 2) watch(+g.id.slice(1));
  });
  root.addEventListener("dblclick", (event) => {
    const g = event.target.closest(".node");
    if (g) { pause(); if (!rows.has(+g.id.slice(1))) watch(+g.id.slice(1)); runTo(+g.id.slice(1)); }
  });
  const keys = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity, " ": 0 };
  const listener = host.hasAttribute("data-alone") ? document : host;
  listener.addEventListener("keydown", (event) => {
    const target = event.composedPath()[0], by = keys[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey || target.tagName === "SELECT") return;
    if (by === 0 && target.tagName === "BUTTON") return;
    event.preventDefault();
    if (by === 0) return play();
    pause();
    if (event.shiftKey && Math.abs(by) === 1) turn(by);
    else go(at + by);
  });
  const slider = find(".at"), list = find(".add");
  Object.assign(slider, { max: high });
  slider.addEventListener("input", () => { pause(); go(+slider.value); });
  nodes.forEach((node, i) => list.append(Object.assign(make("option", node.name), { value: i })));
  list.addEventListener("change", () => { if (list.value && !rows.has(+list.value)) watch(+list.value); list.value = ""; });
  scale(1);
  nodes.forEach((_, i) => paint(i));
  go(0);
  host.steps = { sentence, go, at: () => at, grads: () => grads.slice(), frames: frames.length };
}
