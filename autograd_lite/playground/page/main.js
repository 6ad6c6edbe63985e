// The page: a text, its numbers, and one view of what they give. Everything is asked of the worker; nothing else computes.
import { keeper, limits } from "./engine.js";
import { sliders } from "./inputs.js";
import { decode, encode, VIEWS } from "./state.js";
import { picture, table, views } from "./views.js";

const find = (id) => document.getElementById(id);
const text = find("text"), panel = find("panel"), tabs = [...document.querySelectorAll("[role=tab]")];
const state = { text: "", numbers: {}, view: "graph" };
let own = [], answer = null, has = { numpy: false, templates: [] };

// ---- Python ----
const SAID = { loading: "Python is being loaded ...", ready: "ready", busy: "running ...", failed: "Python could not be loaded" };
const python = keeper((now) => {
  document.body.dataset.python = now;
  find("status").textContent = SAID[now];
  find("stop").disabled = now !== "busy";
});
const ask = (what) => python.ask({ do: what, text: state.text, numbers: state.numbers }, what === "source" && has.numpy);

// ---- what is shown ----
const complain = (error) => {
  const place = find("error");
  place.hidden = !error;
  place.textContent = error ? (error.line ? `Line ${error.line}: ` : "") + error.text : "";
  count(error && error.line);
};
const notice = (words) => {
  find("notice").hidden = !words;
  find("notice").textContent = words;
};
const count = (marked) => {
  const lines = text.value.split("\n").map((_, i) => i + 1 === marked ? `>${i + 1}` : `${i + 1}`);
  find("lines").textContent = lines.join("\n");
  find("lines").classList.toggle("marked", Boolean(marked));
  text.rows = Math.min(Math.max(lines.length + 1, 6), 24);
};

const rows = sliders(find("inputs"), (name, number, final) => {
  state.numbers[name] = number;
  move(final);
});
const told = (found, fresh) => {
  complain(found.ended ? { text: found.ended } : found.error);
  find("printed").hidden = !found.printed;
  find("printed").textContent = found.printed || "";
  answer = found.ended || found.error ? null : found; // nothing old stays beside an error, but the sliders
  const { value, root = "", named = [] } = answer || {};
  document.querySelector(".value").hidden = value === undefined;
  find("value").textContent = value || "";
  find("root").textContent = root;
  find("named").hidden = !named.length;
  find("named").replaceChildren(table("Named values", ["", "value", `d${root}/d...`], named, "numbers"));
  if (found.ended) return;
  own = found.inputs.filter((input) => input.own).map(({ name }) => name);
  if (fresh && answer) state.numbers = Object.fromEntries(found.inputs.map(({ name, number }) => [name, number])); // of a move there may be newer ones
  find("result").hidden = value === undefined && !found.inputs.length;
  rows.show(found.inputs, root, fresh);
};

// ---- running and moving: while one move is computed, only the newest of the others waits ----
let turn = 0, moving = false, again = null;
const working = (action) => async (...given) => { // which tests wait for
  const { dataset } = document.body, add = (by) => { dataset.work = +(dataset.work || 0) + by; };
  add(1);
  await action(...given).finally(() => add(-1));
};
const adopt = () => {
  if (state.text === text.value) return;
  for (const name of own) delete state.numbers[name]; // numbers that stand in the text are the text's
  own = [];
  state.text = text.value;
};
const run = working(async () => {
  adopt();
  notice("");
  const mine = ++turn, found = await ask("passes");
  if (mine !== turn) return;
  told(found, true);
  if (answer) {
    if (state.view === "graph" && found.shown.length && !found.inputs.length) state.view = "shown";
    keep();
  }
  await view();
});
const move = working(async (final) => {
  again = final || again === true;
  if (moving) return;
  moving = true;
  try {
    while (again !== null) {
      const last = again, mine = turn;
      again = null;
      const found = await ask("passes");
      if (mine !== turn) break;
      told(found, false);
      if (!answer) panel.replaceChildren();
      else if (state.view === "graph" && found.svg) await picture(panel, found);
      if (last && again === null) {
        keep();
        if (state.view !== "graph" || !found.svg) await view();
      }
    }
  } finally {
    moving = false;
  }
});

