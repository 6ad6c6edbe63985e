// The sliders: one row for each input, with its number and its slope.
import { isNumber } from "./state.js";

const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

// The least of 1, 2, 5 times a power of ten that is not below x.
const nice = (x) => {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * [1, 2, 5, 10].find((times) => times * power >= x);
};

export const sliders = (place, moved) => {
  let names = "", rows = new Map();

  const add = ({ name, number }) => {
    const x = Number(number), reach = nice(Number.isFinite(x) ? Math.max(2, 1.2 * Math.abs(x)) : 2);
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
        const head = make("div", { className: "input soft", ariaHidden: "true" }), last = make("span", { className: "slope" });
        head.append(make("span"), make("span"), make("span", { textContent: "number" }), last);
        place.replaceChildren(...(inputs.length ? [head] : []));
        rows = new Map();
        names = now;
        inputs.forEach(add);
      }
      if (inputs.length) place.querySelector(".slope").textContent = root ? `d${root}/d...` : "";
      for (const { name, grad } of inputs) {
        const { slope } = rows.get(name);
        slope.textContent = grad ?? "";
        slope.ariaLabel = `d${root}/d${name}`;
      }
    },
  };
};
