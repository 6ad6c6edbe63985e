// Replays the passes step by step on the picture. A frame is one step; position 0 is before the first one.
// Gradients are added up here as they were there, in the same doubles; only changed boxes are touched.
const player = (page) => {
  const { data, live, host, root, find, make, on, number, write } = page, { nodes, top } = live;
  page.steps = true;
  page.remember = () => {};

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
  const oneLess = (text) => text.replace(/ \*\* \(([2-9]) - 1\)/g, (_, n) => n === "2" ? "" : ` ** ${n - 1}`);
  const render = (template, texts, out, guarded) => template.map((part) => {
    const text = typeof part === "string" ? part : part === -1 ? out : texts[part];
    return guarded(part) && text.startsWith("-") ? `(${text})` : text;
  }).join("");
  const per = (above, i) => page.quotient(above, nodes[i].name);
  const book = ({ i, p }) => p !== undefined && (nodes[i].op.textbook || [])[p];
  const lines = (frame, exact = false) => {
    const node = nodes[frame.i], names = node.operands.map((j) => nodes[j].name);
    if (frame.forward) {
      const call = (texts) => render(node.op.call, texts, "", (part) => node.op.guarded.includes(part));
      return [node.name, call(names), call(node.operands.map((j) => number(live.x[j]))), number(live.x[frame.i])];
    }
    if (frame.seed) return [per(data.root, top), number(frame.share)];
    const rule = exact ? node.op.partials[frame.p] : book(frame) || node.op.partials[frame.p], up = number(frame.up);
    const found = [`${per(data.root, frame.j)} += ${per(node.name, frame.j)} * ${per(data.root, frame.i)}`];
    if (rule) found.push(`(${oneLess(render(rule, names, node.name, (part) => typeof part === "number" && rule.length > 1))}) * ${up}`);
    return [...found, `${number(frame.local)} * ${up}`, number(frame.share)];
  };
  const short = (frame) => lines(frame, false).slice(0, frame.forward ? 2 : 1).join(" = ");
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
  let at = 0, lit = [], turned = [], grads, known, received, exact = false, quiz = null;
  const begin = () => {
    grads = initial.slice();
    received = count.slice();
    known = nodes.map((_, i) => !computed.has(i));
  };
  const paint = (i) => page.paintBox(i, known[i], received[i] > 0 || grads[i] !== 0 || i === top && first >= 0 && at > first ? grads[i] : undefined);
  const edge = (i, p, grad) => page.paintEdge(i, p, grad, known[i]); // a local derivative is known once its value is computed
  const apply = (frame, forwards, dirty) => {
    if (frame.forward) {
      known[frame.i] = forwards;
      nodes[frame.i].operands.forEach((_, p) => edge(frame.i, p));
      return dirty.add(frame.i);
    }
    grads[frame.j] = forwards ? frame.after : frame.before;
    dirty.add(frame.j);
    if (frame.seed) return;
    received[frame.j] += forwards ? 1 : -1;
    edge(frame.i, frame.p, forwards ? grads[frame.i] : undefined);
  };
  const along = (frame, action) => { // the edges that a step goes along, and whether backwards
    if (frame.forward) nodes[frame.i].operands.forEach((_, p) => action(frame.i, p, false));
    else if (!frame.seed) action(frame.i, frame.p, true);
  };
  const light = (shown) => {
    for (const [element, name] of lit) element.classList.remove(name);
    for (const [i, p] of turned) page.turn(i, p, false);
    lit = [];
    turned = [];
    const mark = (element, name) => { if (element) { element.classList.add(name); lit.push([element, name]); } };
    for (const frame of shown) {
      if (frame.j !== undefined && frame.j !== frame.i) mark(page.box(frame.j), "to");
      mark(page.box(frame.i), "now");
      along(frame, (i, p, back) => {
        mark(page.edge(i, p), "on");
        if (back) { page.turn(i, p, true); turned.push([i, p]); }
      });
    }
  };
  page.paint = () => { // everything, after a move
    page.measure();
    begin();
    if (live.moved && at === 0) at = high; // a move shows both passes; within them it stays at its step
    const done = live.wrong ? [] : frames.slice(0, at), used = new Set(done.map(({ i, p }) => `${i},${p}`));
    if (!live.wrong) number_frames();
    done.forEach((frame) => apply(frame, true, used));
    nodes.forEach(({ operands }, i) => { if (i <= top) operands.forEach((_, p) => { if (!used.has(`${i},${p}`)) edge(i, p); }); });
    nodes.forEach((_, i) => live.wrong ? page.paintBox(i, true) : paint(i));
    tell();
  };

  // ---- moving: by edge, by value or by layer; a stop is a position, and the frames since the stop before are one step ----
  const LISTED = 400;
  let mode = "edge", stops = [], from = -1, option;
  const opened = new Set(), fold = data.fold && folding(page, (part) => enter(part));
  const partOf = (frame) => mode === "layer" && fold.names[fold.part[frame.i]] && !opened.has(fold.part[frame.i]) ? fold.part[frame.i] : -1;
  const group = (frame, k) => partOf(frame) >= 0 ? `${!frame.forward} ${partOf(frame)}` : frame.seed || mode === "edge" || opened.has(fold && fold.part[frame.i]) ? k : `${!frame.forward} ${frame.i}.`;
  const regroup = () => {
    const keys = frames.map(group);
    stops = [0, ...keys.flatMap((key, k) => key === keys[k + 1] ? [] : [k + 1])];
    const title = (k, first, frame = frames[k - 1]) => partOf(frame) >= 0 ? `${fold.names[partOf(frame)]}, ${phase(frame)}: ${k - first} step${k - first > 1 ? "s" : ""}` : k - first === 1 ? short(frame) : `${phase(frame)} through ${nodes[frame.i].name}: ${k - first} edges`;
    from = -1;
    option = (place) => make("option", { value: stops[place], textContent: place ? `${stops[place]}  ${title(stops[place], stops[place - 1])}` : "0  start" });
  };
  const list = () => { // as many around the present one as a browser lays out within a display frame
    const select = find(".list"), place = stops.findLastIndex((stop) => stop <= at), last = stops.length, near = place - from;
    if (from < 0 || from > 0 && near < 20 || from + LISTED < last && near > LISTED - 20) {
      from = Math.max(0, Math.min(place - LISTED / 2, last - LISTED));
      select.replaceChildren(...stops.slice(from, from + LISTED).map((_, k) => option(from + k)));
    }
    select.selectedIndex = place - from;
  };
  const before = (k) => stops.findLast((stop) => stop < k) ?? 0, after = (k) => stops.find((stop) => stop > k) ?? high;
  const shownAt = (k) => !k || live.wrong ? [] : frames.slice(stops.includes(k) ? before(k) : k - 1, k);
  const phase = (frame) => frame.forward ? "forward" : frame.seed ? "backward begins" : "backward";
  const go = (k) => {
    if (live.wrong) return;
    const goal = Math.min(Math.max(k, 0), high), dirty = new Set();
    if (quiz) quiz.asked = 0;
    while (at < goal) apply(frames[at++], true, dirty);
    while (at > goal) apply(frames[--at], false, dirty);
    dirty.forEach(paint);
    tell();
    const frame = frames[at - 1];
    if (frame) page.reveal(frame.i);
    if (frame && !frame.forward) page.reveal(frame.j);
  };
  const next = () => {
    const k = after(at);
    if (quiz && quiz.on && at < high && k === at + 1) return quiz.ask(k);
    go(k);
    const shown = shownAt(at);
    if (shown.length <= 12) shown.forEach((frame) => along(frame, page.pulse));
  };
  const enter = (part) => { // a way into a layer, to its first step, and out again
    const k = frames.findIndex((frame, k) => k >= before(at) && fold.part[frame.i] === part);
    if (!opened.delete(part)) opened.add(part);
    regroup();
    go(opened.has(part) ? (k >= 0 ? k + 1 : at) : after(at - 1));
  };
  const MOST = 8;
  const equation = (shown) => {
    if (shown.length === 1) {
      const [frame] = shown, [head, ...rest] = lines(frame, exact);
      return head + rest.map((line) => "\n  = " + line).join("") + (frame.forward ? "" : `   [${number(frame.before)} -> ${number(frame.after)}]`);
    }
    const part = partOf(shown[0]), told = part < 0 ? shown : fold.outputs(part).map((i) => frames.find((frame) => frame.forward && frame.i === i)).filter((frame) => frame && shown[0].forward);
    const rest = told.length ? told : shown, line = (frame) => `${short(frame)} = ${number(frame.forward ? live.x[frame.i] : frame.share)}`;
    return rest.slice(0, MOST).map(line).concat(rest.length > MOST ? [`... ${rest.length - MOST} more`] : []).join("\n");
  };
  const tell = () => {
    const asked = quiz && quiz.asked, shown = asked && !live.wrong ? [frames[asked - 1]] : shownAt(at), frame = shown.at(-1), one = shown.length === 1;
    light(shown);
    find(".at").value = at;
    write(find(".count"), `${at} / ${high}`);
    const where = find(".phase"), part = frame ? partOf(frame) : -1;
    write(where, live.wrong ? "no steps" : !frame ? "start: the operands are known" : phase(frame));
    const say = (tag, textContent, className = "") => textContent && where.append(", ", make(tag, { textContent, className }));
    if (frame) {
      if (part >= 0) say("span", fold.names[part]);
      if (one) say("b", badge(frame));
      if (!asked) shown.forEach((_, k) => say("span", flag(at - shown.length + k + 1), "flag"));
      if (quiz) say("b", quiz.said(at));
    }
    write(find(".equation"), !frame ? live.wrong ? "A number is not defined." : "Press Right or play." : asked ? lines(frame).slice(0, frame.forward || frame.seed ? -1 : -2).join("\n  = ") + "\n  = ?" : equation(shown));
    const said = [...new Set(shown.map(({ i }) => (data.line || {})[i]))].filter((line) => line !== undefined);
    write(find(".code"), said.slice(0, 3).map((line) => data.code[line]).join("\n"));
    find(".code").hidden = !said.length;
    find("[data-do=digits]").hidden = !one || !book(frame);
    const inside = mode === "layer" && frame && fold.names[fold.part[frame.i]], open = find("[data-do=open]");
    open.hidden = !inside;
    write(open, inside ? `${part >= 0 ? "open" : "close"} ${inside}` : "");
    if (fold) fold.show(mode === "layer" && (!inside || part >= 0), { known, grads, received }, shown);
    list();
    find(".at").ariaValueText = frame ? sentence(at || 1) : "start";
    rows.forEach(fill);
    page.remember(at);
  };
  const touches = (frame, i) => frame.i === i || frame.j === i || frame.forward && nodes[frame.i].operands.includes(i);
  const runTo = (i) => {
    const k = frames.findIndex((frame, k) => k >= at && touches(frame, i));
    if (k >= 0) return go(k + 1);
    write(find(".phase"), `no later step touches ${nodes[i].name}; Home goes back to the start`);
  };
  const skip = (by) => { // to the next or previous value's first step
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
    const from = at;
    next();
    if (at >= high || at === from || live.wrong || frames.slice(from, at).some((_, k) => flag(from + k + 1))) pause();
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
    const node = nodes[i], parts = shownAt(at).filter((frame) => frame.j === i).map((frame) => `+ ${number(frame.share)}`);
    const change = parts.length ? parts.slice(0, 3).join(" ") : shownAt(at).some((frame) => frame.forward && frame.i === i) ? "computed" : "";
    const grad = node.kind === "constant" ? "constant" : live.wrong ? "" : number(grads[i]);
    [known[i] ? number(live.x[i]) : "", grad, change].forEach((text, k) => write(row.cells[k + 1], text));
  };
  const watch = (i) => {
    const old = rows.get(i);
    if (page.box(i)) {
      page.box(i).classList.toggle("watched", !old);
      page.box(i).ariaPressed = !old;
    }
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
  const press = (name, on) => { find(`[data-do=${name}]`).ariaPressed = on; return on; };
  Object.assign(page.actions, {
    play, first: still(() => go(0)), back: still(() => go(before(at))), next: still(next), last: still(() => go(high)),
    digits: () => { exact = press("digits", !exact); tell(); },
    open: still(() => enter(fold.part[shownAt(at).at(-1).i])),
    quiz: still(() => {
      quiz.on = press("quiz", !quiz.on);
      find(".player").classList.toggle("asking", quiz.on); // the slopes beside the sliders are the answers
      root.querySelectorAll(".asks").forEach((each) => { each.hidden = !quiz.on; });
      go(at);
    }),
  });
  const place = (event) => { const g = event.target.closest("g.node"); return g ? +g.id.slice(1) : NaN; };
  const meet = (i) => { pause(); if (!rows.has(i)) watch(i); runTo(i); };
  on(root, "click", (event) => {
    const i = place(event);
    if (i >= 0 && event.detail < 2) {
      watch(i);
      if (event.detail) find(".graph").focus({ preventScroll: true }); // a hand on the mouse wants the keys of the player
    }
  });
  on(root, "dblclick", (event) => { if (place(event) >= 0) meet(place(event)); });
  const boxed = nodes.flatMap((_, i) => page.box(i) ? [i] : []);
  const reach = (i) => { // one box at a time is a stop of the Tab key
    boxed.forEach((j) => page.box(j).setAttribute("tabindex", j === i ? 0 : -1));
    return page.box(i);
  };
  boxed.forEach((i) => { page.box(i).role = "button"; page.box(i).ariaPressed = false; });
  reach(boxed[0]);
  page.svg.setAttribute("role", "group");
  const onBox = (event, i) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key], k = boxed.indexOf(i) + by;
    if (event.key === "Enter" && event.shiftKey) meet(i);
    else if (event.key === "Enter" || event.key === " ") watch(i);
    else if (by && k in boxed) { reach(boxed[k]).focus(); page.reveal(boxed[k]); }
    else return by !== undefined;
    return true;
  };
  const keys = { ArrowRight: next, ArrowLeft: page.actions.back, Home: page.actions.first, End: page.actions.last, " ": play };
  on(host.hasAttribute("data-alone") ? document : host, "keydown", (event) => {
    const target = event.composedPath()[0], act = keys[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || target.matches && target.matches("select, .answer, .side input")) return;
    if (target.matches && target.matches("g.node") && onBox(event, +target.id.slice(1))) return event.preventDefault();
    if (!act || act === play && target.tagName === "BUTTON") return;
    event.preventDefault();
    if (act !== play) pause();
    if (event.shiftKey && /t$/.test(event.key)) skip(act === next ? 1 : -1);
    else act();
  });
  const slider = find(".at"), add = find(".add"), by = find(".by");
  slider.max = high;
  on(slider, "input", () => { pause(); go(+slider.value); });
  on(find(".list"), "input", () => { pause(); go(+find(".list").value); });
  nodes.forEach((node, i) => { if (i <= top) add.append(make("option", { textContent: node.name, value: i })); });
  on(add, "change", () => { if (add.value && !rows.has(+add.value)) watch(+add.value); add.value = ""; });
  if (!fold) by.lastElementChild.remove();
  on(by, "change", () => { mode = by.value; opened.clear(); regroup(); go(at); });
  quiz = quizzes(page, frames, { go, next, pause, tell });
  regroup();
  page.key(["none now", "this step"], ["none to", "receives"], ["none wait", "not computed yet"]);

  // ---- the address: page.html#14 is step 14 ----
  let waits = 0;
  const own = host.hasAttribute("data-alone") && location.protocol !== "about:", linked = () => /^#\d+$/.test(location.hash) && go(+location.hash.slice(1));
  page.remember = (k) => {
    clearTimeout(waits);
    if (own) waits = setTimeout(() => { if (k || location.hash) history.replaceState(null, "", "#" + k); }, 300);
  };
  if (own) {
    page.begin = linked;
    on(window, "hashchange", linked);
  }
  host.steps = { sentence, go, at: () => at, grads: () => grads.slice(0, top + 1), frames: high };
};
