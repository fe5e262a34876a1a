import type { LogEvent } from '@weir/contracts';
import type { TypedExpr, WindowSource } from '@weir/rule-lang';
import type { EngineRule } from '../engine.js';
import { expressionsOf, partsOf } from './parts-of.js';
import { keySeparator, keyText } from './value.js';
import { keyPartOf } from './window-span.js';

function windowSources(expr: TypedExpr): readonly WindowSource[] {
  return expr.kind === 'window' ? [expr.source] : partsOf(expr).flatMap(windowSources);
}

/** Distinct key values held, over all key dimensions that the rules' windows use. */
export function countKeys(rules: readonly EngineRule[], events: readonly LogEvent[]): number {
  const expressions = rules.flatMap(({ rule }) => expressionsOf(rule));
  const dimensions = new Set(expressions.flatMap(windowSources).map((source) => source.key.map((part) => part.counted).join(keySeparator)));
  const keys = new Set<string>();
  for (const dimension of dimensions) {
    const names = dimension === '' ? [] : dimension.split(keySeparator);
    for (const event of events) {
      const values = names.map((name) => keyPartOf(event, name));
      if (values.every((value) => value !== undefined)) keys.add([dimension, ...values.map(keyText)].join(keySeparator));
    }
  }
  return keys.size;
}
