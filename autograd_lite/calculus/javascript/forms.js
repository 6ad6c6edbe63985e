// The basic functions of mathematics.py as JavaScript computes them: with the answers, and the refusals, of Python's math module.
// Each stands on its own after an empty line; `library.py` takes those that a page needs. All other functions are translated.

// Throws what a domain error is here: a RangeError with the operation's name and its operands.
const fail = (operation, ...operands) => {
  const error = new RangeError(`${operation}(${operands.join(", ")}) has no real value`);
  throw Object.assign(error, { operation, operands });
};

// The value of an operation on one number; an infinity or a nan that it did not come in with is refused.
const real = (out, operation, x) => (out - out !== 0 && (x - x === 0 || (out !== out && x === x)) ? fail(operation, x) : out);

// The same for two numbers.
const real2 = (out, operation, x, y) =>
  out - out !== 0 && ((x - x === 0 && y - y === 0) || (out !== out && x === x && y === y)) ? fail(operation, x, y) : out;

const abs = (x) => Math.abs(x);

const acos = (x) => real(Math.acos(x), "acos", x);

const acosh = (x) => real(Math.acosh(x), "acosh", x);

const asin = (x) => real(Math.asin(x), "asin", x);

const asinh = (x) => Math.asinh(x);

const atan = (x) => Math.atan(x);

const atan2 = (x, y) => Math.atan2(x, y);

const atanh = (x) => real(Math.atanh(x), "atanh", x);

const cbrt = (x) => Math.cbrt(x);

const ceil = (x) => Math.ceil(x) + 0;

const copysign = (x, y) => (isNegative(x) === isNegative(y) ? x : -x);

const cos = (x) => real(Math.cos(x), "cos", x);

const cosh = (x) => real(Math.cosh(x), "cosh", x);

const divide = (x, y) => (y === 0 ? fail("divide", x, y) : x / y);

// Formulas and coefficients of erf and erfc: Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at
// SunPro, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted,
// provided that this notice is preserved.
const horner = (x, coefficients) => coefficients.reduceRight((sum, each) => sum * x + each, 0);

const erfSmall = (z) =>
  horner(z, [
    1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
    -2.37630166566501626084e-5,
  ]) /
  horner(z, [
    1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
    -3.9602282787753681232e-6,
  ]);

const erfMiddle = (s) =>
  horner(s, [
    -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
    -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.166375594868790843e-3,
  ]) /
  horner(s, [
    1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
    1.36370839120290507362e-2, 1.1984499846799107417e-2,
  ]);

const erfcTail = (size) => {
  const s = 1 / (size * size);
  const rational =
    size < 2.857142857142857
      ? horner(s, [
          -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1,
          -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
        ]) /
        horner(s, [
          1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2,
          4.29008140027567833386e2, 1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
        ])
      : horner(s, [
          -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2,
          -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2,
        ]) /
        horner(s, [
          1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3,
          2.55305040643316442583e3, 4.74528541206955367215e2, -2.24409524465858183362e1,
        ]);
  const head = Math.fround(size);
  return (Math.exp(-head * head - 0.5625) * Math.exp((head - size) * (head + size) + rational)) / size;
};

const erf = (x) => {
  const size = Math.abs(x);
  if (x !== x) return x;
  if (size < 0.84375) return x + x * erfSmall(x * x);
  if (size >= 6) return Math.sign(x);
  const out = size < 1.25 ? 8.45062911510467529297e-1 + erfMiddle(size - 1) : 1 - erfcTail(size);
  return x < 0 ? -out : out;
};

const erfc = (x) => {
  const size = Math.abs(x);
  if (x !== x) return x;
  if (size < 0.84375) {
    const more = x * erfSmall(x * x);
    return x < 0.25 ? 1 - (x + more) : 0.5 - (x - 0.5 + more);
  }
  if (size < 1.25) return x < 0 ? 1 + (8.45062911510467529297e-1 + erfMiddle(size - 1)) : 1.54937088489532470703e-1 - erfMiddle(size - 1);
  if (x < -6) return 2;
  const out = size < 28 ? erfcTail(size) : 0;
  return x < 0 ? 2 - out : out;
};

