import { expect } from '@jest/globals';
import { compileRule, type CompileOptions } from '../check/compile-rule.js';
import { parseSchema } from '../schema/parse-schema.js';
import type { EventSchema } from '../schema/event-schema.js';

/** A small schema with a field of every type, for tests. */
export const testSchemaText = `version: 1
currency: EUR
events:
  payment:
    account_id:  { type: string, required: true }
    merchant_id: { type: string }
    device_id:   { type: string }
    payee_id:    { type: string }
    amount:      { type: decimal, scale: 2, required: true }
    paid:        { type: decimal, scale: 2, currency: currency }
    tip:         { type: decimal, scale: 2, currency: USD }
    currency:    { type: string, pattern: "^[A-Z]{3}$" }
    country:     { type: string }
    location:    { type: geo }
    declined:    { type: bool }
    retries:     { type: int }
    risk:        { type: double }
    opened:      { type: timestamp }
  login:
    account_id:  { type: string, required: true }
    device_id:   { type: string }
    ip:          { type: string }
    outcome:     { type: string }
    retries:     { type: string }
  transfer:
    account_id:  { type: string, required: true }
    payee_id:    { type: string }
    amount:      { type: decimal, scale: 2, required: true }
  label:
    late:        restamp
    event_id:    { type: string, required: true }
    merchant_id: { type: string }
    fraud:       { type: bool }
`;

/** The schema of {@link testSchemaText}. */
export function testSchema(): EventSchema {
  const { schema, diagnostics } = parseSchema(testSchemaText);
  if (schema === undefined) throw new Error(JSON.stringify(diagnostics));
  return schema;
}

/** Findings of a rule file, one line each: `line:column-column code message | hint => fix`; warnings begin with `warning`. */
export function diagnosticLines(text: string, options: Partial<CompileOptions> = {}, file = 'test'): string[] {
  return compileRule(text, file, { schema: testSchema(), ...options }).diagnostics.map(({ line, column, endLine, endColumn, code, severity, message, hint, fix }) => {
    const end = endLine === line ? String(endColumn) : `${endLine}:${endColumn}`;
    return `${severity === 'warning' ? 'warning ' : ''}${line}:${column}-${end} ${code} ${message}${hint === undefined ? '' : ` | ${hint}`}${fix === undefined ? '' : ` => ${fix}`}`;
  });
}

/** `expect` of the findings of a rule file, in the form of {@link diagnosticLines}. */
export function expectDiagnostics(text: string, options: Partial<CompileOptions> = {}, file = 'test'): ReturnType<typeof expect<string[]>> {
  return expect(diagnosticLines(text, options, file));
}
