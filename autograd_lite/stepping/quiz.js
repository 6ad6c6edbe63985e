// Asks for the number of the next step before it shows it. What is typed counts if three digits of it are right.
const quizzes = (page, frames, { go, next, pause, tell }) => {
  const { find, on, live, number } = page, answer = find(".answer"), quiz = { on: false, asked: 0 };
  let right = 0, asked = 0, said = "", place = 0;
  const truth = ({ forward, i, share }) => forward ? live.x[i] : share;
  const read = (words) => { // 0.5, 0,5, 1/2, -inf
    const parts = words.trim().replace(",", ".").replace("\u2212", "-").replace(/inf(inity)?$/i, "Infinity").split("/").map((part) => part.trim() ? +part : NaN);
    return parts.length > 2 ? NaN : parts.length > 1 ? parts[0] / parts[1] : parts[0];
  };
  quiz.ask = (k) => {
    quiz.asked = k;
    tell();
    answer.focus({ preventScroll: true });
  };
  quiz.said = (at) => at === place && !quiz.asked ? said : "";
  quiz.check = () => {
    pause();
    if (!quiz.asked) return next();
    const given = read(answer.value), wanted = truth(frames[quiz.asked - 1]), shown = !answer.value.trim(), size = Math.abs(wanted);
    const fits = given === wanted || wanted !== wanted && /^nan$/i.test(answer.value.trim()) || Math.abs(given - wanted) <= 5e-3 * size + (size < 1e-4 ? 0 : 5e-5); // half of the last decimal that the page shows
    asked += !shown;
    right += fits && !shown;
    place = quiz.asked;
    said = shown ? "" : (fits ? "right" : "no, not " + answer.value.trim()) + `: ${right} of ${asked}`;
    answer.value = "";
    go(place);
  };
  page.actions.check = quiz.check;
  on(answer, "keydown", (event) => { if (event.key === "Enter") quiz.check(); });
  return quiz;
};
