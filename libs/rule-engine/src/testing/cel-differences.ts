/** A place where the rule language differs from CEL on purpose, and the conformance tests that show it. */
interface CelDifference {
  readonly title: string;
  readonly reason: string;
  /** Ids of all tests that show it; the conformance test insists that these and no others differ. */
  readonly tests: readonly string[];
}

const overflows = ['overflow_positive', 'overflow_negative', 'overflow_add_negative', 'overflow_sub_positive', 'min_negate', 'min_negate_mul', 'min_negate_div', 'overflow_mul_positive', 'overflow_mul_negative'];
const keywords = ['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'];

/** All differences from CEL, each with every test that shows it. */
export const celDifferences: readonly CelDifference[] = [
  {
    title: 'a rule is checked before it runs',
    reason: 'CEL with its checker off finds a wrong name or type when it comes to it, and `||` may pass it by. A rule with one is refused: a typing mistake must not wait in production for its event.',
    tests: [
      'basic/variables/unbound_is_runtime_error', 'basic/functions/unbound_is_runtime_error', 'logic/conditional/mixed_type',
      ...['AND', 'OR'].flatMap((part) => ['left', 'right'].map((side) => `logic/${part}/short_circuit_type_${side}`)),
      ...keywords.map((word) => `parse/receiver_function_names/${word}`),
    ],
  },
  {
    title: 'values of different types are not compared',
    reason: 'In CEL a text in a list of numbers is simply not there. Here comparing a text with a number is a finding, also item by item in a list: it is a mistake more often than meant.',
    tests: ['comparisons/in_list_literal/elem_in_mixed_type_list'],
  },
  {
    title: 'integers have no bound',
    reason: 'CEL\'s integers have 64 bits and overflow is an error. Sums of money must neither wrap nor fail, so integers and decimals are exact and as long as they come.',
    tests: overflows.map((name) => `integer_math/int64_math/int64_${name}`),
  },
  {
    title: 'no infinity and no NaN',
    reason: 'A division by zero and a double that is not finite are unknown, also where CEL goes on with an infinity or a NaN; a comparison with them is unknown too, so that no rule fires on them.',
    tests: ['comparisons/eq_literal/not_eq_double_nan', 'comparisons/ne_literal/not_ne_double_nan', 'comparisons/ne_literal/ne_double_nan', 'fp_math/fp_math/divide_zero'],
  },
  {
    title: 'decimals are no doubles',
    reason: '`3.25` is an exact decimal, so `%` takes it, and a literal has at most 60 digits written out: what only a double could hold is written `double("8.98e307")`.',
    tests: ['fp_math/fp_math/mod_not_support', 'fp_math/fp_math/fp_overflow_positive', 'fp_math/fp_math/fp_overflow_negative', 'fp_math/fp_math/fp_underflow'],
  },
  {
    title: 'times are whole milliseconds after 1970',
    reason: 'Events carry their time in epoch milliseconds above 0. A literal that is finer or earlier could never be equal to one and is refused; a computed time has no bound.',
    tests: [
      'timestamps/timestamp_selectors/getMilliseconds', 'timestamps/timestamp_equality/neq_same', 'timestamps/timestamp_arithmetic/add_time_to_duration_nanos_negative',
      'timestamps/timestamp_arithmetic/add_time_to_duration_nanos_positive', 'timestamps/duration_converters/get_milliseconds', 'timestamps/timestamp_range/add_duration_over',
    ],
  },
];
