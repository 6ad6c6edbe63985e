/* The limit: the workloads of this folder with their gradients derived by hand, one plain C function each.
 *
 * Parameters lie neuron by neuron, weights and then bias, as everywhere here. */

#include <math.h>
#include <stddef.h>

/* ---- the chain: x = tanh(x * a + b), again and again ------------------------------------------------------------------ */

double chain_forward(double a, double b, double x, long steps, double *tape) {
    for (long i = 0; i < steps; i++) {
        tape[i] = x;
        x = tanh(x * a + b);
    }
    tape[steps] = x;
    return x;
}

void chain_backward(double a, long steps, const double *tape, double *gradient) {
    double grad = 1.0, grad_a = 0.0, grad_b = 0.0;
    for (long i = steps - 1; i >= 0; i--) {
        double grad_sum = grad * (1.0 - tape[i + 1] * tape[i + 1]);
        grad_a += grad_sum * tape[i];
        grad_b += grad_sum;
        grad = grad_sum * a;
    }
    gradient[0] = grad_a;
    gradient[1] = grad_b;
    gradient[2] = grad;
}

/* ---- XOR: a 3-hidden-1 network of sigmoids without biases, full-batch gradient descent --------------------------------- */

enum { XOR_ROWS = 4, XOR_INPUTS = 3, XOR_HIDDEN = 5 };

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static void xor_row(const double *w, const double *x, double target, double *gradient) {
    const double *onward = w + XOR_HIDDEN * XOR_INPUTS;
    double hidden[XOR_HIDDEN], sum = 0.0;
    for (int j = 0; j < XOR_HIDDEN; j++) {
        double z = 0.0;
        for (int k = 0; k < XOR_INPUTS; k++) z += w[j * XOR_INPUTS + k] * x[k];
        hidden[j] = sigmoid(z);
        sum += onward[j] * hidden[j];
    }
    double out = sigmoid(sum), delta = (out - target) * out * (1.0 - out);
    for (int j = 0; j < XOR_HIDDEN; j++) {
        double delta_hidden = delta * onward[j] * hidden[j] * (1.0 - hidden[j]);
        gradient[XOR_HIDDEN * XOR_INPUTS + j] += delta * hidden[j];
        for (int k = 0; k < XOR_INPUTS; k++) gradient[j * XOR_INPUTS + k] += delta_hidden * x[k];
    }
}

void xor_train(double *w, const double *x, const double *targets, long iterations, double rate) {
    enum { COUNT = XOR_HIDDEN * XOR_INPUTS + XOR_HIDDEN };
    for (long i = 0; i < iterations; i++) {
        double gradient[COUNT] = {0.0};
        for (int row = 0; row < XOR_ROWS; row++) xor_row(w, x + row * XOR_INPUTS, targets[row], gradient);
        for (int k = 0; k < COUNT; k++) w[k] -= rate * gradient[k];
    }
}

/* ---- two moons: a 2-16-16-1 network of rectifiers, the mean hinge loss and a penalty on the squares of all parameters --- */

enum { WIDTH = 16, FIRST = WIDTH * 3, SECOND = WIDTH * (WIDTH + 1), MOONS_COUNT = FIRST + SECOND + WIDTH + 1 };

static void layer(const double *w, const double *x, int inputs, double *out) {
    for (int j = 0; j < WIDTH; j++, w += inputs + 1) {
        double z = w[inputs];
        for (int k = 0; k < inputs; k++) z += w[k] * x[k];
        out[j] = z > 0.0 ? z : 0.0;
    }
}

static void layer_back(const double *w, const double *x, int inputs, const double *out, const double *error, double *gradient,
                       double *error_below) {
    for (int k = 0; k < inputs; k++) error_below[k] = 0.0;
    for (int j = 0; j < WIDTH; j++, w += inputs + 1, gradient += inputs + 1) {
        if (out[j] <= 0.0) continue;
        for (int k = 0; k < inputs; k++) {
            gradient[k] += error[j] * x[k];
            error_below[k] += error[j] * w[k];
        }
        gradient[inputs] += error[j];
    }
}

void moons_gradient(const double *w, const double *points, const double *targets, long samples, double penalty, double *gradient) {
    const double *last = w + FIRST + SECOND;
    for (int k = 0; k < MOONS_COUNT; k++) gradient[k] = 2.0 * penalty * w[k];
    for (long i = 0; i < samples; i++) {
        const double *x = points + 2 * i;
        double one[WIDTH], two[WIDTH], error[WIDTH], error_one[WIDTH], error_x[2], score = last[WIDTH];
        layer(w, x, 2, one);
        layer(w + FIRST, one, WIDTH, two);
        for (int k = 0; k < WIDTH; k++) score += last[k] * two[k];
        if (1.0 - targets[i] * score <= 0.0) continue;
        double error_score = -targets[i] / (double)samples;
        for (int k = 0; k < WIDTH; k++) {
            gradient[FIRST + SECOND + k] += error_score * two[k];
            error[k] = error_score * last[k];
        }
        gradient[MOONS_COUNT - 1] += error_score;
        layer_back(w + FIRST, one, WIDTH, two, error, gradient + FIRST, error_one);
        layer_back(w, x, 2, one, error_one, gradient, error_x);
    }
}

/* ---- formulas at many points ------------------------------------------------------------------------------------------- */

void rosenbrock_gradient(const double *points, long count, long dimensions, double *gradient) {
    for (long i = 0; i < count; i++, points += dimensions, gradient += dimensions) {
        gradient[0] = 0.0;
        for (long k = 0; k + 1 < dimensions; k++) {
            double x = points[k], rise = points[k + 1] - x * x;
            gradient[k] += -400.0 * rise * x - 2.0 * (1.0 - x);
            gradient[k + 1] = 200.0 * rise;
        }
    }
}

void beale_gradient(const double *points, long count, double *gradient) {
    for (long i = 0; i < count; i++, points += 2, gradient += 2) {
        double x = points[0], y = points[1];
        double first = 1.5 - x + x * y, second = 2.25 - x + x * y * y, third = 2.625 - x + x * y * y * y;
        gradient[0] = 2.0 * (first * (y - 1.0) + second * (y * y - 1.0) + third * (y * y * y - 1.0));
        gradient[1] = 2.0 * x * (first + second * 2.0 * y + third * 3.0 * y * y);
    }
}
