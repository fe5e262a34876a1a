import type { Combination } from '../../backtest/tally.js';

/** Alerts of a rule (or of several together) and how many of them are on a labelled fraud. */
export interface KnownAnswer { readonly name: string; readonly alerts: number; readonly fraud: number }

/** Rules that are run over the data together, and what they must give. */
export interface KnownAnswers {
  /** Mapping file of `rules/handbook`: when a fraud becomes known. */
  readonly mapping: string;
  readonly rules: readonly string[];
  readonly combinations: readonly Combination[];
  readonly answers: readonly KnownAnswer[];
}

/** What the file holds: rows, and those labelled fraud. */
export const handbookRows = 1_006_984;
/** Rows of the data that are labelled as fraud. */
export const handbookFrauds = 8_030;

/**
 * The twenty answers that come with the data (arrival mode, file order, exact decimals), computed by another program. The
 * page that states them lies beside the data; `rules/handbook/README.md` shows how rules and answers belong together.
 */
export const knownAnswers: readonly KnownAnswers[] = [
  {
    mapping: 'handbook.map.yaml',
    rules: ['h1', 'h2a', 'h2b', 'h3b', 'h3c', 'h3d', 'h5a', 'h5b', 'h5c', 'h5d', 'h5e', 'h5f', 'h6a', 'h6b', 'h6c'],
    combinations: [{ name: 'C1', rules: ['h1', 'h2b'] }, { name: 'C2', rules: ['h1', 'h2b', 'h6a'] }, { name: 'C3', rules: ['h1', 'h2b', 'h6a', 'h3d'] }],
    answers: [
      { name: 'h1', alerts: 1_864, fraud: 1_864 }, { name: 'h2a', alerts: 1_777, fraud: 1_668 }, { name: 'h2b', alerts: 1_112, fraud: 1_112 },
      { name: 'h5a', alerts: 10_746, fraud: 80 }, { name: 'h5b', alerts: 30_731, fraud: 240 }, { name: 'h5c', alerts: 109_179, fraud: 2_242 },
      { name: 'h5d', alerts: 26_256, fraud: 1_227 }, { name: 'h5e', alerts: 133_918, fraud: 1_057 }, { name: 'h5f', alerts: 4_778, fraud: 44 },
      { name: 'h6a', alerts: 1_346, fraud: 1_346 }, { name: 'h6b', alerts: 20, fraud: 18 }, { name: 'h6c', alerts: 1_128, fraud: 1_128 },
      { name: 'h3b', alerts: 7_217, fraud: 3_027 }, { name: 'h3c', alerts: 5_391, fraud: 3_140 }, { name: 'h3d', alerts: 4_401, fraud: 2_901 },
      { name: 'C1', alerts: 2_232, fraud: 2_232 }, { name: 'C2', alerts: 2_412, fraud: 2_412 }, { name: 'C3', alerts: 6_803, fraud: 5_303 },
    ],
  },
  {
    mapping: 'handbook-at-once.map.yaml',
    rules: ['h1', 'h2b', 'h3e', 'h6a'],
    combinations: [{ name: 'C5', rules: ['h1', 'h2b', 'h6a', 'h3e'] }],
    answers: [{ name: 'h3e', alerts: 7_865, fraud: 4_297 }, { name: 'C5', alerts: 10_256, fraud: 6_688 }],
  },
];