const exp = (x) => real(Math.exp(x), "exp", x);

const exp2 = (x) => real(2 ** x, "exp2", x);

const expm1 = (x) => real(Math.expm1(x), "expm1", x);

const extended_power = (x, y) => (x === 0 && y < 0 ? Infinity : ieeePower(x, y));

const floor = (x) => Math.floor(x) + 0;

// Source: CPython, Objects/floatobject.c, _float_div_mod.
const floor_divide = (x, y) => {
  if (y === 0) return fail("floor_divide", x, y);
  const part = x % y;
  const quotient = (x - part) / y - (part !== 0 && y < 0 !== part < 0 ? 1 : 0);
  const out = Math.floor(quotient);
  return quotient === 0 ? copysign(0, x / y) : quotient - out > 0.5 ? out + 1 : out;
};

const fmod = (x, y) => real2(x % y, "fmod", x, y);

// The square of a number, and what it was rounded by.
const squared = (x) => {
  const out = x * x;
  const head = 134217729 * x - (134217729 * x - x);
  const tail = x - head;
  return [out, head * head - out + 2 * head * tail + tail * tail];
};

// As Python's, rounded once in nearly all cases: `Math.hypot` is not.
const hypot = (x, y) => {
  const [a, b] = Math.abs(x) < Math.abs(y) ? [y, x] : [x, y];
  if (a - a !== 0 || b - b !== 0 || a === 0) return Math.hypot(x, y);
  const scale = Math.abs(a) > 1e150 ? 2 ** -600 : Math.abs(a) < 1e-150 ? 2 ** 600 : 1;
  const [large, lostOfLarge] = squared(a * scale);
  const [small, lostOfSmall] = squared(b * scale);
  const sum = large + small;
  const out = Math.sqrt(sum);
  const [again, lostOfAgain] = squared(out);
  return (out + (sum - again + (large - sum + small) - lostOfAgain + lostOfLarge + lostOfSmall) / (2 * out)) / scale;
};

const ieeePower = (x, y) =>
  y === 2 ? x * x : y === -1 ? 1 / x : x === 1 || (x === -1 && y - y !== 0 && y === y) ? 1 : x ** y;

const isNegative = (x) => x < 0 || Object.is(x, -0);

const largest = (values) => values.reduce((top, value) => (value > top ? value : top));

const log = (x) => (x > 0 || x !== x ? Math.log(x) : fail("log", x));

const log1p = (x) => real(Math.log1p(x), "log1p", x);

const log2 = (x) => (x > 0 || x !== x ? Math.log2(x) : fail("log2", x));

const log10 = (x) => (x > 0 || x !== x ? Math.log10(x) : fail("log10", x));

const mod = (x, y) => {
  if (y === 0) return fail("mod", x, y);
  const part = x % y;
  return part === 0 ? copysign(0, y) : y < 0 !== part < 0 ? part + y : part;
};

const power = (x, y) => (x === 0 && y < 0 ? fail("power", x, y) : real2(ieeePower(x, y), "power", x, y));

const range = (start, stop) => {
  const found = [];
  for (let place = start; place < stop; place++) found.push(place);
  return found;
};

const rint = (x) => {
  const below = Math.floor(x);
  const rest = x - below;
  return (x - x !== 0 ? x : rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1) + 0;
};

