import type { JsonObject } from '../json/json-value.js';

/** The header row of a CSV file, shared by all its rows. */
export interface CsvHeader { readonly columns: readonly string[] }

/** A row of a file. `line` is 1-based, the line on which the row begins; a bad row is a value, the stream goes on. */
export type Row =
  | { readonly kind: 'csv'; readonly line: number; readonly header: CsvHeader; readonly cells: readonly string[] }
  | { readonly kind: 'json'; readonly line: number; readonly value: JsonObject; readonly source: string }
  | { readonly kind: 'bad'; readonly line: number; readonly code: 'bad-row' | 'malformed-json' | 'duplicate-key' | 'bad-text' | 'not-an-object' | 'too-large'; readonly field?: string | undefined; readonly message: string; readonly raw: string };
