"""Names in an emitted C source: none that the language, its library or a compiler has given already."""

import re
from collections.abc import Iterable
from typing import Final

from autograd_lite.engine import mathematics
from autograd_lite.engine.primitives import TABLE
from autograd_lite.program.ir.names import comment_text, identifier

__all__ = ["CNames", "c_comment"]

_LANGUAGE: Final = (
    "alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false float "
    "for fortran goto if inline int long main nullptr register restrict return short signed sizeof static static_assert "
    "struct switch thread_local true typedef typeof union unsigned void volatile while int8_t int16_t int32_t int64_t "
    "uint8_t uint16_t uint32_t uint64_t ptrdiff_t size_t wchar_t max_align_t intptr_t uintptr_t float_t double_t fenv_t "
    "fexcept_t div_t ldiv_t offsetof unreachable linux unix i386 arm mips sparc sun vax hpux errno assert alloca signgam "
    "math_errhandling near far interface small"
)
_LIBRARY: Final = (
    "acos acosh acospi asin asinh asinpi atan atan2 atanh atanpi cbrt ceil compoundn copysign cos cosh cospi drem erf erfc "
    "exp exp10 exp2 expm1 fabs fdim finite floor fma fmax fmaximum fmin fminimum fmod frexp fromfp gamma hypot ilogb isinf "
    "isnan j0 j1 jn ldexp lgamma llogb llrint llround log log10 log1p log2 logb logp1 lrint lround modf nan nearbyint "
    "nextafter nextdown nexttoward nextup pow pow10 pown powr remainder remquo rint round roundeven rootn rsqrt scalb "
    "scalbln scalbn setpayload significand sin sincos sinh sinpi sqrt tan tanh tanpi tgamma totalorder trunc y0 y1 yn"
)
_OTHERS: Final = (
    "fpclassify isfinite isnormal signbit isgreater isgreaterequal isless islessequal islessgreater isunordered iscanonical "
    "issignaling issubnormal iszero iseqsig abs labs llabs abort exit atexit malloc calloc realloc free atof atoi atol "
    "strtod strtol rand srand random system getenv qsort bsearch div ldiv lldiv memset memcpy feclearexcept feraiseexcept "
    "fetestexcept fegetround fesetround kept i0 i1 i2 i3 i4 i5 i6 i7 i8 i9 j0 k0 factor factor1 factor2 factor3 factor4 "
    "flags real snprintf printf fopen stdin stdout stderr remove rename mod floor_divide rounded choose total sum long_sum "
    "max others winners row rows count values gradient branches first workspace mean"
)
_DECLARED: Final = (  # by the headers of a source, where these have more than the standard asks for
    "a64l aligned_alloc arc4random arc4random_buf arc4random_uniform at_quick_exit atoll blkcnt_t blksize_t caddr_t "
    "clearenv clearerr clearerr_unlocked clock_t clockid_t ctermid daddr_t dev_t dprintf drand48 drand48_r ecvt ecvt_r "
    "erand48 erand48_r fclose fcvt fcvt_r fd_mask fd_set fdopen fegetenv fegetexceptflag feholdexcept feof feof_unlocked "
    "ferror ferror_unlocked fesetenv fesetexceptflag feupdateenv fflush fflush_unlocked fgetc fgetc_unlocked fgetpos fgets "
    "fileno fileno_unlocked flockfile fmemopen fpos_t fprintf fputc fputc_unlocked fputs fread fread_unlocked freopen "
    "fsblkcnt_t fscanf fseek fseeko fsetpos fsfilcnt_t fsid_t ftell ftello ftrylockfile funlockfile fwrite fwrite_unlocked "
    "gcvt getc getc_unlocked getchar getchar_unlocked getdelim getline getloadavg getsubopt getw gid_t id_t initstate "
    "initstate_r ino_t int_fast16_t int_fast32_t int_fast64_t int_fast8_t int_least16_t int_least32_t int_least64_t "
    "int_least8_t intmax_t jrand48 jrand48_r key_t l64a lcong48 lcong48_r lldiv_t loff_t lrand48 lrand48_r mblen mbstowcs "
    "mbtowc mkdtemp mkstemp mkstemps mktemp mode_t mrand48 mrand48_r nlink_t nrand48 nrand48_r off_t on_exit open_memstream "
    "pclose perror pid_t popen posix_memalign pselect putc putc_unlocked putchar putchar_unlocked putenv puts putw qecvt "
    "qecvt_r qfcvt qfcvt_r qgcvt quad_t quick_exit rand_r random_r reallocarray realpath renameat rewind rpmatch scanf "
    "seed48 seed48_r select setbuf setbuffer setenv setlinebuf setstate setstate_r setvbuf sigset_t sprintf srand48 "
    "srand48_r srandom srandom_r sscanf ssize_t strtof strtold strtoll strtoq strtoul strtoull strtouq suseconds_t tempnam "
    "time_t timer_t tmpfile tmpnam tmpnam_r u_char u_int u_int16_t u_int32_t u_int64_t u_int8_t u_long u_quad_t u_short "
    "uid_t uint uint_fast16_t uint_fast32_t uint_fast64_t uint_fast8_t uint_least16_t uint_least32_t uint_least64_t "
    "uint_least8_t uintmax_t ulong ungetc unsetenv ushort va_list valloc vdprintf vfprintf vfscanf vprintf vscanf vsnprintf "
    "vsprintf vsscanf wcstombs wctomb"
)
_RESERVED: Final = frozenset(
    [
        *_LANGUAGE.split(),
        *_OTHERS.split(),
        *_DECLARED.split(),
        *(f"{name}{kind}" for name in _LIBRARY.split() for kind in ("", "f", "l", "f_r", "l_r", "_r")),
    ]
)
_LIKE_A_MACRO: Final = re.compile(r"[A-Z0-9_]*[A-Z_]{2}[A-Z0-9_]*")


class CNames:
    """The names of one source.

    Args:
        own: those that its functions may have, which no array gets.
    """

    def __init__(self, own: Iterable[str] = (*mathematics.__all__, *TABLE)) -> None:
        self._taken = set(_RESERVED)
        self._own = set(own)

    def unique(self, text: str, *, of_function: bool = False) -> str:
        """A name like the text that was not given before."""
        name = identifier(text)
        name = f"v{name}" if name.startswith("_") else name  # such names belong to compilers
        while name in self._taken or _LIKE_A_MACRO.fullmatch(name) or (name in self._own and not of_function):
            name += "_"
            if _LIKE_A_MACRO.fullmatch(name):
                name = f"v{name}"
        self._taken.add(name)
        return name


def c_comment(text: str) -> str:
    r"""A text for a comment, which it cannot end or continue.

    >>> c_comment("a */ b ??/")
    'a * / b ? ?/'
    """
    return comment_text(text).replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