// To n decimal places, by all digits of x: toFixed knows them, but takes the larger of two numbers that are as near.
const rounded = (x, n) => {
  if (x - x !== 0) return x;
  if (n > 99 || n < -22) return fail("rounded", x, n);
  const size = Math.abs(x);
  let out = size;
  if (n < 0) {
    const unit = 10 ** -n;
    const part = size % unit;
    const below = size - part;
    out = 2 * part < unit || (2 * part === unit && (below / unit) % 2 === 0) ? below : below + unit;
  } else if (size < 1e21) {
    const digits = size.toFixed(n + 1);
    const tie = (size * 2 ** (n + 1)) % 1 === 0 && digits.endsWith("5");
    const below = digits.slice(0, -1);
    out = Number(tie && "02468".includes(below.replace(".", "").slice(-1)) ? below : size.toFixed(n));
  }
  return copysign(out, x);
};

const sin = (x) => real(Math.sin(x), "sin", x);

const sinh = (x) => real(Math.sinh(x), "sinh", x);

const sqrt = (x) => real(Math.sqrt(x), "sqrt", x);

const tan = (x) => real(Math.tan(x), "tan", x);

const tanh = (x) => Math.tanh(x);

// Shewchuk's exact summation: `parts` are numbers of different sizes whose sum is exact; x is added to them.
const addExactly = (parts, x) => {
  let count = 0;
  for (let part of parts) {
    if (Math.abs(x) < Math.abs(part)) [x, part] = [part, x];
    const high = x + part;
    const low = part - (high - x);
    if (low !== 0) parts[count++] = low;
    x = high;
  }
  parts.length = count;
  if (x !== 0) parts.push(x);
  return x;
};

// The sum of such parts, rounded once, to even.
const roundedOnce = (parts) => {
  let place = parts.length - 1;
  let out = place < 0 ? 0 : parts[place];
  let low = 0;
  while (place > 0 && low === 0) {
    const high = out;
    const part = parts[--place];
    out = high + part;
    low = part - (out - high);
  }
  if (place > 0 && Math.sign(low) === Math.sign(parts[place - 1]) && out + 2 * low - out === 2 * low) out += 2 * low;
  return out;
};

const total = (values) => {
  const nonfinite = values.filter((value) => value - value !== 0);
  let parts = [];
  let overflowed = false;
  for (const value of values) {
    if (value - value !== 0) parts = [];
    else overflowed ||= !Number.isFinite(addExactly(parts, value));
  }
  if (nonfinite.length) {
    const sum = nonfinite.reduce((one, other) => one + other);
    return overflowed || (sum !== sum && nonfinite.every((value) => value === value)) ? fail("total", ...values) : sum;
  }
  if (!overflowed) return roundedOnce(parts);
  parts = []; // the sum is too large, perhaps only on the way: large numbers first, made smaller by 2 ** 64
  for (const value of values) if (Math.abs(value) >= 1) addExactly(parts, value * 2 ** -64);
  parts = parts.map((part) => part * 2 ** 64);
  if (!parts.every(Number.isFinite)) return fail("total", ...values);
  for (const value of values) if (Math.abs(value) < 1) addExactly(parts, value);
  return roundedOnce(parts);
};

const trunc = (x) => Math.trunc(x) + 0;

const where = (condition, x, y) => (condition ? x : y);

// What the modules of programs ask of their arguments, and of the branches of the traced function.
const number = (given, name) => {
  if (typeof given === "number") return given;
  throw new TypeError(`${name} is made of numbers, got ${typeof given}`);
};

const list = (given, name, length, ...inside) => {
  const isList = Array.isArray(given) || ArrayBuffer.isView(given);
  if (!isList || given.length !== length) {
    throw new TypeError(`${name} has a list of ${length}, got ${isList ? `one of ${given.length}` : typeof given}`);
  }
  if (inside.length) return Array.from(given, (each) => list(each, name, ...inside)).flat();
  for (let place = 0; place < length; place++) number(given[place], name);
  return given;
};

const expect = (truth, outcome, place) => {
  if (truth === outcome) return;
  const error = new Error(`another branch is taken than at the example, at ${place}: write where(condition, a, b) there`);
  throw Object.assign(error, { name: "BranchChanged", place });
};
