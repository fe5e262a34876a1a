import { sha256Hex } from '@weir/rule-lang';
import type { EngineOptions, EngineRule } from './engine.js';

/** Seed of an engine's hash tables, an int32: the host's, or one drawn from the rules. No alert depends on it. */
export function hashSeedOf({ seed }: Pick<EngineOptions, 'seed'>, rules: readonly EngineRule[]): number {
  return seed ?? parseInt(sha256Hex(rules.map(({ rule }) => rule.version).join(' ')).slice(0, 8), 16);
}
