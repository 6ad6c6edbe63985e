// The state of the page as a text for its address, and back. What comes from an address is data of a stranger's:
// it is checked here, shown, and not run before somebody presses Run.
export const VIEWS = ["graph", "steps", "check", "hessian", "source", "shown"];
const LONGEST = 20000;
const MOST = 100;
const NAME = /^[\p{ID_Start}_]\p{ID_Continue}{0,199}$/u;
const NUMBER = /^(nan|-?inf|[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)$/i;

export const isNumber = (text) => NUMBER.test(text);

// The fragment of a state, without its #; null where the text is too long for one.
export const encode = ({ text, numbers, view }) => {
  if (text.length > LONGEST) return null;
  const bytes = new TextEncoder().encode(JSON.stringify([1, text, numbers, view]));
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return "s=" + btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

// The state that a fragment holds, or null: of another version, damaged, or not ours.
export const decode = (fragment) => {
  const found = /^#?s=([\w-]+)$/.exec(fragment);
  if (!found || found[1].length > 8 * LONGEST) return null;
  try {
    const letters = atob(found[1].replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const state = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (!Array.isArray(state) || state.length !== 4) return null;
    const [version, text, numbers, view] = state;
    if (version !== 1 || typeof text !== "string" || text.length > LONGEST || !VIEWS.includes(view)) return null;
    if (numbers === null || typeof numbers !== "object" || Array.isArray(numbers)) return null;
    const pairs = Object.entries(numbers);
    if (pairs.length > MOST || !pairs.every(([name, x]) => NAME.test(name) && typeof x === "string" && isNumber(x))) return null;
    return { text, numbers: Object.fromEntries(pairs), view };
  } catch {
    return null;
  }
};
