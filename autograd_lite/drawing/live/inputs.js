// A slider and a number field for every leaf, what a move must be told with, and descent.
const inputs = (page) => {
  const { live, find, make, on, number, write } = page, { nodes, top } = live, { isFinite } = Number, STEPS = 1000, MOST = Number.MAX_VALUE;
  const text = (x) => String(x).replace("Infinity", "inf").replace("NaN", "nan");
  const read = (words) => {
    const said = words.trim().toLowerCase(), x = +said.replace(/inf(inity)?$/, "Infinity");
    return said === "nan" ? NaN : said === "" || x !== x ? null : x;
  };

  // ---- the range of a slider: as far to both sides as twice the number's size ----
  const ranges = new Map();
  const around = (x) => {
    const centre = isFinite(x) ? x : 0, reach = 2 * Math.abs(centre) || 1;
    return { centre, low: Math.max(centre - reach, -MOST), high: Math.min(centre + reach, MOST) };
  };
  const at = ({ centre, low, high }, place) => { // in four digits; the centre as it is
    const share = 2 * place / STEPS - 1, x = centre * (1 - Math.abs(share)) + (share < 0 ? low : high) * Math.abs(share), short = +x.toPrecision(4);
    return share ? (isFinite(short) ? short : x) : centre;
  };
  const placeOf = ({ centre, low, high }, x) => {
    const far = x < centre ? centre / 2 - low / 2 : high / 2 - centre / 2; // halves, as high - low may be no float
    return Math.round(STEPS / 2 * (1 + Math.min(Math.max((x / 2 - centre / 2) / far || 0, -1), 1)));
  };

  // ---- moving ----
  let asked = 0;
  const changed = () => { // as often as the display shows, however often a hand moves
    if (!asked) asked = requestAnimationFrame(() => { asked = 0; page.refresh(); });
  };
  const moveTo = (i, x) => {
    const range = ranges.get(i);
    if (isFinite(x) && (x < range.low || x > range.high)) ranges.set(i, around(x));
    live.x[i] = x;
    page.forget();
    changed();
  };
  const reset = (which) => {
    for (const i of which) { ranges.set(i, around(nodes[i].x)); live.x[i] = nodes[i].x; }
    page.forget();
    changed();
  };
  const rows = live.leaves.map((i) => {
    ranges.set(i, around(nodes[i].x));
    const { name, kind, x: recorded } = nodes[i], steady = kind !== "leaf", row = make("div", { className: name.length > 9 ? "knob long" : "knob" });
    const pick = make("input", { type: "checkbox", checked: !steady, disabled: steady, title: "Descend on " + name, ariaLabel: "descend on " + name });
    const slider = make("input", { type: "range", max: STEPS, className: "slide", ariaLabel: name });
    const field = make("input", { className: "number", inputMode: "decimal", ariaLabel: name + ", number" });
    const label = make("span", { className: "name", title: `${name}; double-click: back to ${text(recorded)}` }), slope = make("output");
    label.append(make("bdi", { textContent: name })); // a name too long loses its beginning: which weight it is stands at its end
    const show = () => { // all digits while they are edited
      const x = live.x[i], focused = page.root.activeElement === field;
      field.value = text(focused || !isFinite(x) ? x : +x.toPrecision(5));
    };
    on(slider, "input", () => moveTo(i, at(ranges.get(i), +slider.value)));
    on(field, "focus", show);
    on(field, "blur", show);
    on(field, "change", () => { const x = read(field.value); if (x === null) show(); else moveTo(i, x); });
    on(field, "keydown", (event) => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (event.key === "Escape") show();
      if (!by) return;
      event.preventDefault();
      const range = ranges.get(i), place = placeOf(range, live.x[i]) + by * (event.shiftKey ? 50 : 5);
      moveTo(i, at(range, Math.min(Math.max(place, 0), STEPS)));
    });
    on(row, "dblclick", (event) => { if (event.target !== pick) reset([i]); });
    row.append(pick, label, slider, field, slope);
    find(".leaves").append(row);
    return () => {
      const x = live.x[i], place = placeOf(ranges.get(i), x);
      if (+slider.value !== place) slider.value = place;
      slider.ariaValueText = number(x);
      if (page.root.activeElement !== field || read(field.value) !== x) show();
      row.classList.toggle("moved", !Object.is(x, recorded));
      write(slope, steady ? "constant" : live.slopes ? number(live.slopes[i]) : "");
    };
  });
  page.range = (i) => ranges.get(i);
  page.move = moveTo;

  // ---- what must be told ----
  const tell = () => {
    const { wrong, broken } = live, said = [];
    if (wrong) {
      const { op, name, operands } = nodes[wrong.i], where = operands.slice(0, 4).map((j, p) => nodes[j].labelled ? `${nodes[j].name} = ${number(wrong.given[p])}` : number(wrong.given[p]));
      said.push(`${name} = ${op.short} is not defined at ${where.join(", ")}${op.requires ? ": " + op.requires : ""}.`);
    }
    if (broken.length) said.push(`${broken[0][4]}: Python would now take another branch. These are the numbers of the recorded one.`);
    const note = find(".note");
    note.hidden = !said.length;
    write(note, said.join(" "));
    find(".player").classList.toggle("stray", broken.length > 0);
  };
  page.show.push(() => { rows.forEach((row) => row()); tell(); });

  // ---- descent ----
  let losses = [], timer = 0;
  const rate = find(".rate"), label = find("[data-do=run]");
  const stop = () => { clearTimeout(timer); timer = 0; write(label, "run"); };
  page.forget = () => { stop(); losses = []; };
  const step = () => {
    if (asked) page.refresh(); // a move that no frame has shown yet
    const by = read(rate.value);
    if (!live.slopes || by === null || !isFinite(live.x[top])) { stop(); return false; }
    if (!losses.length) losses.push(live.x[top]);
    const slopes = live.slopes;
    live.leaves.forEach((i, k) => { if (find(".leaves").children[k].firstChild.checked) live.x[i] -= by * slopes[i]; });
    for (const i of live.leaves) if (!(live.x[i] >= ranges.get(i).low && live.x[i] <= ranges.get(i).high)) ranges.set(i, around(live.x[i]));
    page.refresh(() => losses.push(live.x[top]));
    return isFinite(live.x[top]);
  };
  const run = (left) => {
    if (step() && left > 1) timer = setTimeout(run, 50, left - 1);
    else stop();
  };
  page.descent = () => losses;
  Object.assign(page.actions, {
    reset: () => reset(live.leaves),
    descend: () => { stop(); step(); },
    run: () => { if (timer) return stop(); write(label, "pause"); run(500); },
  });
};
