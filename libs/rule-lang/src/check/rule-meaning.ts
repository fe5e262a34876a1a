import { sha256Hex } from '../schema/sha256.js';
import { spanLengthMs } from './check-span.js';
import { canonicalText } from './canonical-text.js';
import type { TypedBody, TypedExpr, TypedLet, TypedStep } from './typed-rule.js';
import { walkTyped } from './walk-typed.js';

export interface Meaning {
  readonly on: readonly string[];
  readonly by: readonly string[];
  readonly lets: readonly TypedLet[];
  readonly body: TypedBody;
  readonly usedFields: ReadonlyMap<string, string>;
}

/** Canonical text of what a rule means (rule-language §7), one part a line; its hash is the rule's version. */
export function canonicalRule({ on, by, lets, body, usedFields }: Meaning): string {
  return [
    'weir-rule 1',
    `on ${[...on].sort().join(', ')}`,
    `by ${by.join(', ')}`,
    ...[...usedFields].map(([name, type]) => `field ${name}: ${type}`).sort(),
    ...lets.map(({ name, expr }) => `let ${name} = ${canonicalText(expr)}`),
    ...canonicalBody(body),
  ].join('\n');
}

/** First 16 hex digits of the SHA-256 of the canonical text. */
export function versionOf(canonical: string): string {
  return sha256Hex(canonical).slice(0, 16);
}

function canonicalBody(body: TypedBody): string[] {
  switch (body.kind) {
    case 'when': return [`when ${canonicalText(body.condition)}`];
    case 'window': {
      const { window } = body;
      const shape = window.kind === 'tumble' ? window.sizeMs : window.kind === 'hop' ? `${window.sizeMs} every ${window.everyMs}` : window.gapMs;
      return [`window ${window.kind} ${shape}`, `having ${canonicalText(body.having)}`];
    }
    case 'sequence': {
      const after = 'step' in body.afterMatch ? `${body.afterMatch.kind} ${body.afterMatch.step}` : body.afterMatch.kind;
      return [`sequence within ${body.withinMs ?? '-'} after ${after}`, ...body.steps.map(canonicalStep)];
    }
  }
}

function canonicalStep(step: TypedStep): string {
  const flags = [step.optional ? ' optional' : '', step.greedy ? ' greedy' : '', step.inner === 'relaxed' ? '' : ` ${step.inner}`, step.withinMs === undefined ? '' : ` within ${step.withinMs}`].join('');
  const where = step.where === undefined ? '' : ` where ${canonicalText(step.where)}`;
  const until = step.until === undefined ? '' : ` until ${canonicalText(step.until)}`;
  return `${step.contiguity} ${step.name} on ${[...step.on].sort().join(', ')} times ${step.times.from}..${step.times.to ?? ''}${flags}${where}${until}`;
}

/** All expressions of a rule but its reason: `let`s first, then the body's. */
export function expressionsOf(lets: readonly TypedLet[], body: TypedBody): readonly TypedExpr[] {
  const own = body.kind === 'when' ? [body.condition] : body.kind === 'window' ? [body.having] : body.steps.flatMap(({ where, until }) => [where ?? [], until ?? []].flat());
  return [...lets.map(({ expr }) => expr), ...own];
}

/** Whether a rule looks at nothing but the event itself and lists: then late events are evaluated too (rule-language §6). */
export function isStateless(lets: readonly TypedLet[], body: TypedBody): boolean {
  let stateless = body.kind === 'when';
  for (const expr of expressionsOf(lets, body)) walkTyped(expr, ({ kind }) => { if (kind === 'window' || kind === 'previous') stateless = false; });
  return stateless;
}

/**
 * How far back a rule looks, ms: its longest window (`previous` and `lastEvents`: the retention), and for a sequence
 * the time that a match may take besides, since its first event looked at windows of its own. Never more than the retention:
 * what the log keeps is all that a rule can be warmed with.
 */
export function longestSpanMs(lets: readonly TypedLet[], body: TypedBody, retentionMs: number): number {
  let longest = 0;
  for (const expr of expressionsOf(lets, body)) {
    walkTyped(expr, (part) => {
      if (part.kind === 'previous') longest = Math.max(longest, retentionMs);
      if (part.kind === 'window') longest = Math.max(longest, spanLengthMs(part.source.span, retentionMs));
    });
  }
  return Math.min(longest + bodyLengthMs(body), retentionMs);
}

function bodyLengthMs(body: TypedBody): number {
  switch (body.kind) {
    case 'when': return 0;
    case 'window': return body.window.kind === 'session' ? body.window.gapMs : body.window.sizeMs;
    case 'sequence': return body.withinMs ?? Math.max(0, ...body.steps.map(({ withinMs }) => withinMs ?? 0));
  }
}
