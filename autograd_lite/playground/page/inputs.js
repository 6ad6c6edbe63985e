// The sliders: one row for each input, with its number and its slope.
import { isNumber } from "./state.js";

const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

// 1, 2 or 5 times a power of ten, near x.
const nice = (x) => {
  const power = 10 ** Math.floor(Math.log10(x)), times = x / power;
  return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
};

export const sliders = (place, moved) => {
  let names = "", rows = new Map();

  const add = ({ name, number }) => {
    const x = Number(number), reach = nice(Number.isFinite(x) ? Math.max(2, 1.5 * Math.abs(x)) : 2);
    const row = make("div", { className: "input" });
    const slider = make("input", { type: "range", min: -reach, max: reach, step: reach / 200, value: x, ariaLabel: `${name}, slider` });
    const field = make("input", { type: "text", value: number, inputMode: "decimal", ariaLabel: name });
    const slope = make("output");
    const change = (text, final) => {
      field.ariaInvalid = String(!isNumber(text));
      if (isNumber(text)) moved(name, text, final);
    };
    slider.addEventListener("input", () => { field.value = String(+(+slider.value).toPrecision(12)); change(field.value, false); });
    slider.addEventListener("change", () => change(field.value, true));
    field.addEventListener("change", () => { slider.value = field.value; change(field.value.trim(), true); });
    row.append(make("span", { className: "name", textContent: name, title: name }), slider, field, slope);
    place.append(row);
    rows.set(name, { slider, field, slope });
  };

  return {
    // Rows stay while the names do, so that a drag goes on.
    show: (inputs, root, fresh) => {
      const now = JSON.stringify(inputs.map(({ name }) => name));
      if (fresh || now !== names) {
        place.replaceChildren();
        rows = new Map();
        names = now;
        inputs.forEach(add);
      }
      for (const { name, grad } of inputs) rows.get(name).slope.textContent = grad === undefined ? "" : `d${root}/d${name} = ${grad}`;
    },
  };
};