// ---- views ----
const view = async () => {
  for (const tab of tabs) {
    const on = tab.dataset.view === state.view;
    tab.ariaSelected = String(on);
    tab.tabIndex = on ? 0 : -1;
    if (on) panel.setAttribute("aria-labelledby", tab.id);
  }
  const wanted = state.view;
  panel.dataset.view = wanted;
  if (!answer) return panel.replaceChildren();
  if (wanted === "graph") {
    if (!answer.svg) return panel.replaceChildren("The last line gives no Value: there is no graph.");
    panel.replaceChildren();
    return picture(panel, answer);
  }
  if (wanted === "shown") return panel.replaceChildren(...views.shown(answer));
  panel.replaceChildren("...");
  const found = await ask(wanted);
  if (state.view !== wanted) return;
  if (found.ended || found.error) {
    const error = document.createElement("pre");
    error.className = "error";
    error.textContent = found.ended || found.error.text;
    return panel.replaceChildren(error);
  }
  panel.replaceChildren(...views[wanted](found));
};
const choose = working(async (name) => {
  state.view = name;
  if (answer) keep();
  await view();
});

// ---- the address ----
let kept = "";
const keep = () => {
  const fragment = encode(state);
  kept = fragment ? "#" + fragment : location.pathname;
  history.replaceState(null, "", kept);
  return fragment;
};
const load = (given, words) => {
  Object.assign(state, { numbers: {}, view: "graph" }, given);
  text.value = state.text;
  find("templates").value = has.templates.find((each) => each.text === state.text)?.name || "";
  own = [];
  answer = null;
  find("result").hidden = true;
  complain(null);
  notice(words);
  view();
};
const arrive = () => {
  const given = decode(location.hash);
  if (given) load(given, "This sketch came with the address, and has not run. Read it, then press Run.");
  else if (location.hash.length > 1) notice("The address holds no sketch that this page can read.");
  return Boolean(given);
};

// ---- hands on ----
find("run").addEventListener("click", run);
find("stop").addEventListener("click", () => python.stop());
find("share").addEventListener("click", async () => {
  adopt();
  if (!keep()) return notice("This sketch is too long for an address, which holds 20,000 letters.");
  const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
  notice(copied ? "Copied: whoever opens this address finds this sketch." : "The address of this page now holds this sketch: copy it.");
});
text.addEventListener("input", () => {
  find("templates").value = "";
  count();
});
text.addEventListener("scroll", () => { find("lines").scrollTop = text.scrollTop; });
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  } else if (event.key === "Enter") { // the next line is as deep as this one
    const [before] = text.value.slice(0, text.selectionStart).split("\n").slice(-1), deep = /^ */.exec(before)[0] + (/:\s*$/.test(before) ? "    " : "");
    if (!deep) return;
    event.preventDefault();
    text.setRangeText("\n" + deep, text.selectionStart, text.selectionEnd, "end");
    count();
  }
});
for (const tab of tabs) tab.addEventListener("click", () => choose(tab.dataset.view));
find("tabs").addEventListener("keydown", ({ key }) => {
  const to = { ArrowRight: 1, ArrowLeft: -1 }[key], at = VIEWS.indexOf(state.view);
  if (!to && key !== "Home" && key !== "End") return;
  const next = key === "Home" ? 0 : key === "End" ? VIEWS.length - 1 : (at + to + VIEWS.length) % VIEWS.length;
  tabs[next].focus();
  choose(VIEWS[next]);
});
find("templates").addEventListener("change", ({ target }) => {
  const chosen = has.templates.find(({ name }) => name === target.value);
  if (!chosen) return;
  load({ text: chosen.text, numbers: { ...chosen.numbers } }, "");
  run();
});
addEventListener("hashchange", () => { if (location.hash !== kept) arrive(); });

has = await (await fetch("templates.json")).json();
find("templates").append(...has.templates.map(({ name, title }) => new Option(title, name)));
if (!arrive()) {
  const words = find("notice").textContent;
  load(has.templates[0], words);
  if (!words) run();
}
window.playground = { limits, state, answer: () => answer }; // for tests
