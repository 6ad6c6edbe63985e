// Replays the passes step by step on the picture. A frame is one step; position 0 is before the first one.
// Gradients are added up here as they were there, in the same doubles; only changed boxes are touched.
const player = (page) => {
  const { data, live, host, root, find, make, on, number, write } = page, { nodes, top } = live;
  page.steps = true;

  // ---- frames; their numbers again after every move ----
  const each = (table, otherwise) => nodes.map((_, i) => i in table ? +table[i] : otherwise);
  const frames = data.forward.map((i) => ({ i, forward: true })), total = each(data.total, 1), count = each(data.count, 0), initial = each(data.start, 0);
  if (data.seed !== null) frames.push({ i: top, j: top, seed: true });
  const seen = count.slice();
  for (let i = top; i >= 0; i--) nodes[i].operands.forEach((j, p) => {
    if (nodes[i].locals[p] !== null) frames.push({ i, j, p, count: ++seen[j] });
  });
  const high = frames.length, seed = data.seed === null ? 0 : +data.seed;
  const number_frames = () => {
    const grads = initial.slice();
    for (const frame of frames) if (!frame.forward) {
      frame.local = frame.seed ? 1 : live.locals[frame.i][frame.p];
      frame.up = frame.seed ? seed : grads[frame.i];
      frame.share = frame.seed ? seed : frame.local * frame.up;
      frame.before = grads[frame.j];
      frame.after = grads[frame.j] += frame.share;
    }
  };

  // ---- words: the same as in wording.py and recording.py ----
  const render = (template, texts, out, guarded) => template.map((part) => {
    const text = typeof part === "string" ? part : part === -1 ? out : texts[part];
    return guarded(part) && text.startsWith("-") ? `(${text})` : text;
  }).join("");
  const per = (above, i) => page.quotient(above, nodes[i].name);
  const lines = (frame) => {
    const node = nodes[frame.i], names = node.operands.map((j) => nodes[j].name);
    if (frame.forward) {
      const call = (texts) => render(node.op.call, texts, "", (part) => node.op.guarded.includes(part));
      return [node.name, call(names), call(node.operands.map((j) => number(live.x[j]))), number(live.x[frame.i])];
    }
    if (frame.seed) return [per(data.root, top), number(frame.share)];
    const rule = node.op.partials[frame.p], up = number(frame.up);
    const found = [`${per(data.root, frame.j)} += ${per(node.name, frame.j)} * ${per(data.root, frame.i)}`];
    if (rule) found.push(`(${render(rule, names, node.name, (part) => typeof part === "number" && rule.length > 1)}) * ${up}`);
    return [...found, `${number(frame.local)} * ${up}`, number(frame.share)];
  };
  const badge = (frame) => total[frame.j] > 1 && frame.count ? `${frame.count} of ${total[frame.j]} contributions` : "";
  const appears = (out, origins) => Number.isNaN(out) ? (origins.some(Number.isNaN) ? "" : "nan") : Math.abs(out) === Infinity && !origins.some((x) => Math.abs(x) === Infinity) ? "inf" : "";
  const flag = (k) => {
    if (!live.moved) return data.flags[k] || "";
    const { i, forward, seed: begins, local, up, share, before, after, count: nth } = frames[k - 1], unit = Math.abs(seed), abs = Math.abs;
    if (forward) return appears(live.x[i], nodes[i].operands.filter((j) => nodes[j].op).map((j) => live.x[j]));
    if (begins) return appears(seed, []);
    const found = appears(after, nth > 1 ? [up, before] : [up]);
    if (found) return found;
    if (abs(share) < 1e-6 * unit && abs(up) >= 1e-6 * unit && (share || local)) return "vanishing";
    return abs(after) > 1e6 * unit && 1e6 * unit >= Math.max(abs(up), abs(before)) ? "exploding" : "";
  };
  const sentence = (k) => { // what Python prints for this step
    const frame = frames[k - 1], sign = frame.seed && frame.before ? " += " : " = ", more = badge(frame);
    const change = frame.forward ? "" : `   [${number(frame.before)} -> ${number(frame.after)}${more && ", " + more}]`;
    return lines(frame).join(sign) + change + (flag(k) && `   ! ${flag(k)}`);
  };

  // ---- the picture at a step ----
  const computed = new Set(data.forward), first = frames.findIndex((frame) => frame.seed);
  let at = 0, lit = [], grads, known, received;
  const begin = () => {
    grads = initial.slice();
    received = count.slice();
    known = nodes.map((_, i) => !computed.has(i));
  };
  const paint = (i) => page.paintBox(i, known[i], received[i] > 0 || grads[i] !== 0 || i === top && first >= 0 && at > first ? grads[i] : undefined);
  const apply = (frame, forwards, dirty) => {
    if (frame.forward) {
      known[frame.i] = forwards;
      return dirty.add(frame.i);
    }
    grads[frame.j] = forwards ? frame.after : frame.before;
    dirty.add(frame.j);
    if (frame.seed) return;
    received[frame.j] += forwards ? 1 : -1;
    page.paintEdge(frame.i, frame.p, forwards ? grads[frame.i] : undefined);
  };
  const light = (frame) => {
    if (lit.frame === frame) return;
    for (const [element, name] of lit) element.classList.remove(name);
    lit = Object.assign([], { frame });
    const mark = (element, name) => { if (element) { element.classList.add(name); lit.push([element, name]); } };
    if (!frame) return;
    if (frame.j !== undefined && frame.j !== frame.i) mark(page.box(frame.j), "to");
    mark(page.box(frame.i), "now");
    if (frame.forward) nodes[frame.i].operands.forEach((_, p) => mark(page.edge(frame.i, p), "on"));
    else if (!frame.seed) mark(page.edge(frame.i, frame.p), "on");
  };
  page.paint = () => { // everything, after a move
    page.measure();
    begin();
    if (live.moved && at === 0) at = high; // a move shows both passes; within them it stays at its step
    const done = live.wrong ? [] : frames.slice(0, at), used = new Set(done.map(({ i, p }) => `${i},${p}`));
    if (!live.wrong) number_frames();
    done.forEach((frame) => apply(frame, true, used));
    nodes.forEach(({ operands }, i) => { if (i <= top) operands.forEach((_, p) => { if (!used.has(`${i},${p}`)) page.paintEdge(i, p); }); });
    nodes.forEach((_, i) => live.wrong ? page.paintBox(i, true) : paint(i));
    light(live.wrong ? null : frames[at - 1]);
    tell();
  };

  // ---- moving ----
  const go = (k) => {
    if (live.wrong) return;
    const goal = Math.min(Math.max(k, 0), high), dirty = new Set();
    while (at < goal) apply(frames[at++], true, dirty);
    while (at > goal) apply(frames[--at], false, dirty);
    dirty.forEach(paint);
    const frame = frames[at - 1];
    light(frame);
    if (frame) page.reveal(frame.i);
    if (frame && !frame.forward) page.reveal(frame.j);
    tell();
  };
  const tell = () => {
    const frame = live.wrong ? null : frames[at - 1];
    find(".at").value = at;
    write(find(".count"), `${at} / ${high}`);
    const phase = find(".phase");
    write(phase, live.wrong ? "no steps" : !frame ? "start: the operands are known" : frame.forward ? "forward" : frame.seed ? "backward begins" : "backward");
    if (frame && badge(frame)) phase.append(", ", make("b", { textContent: badge(frame) }));
    if (frame && flag(at)) phase.append(", ", make("span", { textContent: flag(at), className: "flag" }));
    const [head, ...rest] = frame ? lines(frame) : [live.wrong ? "A number is not defined." : "Press Right or play."];
    const change = frame && !frame.forward ? `   [${number(frame.before)} -> ${number(frame.after)}]` : "";
    write(find(".equation"), head + rest.map((line) => "\n  = " + line).join("") + change);
    find(".at").ariaValueText = frame ? sentence(at) : "start";
    rows.forEach(fill);
  };
  const touches = (frame, i) => frame.i === i || frame.j === i || frame.forward && nodes[frame.i].operands.includes(i);
  const runTo = (i) => {
    const k = frames.findIndex((frame, k) => k >= at && touches(frame, i));
    if (k >= 0) return go(k + 1);
    write(find(".phase"), `no later step touches ${nodes[i].name}; Home goes back to the start`);
  };
  const turn = (by) => { // to the next or previous value's first step
    let k = at + by;
    while (k > 0 && k < high && frames[k - 1].i === (frames[k - 2] || {}).i) k += by;
    go(k);
  };

  // ---- playing; a flagged step pauses it ----
  let timer = 0;
  const label = (title, path) => {
    find("[data-do=play]").title = title;
    find("[data-do=play] path").setAttribute("d", path);
  };
  const pause = () => {
    clearTimeout(timer);
    timer = 0;
    find(".step").ariaLive = "polite";
    label("Play (Space)", "M4 3v10l9-5z");
  };
  const tick = () => {
    go(at + 1);
    if (at >= high || flag(at) || live.wrong) pause();
    else timer = setTimeout(tick, +find(".speed").value);
  };
  const play = () => {
    if (timer) return pause();
    if (at >= high) go(0);
    find(".step").ariaLive = "off";
    label("Pause (Space)", "M5 3v10M11 3v10");
    timer = setTimeout(tick, 50);
  };

  // ---- the watch list ----
  const rows = new Map();
  const fill = (row, i) => {
    const frame = live.wrong ? null : frames[at - 1], node = nodes[i];
    const change = !frame ? "" : frame.j === i ? `+ ${number(frame.share)}` : frame.forward && frame.i === i ? "computed" : "";
    const grad = node.kind === "constant" ? "constant" : live.wrong ? "" : number(grads[i]);
    [known[i] ? number(live.x[i]) : "", grad, change].forEach((text, k) => write(row.cells[k + 1], text));
  };
  const watch = (i) => {
    const old = rows.get(i);
    if (page.box(i)) page.box(i).classList.toggle("watched", !old);
    if (old) {
      old.remove();
      rows.delete(i);
    }
    find("thead").hidden = Boolean(old) && rows.size === 0;
    if (old) return;
    const row = find("tbody").insertRow(), cells = [0, 1, 2, 3, 4].map(() => row.insertCell());
    cells[0].textContent = nodes[i].name;
    const button = (textContent, title, onclick) => cells[4].append(make("button", { textContent, title, onclick }));
    button("run to", "Run to the next step that touches it", () => { pause(); runTo(i); });
    button("x", "Watch it no more", () => watch(i));
    rows.set(i, row);
    fill(row, i);
  };

  // ---- hands on ----
  const still = (action) => () => { pause(); action(); };
  Object.assign(page.actions, { play, first: still(() => go(0)), back: still(() => go(at - 1)), next: still(() => go(at + 1)), last: still(() => go(high)) });
  on(root, "click", (event) => {
    const g = event.target.closest(".node");
    if (g && event.detail < 2) watch(+g.id.slice(1));
  });
  on(root, "dblclick", (event) => {
    const g = event.target.closest(".node");
    if (g) { pause(); if (!rows.has(+g.id.slice(1))) watch(+g.id.slice(1)); runTo(+g.id.slice(1)); }
  });
  const keys = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity, " ": 0 };
  on(host.hasAttribute("data-alone") ? document : host, "keydown", (event) => {
    const target = event.composedPath()[0], by = keys[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey || target.matches && target.matches("select, .side input")) return;
    if (by === 0 && target.tagName === "BUTTON") return;
    event.preventDefault();
    if (by === 0) return play();
    pause();
    if (event.shiftKey && Math.abs(by) === 1) turn(by);
    else go(at + by);
  });
  const slider = find(".at"), list = find(".add");
  slider.max = high;
  on(slider, "input", () => { pause(); go(+slider.value); });
  nodes.forEach((node, i) => { if (i <= top) list.append(make("option", { textContent: node.name, value: i })); });
  on(list, "change", () => { if (list.value && !rows.has(+list.value)) watch(+list.value); list.value = ""; });
  host.steps = { sentence, go, at: () => at, grads: () => grads.slice(0, top + 1), frames: high };
};
