/* The functions of an emitted source that no formula of mathematics.py gives: what is done with all elements of a list, and the choice
   between two numbers. Each stands on its own after an empty line; a source has those that it calls, and those that these call. */

static inline real choose(int condition, real x, real y) {
  return condition ? x : y; /* both are computed before */
}

static inline real total(const real *values, ptrdiff_t count) { /* with the digits that rounding loses put back */
  real sum = values[0], lost = 0;
  for (ptrdiff_t k = 1; k < count; k++) {
    const real added = values[k], before = sum;
    sum = before + added;
    const real part = sum - before;
    lost += (before - (sum - part)) + (added - part);
  }
  return isfinite(sum) ? sum + lost : sum;
}

static inline real others(const real *values, ptrdiff_t count) { /* the sum without the largest, which is 1 */
  ptrdiff_t top = 0;
  for (ptrdiff_t k = 1; k < count; k++) top = isgreater(values[k], values[top]) ? k : top;
  real found = 0;
  for (ptrdiff_t k = 0; k < count; k++) found += k == top ? values[k] - 1 : values[k];
  return found;
}

static inline void winners(const real *values, ptrdiff_t count, real *shares) { /* of equals the last one has a half, and so on */
  const real top = max(values, count);
  ptrdiff_t first = 0;
  while (first < count - 1 && values[first] != top) first++;
  real left = 1;
  for (ptrdiff_t k = count - 1; k >= 0; k--) {
    const real share = k > first ? left / 2 : left;
    const int tied = values[k] == top;
    shares[k] = top != top ? top : tied ? share : 0;
    left = tied ? left - share : left;
  }
}

static inline real sum(const real *values, ptrdiff_t count) { /* of at most 128 numbers, in NumPy's order */
  real found = 0;
  ptrdiff_t k = 0;
  if (count >= 8) {
    real parts[8];
    for (; k < 8; k++) parts[k] = values[k];
    for (; k + 8 <= count; k += 8)
      for (ptrdiff_t j = 0; j < 8; j++) parts[j] += values[k + j];
    found = ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
  }
  for (; k < count; k++) found += values[k];
  return found;
}

static APART real long_sum(const real *values, ptrdiff_t count) {
  if (count <= 128) return sum(values, count);
  const ptrdiff_t half = count / 2 - count / 2 % 8;
  return long_sum(values, half) + long_sum(values + half, count - half);
}

static inline real max(const real *values, ptrdiff_t count) { /* nan if one is */
  real found = values[0];
  for (ptrdiff_t k = 1; k < count; k++) found = !(values[k] <= found) && found == found ? values[k] : found;
  return found;
}

static inline real mod(real x, real y) { /* with the sign of y */
  const double part = fmod(x, y);
  return part == 0 ? copysign(0.0, y) : (y < 0) != (part < 0) ? part + y : part;
}

static inline real floor_divide(real x, real y) { /* as Python's: the largest whole number not above the exact quotient */
  const double part = fmod(x, y), size = (x - part) / y;
  const double below = part != 0 && (y < 0) != (part < 0) ? size - 1 : size, whole = floor(below);
  return below == 0 ? copysign(0.0, x / y) : below - whole > 0.5 ? whole + 1 : whole;
}

static inline real rounded(real x, int places) { /* by all digits */
  char text[512];
  snprintf(text, sizeof text, "%.*f", places, (double)x);
  return strtod(text, 0);
}
